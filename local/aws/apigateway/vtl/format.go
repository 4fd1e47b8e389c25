package vtl

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// formatSpec is one %… of String.format.
type formatSpec struct {
	flags     string
	width     int // -1: none
	precision int // -1: none
	verb      byte
	index     int // of %1$s, from 1; 0: the next value; -1: %<s, the same again
}

// format is String.format in the root locale: %s %S %d %x %X %o %f %e %E %g %c %b %h %n %%, with flags, width, precision and index.
// Dates (%t) are left out.
func (x *exec) format(f string, values []Value) (string, error) {
	var b strings.Builder
	next, last := 0, -1
	for {
		i := strings.IndexByte(f, '%')
		if i < 0 {
			b.WriteString(f)
			break
		}
		b.WriteString(f[:i])
		spec, n, err := parseSpec(f[i+1:])
		if err != nil {
			return "", err
		}
		f = f[i+1+n:]
		s, ok := spec.constant()
		if !ok {
			switch {
			case spec.index == 0:
				last = next
				next++
			case spec.index > 0:
				last = spec.index - 1
			}
			if last < 0 || last >= len(values) {
				return "", fmt.Errorf("java.util.MissingFormatArgumentException: Format specifier '%%%c'", spec.verb)
			}
			if s, err = x.formatValue(spec, values[last]); err != nil {
				return "", err
			}
		}
		if b.Len()+len(s)+len(f) > x.limits.OutputBytes {
			return "", errTooLong
		}
		b.WriteString(s)
	}
	return b.String(), x.charge(b.Len())
}

func unknownFormat(s string) error {
	return fmt.Errorf("java.util.UnknownFormatConversionException: Conversion = %q", cut(s, 20))
}

// parseSpec reads what follows a %.
func parseSpec(s string) (spec formatSpec, n int, err error) {
	spec.width, spec.precision = -1, -1
	number := func() int {
		d := digits(s[n:])
		v, e := strconv.Atoi(s[n : n+d])
		if e != nil || v > math.MaxInt32 {
			v = math.MaxInt32
		}
		n += d
		return v
	}
	if d := digits(s); d > 0 && d < len(s) && s[d] == '$' {
		spec.index = number()
		n++
	} else if strings.HasPrefix(s, "<") {
		spec.index = -1
		n++
	}
	start := n
	for n < len(s) && strings.IndexByte("-#+ 0,(", s[n]) >= 0 {
		n++
	}
	spec.flags = s[start:n]
	if digits(s[n:]) > 0 {
		spec.width = number()
	}
	if n+1 < len(s) && s[n] == '.' && isDigit(s[n+1]) {
		n++
		spec.precision = number()
	}
	if n >= len(s) || strings.IndexByte("sSdxXofeEgGcCbBhHn%", s[n]) < 0 {
		return spec, n, unknownFormat(s)
	}
	spec.verb = s[n]
	return spec, n + 1, nil
}

func (f formatSpec) has(flag string) bool { return strings.Contains(f.flags, flag) }

// constant is %n and %%, which take no value.
func (f formatSpec) constant() (string, bool) {
	switch f.verb {
	case 'n':
		return "\n", true
	case '%':
		return f.padded("%"), true
	}
	return "", false
}

func (f formatSpec) padded(s string) string {
	pad := f.width - utf16Len(s)
	if pad <= 0 {
		return s
	}
	if f.has("-") {
		return s + strings.Repeat(" ", pad)
	}
	return strings.Repeat(" ", pad) + s
}

func (x *exec) formatValue(f formatSpec, v Value) (string, error) {
	if f.width > x.limits.OutputBytes || f.precision > x.limits.OutputBytes {
		return "", errTooLong
	}
	if err := x.charge(max(f.width, 0) + max(f.precision, 0)); err != nil {
		return "", err
	}
	s, err := f.text(x, v)
	if err != nil {
		return "", err
	}
	if strings.IndexByte("SXEGCBH", f.verb) >= 0 {
		s = upper(s)
	}
	return f.padded(s), nil
}

func (f formatSpec) text(x *exec, v Value) (string, error) {
	switch f.verb {
	case 's', 'S', 'b', 'B', 'h', 'H':
		s, err := f.general(x, v)
		if u := units(s); err == nil && f.precision >= 0 && u.len() > f.precision {
			s = u.slice(0, f.precision)
		}
		return s, err
	}
	if v == nil {
		return "null", nil
	}
	switch f.verb {
	case 'c', 'C':
		switch v := v.(type) {
		case char:
			return v.String(), nil
		case int64:
			return codePoint(int32(v)), nil
		}
	case 'd':
		if isInteger(v) {
			return f.signed(toBig(v).String()), nil
		}
	case 'x', 'X', 'o':
		if isInteger(v) {
			return f.unsigned(v), nil
		}
	default:
		if _, ok := v.(float64); ok {
			return f.float(v), nil
		}
		if _, ok := v.(*Decimal); ok {
			return f.float(v), nil
		}
	}
	return "", fmt.Errorf("java.util.IllegalFormatConversionException: %c != %s", f.verb, className(v))
}

