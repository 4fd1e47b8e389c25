package vtl

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is a java.math.BigDecimal, unscaled · 10^-scale: what ParseJSON makes of a number with more digits than a float64 has. Templates
// can write it and compare it, but not calculate with it.
type Decimal struct {
	unscaled *big.Int
	scale    int32
}

// parseDecimal reads a decimal number as JSON spells it, with up to 100,000 digits and an exponent of up to nine digits.
func parseDecimal(s string) (*Decimal, error) {
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

// maxComparedScale is up to which scale decimals are compared digit by digit.
const maxComparedScale = 1000

// exact is the value of a number; false for infinite ones, NaN and exponents that are too large to be written out.
func exact(v Value) (*big.Rat, bool) {
	switch v := v.(type) {
	case int64:
		return new(big.Rat).SetInt64(v), true
	case *big.Int:
		return new(big.Rat).SetInt(v), true
	case float64:
		r := new(big.Rat).SetFloat64(v)
		return r, r != nil
	case *Decimal:
		if v.scale > maxComparedScale || v.scale < -maxComparedScale {
			return nil, false
		}
		return new(big.Rat).SetString(v.String())
	}
	return nil, false
}
