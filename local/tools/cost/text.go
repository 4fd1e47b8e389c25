package cost

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// grouped writes a whole number of at least 0 the way people read it: 1,234,567.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return grouped(int64(n)) + " " + what
}

// number writes a quantity with as many digits as are of use.
func number(x float64) string {
	switch {
	case x == math.Trunc(x) && x < 1e15, x >= 1000:
		return grouped(int64(math.Round(x)))
	case x >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	default:
		return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(x, 'f', 3, 64), "0"), ".")
	}
}

// usd writes an amount, with so many decimals.
func usd(x float64, decimals int) string {
	smallest := math.Pow10(-decimals)
	if x > 0 && x < smallest/2 {
		return fmt.Sprintf("<$%.*f", decimals, smallest)
	}
	// Rounded first, so that 999.999 becomes 1,000.00.
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(x, 'f', decimals, 64), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err == nil {
		whole = grouped(n)
	}
	return "$" + whole + "." + fraction
}
