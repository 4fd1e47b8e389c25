package vtl

import (
	"strconv"
	"strings"
	"unicode"
)

// callBool is the methods of java.lang.Boolean, the static ones included.
func callBool(x *exec, v bool, name string, args []Value) (Value, error) {
	switch {
	case name == "booleanValue" && len(args) == 0:
		return v, nil
	case len(args) == 1 && (name == "parseBoolean" || name == "valueOf"):
		switch a := args[0].(type) {
		case string:
			return strings.EqualFold(a, "true"), nil
		case bool:
			return a, noMethodUnless(name == "valueOf")
		case nil:
			return false, nil
		}
	case len(args) == 1 && name == "compareTo":
		a, ok := args[0].(bool)
		if !ok {
			return nil, notComparable(v, name, args[0])
		}
		return int64(compareOrdered(!v && a, v && !a)), nil
	case len(args) == 1 && (name == "toString" || name == "hashCode"):
		if a, ok := args[0].(bool); ok {
			if name == "hashCode" {
				return int64(scalarHash(a)), nil
			}
			return strconv.FormatBool(a), nil
		}
	}
	return nil, ErrNoMethod
}

// callChar is the methods of java.lang.Character.
func callChar(x *exec, c char, name string, args []Value) (Value, error) {
	if len(args) == 0 {
		if name == "charValue" {
			return c, nil
		}
		return nil, ErrNoMethod
	}
	a, ok := args[0].(char)
	if !ok || len(args) > 1 {
		return nil, notComparable(c, name, args[0])
	}
	return charStatic(c, a, name)
}

// charStatic is the methods of Character that take one Character.
func charStatic(c, a char, name string) (Value, error) {
	r := rune(a)
	switch name {
	case "compareTo":
		return int64(c) - int64(a), nil
	case "isDigit":
		return unicode.IsDigit(r), nil
	case "isLetter":
		return unicode.IsLetter(r), nil
	case "isLetterOrDigit":
		return unicode.IsLetter(r) || unicode.IsDigit(r), nil
	case "isWhitespace":
		return isJavaSpace(r), nil
	case "isUpperCase":
		return unicode.IsUpper(r), nil
	case "isLowerCase":
		return unicode.IsLower(r), nil
	case "toUpperCase":
		return char(unicode.ToUpper(r)), nil
	case "toLowerCase":
		return char(unicode.ToLower(r)), nil
	case "toString":
		return a.String(), nil
	case "getNumericValue":
		switch {
		case r >= '0' && r <= '9':
			return int64(r - '0'), nil
		case r >= 'a' && r <= 'z':
			return int64(r-'a') + 10, nil
		case r >= 'A' && r <= 'Z':
			return int64(r-'A') + 10, nil
		}
		return int64(-1), nil
	}
	return nil, ErrNoMethod
}
