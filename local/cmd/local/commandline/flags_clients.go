package commandline

import (
	"fmt"
	"slices"
)

// Env are the flags of env.
type Env struct {
	Stack string `default:"dev" placeholder:"NAME" help:"Stack of the local target (default dev)."`
	// State is as typed; a relative path starts at the project's folder.
	State string `placeholder:"DIR" help:"State folder of the local target (default .local/NAME). A relative path starts at the project's folder."`
	Shell string `placeholder:"SHELL" help:"Shell that evaluates the output: posix, fish or powershell (default: powershell on Windows, else posix)."`
}

// check refuses a shell that env does not know.
func (e Env) check() []string {
	if !slices.Contains([]string{"", "posix", "fish", "powershell"}, e.Shell) {
		return []string{fmt.Sprintf("--shell=%s: must be posix, fish or powershell", e.Shell)}
	}
	return nil
}

// Tail are the flags of tail; nil is a flag that is not set.
type Tail struct {
	Stream string `arg:"" optional:"" help:"Name of a stream on AWS. Default: that of the local target with the stack --stack."`
	Stack  string `default:"dev" placeholder:"NAME" help:"Without a stream: the stack of the local target (default dev)."`
	// State is as typed; a relative path starts at the project's folder.
	State string `placeholder:"DIR" help:"State folder of the local target (default .local/NAME). A relative path starts at the project's folder."`

	Since  string `placeholder:"TIME" help:"Begin with what arrived then: a duration before now, such as 10m, or a time, such as 2026-11-27T22:00:00Z. Default: now."`
	Filter string `placeholder:"JSONPATH" help:"Show events in which a path, such as $.customer.id, finds something, or that meet a condition, such as \"@.value > 10\"."`
	Type   string `placeholder:"NAME" help:"Show events whose member type is NAME."`
	Raw    bool   `help:"Print only the records, as they are in the stream."`
	Count  *int64 `placeholder:"N" help:"End after N events."`

	Region  string `placeholder:"REGION" help:"Region of a stream on AWS. Default: the environment's."`
	Profile string `placeholder:"NAME" help:"Profile with the AWS credentials."`
}

// check refuses zero, which stands for a flag that is not set, and less.
func (t Tail) check() []string {
	if t.Count != nil && *t.Count <= 0 {
		return []string{fmt.Sprintf("--count=%d: must be more than 0", *t.Count)}
	}
	return nil
}
