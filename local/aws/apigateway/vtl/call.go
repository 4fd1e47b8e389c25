package vtl

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
)

// Java's exceptions, as far as templates can cause them. Each ends the execution, as it does in Velocity.
var errNull = errors.New("java.lang.NullPointerException")

func indexOutOfBounds(i int32, size int) error {
	return fmt.Errorf("java.lang.IndexOutOfBoundsException: Index %d out of bounds for length %d", i, size)
}

// call calls a method of any value. ErrNoMethod says that there is none of that name for these arguments.
func call(x *exec, v Value, name string, args []Value) (Value, error) {
	var result Value
	var err error
	switch v := v.(type) {
	case string:
		result, err = callString(x, v, name, args)
	case *List:
		result, err = callList(x, v, name, args)
	case *Map:
		result, err = callMap(x, v, name, args)
	case int64, float64, *big.Int, *Decimal:
		result, err = callNumber(x, v, name, args)
	case bool:
		result, err = callBool(x, v, name, args)
	case char:
		result, err = callChar(x, v, name, args)
	case *mapView:
		result, err = callView(x, v, name, args)
	case *mapEntry:
		result, err = callEntry(v, name, args)
	case *javaIterator:
		result, err = callIterator(v, name, args)
	case class:
		result, err = callClass(v, name, args)
	case *foreachScope:
		if result, err = v.Call(name, args); errors.Is(err, ErrNoMethod) {
			result, err = callMap(x, v.storage(), name, args)
		}
	case Object:
		return v.Call(name, args)
	default:
		return nil, ErrNoMethod
	}
	if errors.Is(err, ErrNoMethod) {
		return callAny(x, v, name, args)
	}
	return result, err
}

// noArguments are the methods that take no arguments. Velocity 1.7 finds them even if some are given, and then Java refuses the call.
var noArguments = map[string]string{
	"java.lang.String": "length isEmpty isBlank intern trim strip stripLeading stripTrailing toLowerCase toUpperCase toCharArray getBytes " +
		"chars codePoints lines stripIndent translateEscapes describeConstable",
	"java.util.ArrayList":           "size isEmpty clear iterator toArray stream parallelStream spliterator trimToSize clone",
	"net.minidev.json.JSONArray":    "size isEmpty clear iterator toArray stream parallelStream spliterator trimToSize clone toJSONString",
	"java.util.LinkedHashMap":       "size isEmpty clear keySet values entrySet clone",
	"java.lang.Integer":             "intValue longValue shortValue byteValue doubleValue floatValue describeConstable",
	"java.lang.Long":                "intValue longValue shortValue byteValue doubleValue floatValue describeConstable",
	"java.lang.Double":              "intValue longValue shortValue byteValue doubleValue floatValue isNaN isInfinite describeConstable",
	"java.math.BigInteger":          "intValue longValue shortValue byteValue doubleValue floatValue signum abs negate",
	"java.math.BigDecimal":          "intValue longValue shortValue byteValue doubleValue floatValue signum abs negate scale toPlainString",
	"java.lang.Boolean":             "booleanValue describeConstable",
	"java.lang.Character":           "charValue describeConstable",
	"java.util.LinkedHashMap$Entry": "getKey getValue",
	"java.util.Iterator":            "hasNext next remove",
}

func takesNoArguments(v Value, name string) bool {
	switch name {
	case "toString", "hashCode", "getClass", "notify", "notifyAll":
		return true
	}
	c := className(v)
	if _, ok := v.(*mapView); ok {
		c = "java.util.ArrayList"
	}
	return slices.Contains(strings.Fields(noArguments[c]), name)
}

// callAny is the methods of java.lang.Object.
func callAny(x *exec, v Value, name string, args []Value) (Value, error) {
	switch {
	case name == "toString" && len(args) == 0:
		return result(x.str(v))
	case name == "equals" && len(args) == 1:
		return result(x.equal(v, args[0]))
	case name == "hashCode" && len(args) == 0:
		h, err := x.hash(v)
		return int64(h), err
	case name == "getClass" && len(args) == 0:
		return class{v}, nil
	case len(args) > 0 && takesNoArguments(v, name):
		return nil, fmt.Errorf("java.lang.IllegalArgumentException: wrong number of arguments: %d expected: 0", len(args))
	}
	return nil, ErrNoMethod
}

