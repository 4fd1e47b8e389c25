package provider

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// checker goes through the inputs of one resource and notes all that is wrong with them.
type checker struct {
	token    string
	resource string
	// secrets counts the secrets around the value that is being checked: it is not shown then.
	secrets  int
	failures []plugin.CheckFailure
}

func (c *checker) fail(path resource.PropertyPath, format string, args ...any) {
	c.failures = append(c.failures, plugin.CheckFailure{
		Property: resource.PropertyKey(path.String()),
		Reason:   fmt.Sprintf(format, args...),
	})
}

// sortedFailures are the failures in the order of their paths.
func (c *checker) sortedFailures() []plugin.CheckFailure {
	sort.SliceStable(c.failures, func(i, j int) bool { return c.failures[i].Property < c.failures[j].Property })
	return c.failures
}

// object checks the properties of an object and fills in the defaults. It returns the inputs as they should be, and
// the names of the properties that it filled in.
func (c *checker) object(path resource.PropertyPath, fields properties, from resource.PropertyMap) (
	checked resource.PropertyMap, filled []string,
) {
	checked = resource.PropertyMap{}
	for key, value := range from {
		if resource.IsInternalPropertyKey(key) || isAbsent(value) {
			continue
		}
		field := append(path[:len(path):len(path)], string(key))
		p, isKnown := fields[string(key)]
		switch {
		case !isKnown:
			c.fail(field, "%s has no property %s that the local target knows (set by the program's resource %q)",
				c.token, field, c.resource)
		case p.rejected != "":
			if !isEmpty(value) {
				c.fail(field, "the property %s of %s is not emulated by the local target: %s (set by the program's "+
					"resource %q)", field, c.token, p.rejected, c.resource)
			}
		default:
			checked[key] = c.value(field, p, value)
		}
	}
	for name, p := range fields {
		if filling := c.complete(path, name, p, checked); filling {
			filled = append(filled, name)
		}
	}
	sort.Strings(filled)
	return checked, filled
}

// complete looks at what property p of an object is to its other properties: missing, filled in, or one too many.
func (c *checker) complete(path resource.PropertyPath, name string, p property, checked resource.PropertyMap) bool {
	field := append(path[:len(path):len(path)], name)
	if _, set := checked[resource.PropertyKey(name)]; set {
		for _, other := range p.without {
			if _, both := checked[resource.PropertyKey(other)]; both {
				c.fail(field, "%s: must not be set together with %s", field, other)
			}
		}
		return false
	}
	for _, other := range p.without {
		if _, instead := checked[resource.PropertyKey(other)]; instead {
			return false
		}
	}
	switch {
	case p.required:
		c.fail(field, "%s of %s is required (the program's resource %q leaves it out)", field, c.token, c.resource)
	case p.byDefault != nil:
		checked[resource.PropertyKey(name)] = resource.NewPropertyValue(p.byDefault)
		return true
	}
	return false
}

// value checks one value and returns it as it should be. Secrets stay secret; what is not known yet is let through.
func (c *checker) value(path resource.PropertyPath, p property, v resource.PropertyValue) resource.PropertyValue {
	switch {
	case v.IsSecret():
		c.secrets++
		defer func() { c.secrets-- }()
		return resource.MakeSecret(c.value(path, p, v.SecretValue().Element))
	case v.IsComputed():
		return v
	case v.IsOutput():
		return c.output(path, p, v.OutputValue())
	case p.kind == kindJSON && (v.IsObject() || v.IsArray()):
		return c.value(path, p, jsonText(v))
	}
	if reason := p.kind.mismatch(v); reason != "" {
		c.fail(path, "%s = %s: %s", path, c.display(plainValue(v)), reason)
		return v
	}
	before := len(c.failures)
	switch p.kind {
	case kindList:
		elements := []resource.PropertyValue{}
		for i, element := range v.ArrayValue() {
			elements = append(elements, c.value(append(path[:len(path):len(path)], i), *p.element, element))
		}
		v = resource.NewArrayProperty(elements)
	case kindMap:
		m := resource.PropertyMap{}
		for key, element := range v.ObjectValue() {
			if !resource.IsInternalPropertyKey(key) && !element.IsNull() {
				m[key] = c.value(append(path[:len(path):len(path)], string(key)), *p.element, element)
			}
		}
		v = resource.NewObjectProperty(m)
	case kindObject:
		fields, _ := c.object(path, p.fields, v.ObjectValue())
		v = resource.NewObjectProperty(fields)
	}
	if len(c.failures) == before {
		c.rules(path, p, v)
	}
	return v
}

func (c *checker) output(path resource.PropertyPath, p property, o resource.Output) resource.PropertyValue {
	v := o.Element
	if !o.Known {
		v = resource.MakeComputed(resource.NewStringProperty(""))
	}
	if o.Secret {
		v = resource.MakeSecret(v)
	}
	return c.value(path, p, v)
}

// rules asks the property's rules about a value, if all of it is known.
func (c *checker) rules(path resource.PropertyPath, p property, v resource.PropertyValue) {
	value := plainValue(v)
	if hasUnknown(value) {
		return
	}
	for _, r := range p.rules {
		if reason := r(value); reason != "" {
			c.fail(path, "%s = %s: %s", path, c.display(value), reason)
		}
	}
}

// mismatch says what is wrong with the shape of a value, or "".
func (k kind) mismatch(v resource.PropertyValue) string {
	fits := false
	switch k {
	case kindString, kindJSON:
		fits = v.IsString()
	case kindBool:
		fits = v.IsBool()
	case kindInteger:
		fits = v.IsNumber() && v.NumberValue() == math.Trunc(v.NumberValue())
	case kindNumber:
		fits = v.IsNumber()
	case kindList:
		fits = v.IsArray()
	case kindMap, kindObject:
		fits = v.IsObject()
	}
	if fits {
		return ""
	}
	return "must be " + k.String()
}

// jsonText turns an object into the text of a JSON document.
func jsonText(v resource.PropertyValue) resource.PropertyValue {
	value := plainValue(v)
	text := resource.MakeComputed(resource.NewStringProperty(""))
	if !hasUnknown(value) {
		content, err := json.Marshal(value)
		if err != nil {
			return v // the shape is then reported as wrong
		}
		text = resource.NewStringProperty(string(content))
	}
	if v.ContainsSecrets() {
		text = resource.MakeSecret(text)
	}
	return text
}

// isAbsent reports whether a value is as good as left out.
func isAbsent(v resource.PropertyValue) bool {
	return v.IsNull() || (v.IsSecret() && isAbsent(v.SecretValue().Element)) ||
		(v.IsOutput() && v.OutputValue().Known && isAbsent(v.OutputValue().Element))
}

// isEmpty reports whether a value is a list, map or object without anything in it.
func isEmpty(v resource.PropertyValue) bool {
	switch value := plainValue(v).(type) {
	case []any:
		return len(value) == 0
	case state:
		return len(value) == 0
	}
	return false
}

// display formats a value for a message: as JSON, at most 80 characters, without secrets.
func (c *checker) display(value any) string {
	if c.secrets > 0 {
		return "[secret]"
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprintf("a value of type %T", value)
	}
	short := []rune(strings.TrimSuffix(text.String(), "\n"))
	if len(short) > 80 {
		return string(short[:79]) + "…"
	}
	return string(short)
}
