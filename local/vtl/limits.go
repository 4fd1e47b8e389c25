package vtl

// Undefined says what becomes of a reference that has no value.
type Undefined int

const (
	// UndefinedEmpty renders nothing, as API Gateway does (recorded).
	UndefinedEmpty Undefined = iota
	// UndefinedLiteral renders the reference as it stands in the template, as stock Velocity does; $!quiet references render nothing.
	UndefinedLiteral
)

// Limits bound one parse or execution. A zero field means its default.
type Limits struct {
	// Undefined is what becomes of references without a value; UndefinedEmpty by default.
	Undefined Undefined
	// TemplateBytes is the longest template, in bytes; 300 KB by default. Checked by ParseWithin and by Execute.
	TemplateBytes int
	// Iterations is how often one #foreach may go round; 1,000 by default.
	// The iteration after the last ends the execution with an error.
	Iterations int
	// OutputBytes is the longest output, in bytes, and the longest string that the template may build; 10 MiB by default.
	OutputBytes int
	// Work is how much one execution may do: about one unit per reference, operator and directive, and one per 16 bytes
	// that a method reads or writes; 10,000,000 by default, which is well under ten seconds.
	Work int
}

// Defaults of Limits. The first two are API Gateway's: documented (apigw/limits.md).
const (
	DefaultTemplateBytes = 300 * 1024
	DefaultIterations    = 1000
	DefaultOutputBytes   = 10 << 20
	DefaultWork          = 10_000_000
)
