package vtl

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// callString is the methods of java.lang.String.
func callString(x *exec, s, name string, args []Value) (Value, error) {
	if err := x.charge(len(s)); err != nil {
		return nil, err
	}
	switch len(args) {
	case 0:
		return string0(x, s, name)
	case 1:
		return string1(x, s, name, args[0])
	}
	return stringMany(x, s, name, args)
}

func string0(x *exec, s, name string) (Value, error) {
	switch name {
	case "length":
		return int64(utf16Len(s)), nil
	case "isEmpty":
		return s == "", nil
	case "isBlank":
		return strings.TrimFunc(s, isJavaSpace) == "", nil
	case "toString", "intern":
		return s, nil
	case "trim":
		return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }), nil
	case "strip":
		return strings.TrimFunc(s, isJavaSpace), nil
	case "stripLeading":
		return strings.TrimLeftFunc(s, isJavaSpace), nil
	case "stripTrailing":
		return strings.TrimRightFunc(s, isJavaSpace), nil
	case "toLowerCase":
		return lower(s), x.charge(8 * len(s))
	case "toUpperCase":
		return upper(s), x.charge(8 * len(s))
	case "hashCode":
		return int64(stringHash(s)), nil
	case "toCharArray":
		return charArray(x, s)
	case "valueOf", "copyValueOf": // of no characters
		return "", nil
	}
	return nil, ErrNoMethod
}

// isJavaSpace is Character.isWhitespace.
func isJavaSpace(r rune) bool {
	switch r {
	case 0xA0, 0x2007, 0x202F:
		return false
	}
	return r >= 0x09 && r <= 0x0D || r >= 0x1C && r <= 0x1F || unicode.Is(unicode.Z, r)
}

func lower(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return cases.Lower(language.Und).String(s)
}

func upper(s string) string {
	if isASCII(s) {
		return strings.ToUpper(s)
	}
	return cases.Upper(language.Und).String(s)
}

func charArray(x *exec, s string) (Value, error) {
	if err := x.charge(16 * len(s)); err != nil {
		return nil, err
	}
	var items []Value
	for _, u := range toUTF16(s) {
		items = append(items, char(u))
	}
	return newArray(items), nil
}

// string1 is the methods that take one argument.
func string1(x *exec, s, name string, arg Value) (Value, error) {
	if n, ok := asInt32(arg); ok {
		return stringInt(x, s, name, n)
	}
	switch name {
	case "equals":
		return s == arg, nil
	case "equalsIgnoreCase":
		o, ok := arg.(string)
		return ok && equalFold(s, o), noMethodUnless(ok || arg == nil)
	case "valueOf":
		return result(x.str(arg))
	case "join":
		if _, ok := arg.(string); ok {
			return "", nil
		}
	case "format":
		if f, ok := arg.(string); ok {
			return result(x.format(f, nil))
		}
	}
	o, ok := arg.(string)
	if !ok {
		return stringOther(s, name, arg)
	}
	if err := x.charge(len(o)); err != nil {
		return nil, err
	}
	switch name {
	case "contains":
		return strings.Contains(s, o), nil
	case "startsWith":
		return strings.HasPrefix(s, o), nil
	case "endsWith":
		return strings.HasSuffix(s, o), nil
	case "indexOf":
		return utf16Index(s, strings.Index(s, o)), nil
	case "lastIndexOf":
		return utf16Index(s, strings.LastIndex(s, o)), nil
	case "concat":
		return result(x.concat(s, o))
	case "compareTo":
		return int64(compareStrings(s, o)), nil
	case "compareToIgnoreCase":
		return int64(compareStrings(foldCase(s), foldCase(o))), nil
	case "contentEquals":
		return s == o, nil
	case "matches":
		return result(x.matches(s, o))
	case "split":
		return x.split(s, o, 0)
	}
	return nil, ErrNoMethod
}