func result[T any](v T, err error) (Value, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// property is $v.name: a getter, or the value of a key, or a method that says whether.
func property(x *exec, v Value, name string) (Value, error) {
	if name == "class" || name == "Class" {
		if isBuiltin(v) {
			return class{v}, nil
		}
	}
	switch v := v.(type) {
	case *Map:
		value, _ := v.Get(name)
		return value, nil
	case *foreachScope:
		value, _ := v.Property(name)
		return value, nil
	case Object:
		if !isBuiltin(v) {
			value, _ := v.Property(name)
			return value, nil
		}
	}
	for _, prefix := range [...]string{"get", "is"} {
		for _, n := range [...]string{name, otherCase(name)} {
			if value, err := call(x, v, prefix+n, nil); !errors.Is(err, ErrNoMethod) {
				return value, err
			}
		}
	}
	return nil, nil
}

// otherCase changes the case of the first letter, as Velocity does when it looks for a getter.
func otherCase(s string) string {
	if u := upperFirst(s); u != s {
		return u
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// class is what getClass returns.
type class struct{ of Value }

func callClass(c class, name string, args []Value) (Value, error) {
	if len(args) != 0 {
		return nil, ErrNoMethod
	}
	full := className(c.of)
	switch name {
	case "getName", "getTypeName":
		return full, nil
	case "getSimpleName":
		return full[strings.LastIndexAny(full, ".$")+1:], nil
	case "toString":
		return "class " + full, nil
	}
	return nil, ErrNoMethod
}

func (c class) String() string { return "class " + className(c.of) }

// javaEqual is Java's equals.
func (x *exec) equal(a, b Value) (bool, error) {
	return x.equalDeep(a, b, 0)
}

func (x *exec) equalDeep(a, b Value, depth int) (bool, error) {
	if depth > maxTextDepth {
		return false, fmt.Errorf("comparing: nested more than %d deep: java.lang.StackOverflowError: %w", maxTextDepth, ErrLimit)
	}
	if err := x.charge(1); err != nil {
		return false, err
	}
	if ai, aok := items(a); aok {
		bi, bok := items(b)
		if !bok || len(ai) != len(bi) || !sameKind(a, b) {
			return false, nil
		}
		for i := range ai {
			if ok, err := x.equalDeep(ai[i], bi[i], depth+1); !ok {
				return false, err
			}
		}
		return true, nil
	}
	switch a := a.(type) {
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
			if ok, err := x.equalDeep(v, w, depth+1); !ok {
				return false, err
			}
		}
		return true, nil
	case *mapEntry:
		b, ok := b.(*mapEntry)
		if !ok {
			return false, nil
		}
		if ok, err := x.equalDeep(a.key, b.key, depth+1); !ok {
			return false, err
		}
		return x.equalDeep(a.current(), b.current(), depth+1)
	case string:
		if b, ok := b.(string); ok {
			return a == b, x.charge(min(len(a), len(b)))
		}
		return false, nil
	}
	return equalScalars(a, b), nil
}

// items are what a list or a view of a map holds.
func items(v Value) ([]Value, bool) {
	switch v := v.(type) {
	case *List:
		return v.items, true
	case *mapView:
		return v.items(), true
	}
	return nil, false
}

// sameKind says whether two collections can be equal: lists to lists, sets to sets; arrays and values() only to themselves.
func sameKind(a, b Value) bool {
	if a == b {
		return true
	}
	la, aIsList := a.(*List)
	lb, bIsList := b.(*List)
	if aIsList || bIsList {
		return aIsList && bIsList && la.kind != javaArray && lb.kind != javaArray
	}
	return a.(*mapView).kind != valuesView && b.(*mapView).kind != valuesView
}

func equalScalars(a, b Value) bool {
	switch a := a.(type) {
	case *big.Int:
		b, ok := b.(*big.Int)
		return ok && a.Cmp(b) == 0
	case *Decimal:
		b, ok := b.(*Decimal)
		return ok && a.scale == b.scale && a.unscaled.Cmp(b.unscaled) == 0
	case float64:
		b, ok := b.(float64)
		return ok && (math.Float64bits(a) == math.Float64bits(b) || a != a && b != b)
	case class:
		b, ok := b.(class)
		return ok && className(a.of) == className(b.of)
	case nil, bool, int64, char:
		return a == b
	}
	return mapKey(a) == mapKey(b)
}

// hash is Java's hashCode.
func (x *exec) hash(v Value) (int32, error) {
	return x.hashDeep(v, 0)
}

func (x *exec) hashDeep(v Value, depth int) (int32, error) {
	if depth > maxTextDepth {
		return 0, fmt.Errorf("hashing: nested more than %d deep: java.lang.StackOverflowError: %w", maxTextDepth, ErrLimit)
	}
	if err := x.charge(1); err != nil {
		return 0, err
	}
	switch v := v.(type) {
	case string:
		return stringHash(v), x.charge(len(v))
	case *List:
		h := int32(1)
		for _, item := range v.items {
			n, err := x.hashDeep(item, depth+1)
			if err != nil {
				return 0, err
			}
			h = 31*h + n
		}
		return h, nil
	case *Map:
		return x.hashSum(v.view(entriesView).items(), depth)
	case *mapView:
		return x.hashSum(v.items(), depth)
	case *mapEntry:
		k, err := x.hashDeep(v.key, depth+1)
		if err != nil {
			return 0, err
		}
		n, err := x.hashDeep(v.current(), depth+1)
		return k ^ n, err
	}
	return scalarHash(v), nil
}

func (x *exec) hashSum(items []Value, depth int) (int32, error) {
	sum := int32(0)
	for _, item := range items {
		n, err := x.hashDeep(item, depth+1)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

func stringHash(s string) int32 {
	h := int32(0)
	if isASCII(s) {
		for i := 0; i < len(s); i++ {
			h = 31*h + int32(s[i])
		}
		return h
	}
	for _, u := range toUTF16(s) {
		h = 31*h + int32(u)
	}
	return h
}

func scalarHash(v Value) int32 {
	switch v := v.(type) {
	case nil:
		return 0
	case bool:
		if v {
			return 1231
		}
		return 1237
	case int64:
		if n := int32(v); int64(n) == v {
			return n
		}
		return int32(v ^ int64(uint64(v)>>32))
	case float64:
		bits := math.Float64bits(v)
		return int32(bits ^ bits>>32)
	case char:
		return int32(v)
	case *big.Int:
		return bigHash(v)
	case *Decimal:
		return 31*bigHash(v.unscaled) + v.scale
	}
	return stringHash(String(v))
}

func bigHash(n *big.Int) int32 {
	h := int32(0)
	b := new(big.Int).Abs(n).Bytes()
	for len(b)%4 != 0 {
		b = append([]byte{0}, b...)
	}
	for i := 0; i < len(b); i += 4 {
		h = 31*h + int32(uint32(b[i])<<24|uint32(b[i+1])<<16|uint32(b[i+2])<<8|uint32(b[i+3]))
	}
	return h * int32(n.Sign())
}
