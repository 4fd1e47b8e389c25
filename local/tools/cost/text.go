package cost

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
)

func plural(n int, what string) string {
	return humanize.Comma(int64(n)) + " " + english.PluralWord(n, what, "")
}

// number formats a quantity with a useful number of digits.
func number(x float64) string {
	switch {
	case x == math.Trunc(x) && x < 1e15, x >= 1000:
		return humanize.Comma(int64(math.Round(x)))
	case x >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	default:
		return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(x, 'f', 3, 64), "0"), ".")
	}
}

// usd formats an amount with a number of decimals.
func usd(x float64, decimals int) string {
	smallest := math.Pow10(-decimals)
	if x > 0 && x < smallest/2 {
		return fmt.Sprintf("<$%.*f", decimals, smallest)
	}
	// Rounded first, so that 999.999 becomes 1,000.00.
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(x, 'f', decimals, 64), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err == nil {
		whole = humanize.Comma(n)
	}
	return "$" + whole + "." + fraction
}
