package vtl

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// callNumber is the methods of java.lang.Integer, Long and Double, and of BigInteger and BigDecimal what they share with those.
// Velocity calls static methods on an object, which is how templates get at Integer.parseInt: #set($Integer = 0) $Integer.parseInt("12").
func callNumber(x *exec, v Value, name string, args []Value) (Value, error) {
	switch len(args) {
	case 0:
		return number0(v, name)
	case 1:
		switch a := args[0].(type) {
		case string:
			return numberFromString(v, name, a, 10)
		case nil:
			return numberNull(v, name)
		}
		if isNumber(args[0]) {
			return number1(x, v, name, args[0])
		}
		return nil, notComparable(v, name, args[0])
	case 2:
		return number2(v, name, args[0], args[1])
	}
	return nil, ErrNoMethod
}

func number0(v Value, name string) (Value, error) {
	switch name {
	case "intValue":
		return int64(toInt32(v)), nil
	case "longValue":
		return toInt64(v), nil
	case "shortValue":
		return int64(int16(toInt32(v))), nil
	case "byteValue":
		return int64(int8(toInt32(v))), nil
	case "doubleValue":
		return toFloat(v), nil
	case "floatValue":
		return shortestFloat(toFloat(v)), nil
	}
	if f, ok := v.(float64); ok {
		switch name {
		case "isNaN":
			return math.IsNaN(f), nil
		case "isInfinite":
			return math.IsInf(f, 0), nil
		}
	}
	return bigNumber0(v, name)
}

// shortestFloat is a float of 32 bits as the double that is spelt like it.
func shortestFloat(f float64) Value {
	d, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'g', -1, 32), 64)
	return d
}

func bigNumber0(v Value, name string) (Value, error) {
	switch v := v.(type) {
	case *big.Int:
		switch name {
		case "signum":
			return int64(v.Sign()), nil
		case "abs":
			return normal(new(big.Int).Abs(v)), nil
		case "negate":
			return normal(new(big.Int).Neg(v)), nil
		}
	case *Decimal:
		switch name {
		case "signum":
			return int64(v.unscaled.Sign()), nil
		case "scale":
			return int64(v.scale), nil
		case "toPlainString":
			return plainText(v)
		case "abs":
			return &Decimal{new(big.Int).Abs(v.unscaled), v.scale}, nil
		case "negate":
			return &Decimal{new(big.Int).Neg(v.unscaled), v.scale}, nil
		}
	}
	return nil, ErrNoMethod
}

func plainText(d *Decimal) (Value, error) {
	if d.scale < -maxDigits || d.scale > maxDigits {
		return nil, fmt.Errorf("writing a decimal: more than %d digits: %w", maxDigits, ErrLimit)
	}
	if d.scale <= 0 {
		return d.integer().String(), nil
	}
	s := new(big.Int).Abs(d.unscaled).String()
	if pad := int(d.scale) - len(s) + 1; pad > 0 {
		s = strings.Repeat("0", pad) + s
	}
	s = s[:len(s)-int(d.scale)] + "." + s[len(s)-int(d.scale):]
	if d.unscaled.Sign() < 0 {
		s = "-" + s
	}
	return s, nil
}

func numberNull(v Value, name string) (Value, error) {
	switch name {
	case "equals":
		return false, nil
	case "compareTo":
		return nil, errNull
	case "parseInt", "valueOf", "parseDouble", "parseLong":
		return nil, fmt.Errorf("java.lang.NumberFormatException: null")
	}
	return nil, ErrNoMethod
}

// numberFromString is the static methods that read a number.
func numberFromString(v Value, name, s string, radix int) (Value, error) {
	switch v.(type) {
	case int64:
		size, parse := 32, "parseInt"
		if className(v) == "java.lang.Long" {
			size, parse = 64, "parseLong"
		}
		switch name {
		case parse, "valueOf":
			return parseJavaInt(s, radix, size)
		case "decode":
			return decodeInt(s, size)
		}
	case float64:
		if name == "parseDouble" || name == "valueOf" {
			return parseJavaDouble(s)
		}
	}
	if name == "equals" {
		return false, nil
	}
	return nil, notComparable(v, name, s)
}

func numberFormat(s string) error {
	return fmt.Errorf("java.lang.NumberFormatException: For input string: %q", cut(s, 80))
}

func parseJavaInt(s string, radix, size int) (Value, error) {
	if radix < 2 || radix > 36 {
		return nil, fmt.Errorf("java.lang.NumberFormatException: radix %d out of range", radix)
	}
	n, err := strconv.ParseInt(s, radix, size)
	if err != nil || strings.Contains(s, "_") {
		return nil, numberFormat(s)
	}
	return n, nil
}

func decodeInt(s string, size int) (Value, error) {
	digits := strings.TrimLeft(s, "+-")
	radix := 10
	switch {
	case strings.HasPrefix(digits, "0x") || strings.HasPrefix(digits, "0X"):
		digits, radix = digits[2:], 16
	case strings.HasPrefix(digits, "#"):
		digits, radix = digits[1:], 16
	case strings.HasPrefix(digits, "0") && len(digits) > 1:
		digits, radix = digits[1:], 8
	}
	if strings.HasPrefix(s, "-") {
		digits = "-" + digits
	}
	return parseJavaInt(digits, radix, size)
}

