package protocol

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// shape is a struct the way it is on the wire.
type shape struct {
	members []member
	byName  map[string]int
}

// member is a field of a struct.
type member struct {
	index               []int
	name                string
	path, query, header bool
	list                string // the name of an element in Query
	flat, iso           bool
	omitEmpty           bool
}

// shapes are the structs of one service.
type shapes struct {
	lower bool
	known sync.Map // *shape by reflect.Type
}

var (
	timeType  = reflect.TypeFor[time.Time]()
	bytesType = reflect.TypeFor[[]byte]()
)

func (s *shapes) of(t reflect.Type) *shape {
	if found, ok := s.known.Load(t); ok {
		return found.(*shape)
	}
	made := &shape{byName: map[string]int{}}
	s.known.Store(t, made) // before its members, one of which may be of the same type
	for _, field := range reflect.VisibleFields(t) {
		if field.Anonymous || !field.IsExported() {
			continue
		}
		m := member{index: field.Index, name: field.Name, list: "member"}
		if s.lower {
			m.name = strings.ToLower(field.Name[:1]) + field.Name[1:]
		}
		m.readTag(field.Tag.Get("aws"))
		made.byName[m.name] = len(made.members)
		made.members = append(made.members, m)
		s.check(field.Type, t.String()+"."+field.Name)
	}
	return made
}

func (m *member) readTag(tag string) {
	name, options, _ := strings.Cut(tag, ",")
	if name != "" {
		m.name = name
	}
	for option := range strings.SplitSeq(options, ",") {
		key, value, _ := strings.Cut(option, "=")
		switch key {
		case "":
		case "path":
			m.path = true
		case "query":
			m.query = true
		case "header":
			m.header = true
		case "list":
			m.list = value
		case "flat":
			m.flat = true
		case "iso":
			m.iso = true
		case "omitempty":
			m.omitEmpty = true
		default:
			panic(fmt.Sprintf("protocol: the tag %q has an unknown option", tag))
		}
	}
}

// check panics if a field's type is none that can be on the wire.
func (s *shapes) check(t reflect.Type, field string) {
	switch {
	case t == timeType || t == bytesType || slices.Contains(scalars, t.Kind()):
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map && t.Key().Kind() == reflect.String:
		s.check(t.Elem(), field)
	case t.Kind() == reflect.Struct:
		s.of(t)
	default:
		panic(fmt.Sprintf("protocol: %s is of the type %s, which is none of AWS's", field, t))
	}
}

var scalars = []reflect.Kind{reflect.String, reflect.Bool, reflect.Int, reflect.Int32, reflect.Int64, reflect.Float64, reflect.Interface}

// isAbsent says whether a member of an output is left out.
func (m *member) isAbsent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return v.IsNil()
	default:
		return m.omitEmpty && v.IsZero()
	}
}
