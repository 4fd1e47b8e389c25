package protocol

import (
	"cmp"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// formValue is a parameter of Query with what is below it: Tags.member.1.Key=a is a value "a" below four names.
type formValue struct {
	text  string
	below map[string]formValue
}

// maxFormDepth bounds how deep names are; AWS's are at most six parts.
const maxFormDepth = 32

// readForm arranges parameters by the parts of their names.
func readForm(parameters url.Values) map[string]any {
	root := formValue{below: map[string]formValue{}}
	for name, values := range parameters {
		root.set(strings.SplitN(name, ".", maxFormDepth), values[0])
	}
	members := make(map[string]any, len(root.below))
	for name, value := range root.below {
		members[name] = value
	}
	return members
}

func (f *formValue) set(name []string, value string) {
	if len(name) == 0 {
		f.text = value
		return
	}
	if f.below == nil {
		f.below = map[string]formValue{}
	}
	child := f.below[name[0]]
	child.set(name[1:], value)
	f.below[name[0]] = child
}

// of is the value as a member of that type.
func (f formValue) of(m *member, t reflect.Type) any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == timeType || t == bytesType:
		return text(f.text)
	case t.Kind() == reflect.Slice:
		list := []any{}
		for _, element := range f.elements(m) {
			list = append(list, element.of(m, t.Elem()))
		}
		return list
	case t.Kind() == reflect.Map:
		entries := map[string]any{}
		wrapper := &member{list: "entry", flat: m.flat}
		for _, entry := range f.elements(wrapper) {
			entries[entry.below["key"].text] = entry.below["value"].of(m, t.Elem())
		}
		return entries
	case t.Kind() == reflect.Struct:
		members := make(map[string]any, len(f.below))
		for name, value := range f.below {
			members[name] = value
		}
		return members
	default:
		return text(f.text)
	}
}

// elements are the elements of a list in the order of their numbers.
func (f formValue) elements(m *member) []formValue {
	numbered := f.below
	if !m.flat {
		numbered = f.below[m.list].below
	}
	names := make([]string, 0, len(numbered))
	for name := range numbered {
		if _, err := strconv.Atoi(name); err == nil {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		m, _ := strconv.Atoi(a)
		n, _ := strconv.Atoi(b)
		return cmp.Compare(m, n)
	})
	elements := make([]formValue, len(names))
	for i, name := range names {
		elements[i] = numbered[name]
	}
	return elements
}
