package vtl

import (
	"fmt"
	"math"
	"math/big"
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

// normal is n as an int64 if it fits.
func normal(n *big.Int) Value {
	if n.IsInt64() {
		return n.Int64()
	}
	return n
}

// parseInteger reads the digits of an integer literal.
func parseInteger(s string) Value {
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return nil
	}
	return normal(n)
}

func toBig(v Value) *big.Int {
	switch v := v.(type) {
	case int64:
		return big.NewInt(v)
	case *big.Int:
		return v
	}
	return big.NewInt(toInt64(v))
}

// toFloat is Number.doubleValue.
func toFloat(v Value) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f
	case *Decimal:
		return v.float()
	}
	return 0
}

// toInt64 is Number.longValue: whole numbers lose their upper bits, others are cut off at the ends of the range.
func toInt64(v Value) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case *big.Int:
		return lowBits(v)
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
	case *Decimal:
		return lowBits(v.integer())
	}
	return 0
}

func lowBits(n *big.Int) int64 {
	u := new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64)) // of the two's complement
	return int64(u.Uint64())
}

// toInt32 is Number.intValue.
func toInt32(v Value) int32 {
	if f, ok := v.(float64); ok {
		switch {
		case math.IsNaN(f):
			return 0
		case f >= math.MaxInt32:
			return math.MaxInt32
		case f <= math.MinInt32:
			return math.MinInt32
		}
		return int32(f)
	}
	return int32(toInt64(v))
}

func isZero(v Value) bool {
	switch v := v.(type) {
	case int64:
		return v == 0
	case float64:
		return v == 0
	case *big.Int:
		return v.Sign() == 0
	case *Decimal:
		return v.unscaled.Sign() == 0
	}
	return false
}

// base is in which kind of number two numbers are worked out.
type base uint8

const (
	baseLong base = iota
	baseBigInteger
	baseDouble
	baseDecimal
)

func baseOf(a, b Value) base {
	_, bigA := a.(*big.Int)
	_, bigB := b.(*big.Int)
	_, decA := a.(*Decimal)
	_, decB := b.(*Decimal)
	integers := isInteger(a) && isInteger(b)
	switch {
	case decA || decB || !integers && (bigA || bigB):
		return baseDecimal
	case bigA || bigB:
		return baseBigInteger
	case integers:
		return baseLong
	}
	return baseDouble
}

// calculate works out a op b of two numbers; nil is Velocity's answer to a division by zero.
func calculate(op kind, a, b Value) (Value, error) {
	if (op == kDivide || op == kModulus) && isZero(b) {
		return nil, nil
	}
	switch baseOf(a, b) {
	case baseLong:
		return calculateLong(op, a.(int64), b.(int64)), nil
	case baseBigInteger:
		return calculateBig(op, toBig(a), toBig(b))
	case baseDouble:
		return calculateDouble(op, toFloat(a), toFloat(b)), nil
	}
	return calculateDecimal(op, a, b)
}

func calculateLong(op kind, a, b int64) Value {
	switch op {
	case kPlus:
		r := a + b
		if (r^a)&(r^b) < 0 {
			return normal(new(big.Int).Add(big.NewInt(a), big.NewInt(b)))
		}
		return r
	case kMinus:
		r := a - b
		if (a^b)&(r^a) < 0 {
			return normal(new(big.Int).Sub(big.NewInt(a), big.NewInt(b)))
		}
		return r
	case kMultiply:
		r := a * b
		if b != 0 && r/b != a {
			return normal(new(big.Int).Mul(big.NewInt(a), big.NewInt(b)))
		}
		return r
	case kDivide:
		return a / b
	}
	return a % b
}

// maxDigits bounds numbers that templates multiply, which no limit on output would.
const maxDigits = 100_000

func calculateBig(op kind, a, b *big.Int) (Value, error) {
	r := new(big.Int)
	switch op {
	case kPlus:
		r.Add(a, b)
	case kMinus:
		r.Sub(a, b)
	case kMultiply:
		if float64(a.BitLen()+b.BitLen()) > maxDigits*math.Log2(10) {
			return nil, fmt.Errorf("multiplying: more than %d digits: %w", maxDigits, ErrLimit)
		}
		r.Mul(a, b)
	case kDivide:
		r.Quo(a, b)
	default:
		if b.Sign() < 0 {
			return nil, fmt.Errorf("java.lang.ArithmeticException: BigInteger: modulus not positive")
		}
		r.Mod(a, b)
	}
	return normal(r), nil
}

func calculateDouble(op kind, a, b float64) Value {
	switch op {
	case kPlus:
		return a + b
	case kMinus:
		return a - b
	case kMultiply:
		return a * b
	case kDivide:
		return a / b
	}
	return math.Mod(a, b)
}

func calculateDecimal(op kind, a, b Value) (Value, error) {
	x, y := toDecimal(a), toDecimal(b)
	if x == nil || y == nil {
		return nil, fmt.Errorf("java.lang.NumberFormatException: Infinite or NaN")
	}
	switch op {
	case kPlus:
		return x.add(y, false)
	case kMinus:
		return x.add(y, true)
	case kMultiply:
		return x.multiply(y)
	case kDivide:
		return x.divide(y)
	}
	return nil, fmt.Errorf("java.lang.ArithmeticException: Cannot calculate the modulo of BigDecimals")
}

// compareNumbers is negative, zero or positive. NaN equals everything, as in Velocity.
func compareNumbers(a, b Value) (int, error) {
	switch baseOf(a, b) {
	case baseLong:
		x, y := a.(int64), b.(int64)
		return compareOrdered(x < y, x > y), nil
	case baseBigInteger:
		return toBig(a).Cmp(toBig(b)), nil
	case baseDouble:
		x, y := toFloat(a), toFloat(b)
		return compareOrdered(x < y, x > y), nil
	}
	x, y := toDecimal(a), toDecimal(b)
	if x == nil || y == nil {
		return 0, fmt.Errorf("java.lang.NumberFormatException: Infinite or NaN")
	}
	return x.compare(y)
}

func compareOrdered(less, greater bool) int {
	switch {
	case less:
		return -1
	case greater:
		return 1
	}
	return 0
}