func (f formatSpec) general(x *exec, v Value) (string, error) {
	switch f.verb {
	case 'b', 'B':
		b, isBool := v.(bool)
		return strconv.FormatBool(v != nil && (!isBool || b)), nil
	case 'h', 'H':
		if v == nil {
			return "null", nil
		}
		h, err := x.hash(v)
		return strconv.FormatUint(uint64(uint32(h)), 16), err
	}
	return x.str(v)
}

// signed puts sign, groups and zeros to a number.
func (f formatSpec) signed(s string) string {
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	if f.has(",") {
		s = grouped(s)
	}
	before, after := "", ""
	switch {
	case negative && f.has("("):
		before, after = "(", ")"
	case negative:
		before = "-"
	case f.has("+"):
		before = "+"
	case f.has(" "):
		before = " "
	}
	if pad := f.width - len(before) - len(s) - len(after); f.has("0") && pad > 0 {
		s = strings.Repeat("0", pad) + s
	}
	return before + s + after
}

func grouped(s string) string {
	whole, fraction, point := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if point {
		return whole + "." + fraction
	}
	return whole
}

func (f formatSpec) unsigned(v Value) string {
	radix, prefix := 16, "0x"
	if f.verb == 'o' {
		radix, prefix = 8, "0"
	}
	var s string
	switch v := v.(type) {
	case *big.Int:
		s = v.Text(radix)
	case int64:
		if n, ok := asInt32(v); ok {
			s = strconv.FormatUint(uint64(uint32(n)), radix)
		} else {
			s = strconv.FormatUint(uint64(v), radix)
		}
	}
	if f.has("#") {
		s = prefix + s
	}
	if pad := f.width - len(s); f.has("0") && pad > 0 {
		s = strings.Repeat("0", pad) + s
	}
	return s
}

// float is %f, %e and %g. Java rounds halves up, of the shortest decimal digits that tell the number.
func (f formatSpec) float(v Value) string {
	if d, ok := v.(float64); ok && (math.IsNaN(d) || math.IsInf(d, 0)) {
		return doubleText(d)
	}
	d, ok := v.(*Decimal)
	if !ok {
		d, _ = ParseDecimal(strconv.FormatFloat(v.(float64), 'e', -1, 64))
	}
	precision := f.precision
	if precision < 0 {
		precision = 6
	}
	switch f.verb {
	case 'e', 'E':
		return f.signed(scientific(d, precision))
	case 'g', 'G':
		return f.signed(generalFloat(d, max(precision, 1)))
	}
	return f.signed(fixed(d, precision))
}

// fixed writes a number with so many digits after the point, rounding halves up.
func fixed(d *Decimal, precision int) string {
	u := roundedAt(d, precision)
	s := new(big.Int).Abs(u).String()
	if pad := precision - len(s) + 1; pad > 0 {
		s = strings.Repeat("0", pad) + s
	}
	if precision > 0 {
		s = s[:len(s)-precision] + "." + s[len(s)-precision:]
	}
	if d.unscaled.Sign() < 0 {
		s = "-" + s
	}
	return s
}

// roundedAt is the number times 10^precision, halves rounded away from zero.
func roundedAt(d *Decimal, precision int) *big.Int {
	n := int64(d.scale) - int64(precision)
	if n <= 0 {
		return new(big.Int).Mul(d.unscaled, pow10(min(-n, maxDigits)))
	}
	if n > int64(d.unscaled.BitLen())+1 {
		return new(big.Int)
	}
	unit := pow10(n)
	q, r := new(big.Int).QuoRem(d.unscaled, unit, new(big.Int))
	if r.Mul(r, big.NewInt(2)).CmpAbs(unit) >= 0 {
		q.Add(q, big.NewInt(int64(d.unscaled.Sign())))
	}
	return q
}

func scientific(d *Decimal, precision int) string {
	if d.unscaled.Sign() == 0 {
		return fixed(d, precision) + "e+00"
	}
	exp := int64(len(new(big.Int).Abs(d.unscaled).String())) - 1 - int64(d.scale)
	mantissa := &Decimal{d.unscaled, int32(int64(d.scale) + exp)}
	s := fixed(mantissa, precision)
	if strings.HasPrefix(strings.TrimPrefix(s, "-"), "10") { // rounded up
		exp++
		s = fixed(&Decimal{d.unscaled, mantissa.scale + 1}, precision)
	}
	return fmt.Sprintf("%se%+03d", s, exp)
}

// generalFloat is %g: fixed for numbers from 0.0001 up to 10^precision, which is the number of digits in all.
func generalFloat(d *Decimal, precision int) string {
	if d.unscaled.Sign() == 0 {
		return fixed(d, precision-1)
	}
	exp := len(new(big.Int).Abs(d.unscaled).String()) - 1 - int(d.scale)
	if exp < -4 || exp >= precision {
		return scientific(d, precision-1)
	}
	return fixed(d, precision-1-exp)
}