func parseJavaDouble(s string) (Value, error) {
	t := strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	switch strings.TrimLeft(t, "+-") {
	case "NaN":
		return math.NaN(), nil
	case "Infinity":
		if strings.HasPrefix(t, "-") {
			return math.Inf(-1), nil
		}
		return math.Inf(1), nil
	}
	t = strings.TrimRight(t, "dDfF")
	f, err := strconv.ParseFloat(t, 64)
	if err != nil && !math.IsInf(f, 0) || strings.ContainsAny(t, "_xXpPiInN") || len(s)-len(t) > 1 && !strings.ContainsAny(s, " \t\n\r") {
		return nil, numberFormat(s)
	}
	return f, nil
}

// number1 is the methods that take one number.
func number1(x *exec, v Value, name string, arg Value) (Value, error) {
	switch name {
	case "equals":
		return result(x.equal(v, arg))
	case "compareTo":
		if className(v) != className(arg) {
			return nil, notComparable(v, name, arg)
		}
		n, err := compareNumbers(v, arg)
		return int64(n), err
	}
	if _, ok := v.(float64); ok && primitive(arg) {
		return double1(name, toFloat(arg))
	}
	n, ok := arg.(int64)
	if _, isInt := v.(int64); !ok || !isInt {
		return bigNumber1(v, name, arg)
	}
	unsigned := uint64(n)
	if className(v) == "java.lang.Integer" {
		if className(arg) == "java.lang.Long" {
			return nil, ErrNoMethod
		}
		unsigned = uint64(uint32(n))
	}
	return integer1(name, n, unsigned)
}

// integer1 is the static methods of Integer and Long that take one of their kind.
func integer1(name string, n int64, unsigned uint64) (Value, error) {
	switch name {
	case "toString":
		return strconv.FormatInt(n, 10), nil
	case "valueOf":
		return n, nil
	case "hashCode":
		return int64(scalarHash(n)), nil
	case "toHexString":
		return strconv.FormatUint(unsigned, 16), nil
	case "toOctalString":
		return strconv.FormatUint(unsigned, 8), nil
	case "toBinaryString":
		return strconv.FormatUint(unsigned, 2), nil
	case "signum":
		return int64(compareOrdered(n < 0, n > 0)), nil
	case "bitCount":
		return int64(bits.OnesCount64(unsigned)), nil
	}
	return nil, ErrNoMethod
}

// bigNumber1 is the methods of BigInteger and BigDecimal that take one number.
func bigNumber1(v Value, name string, arg Value) (Value, error) {
	if n, ok := arg.(int64); ok && name == "valueOf" && className(v) == "java.math.BigInteger" {
		return n, nil
	}
	op, ok := map[string]kind{"add": kPlus, "subtract": kMinus, "multiply": kMultiply, "divide": kDivide, "mod": kModulus}[name]
	if !ok || className(v) != className(arg) {
		return nil, ErrNoMethod
	}
	switch v.(type) {
	case *big.Int, *Decimal:
		return calculate(op, v, arg)
	}
	return nil, ErrNoMethod
}

// number2 is the static methods that take two arguments.
func number2(v Value, name string, a, b Value) (Value, error) {
	if s, ok := a.(string); ok {
		radix, ok := asInt32(b)
		if _, isInt := v.(int64); !ok || !isInt || name != "valueOf" && !strings.HasPrefix(name, "parse") {
			return nil, ErrNoMethod
		}
		return numberFromString(v, name, s, int(radix))
	}
	if a == nil && name == "parseInt" {
		return nil, fmt.Errorf("java.lang.NumberFormatException: null")
	}
	if !isNumber(a) || !isNumber(b) {
		return nil, ErrNoMethod
	}
	if _, ok := v.(float64); ok && primitive(a) && primitive(b) {
		return double2(name, toFloat(a), toFloat(b))
	}
	m, ok1 := asInt32(a)
	n, ok2 := asInt32(b)
	if _, isInt := v.(int64); !isInt || !ok1 || !ok2 {
		return nil, ErrNoMethod
	}
	switch name {
	case "max":
		return int64(max(m, n)), nil
	case "min":
		return int64(min(m, n)), nil
	case "sum":
		return int64(m + n), nil
	case "compare":
		return int64(compareOrdered(m < n, m > n)), nil
	case "toString":
		if n < 2 || n > 36 {
			n = 10
		}
		return strconv.FormatInt(int64(m), int(n)), nil
	}
	return nil, ErrNoMethod
}

// primitive says whether Java widens a number to a double by itself.
func primitive(v Value) bool {
	switch v.(type) {
	case int64, float64:
		return true
	}
	return false
}

// double1 is the static methods of Double that take one number.
func double1(name string, f float64) (Value, error) {
	switch name {
	case "valueOf":
		return f, nil
	case "toString":
		return doubleText(f), nil
	case "hashCode":
		return int64(scalarHash(f)), nil
	case "isNaN":
		return math.IsNaN(f), nil
	case "isInfinite":
		return math.IsInf(f, 0), nil
	case "toHexString":
		return hexDouble(f), nil
	case "isFinite":
		return !math.IsInf(f, 0) && !math.IsNaN(f), nil
	}
	return nil, ErrNoMethod
}

// hexDouble is Double.toHexString of normal numbers: 0x1.8p1.
func hexDouble(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return doubleText(f)
	}
	mantissa, exp, _ := strings.Cut(strconv.FormatFloat(f, 'x', -1, 64), "p")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	n, _ := strconv.Atoi(exp)
	return mantissa + "p" + strconv.Itoa(n)
}

func double2(name string, a, b float64) (Value, error) {
	switch name {
	case "max":
		return math.Max(a, b), nil
	case "min":
		return math.Min(a, b), nil
	case "sum":
		return a + b, nil
	case "compare":
		return int64(compareOrdered(a < b, a > b)), nil
	}
	return nil, ErrNoMethod
}
