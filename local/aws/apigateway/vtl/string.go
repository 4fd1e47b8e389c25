package vtl

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"ingest-pipeline/local/aws/apigateway/vtl/javaregexp"
)

// callString is the methods of java.lang.String.
func (x *exec) callString(s, name string, args []Value) (Value, error) {
	if err := x.charge(len(s)); err != nil {
		return nil, err
	}
	switch len(args) {
	case 0:
		return x.callString0(s, name)
	case 1:
		if n, ok := asInt32(args[0]); ok {
			return callStringInt(s, name, n)
		}
		return x.callString1(s, name, args[0])
	case 2:
		n, isInt := asInt32(args[1])
		if from, ok := asInt32(args[0]); ok && isInt && name == "substring" {
			return result(substring(s, from, n))
		}
		a, ok := args[0].(string)
		if ok && isInt {
			return x.callStringFrom(s, name, a, n)
		}
		return x.callString2(s, name, args[0], args[1])
	}
	return nil, ErrNoMethod
}

func (x *exec) callString0(s, name string) (Value, error) {
	switch name {
	case "length":
		return int64(utf16Len(s)), nil
	case "isEmpty":
		return s == "", nil
	case "trim":
		return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }), nil
	case "toLowerCase":
		return cases.Lower(language.Und).String(s), x.charge(8 * len(s))
	case "toUpperCase":
		return cases.Upper(language.Und).String(s), x.charge(8 * len(s))
	}
	return nil, ErrNoMethod
}

func callStringInt(s, name string, n int32) (Value, error) {
	switch name {
	case "substring":
		return result(substring(s, n, int32(utf16Len(s))))
	case "charAt":
		if n < 0 || int(n) >= utf16Len(s) {
			return nil, fmt.Errorf("java.lang.StringIndexOutOfBoundsException: index %d, length %d", n, utf16Len(s))
		}
		i, half := byteOffset(s, int(n))
		r, _ := utf8.DecodeRuneInString(s[i:])
		high, low := utf16.EncodeRune(r)
		switch {
		case half:
			return char(low), nil
		case r > 0xFFFF:
			return char(high), nil
		}
		return char(r), nil
	}
	return nil, ErrNoMethod
}

// callString1 is the methods that take a string.
func (x *exec) callString1(s, name string, arg Value) (Value, error) {
	o, ok := arg.(string)
	if !ok && (arg != nil || name == "equalsIgnoreCase") {
		return false, noMethodUnless(arg == nil)
	}
	if err := x.charge(len(o)); err != nil {
		return nil, err
	}
	switch name {
	case "contains", "startsWith", "endsWith", "indexOf", "lastIndexOf", "concat", "compareTo", "matches", "split":
		if !ok {
			return nil, errNull
		}
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
	case "equalsIgnoreCase":
		return foldCase(s) == foldCase(o), nil
	case "concat":
		return result(x.concat(s, o))
	case "compareTo":
		return compareStrings(s, o), nil
	case "matches":
		re, err := x.regexp(s, o)
		if err != nil {
			return nil, err
		}
		return result(timed(x, func() (bool, error) { return re.Matches(s) }))
	case "split":
		return x.split(s, o, 0)
	}
	return nil, ErrNoMethod
}

func noMethodUnless(ok bool) error {
	if ok {
		return nil
	}
	return ErrNoMethod
}

// callStringFrom is the methods that take a string and an integer.
func (x *exec) callStringFrom(s, name, o string, n int32) (Value, error) {
	switch name {
	case "indexOf":
		from, _ := byteOffset(s, max(int(n), 0))
		if i := strings.Index(s[from:], o); i >= 0 {
			return utf16Index(s, from+i), nil
		}
		return int64(-1), nil
	case "split":
		return x.split(s, o, int(n))
	}
	return nil, ErrNoMethod
}

// callString2 is the methods that take two strings.
func (x *exec) callString2(s, name string, first, second Value) (Value, error) {
	switch name {
	case "replace", "replaceAll", "replaceFirst":
	default:
		return nil, ErrNoMethod
	}
	a, ok1 := first.(string)
	b, ok2 := second.(string)
	switch {
	case !ok1 && first != nil || !ok2 && second != nil:
		return nil, ErrNoMethod
	case !ok1 || !ok2:
		return nil, errNull
	case name == "replace":
		return result(x.replace(s, a, b))
	}
	re, err := x.regexp(s, a)
	if err != nil {
		return nil, err
	}
	replace := re.ReplaceAll
	if name == "replaceFirst" {
		replace = re.ReplaceFirst
	}
	out, err := timed(x, func() (string, error) { return replace(s, b, x.limits.OutputBytes) })
	if err != nil {
		return nil, err
	}
	return out, x.charge(len(out))
}

