// Package command is the command line of the local target: which commands and flags there are, and what is wrong with
// a command line that has others.
//
// It knows nothing of what the commands do, so that the launcher can refuse a mistyped line within milliseconds,
// before anything is built.
package command

import "time"

// Name is how the local target is called; it is what messages tell people to type.
const Name = "go run -C local ."

// What the launcher tells the local target in environment variables.
const (
	// StartedEnv is when the launcher started, in nanoseconds since 1970.
	StartedEnv = "INGEST_PIPELINE_STARTED"
	// ParentEnv is the process id of the go run that the local target belongs to. If that one is killed, which reaches
	// nobody else, the local target must not stay behind.
	ParentEnv = "INGEST_PIPELINE_PARENT"
)

// Line is a parsed command line: Command names the command, and the field of that name holds its flags.
type Line struct {
	// Command is "demo", "up", "serve", "destroy", "send", "cost" or "test".
	Command string `kong:"-"`

	Demo    Demo    `cmd:"" help:"Deploy to a throw-away local target, send one event, show it arrive in S3, destroy."`
	Up      Up      `cmd:"" help:"Deploy and keep serving until Ctrl-C."`
	Serve   Serve   `cmd:"" help:"Serve as the aws provider of a Pulumi CLI of your own until Ctrl-C."`
	Destroy Destroy `cmd:"" help:"Tear down what up deployed, data included unless the stack retains it."`
	Send    Send    `cmd:"" help:"Send events to an endpoint and say what became of each."`
	Cost    Cost    `cmd:"" help:"Say what a stack costs before it is deployed."`
	Test    Test    `cmd:"" help:"Run the tests of both modules."`
}

// Listen says where the local target answers.
type Listen struct {
	// Port of the endpoint: 1 to 65535; 0 is the one used last time on the state folder, else any that is free.
	Port int `placeholder:"PORT" help:"Port of the endpoint on 127.0.0.1. Default: the one used last time on this state folder, else a free one."`
	// S3Port is the same for the S3 API.
	S3Port int `name:"s3-port" placeholder:"PORT" help:"Port of the S3 API on 127.0.0.1. Default: as for --port."`
}

// Demo deploys to a throw-away state folder, sends one event, shows where it goes, and destroys.
type Demo struct {
	Stack string `default:"dev" placeholder:"NAME" help:"Deploy with the settings of Pulumi.NAME.yaml (default dev)."`
	// BufferInterval bounds Firehose's buffering interval. 0 leaves it as the program declares it.
	BufferInterval time.Duration `default:"1s" placeholder:"DURATION" help:"Firehose waits at most this long (default 1s); 0s waits as long as the program declares."`
	Listen
	Verbose bool `short:"v" help:"Show every call of the Pulumi CLI and the stack trace of a program that panics."`
}

// Up deploys to a state folder and serves until Ctrl-C.
type Up struct {
	Stack string `default:"dev" placeholder:"NAME" help:"Deploy with the settings of Pulumi.NAME.yaml (default dev)."`
	// State is as typed; a relative path starts at the project's folder.
	State string `placeholder:"DIR" help:"State folder (default .local/NAME). A relative path starts at the project's folder."`
	// BufferInterval bounds Firehose's buffering interval. 0 leaves it as the program declares it.
	BufferInterval time.Duration `placeholder:"DURATION" help:"Firehose waits at most this long (default: as the program declares)."`
	Listen
	Verbose bool `short:"v" help:"Show every call of the Pulumi CLI and the stack trace of a program that panics."`
}

// Serve is the aws provider, and what it makes, for a Pulumi CLI in another process.
type Serve struct {
	Stack string `default:"dev" placeholder:"NAME" help:"Be in the region of Pulumi.NAME.yaml (default dev)."`
	// State is as typed; a relative path starts at the project's folder.
	State string `placeholder:"DIR" help:"State folder (default .local/serve). A relative path starts at the project's folder."`
	// BufferInterval bounds Firehose's buffering interval. 0 leaves it as the program declares it.
	BufferInterval time.Duration `placeholder:"DURATION" help:"Firehose waits at most this long (default: as the program declares)."`
	Listen
}

// Destroy tears down what up deployed.
type Destroy struct {
	Stack string `default:"dev" placeholder:"NAME" help:"Stack to tear down (default dev)."`
	// State is as typed; a relative path starts at the project's folder.
	State   string `placeholder:"DIR" help:"State folder (default .local/NAME). A relative path starts at the project's folder."`
	Verbose bool   `short:"v" help:"Show every call of the Pulumi CLI."`
}

// Test runs the tests of both modules.
type Test struct {
	// Args are handed to go test as they are.
	Args []string `arg:"" optional:"" help:"Arguments for go test, after --."`
}
