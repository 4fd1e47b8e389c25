package vtl

import "errors"

// Value is a value in a template. It is one of
//
//	nil        Java's null
//	bool       java.lang.Boolean
//	int64      java.lang.Integer and Long
//	*big.Int   java.math.BigInteger, only for what int64 cannot hold
//	float64    java.lang.Double
//	*Decimal   java.math.BigDecimal, only for what float64 would round
//	string     java.lang.String
//	*List      java.util.ArrayList
//	*Map       java.util.LinkedHashMap
//	Object     anything else, made by the caller
//
// int, int32, float32 and json.Number are not values: convert them first. A pointer that is nil is not Java's null: use nil.
type Value = any

// Object is a value that the caller makes, such as $input.
type Object interface {
	// Property answers $object.name and $object["name"]; false means there is no such property, and the reference is undefined.
	Property(name string) (Value, bool)
	// Call answers $object.method(args). ErrNoMethod means that there is no such method, and the reference is undefined;
	// any other error ends the execution and is returned by it. args is reused after the call.
	Call(method string, args []Value) (Value, error)
}

// Settable is an Object whose properties #set($object.name = value) can set, for example $context.responseOverride.
// An error ends the execution and is returned by it.
type Settable interface {
	Set(name string, v Value) error
}

// ErrNoMethod is what Object.Call returns for a method it does not have, or not with these arguments.
var ErrNoMethod = errors.New("no such method")

// Stringer is an Object with a text of its own; without it an Object renders as the name of its Go type and @0.
type Stringer interface {
	String() string
}
