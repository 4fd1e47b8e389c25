package vtl

// Decimal is a java.math.BigDecimal: an exact decimal number.
type Decimal struct {
	digits string
}

// ParseDecimal reads a decimal number as JSON spells it.
func ParseDecimal(s string) (*Decimal, error) { return &Decimal{s}, nil }

// String is what BigDecimal.toString gives.
func (d *Decimal) String() string { return d.digits }
