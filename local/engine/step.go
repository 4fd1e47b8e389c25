package engine

import (
	"strings"
	"time"
)

// State is how far a step is.
type State int

const (
	// Begun: the engine has begun with it.
	Begun State = iota
	// Done: it is done, or in a preview, planned.
	Done
	// Failed: it did not succeed; a Message says why.
	Failed
)

// Step is what the engine does to one resource.
type Step struct {
	URN    string
	Type   string
	Parent string
	// Op is the engine's word for it: "create", "update", "delete", "same", "replace", "create-replacement",
	// "delete-replaced", "read", "refresh", "discard", …
	Op    string
	State State
	// ID is the provider's id of the resource; empty while it is not known.
	ID string
	// Component says that it groups other resources, and that no provider knows of it.
	Component bool
	// Protected resources are not deleted, and Retained ones are only forgotten.
	Protected, Retained bool
	// Diffs are the properties that differ, in an update or a replacement.
	Diffs []Diff
	// Inputs are what the program declares; secrets in it are objects with a signature.
	Inputs map[string]any
	// Outputs are the resource's, when it is done.
	Outputs map[string]any
	// Took is how long it took. 0 until it is done.
	Took time.Duration
}

// Name is the resource's logical name.
func (s Step) Name() string { return s.URN[strings.LastIndex(s.URN, "::")+2:] }

// ShortType is the type without module paths: "aws:kinesis:Stream" for "aws:kinesis/stream:Stream".
func (s Step) ShortType() string {
	parts := strings.Split(s.Type, ":")
	if len(parts) != 3 {
		return s.Type
	}
	module, _, _ := strings.Cut(parts[1], "/")
	return parts[0] + ":" + module + ":" + parts[2]
}

// Changes says whether the resource does not stay as it is.
func (s Step) Changes() bool { return s.Op != "same" && s.Op != "read" && s.Op != "refresh" }

// Severity of a message.
type Severity string

// The engine's severities.
const (
	Info    Severity = "info"
	Warning Severity = "warning"
	Failure Severity = "error"
)

// Message is something that the engine, the program or a provider has to say.
type Message struct {
	// URN is the resource that it is about; empty if it is about none.
	URN      string
	Severity Severity
	// Text may have several lines.
	Text string
}

// Result is what an operation did.
type Result struct {
	// Changes counts resources by Op, the stack itself included.
	Changes map[string]int
	// Steps are all steps as they ended, in the order in which they ended.
	Steps []Step
	// Outputs are what the program exports, after Up and Preview. In a preview, secrets are missing, and what is
	// not known yet is Unknown.
	Outputs map[string]any
	// Secret are the names of the outputs that are secrets, after Up.
	Secret map[string]bool
	// Took is how long the operation took.
	Took time.Duration
}

// Unchanged says that every resource stayed as it was.
func (r Result) Unchanged() bool {
	for op := range r.Changes {
		if (Step{Op: op}).Changes() {
			return false
		}
	}
	return true
}
