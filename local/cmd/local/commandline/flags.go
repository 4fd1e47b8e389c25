// Package commandline is the command line of the local target: its commands and their flags, and how errors are reported.
//
// It does not import what the commands do, so that the launcher can refuse a mistyped command line within milliseconds,
// before anything is built.
package commandline

import (
	"time"

	"github.com/alecthomas/kong"
)

// Name is the command that starts the local target, for messages. The binaries of a release have another one: see
// .ci/release.
var Name = "go run -C local ."

// Environment variables that the launcher sets for the local target.
const (
	// StartedEnv is when the launcher started, in nanoseconds since 1970.
	StartedEnv = "INGEST_PIPELINE_STARTED"
	// ParentEnv is the process id of the `go run` that started the launcher. When it has been killed, which is not
	// passed on to its children, the local target stops.
	ParentEnv = "INGEST_PIPELINE_PARENT"
)

// Line is a parsed command line: Command names the command, and the field of that name holds its flags.
type Line struct {
	// Command is "demo", "up", "serve", "destroy", "env", "send", "replay", "tail", "cost" or "test".
	Command string `kong:"-"`

	Version kong.VersionFlag `help:"Print the version."`

	Demo    Demo    `cmd:"" help:"Deploy to a temporary local target, send one event, show how it reaches S3, and destroy."`
	Up      Up      `cmd:"" help:"Deploy and keep serving until Ctrl-C."`
	Serve   Serve   `cmd:"" help:"Serve as the aws provider of your own Pulumi CLI until Ctrl-C."`
	Destroy Destroy `cmd:"" help:"Delete what up deployed, including the data unless the stack retains it."`
	Env     Env     `cmd:"" help:"Print what makes AWS clients (CLI, SDKs) talk to the local target."`
	Send    Send    `cmd:"" help:"Send events to an endpoint and account for each of them."`
	Replay  Replay  `cmd:"" help:"Send events again that Firehose could not process, each of them once."`
	Tail    Tail    `cmd:"" help:"Show events as they arrive in the stream until Ctrl-C."`
	Cost    Cost    `cmd:"" help:"Estimate what a stack costs."`
	Test    Test    `cmd:"" help:"Run the tests of all modules."`
}

// Listen has the ports of the endpoints.
type Listen struct {
	// Port is 1 to 65535; 0 is the port that the endpoint had last time with the state folder, or any free one.
	Port int `placeholder:"PORT" help:"Port of the endpoint on 127.0.0.1. Default: the one it had last time with this state folder, or any free one."`
	// AWSPort is the same for the endpoint for AWS's clients.
	AWSPort int `name:"aws-port" placeholder:"PORT" help:"Port of the endpoint for AWS clients (CLI, SDKs) on 127.0.0.1. Default: as for --port."`
}

// Demo are the flags of demo.
type Demo struct {
	Stack string `default:"dev" placeholder:"NAME" help:"Deploy with the settings of Pulumi.NAME.yaml (default dev)."`
	// BufferInterval bounds Firehose's buffering interval. 0 leaves it as the program declares it.
	BufferInterval time.Duration `default:"1s" placeholder:"DURATION" help:"Bound Firehose's buffering interval (default 1s); 0s keeps the one that the program declares."`
	Listen
	Verbose bool `short:"v" help:"Show every call of the Pulumi CLI and the stack trace of a program that panics."`
}

// Up are the flags of up.
type Up struct {
	Stack string `default:"dev" placeholder:"NAME" help:"Deploy with the settings of Pulumi.NAME.yaml (default dev)."`
	// State is as typed; a relative path starts at the project's folder.
	State string `placeholder:"DIR" help:"State folder (default .local/NAME). A relative path starts at the project's folder."`
	// BufferInterval bounds Firehose's buffering interval. 0 leaves it as the program declares it.
	BufferInterval time.Duration `placeholder:"DURATION" help:"Bound Firehose's buffering interval (default: as the program declares)."`
	// Watch deploys again when a template, a setting or a Go file of the program changes.
	Watch bool `help:"Deploy again when a template, a setting or a Go file of the program changes, while the endpoint serves."`
	Listen
	Verbose bool `short:"v" help:"Show every call of the Pulumi CLI and the stack trace of a program that panics."`
}

// Serve are the flags of serve.
type Serve struct {
	Stack string `default:"dev" placeholder:"NAME" help:"Use the region in Pulumi.NAME.yaml (default dev)."`
	// State is as typed; a relative path starts at the project's folder.
	State string `placeholder:"DIR" help:"State folder (default .local/serve). A relative path starts at the project's folder."`
	// BufferInterval bounds Firehose's buffering interval. 0 leaves it as the program declares it.
	BufferInterval time.Duration `placeholder:"DURATION" help:"Bound Firehose's buffering interval (default: as the program declares)."`
	Listen
}

// Destroy are the flags of destroy.
type Destroy struct {
	Stack string `default:"dev" placeholder:"NAME" help:"Stack to destroy (default dev)."`
	// State is as typed; a relative path starts at the project's folder.
	State   string `placeholder:"DIR" help:"State folder (default .local/NAME). A relative path starts at the project's folder."`
	Verbose bool   `short:"v" help:"Show every call of the Pulumi CLI."`
}

// Test are the arguments of test.
type Test struct {
	// Args are passed to go test.
	Args []string `arg:"" optional:"" help:"Arguments for go test, after --."`
}
