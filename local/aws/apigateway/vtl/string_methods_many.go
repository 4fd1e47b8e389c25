package vtl

import (
	"fmt"
	"strings"
)

func stringIndex(format string, args ...any) error {
	return fmt.Errorf("java.lang.StringIndexOutOfBoundsException: "+format, args...)
}

// stringMany is the string methods that take several arguments.
func stringMany(x *exec, s, name string, args []Value) (Value, error) {
	switch name {
	case "format":
		return stringFormat(x, args)
	case "join":
		return stringJoin(x, args)
	case "regionMatches":
		return regionMatches(s, args)
	}
	if len(args) != 2 {
		return nil, ErrNoMethod
	}
	a, aIsString := args[0].(string)
	b, bIsString := args[1].(string)
	m, mIsInt := asInt32(args[0])
	n, nIsInt := asInt32(args[1])
	switch {
	case name == "compare" && aIsString && bIsString:
		return int64(compareStrings(a, b)), nil
	case mIsInt && nIsInt:
		return stringInts(s, name, m, n)
	case aIsString && nIsInt:
		return stringStringInt(x, s, name, a, n)
	case aIsString && bIsString:
		return stringStrings(x, s, name, a, b)
	}
	if _, ok := args[0].(char); ok && name == "replace" {
		return replaceChars(s, args)
	}
	return nil, nullArgument(name, aIsString || args[0] == nil, bIsString || args[1] == nil, nIsInt)
}

// nullArgument is Java's exception for a call that would fit if null were a string, else ErrNoMethod.
func nullArgument(name string, a, b, bIsInt bool) error {
	switch name {
	case "replace", "replaceAll", "replaceFirst", "compare":
		if a && b {
			return errNull
		}
	case "startsWith", "indexOf", "lastIndexOf", "split":
		if a && bIsInt {
			return errNull
		}
	}
	return ErrNoMethod
}

func stringInts(s, name string, m, n int32) (Value, error) {
	u := units(s)
	switch name {
	case "substring", "subSequence":
		if m < 0 || n < m || int(n) > u.len() {
			return nil, stringIndex("begin %d, end %d, length %d", m, n, u.len())
		}
		return u.slice(int(m), int(n)), nil
	case "indexOf":
		from := clamp(n, u.len())
		return indexFrom(u, codePoint(m), from), nil
	case "lastIndexOf":
		return lastIndexFrom(u, codePoint(m), n), nil
	}
	return nil, ErrNoMethod
}

func clamp(n int32, most int) int { return min(max(int(n), 0), most) }

func indexFrom(u javaUnits, what string, from int) Value {
	rest := u.slice(from, u.len())
	i := strings.Index(rest, what)
	if i < 0 {
		return int64(-1)
	}
	return int64(from + utf16Len(rest[:i]))
}

func lastIndexFrom(u javaUnits, what string, from int32) Value {
	if from < 0 {
		return int64(-1)
	}
	end := min(int(from)+utf16Len(what), u.len())
	start := u.slice(0, end)
	return utf16Index(start, strings.LastIndex(start, what))
}

func stringStringInt(x *exec, s, name, a string, n int32) (Value, error) {
	switch name {
	case "indexOf":
		u := units(s)
		return indexFrom(u, a, clamp(n, u.len())), nil
	case "lastIndexOf":
		return lastIndexFrom(units(s), a, n), nil
	case "startsWith":
		u := units(s)
		return n >= 0 && int(n) <= u.len() && strings.HasPrefix(u.slice(int(n), u.len()), a), nil
	case "split":
		return x.split(s, a, int(n))
	}
	return nil, ErrNoMethod
}

func stringStrings(x *exec, s, name, a, b string) (Value, error) {
	switch name {
	case "replace":
		return result(x.replace(s, a, b))
	case "replaceAll", "replaceFirst":
		re, err := x.regexp(a, s)
		if err != nil {
			return nil, err
		}
		do := re.ReplaceAll
		if name == "replaceFirst" {
			do = re.ReplaceFirst
		}
		out, err := timed(x, func() (string, error) { return do(s, b, x.limits.OutputBytes) })
		if err != nil {
			return nil, err
		}
		return out, x.charge(len(out))
	}
	return nil, ErrNoMethod
}

// replaceChars is replace(char, char), for what charAt returns.
func replaceChars(s string, args []Value) (Value, error) {
	a, ok1 := args[0].(char)
	b, ok2 := args[1].(char)
	if !ok1 || !ok2 {
		return nil, ErrNoMethod
	}
	u := toUTF16(s)
	for i := range u {
		if u[i] == uint16(a) {
			u[i] = uint16(b)
		}
	}
	return fromUTF16(u), nil
}

// regionMatches takes (offset, other, otherOffset, length), and a boolean in front to ignore case.
func regionMatches(s string, args []Value) (Value, error) {
	ignoreCase := false
	if len(args) == 5 {
		b, ok := args[0].(bool)
		if !ok {
			return nil, ErrNoMethod
		}
		ignoreCase, args = b, args[1:]
	}
	if len(args) != 4 {
		return nil, ErrNoMethod
	}
	from, ok1 := asInt32(args[0])
	other, ok2 := args[1].(string)
	otherFrom, ok3 := asInt32(args[2])
	n, ok4 := asInt32(args[3])
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return nil, ErrNoMethod
	}
	a, b := units(s), units(other)
	if from < 0 || otherFrom < 0 || int(from)+int(n) > a.len() || int(otherFrom)+int(n) > b.len() {
		return false, nil
	}
	if n <= 0 {
		return true, nil
	}
	left, right := a.slice(int(from), int(from+n)), b.slice(int(otherFrom), int(otherFrom+n))
	return left == right || ignoreCase && equalFold(left, right), nil
}

// stringFormat is String.format(format, values…). A list of Java's array kind is the values.
func stringFormat(x *exec, args []Value) (Value, error) {
	noLocale := args[0] == nil
	if noLocale {
		args = args[1:]
	}
	f, ok := args[0].(string)
	if noLocale && !ok {
		return nil, errNull
	}
	if !ok {
		return nil, ErrNoMethod
	}
	values := args[1:]
	if len(values) != 1 {
		return result(x.format(f, values))
	}
	if l, ok := values[0].(*List); ok && l.kind == javaArray {
		values = l.items
	}
	return result(x.format(f, values))
}

// stringJoin is String.join(separator, parts…), or with a list of parts.
func stringJoin(x *exec, args []Value) (Value, error) {
	sep, ok := args[0].(string)
	switch {
	case args[0] == nil:
		return nil, errNull
	case !ok:
		return nil, ErrNoMethod
	}
	parts := args[1:]
	inner, isList := items(parts[0])
	if isList = isList && len(parts) == 1; isList {
		parts = inner
	}
	var b strings.Builder
	for i, p := range parts {
		s, ok := p.(string)
		switch {
		case p == nil:
			s = "null"
		case !ok && !isList:
			return nil, ErrNoMethod
		case !ok:
			return nil, fmt.Errorf("java.lang.ClassCastException: class %s cannot be cast to class java.lang.CharSequence", className(p))
		}
		if i > 0 {
			s = sep + s
		}
		if b.Len()+len(s) > x.limits.OutputBytes {
			return nil, errTooLong
		}
		b.WriteString(s)
	}
	return b.String(), x.charge(b.Len())
}
