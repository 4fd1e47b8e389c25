package vtl

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is a java.math.BigDecimal: an exact decimal number, unscaled · 10^-scale.
type Decimal struct {
	unscaled *big.Int
	scale    int32
}

// ParseDecimal reads a decimal number as JSON spells it, with up to 100,000 digits and an exponent of up to nine digits.
func ParseDecimal(s string) (*Decimal, error) {
	mantissa, exp := s, "0"
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, exp = s[:i], s[i+1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if len(mantissa) > maxDigits {
		return nil, fmt.Errorf("reading number: more than %d digits: %w", maxDigits, ErrLimit)
	}
	u, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok || strings.ContainsAny(mantissa, "_") {
		return nil, fmt.Errorf("reading number: %q is not a decimal number", cut(s, 40))
	}
	e, err := strconv.Atoi(exp)
	if err != nil || e > 999_999_999 || e < -999_999_999 {
		return nil, fmt.Errorf("reading number: exponent of %q is not a number of up to nine digits", cut(s, 40))
	}
	return &Decimal{u, int32(len(fraction) - e)}, nil
}

// toDecimal is a number as a BigDecimal; nil for infinite ones and NaN. Doubles give all the digits of their binary value.
func toDecimal(v Value) *Decimal {
	switch v := v.(type) {
	case *Decimal:
		return v
	case *big.Int:
		return &Decimal{v, 0}
	case int64:
		return exactDouble(float64(v)) // as Velocity does
	case float64:
		return exactDouble(v)
	}
	return nil
}

func exactDouble(f float64) *Decimal {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return nil
	}
	s := new(big.Float).SetFloat64(f).Text('f', 1100)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "" || s == "-" {
		s = "0"
	}
	d, _ := ParseDecimal(s)
	return d
}

// String is what BigDecimal.toString gives: 1.50, 1E+3, 1.5E-10.
func (d *Decimal) String() string {
	digits := new(big.Int).Abs(d.unscaled).String()
	sign := ""
	if d.unscaled.Sign() < 0 {
		sign = "-"
	}
	adjusted := int64(len(digits)) - 1 - int64(d.scale)
	switch {
	case d.scale == 0:
		return sign + digits
	case d.scale > 0 && adjusted >= -6:
		if pad := int(d.scale) - len(digits) + 1; pad > 0 {
			digits = strings.Repeat("0", pad) + digits
		}
		point := len(digits) - int(d.scale)
		return sign + digits[:point] + "." + digits[point:]
	}
	if len(digits) > 1 {
		digits = digits[:1] + "." + digits[1:]
	}
	if adjusted == 0 {
		return sign + digits
	}
	return fmt.Sprintf("%s%sE%+d", sign, digits, adjusted)
}

func (d *Decimal) float() float64 {
	f, err := strconv.ParseFloat(d.String(), 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0
	}
	return f
}

// integer is the part before the point. Numbers too large to hold as one give 0, as their lowest 64 bits are.
func (d *Decimal) integer() *big.Int {
	n := int64(d.scale)
	switch {
	case n == 0:
		return d.unscaled
	case n < -maxDigits:
		return new(big.Int)
	case n < 0:
		return new(big.Int).Mul(d.unscaled, pow10(-n))
	case n > int64(d.unscaled.BitLen()):
		return new(big.Int)
	}
	return new(big.Int).Quo(d.unscaled, pow10(n))
}

func pow10(n int64) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil) }

// aligned are the unscaled values of two numbers at the larger of their scales.
func aligned(a, b *Decimal) (x, y *big.Int, scale int32, err error) {
	x, y, scale = a.unscaled, b.unscaled, max(a.scale, b.scale)
	up := func(d *Decimal) (*big.Int, error) {
		n := int64(scale) - int64(d.scale)
		if n > maxDigits {
			return nil, fmt.Errorf("calculating with decimals: more than %d digits: %w", maxDigits, ErrLimit)
		}
		return new(big.Int).Mul(d.unscaled, pow10(n)), nil
	}
	if a.scale < scale {
		x, err = up(a)
	} else if b.scale < scale {
		y, err = up(b)
	}
	return x, y, scale, err
}

func (d *Decimal) add(o *Decimal, subtract bool) (Value, error) {
	x, y, scale, err := aligned(d, o)
	if err != nil {
		return nil, err
	}
	if subtract {
		return &Decimal{new(big.Int).Sub(x, y), scale}, nil
	}
	return &Decimal{new(big.Int).Add(x, y), scale}, nil
}

func (d *Decimal) multiply(o *Decimal) (Value, error) {
	u, err := calculateBig(kMultiply, d.unscaled, o.unscaled)
	if err != nil {
		return nil, err
	}
	scale := int64(d.scale) + int64(o.scale)
	if scale != int64(int32(scale)) {
		return nil, fmt.Errorf("java.lang.ArithmeticException: Overflow")
	}
	return &Decimal{toBig(u), int32(scale)}, nil
}

// divide keeps the scale of d and rounds halves down, as Velocity does.
func (d *Decimal) divide(o *Decimal) (Value, error) {
	num, den := d.unscaled, o.unscaled
	n := int64(o.scale) // d/o at d's scale is d.unscaled · 10^o.scale / o.unscaled
	if n > maxDigits || n < -maxDigits {
		return nil, fmt.Errorf("calculating with decimals: more than %d digits: %w", maxDigits, ErrLimit)
	}
	if n >= 0 {
		num = new(big.Int).Mul(num, pow10(n))
	} else {
		den = new(big.Int).Mul(den, pow10(-n))
	}
	q, r := new(big.Int).QuoRem(num, den, new(big.Int))
	twice := new(big.Int).Mul(new(big.Int).Abs(r), big.NewInt(2))
	if twice.CmpAbs(den) > 0 {
		q.Add(q, big.NewInt(int64(num.Sign()*den.Sign())))
	}
	return &Decimal{q, d.scale}, nil
}

func (d *Decimal) compare(o *Decimal) (int, error) {
	if a, b := d.unscaled.Sign(), o.unscaled.Sign(); a != b {
		return compareOrdered(a < b, a > b), nil
	} else if a == 0 {
		return 0, nil
	}
	// of very different sizes: no need to write one out at the scale of the other
	if a, b := d.magnitude(), o.magnitude(); a+1 < b || b+1 < a {
		return compareOrdered(a < b, a > b) * d.unscaled.Sign(), nil
	}
	x, y, _, err := aligned(d, o)
	if err != nil {
		return 0, err
	}
	return x.Cmp(y), nil
}

// magnitude is the power of ten of the first digit, give or take one.
func (d *Decimal) magnitude() int64 {
	return int64(float64(d.unscaled.BitLen())*math.Log10(2)) - int64(d.scale)
}
