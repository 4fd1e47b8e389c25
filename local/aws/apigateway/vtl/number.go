package vtl

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// isNumber says whether a value is a java.lang.Number.
func isNumber(v Value) bool {
	switch v.(type) {
	case int64, float64, *big.Int, *Decimal:
		return true
	}
	return false
}

func isInteger(v Value) bool {
	switch v.(type) {
	case int64, *big.Int:
		return true
	}
	return false
}

// asInt32 is a value that Java holds as an Integer.
func asInt32(v Value) (int32, bool) {
	n, ok := v.(int64)
	return int32(n), ok && n == int64(int32(n))
}

// integerOf is n as an int64 if it fits.
func integerOf(n *big.Int) Value {
	if n.IsInt64() {
		return n.Int64()
	}
	return n
}

func toBig(v Value) *big.Int {
	if n, ok := v.(int64); ok {
		return big.NewInt(n)
	}
	return v.(*big.Int)
}

// toFloat is Number.doubleValue.
func toFloat(v Value) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	return math.NaN()
}

// toInt64 is Number.longValue: doubles are cut off at the ends of the range.
func toInt64(v Value) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case float64:
		switch {
		case math.IsNaN(v):
			return 0
		case v >= math.MaxInt64:
			return math.MaxInt64
		case v <= math.MinInt64:
			return math.MinInt64
		}
		return int64(v)
	}
	return 0
}

// toInt32 is Number.intValue: whole numbers lose their upper bits, doubles are cut off.
func toInt32(v Value) int32 {
	if f, ok := v.(float64); ok {
		return int32(min(max(toInt64(f), math.MinInt32), math.MaxInt32))
	}
	return int32(toInt64(v))
}

// calculate works out a op b of two numbers. nil is Velocity's answer to a division by zero.
func calculate(op operator, a, b Value) (Value, error) {
	m, ok1 := a.(int64)
	n, ok2 := b.(int64)
	divides := op == opDivide || op == opModulo
	switch {
	case divides && (b == Value(int64(0)) || b == Value(0.0)):
		return nil, nil
	case ok1 && ok2:
		return calculateLong(op, m, n), nil
	case isInteger(a) && isInteger(b):
		return calculateBig(op, toBig(a), toBig(b))
	case isPrimitive(a) && isPrimitive(b):
		return calculateDouble(op, toFloat(a), toFloat(b)), nil
	}
	return nil, fmt.Errorf("calculating with %s and %s is not emulated", className(a), className(b))
}

// isPrimitive says whether a number is one of Java's primitive types.
func isPrimitive(v Value) bool {
	switch v.(type) {
	case int64, float64:
		return true
	}
	return false
}

func calculateLong(op operator, a, b int64) Value {
	switch op {
	case opPlus:
		r := a + b
		if (r^a)&(r^b) < 0 {
			return integerOf(new(big.Int).Add(big.NewInt(a), big.NewInt(b)))
		}
		return r
	case opMinus:
		r := a - b
		if (a^b)&(r^a) < 0 {
			return integerOf(new(big.Int).Sub(big.NewInt(a), big.NewInt(b)))
		}
		return r
	case opMultiply:
		r := a * b
		if b != 0 && r/b != a {
			return integerOf(new(big.Int).Mul(big.NewInt(a), big.NewInt(b)))
		}
		return r
	case opDivide:
		return a / b
	}
	return a % b
}

// maxDigits bounds numbers that templates multiply, which no limit on output would.
const maxDigits = 100_000

func calculateBig(op operator, a, b *big.Int) (Value, error) {
	r := new(big.Int)
	switch op {
	case opPlus:
		r.Add(a, b)
	case opMinus:
		r.Sub(a, b)
	case opMultiply:
		if float64(a.BitLen()+b.BitLen()) > maxDigits*math.Log2(10) {
			return nil, fmt.Errorf("multiplying: more than %d digits: %w", maxDigits, ErrLimit)
		}
		r.Mul(a, b)
	case opDivide:
		r.Quo(a, b)
	default:
		if b.Sign() < 0 {
			return nil, fmt.Errorf("java.lang.ArithmeticException: BigInteger: modulus not positive")
		}
		r.Mod(a, b)
	}
	return integerOf(r), nil
}

func calculateDouble(op operator, a, b float64) Value {
	switch op {
	case opPlus:
		return a + b
	case opMinus:
		return a - b
	case opMultiply:
		return a * b
	case opDivide:
		return a / b
	}
	return math.Mod(a, b)
}

// compareNumbers is negative, zero or positive. NaN equals everything, as in Velocity.
func compareNumbers(a, b Value) (int, error) {
	m, ok1 := a.(int64)
	n, ok2 := b.(int64)
	switch {
	case ok1 && ok2:
		return cmp.Compare(m, n), nil
	case isPrimitive(a) && isPrimitive(b):
		f, g := toFloat(a), toFloat(b)
		if f != f || g != g {
			return 0, nil
		}
		return cmp.Compare(f, g), nil
	}
	r, ok1 := exact(a)
	s, ok2 := exact(b)
	if !ok1 || !ok2 {
		return 0, fmt.Errorf("comparing %s and %s of this size is not emulated", className(a), className(b))
	}
	return r.Cmp(s), nil
}

// sameScalar is Java's equals for what is no collection.
func sameScalar(a, b Value) bool {
	switch a := a.(type) {
	case *big.Int:
		b, ok := b.(*big.Int)
		return ok && a.Cmp(b) == 0
	case *Decimal:
		b, ok := b.(*Decimal)
		return ok && a.scale == b.scale && a.unscaled.Cmp(b.unscaled) == 0
	case nil, bool, int64, float64, char, *mapView, *foreachScope, *definedBlock:
		return a == b
	}
	return String(a) == String(b)
}

// callNumber is the methods of java.lang.Integer, Long and Double. Velocity calls static ones on an object, too, which is how templates read
// numbers: #set($integer = 0)$integer.parseInt("12").
func callNumber(v Value, name string, args []Value) (Value, error) {
	switch {
	case len(args) == 0:
		switch name {
		case "intValue":
			return int64(toInt32(v)), nil
		case "longValue":
			return toInt64(v), nil
		case "doubleValue":
			return toFloat(v), nil
		}
	case len(args) == 1 && name == "compareTo" && className(v) == className(args[0]):
		n, err := compareNumbers(v, args[0])
		return int64(n), err
	case len(args) == 1:
		s, ok := args[0].(string)
		switch class := className(v); {
		case !ok:
		case class == "java.lang.Integer" && (name == "parseInt" || name == "valueOf"):
			return parseJavaInt(s, 32)
		case class == "java.lang.Long" && (name == "parseLong" || name == "valueOf"):
			return parseJavaInt(s, 64)
		case class == "java.lang.Double" && (name == "parseDouble" || name == "valueOf"):
			f, err := strconv.ParseFloat(strings.Trim(s, " \t\r\n"), 64)
			if err != nil && !math.IsInf(f, 0) || strings.ContainsAny(s, "_xXpPiInN") {
				return nil, numberFormat(s)
			}
			return f, nil
		}
	}
	return nil, ErrNoMethod
}

func parseJavaInt(s string, bits int) (Value, error) {
	n, err := strconv.ParseInt(s, 10, bits)
	if err != nil {
		return nil, numberFormat(s)
	}
	return n, nil
}

func numberFormat(s string) error {
	return fmt.Errorf("java.lang.NumberFormatException: For input string: %.80q", s)
}