// stringOther is string methods with an argument that is neither a string nor an integer.
func stringOther(s, name string, arg Value) (Value, error) {
	if arg != nil {
		return nil, notComparable(s, name, arg)
	}
	switch name {
	case "toLowerCase", "toUpperCase", "getBytes", "format", "join", "contains", "startsWith", "endsWith", "indexOf", "lastIndexOf", "concat", "compareTo", "compareToIgnoreCase", "matches", "split":
		return nil, errNull
	}
	return nil, ErrNoMethod
}

func noMethodUnless(ok bool) error {
	if ok {
		return nil
	}
	return ErrNoMethod
}

// stringInt is the methods that take one integer.
func stringInt(x *exec, s, name string, n int32) (Value, error) {
	switch name {
	case "charAt":
		u := units(s)
		if n < 0 || int(n) >= u.len() {
			return nil, stringIndex("index %d, length %d", n, u.len())
		}
		return char(u.at(int(n))), nil
	case "codePointAt":
		u := units(s)
		if n < 0 || int(n) >= u.len() {
			return nil, stringIndex("index %d, length %d", n, u.len())
		}
		r, _ := decodeRune(u.slice(int(n), u.len()))
		return int64(r), nil
	case "substring":
		u := units(s)
		if n < 0 || int(n) > u.len() {
			return nil, stringIndex("begin %d, end %d, length %d", n, u.len(), u.len())
		}
		return u.slice(int(n), u.len()), nil
	case "indexOf":
		return utf16Index(s, strings.Index(s, codePoint(n))), nil
	case "lastIndexOf":
		return utf16Index(s, strings.LastIndex(s, codePoint(n))), nil
	case "repeat":
		return result(x.repeat(s, n))
	case "equals", "equalsIgnoreCase":
		return false, noMethodUnless(name == "equals")
	case "valueOf":
		return result(x.str(int64(n)))
	}
	return nil, notComparable(s, name, int64(n))
}

// notComparable is what compareTo throws for an object of another class; for other methods it is ErrNoMethod.
func notComparable(v Value, name string, arg Value) error {
	if name != "compareTo" {
		return ErrNoMethod
	}
	if arg == nil {
		return errNull
	}
	return fmt.Errorf("java.lang.ClassCastException: class %s cannot be cast to class %s", className(arg), className(v))
}

// codePoint is the character of a number, or what no string contains.
func codePoint(n int32) string {
	if !utf8.ValidRune(n) {
		return "\xFF"
	}
	return string(n)
}

// utf16Index is an index into the bytes of s as one into Java's characters.
func utf16Index(s string, i int) Value {
	if i < 0 {
		return int64(-1)
	}
	return int64(utf16Len(s[:i]))
}

func equalFold(a, b string) bool {
	return utf8.RuneCountInString(a) == utf8.RuneCountInString(b) && foldCase(a) == foldCase(b)
}

// foldCase is how Java compares without case: each character for itself, upper first.
func foldCase(s string) string {
	return strings.Map(func(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }, s)
}

// compareStrings is String.compareTo: the difference of the first characters that differ, or of the lengths.
func compareStrings(a, b string) int {
	ua, ub := toUTF16(a), toUTF16(b)
	for i := 0; i < len(ua) && i < len(ub); i++ {
		if ua[i] != ub[i] {
			return int(ua[i]) - int(ub[i])
		}
	}
	return len(ua) - len(ub)
}

// javaUnits reads a string by Java's indexes: bytes if it is ASCII, else UTF-16.
type javaUnits struct {
	ascii string
	wide  []uint16
}

func units(s string) javaUnits {
	if isASCII(s) {
		return javaUnits{ascii: s}
	}
	return javaUnits{wide: toUTF16(s)}
}

func (u javaUnits) len() int { return len(u.ascii) + len(u.wide) }

func (u javaUnits) at(i int) uint16 {
	if u.wide == nil {
		return uint16(u.ascii[i])
	}
	return u.wide[i]
}

func (u javaUnits) slice(from, to int) string {
	if u.wide == nil {
		return u.ascii[from:to]
	}
	return fromUTF16(u.wide[from:to])
}