func (x *exec) concat(a, b string) (string, error) {
	if len(a)+len(b) > x.limits.OutputBytes {
		return "", errTooLong
	}
	return a + b, x.charge(len(a) + len(b))
}

func (x *exec) replace(s, old, with string) (string, error) {
	size := len(s) + strings.Count(s, old)*(len(with)-len(old))
	if size > x.limits.OutputBytes {
		return "", errTooLong
	}
	return strings.ReplaceAll(s, old, with), x.charge(size)
}

// regexp compiles a pattern that is to be used on s.
func (x *exec) regexp(s, pattern string) (*javaregexp.Regexp, error) {
	// one unit for four bytes; what a match takes beyond that is charged by the clock
	if err := x.charge(len(pattern) + 4*len(s)); err != nil {
		return nil, err
	}
	return javaregexp.Get(pattern)
}

// nanosecondsPerUnit is how long a unit of work may take in a regular expression.
const nanosecondsPerUnit = 200

// timed charges the time that f takes, since only the clock knows how often a regular expression goes back.
func timed[T any](x *exec, f func() (T, error)) (T, error) {
	start := time.Now()
	v, err := f()
	if took := time.Since(start); took > 20*time.Microsecond {
		x.work -= int(took / nanosecondsPerUnit)
	}
	switch {
	case errors.Is(err, javaregexp.ErrTimeout):
		err = fmt.Errorf("%w: %w", err, ErrLimit)
	case errors.Is(err, javaregexp.ErrTooLong):
		err = errTooLong
	case err == nil:
		err = x.charge(0)
	}
	return v, err
}

func (x *exec) split(s, pattern string, limit int) (Value, error) {
	re, err := x.regexp(s, pattern)
	if err != nil {
		return nil, err
	}
	parts, err := timed(x, func() ([]string, error) { return re.Split(s, limit) })
	if err != nil {
		return nil, err
	}
	items := make([]Value, len(parts))
	for i, p := range parts {
		items[i] = p
	}
	return &List{items: items, kind: javaArray}, x.charge(64 * len(parts))
}

// foldCase is how Java compares without case: each character for itself, upper first.
func foldCase(s string) string {
	return strings.Map(func(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }, s)
}

// compareStrings is String.compareTo: the difference of the first characters that differ, or of the lengths.
func compareStrings(a, b string) int64 {
	ua, ub := utf16.Encode([]rune(a)), utf16.Encode([]rune(b))
	for i := range min(len(ua), len(ub)) {
		if ua[i] != ub[i] {
			return int64(ua[i]) - int64(ub[i])
		}
	}
	return int64(len(ua) - len(ub))
}

// Strings are UTF-8 here and UTF-16 in Java, which shows in lengths and indexes. Half of a surrogate pair, which Java can hold and UTF-8
// cannot, is a question mark at once, as it would be in Java once it is encoded.

// char is a java.lang.Character, what charAt returns.
type char uint16

func (c char) String() string {
	if utf16.IsSurrogate(rune(c)) {
		return "?"
	}
	return string(rune(c))
}

// utf16Len is String.length.
func utf16Len(s string) int {
	n := utf8.RuneCountInString(s)
	if n == len(s) {
		return n
	}
	for i := range len(s) {
		if s[i] >= 0xF0 { // begins a character that is a pair in UTF-16
			n++
		}
	}
	return n
}

// utf16Index is an index into the bytes of s, or -1, as one into Java's characters.
func utf16Index(s string, i int) Value {
	if i < 0 {
		return int64(-1)
	}
	return int64(utf16Len(s[:i]))
}

// byteOffset is where the nth of Java's characters begins in s, or the pair begins whose second half it is. Behind the end it is len(s).
func byteOffset(s string, n int) (offset int, half bool) {
	for i, r := range s {
		switch {
		case n == 0:
			return i, false
		case r <= 0xFFFF:
			n--
		case n == 1:
			return i, true
		default:
			n -= 2
		}
	}
	return len(s), false
}

func substring(s string, from, to int32) (string, error) {
	length := utf16Len(s)
	if from < 0 || to < from || int(to) > length {
		return "", fmt.Errorf("java.lang.StringIndexOutOfBoundsException: begin %d, end %d, length %d", from, to, length)
	}
	start, startsInPair := byteOffset(s, int(from))
	end, endsInPair := byteOffset(s, int(to))
	if from == to || !startsInPair && !endsInPair {
		return s[start:max(start, end)], nil
	}
	var first, last string
	if startsInPair {
		first = "?"
		start += 4
	}
	if endsInPair {
		last = "?"
	}
	return first + s[start:end] + last, nil
}
