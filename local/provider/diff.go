package provider

import (
	"encoding/json"
	"reflect"
	"slices"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// comparison collects what differs between the old and the new inputs of a resource.
type comparison map[string]plugin.PropertyDiff

// compare tells what differs, by path, and whether it replaces the resource.
func compare(fields properties, before, after state) comparison {
	c := comparison{}
	c.object(nil, fields, before, after, false)
	return c
}

func (c comparison) object(path resource.PropertyPath, fields properties, before, after state, replaces bool) {
	for name, p := range fields {
		b, had := before[name]
		a, has := after[name]
		field := append(path[:len(path):len(path)], name)
		switch {
		case !had && !has:
		case had && !has && p.computed:
			// AWS goes on with the value that it has.
		case !had:
			c.note(field, plugin.DiffAdd, replaces || p.replaces)
		case !has:
			c.note(field, plugin.DiffDelete, replaces || p.replaces)
		default:
			c.value(field, p, b, a, replaces || p.replaces)
		}
	}
}

func (c comparison) value(path resource.PropertyPath, p property, before, after any, replaces bool) {
	if same(p, before, after) {
		return
	}
	switch b := before.(type) {
	case state:
		a, both := after.(state)
		if !both {
			break
		}
		if p.kind == kindObject {
			c.object(path, p.fields, b, a, replaces)
			return
		}
		c.object(path, entryFields(p, b, a), b, a, replaces)
		return
	case []any:
		a, both := after.([]any)
		if !both || len(a) != len(b) || p.unordered {
			break
		}
		for i := range b {
			c.value(append(path[:len(path):len(path)], i), *p.element, b[i], a[i], replaces)
		}
		return
	}
	c.note(path, plugin.DiffUpdate, replaces)
}

// entryFields are the entries of two maps as if they were the properties of an object.
func entryFields(p property, maps ...state) properties {
	fields := properties{}
	for _, m := range maps {
		for key := range m {
			fields[key] = *p.element
		}
	}
	return fields
}

func (c comparison) note(path resource.PropertyPath, kind plugin.DiffKind, replaces bool) {
	if replaces {
		kind = kind.AsReplace()
	}
	c[path.String()] = plugin.PropertyDiff{Kind: kind, InputDiff: true}
}

// replaces reports whether any difference replaces the resource.
func (c comparison) replaces() bool {
	for _, difference := range c {
		if difference.Kind.IsReplace() {
			return true
		}
	}
	return false
}

// same reports whether two plain values of a property mean the same to AWS. A value that is not known yet never does.
func same(p property, before, after any) bool {
	if hasUnknown(before) || hasUnknown(after) {
		return false
	}
	switch p.kind {
	case kindJSON:
		return sameJSON(before, after)
	case kindList:
		b, isList := before.([]any)
		a, bothLists := after.([]any)
		if p.unordered && isList && bothLists {
			return reflect.DeepEqual(sortedJSON(b), sortedJSON(a))
		}
	}
	return reflect.DeepEqual(before, after)
}

// sameJSON compares JSON documents by what they say, not by how they are written.
func sameJSON(before, after any) bool {
	b, isText := before.(string)
	a, bothText := after.(string)
	if !isText || !bothText {
		return false
	}
	var bv, av any
	if json.Unmarshal([]byte(b), &bv) != nil || json.Unmarshal([]byte(a), &av) != nil {
		return a == b
	}
	return reflect.DeepEqual(bv, av)
}

// sortedJSON encodes the elements of a set in an order that does not depend on their order in the program.
func sortedJSON(values []any) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		content, err := json.Marshal(value)
		if err != nil {
			continue // plain values always have a JSON form
		}
		texts[i] = string(content)
	}
	sort.Strings(texts)
	return texts
}

// keepComputed completes inputs with what AWS keeps when the program leaves it out: of the computed properties, the values
// that the resource has.
func keepComputed(fields properties, in, has state) state {
	complete := state{}
	for name, value := range in {
		complete[name] = value
	}
	for name, p := range fields {
		was, exists := has[name]
		if !exists || was == nil {
			continue
		}
		is, set := complete[name]
		switch {
		case !set && p.computed:
			complete[name] = was
		case set && p.kind == kindObject:
			inner, isObject := is.(state)
			outer, wasObject := was.(state)
			if isObject && wasObject {
				complete[name] = keepComputed(p.fields, inner, outer)
			}
		}
	}
	return complete
}

// satisfies reports whether a value that the program gives is the one that the resource has, in which AWS may have filled
// in the computed properties that the program leaves out.
func satisfies(p property, in, now any) bool {
	switch want := in.(type) {
	case state:
		has, isObject := now.(state)
		if p.kind != kindObject || !isObject {
			break
		}
		for name, field := range p.fields {
			value, set := want[name]
			actual := has[name]
			if set && !satisfies(field, value, actual) || !set && !field.computed && !isZero(actual) {
				return false
			}
		}
		return true
	case []any:
		has, isList := now.([]any)
		if !isList || len(has) != len(want) {
			break
		}
		return p.satisfiesElements(want, slices.Clone(has))
	}
	return same(p, in, now) || isZero(in) && isZero(now)
}

func (p property) satisfiesElements(want, has []any) bool {
	for i, element := range want {
		at := 0
		if p.unordered {
			at = slices.IndexFunc(has, func(actual any) bool { return satisfies(*p.element, element, actual) })
		}
		if at < 0 || !satisfies(*p.element, want[i], has[at]) {
			return false
		}
		has = slices.Delete(has, at, at+1)
	}
	return true
}
