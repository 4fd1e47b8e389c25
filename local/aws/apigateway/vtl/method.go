package vtl

import (
	"errors"
	"fmt"
	"strings"
)

// errNull is the exception of Java that a method throws for null.
var errNull = errors.New("java.lang.NullPointerException")

func indexOutOfBounds(i int32, size int) error {
	return fmt.Errorf("java.lang.IndexOutOfBoundsException: Index %d out of bounds for length %d", i, size)
}

// call calls a method of any value. ErrNoMethod means that there is none of that name for these arguments.
func (x *exec) call(v Value, name string, args []Value) (Value, error) {
	if !isBuiltin(v) { // quicker than asserting a string to be an Object
		if o, ok := v.(Object); ok {
			return o.Call(name, args)
		}
		return nil, ErrNoMethod
	}
	if err := x.charge(0); err != nil {
		return nil, err
	}
	switch {
	case name == "toString" && len(args) == 0:
		return result(x.str(v))
	case name == "equals" && len(args) == 1:
		return result(x.equal(v, args[0], 0))
	}
	switch v := v.(type) {
	case string:
		return x.callString(v, name, args)
	case *List:
		return x.callList(v, name, args)
	case *Map:
		return x.callMap(v, name, args)
	case *mapView:
		return x.callView(v, name, args)
	case *mapEntry:
		return callEntry(v, name, args)
	case int64, float64:
		return callNumber(v, name, args)
	case *foreachScope:
		if name == "hasNext" && len(args) == 0 {
			return v.more, nil
		}
	}
	return nil, ErrNoMethod
}

// result is v as a Value, or nil with the error.
func result[T any](v T, err error) (Value, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// unsupported names a method that there is not, or that this package leaves out, with the classes of its arguments.
func unsupported(v Value, name string, args []Value) error {
	classes := make([]string, len(args))
	for i, a := range args {
		classes[i] = className(a)
	}
	return fmt.Errorf("%s.%s(%s) does not exist or is not emulated", className(v), name, strings.Join(classes, ", "))
}

// property is $v.name; nil if there is none.
func property(v Value, name string) (Value, error) {
	if !isBuiltin(v) {
		if o, ok := v.(Object); ok {
			value, _ := o.Property(name)
			return value, nil
		}
		return nil, nil
	}
	if s, ok := v.(*foreachScope); ok {
		return s.property(name), nil
	}
	if name == "class" || name == "Class" {
		return nil, errors.New("the property class is not emulated")
	}
	switch v := v.(type) {
	case *Map:
		value, _ := v.Get(name)
		return value, nil
	case *mapEntry:
		switch name {
		case "key", "Key":
			return v.key, nil
		case "value", "Value":
			return v.value(), nil
		}
	case string:
		if name == "empty" || name == "Empty" {
			return v == "", nil
		}
	case *List:
		if name == "empty" || name == "Empty" {
			return v.Len() == 0, nil
		}
	}
	return nil, nil
}

// equal is Java's equals.
func (x *exec) equal(a, b Value, depth int) (bool, error) {
	if depth > maxTextDepth {
		return false, fmt.Errorf("comparing: nested more than %d deep: java.lang.StackOverflowError: %w", maxTextDepth, ErrLimit)
	}
	if err := x.charge(1); err != nil {
		return false, err
	}
	switch a := a.(type) {
	case *List:
		b, ok := b.(*List)
		if a == b || !ok || len(a.items) != len(b.items) || a.kind == javaArray || b.kind == javaArray {
			return a == b, nil
		}
		for i := range a.items {
			if ok, err := x.equal(a.items[i], b.items[i], depth+1); !ok {
				return false, err
			}
		}
		return true, nil
	case *Map:
		b, ok := b.(*Map)
		if !ok || a.Len() != b.Len() {
			return false, nil
		}
		for k, v := range a.All() {
			w, found := b.Get(k)
			if !found {
				return false, nil
			}
			if ok, err := x.equal(v, w, depth+1); !ok {
				return false, err
			}
		}
		return true, nil
	case *mapView:
		if a != b {
			return false, fmt.Errorf("comparing %s is not emulated", className(a))
		}
	case *mapEntry:
		b, ok := b.(*mapEntry)
		if !ok || a.key != b.key {
			return false, nil
		}
		return x.equal(a.value(), b.value(), depth+1)
	case string:
		b, ok := b.(string)
		return ok && a == b, x.charge(len(a))
	}
	return sameScalar(a, b), nil
}

// indexIn is where an item is; -1 if it is not there.
func (x *exec) indexIn(items []Value, v Value) (int, error) {
	for i, item := range items {
		if ok, err := x.equal(v, item, 0); ok || err != nil {
			return i, err
		}
	}
	return -1, nil
}
