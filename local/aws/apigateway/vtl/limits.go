package vtl

// Limits bound one execution. A zero field means its default.
type Limits struct {
	// Iterations is how many iterations one #foreach may have; 1,000 by default. After that the loop ends and the template continues,
	// as with Velocity's directive.foreach.maxloops (assumed for API Gateway, which documents the number but not what happens).
	Iterations int
	// OnIterations, if not nil, is called for each #foreach that Iterations ended. Its error names the place and wraps ErrLimit.
	OnIterations func(error)
	// OutputBytes is the longest output, in bytes, and the longest string that the template may build; 10 MiB by default.
	OutputBytes int
	// Work bounds one execution: about one unit for each reference, operator and directive, for each 16 bytes that a method reads or
	// writes, and for each 200 ns in a regular expression. 10,000,000 by default: about a second.
	Work int

	// stock leaves out what API Gateway is known to do differently from Velocity 1.7, for comparing the two.
	stock bool
}

// Defaults of Limits. That of the iterations is API Gateway's: documented (apigw/limits.md).
const (
	DefaultIterations  = 1000
	DefaultOutputBytes = 10 << 20
	DefaultWork        = 10_000_000
)

func (l Limits) withDefaults() Limits {
	l.Iterations = orDefault(l.Iterations, DefaultIterations)
	l.OutputBytes = orDefault(l.OutputBytes, DefaultOutputBytes)
	l.Work = orDefault(l.Work, DefaultWork)
	return l
}

func orDefault(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}
