package commandline

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"ingest-pipeline/local/engine/build"
)

// ErrHelp is returned by Parse when it has written the help or the version.
var ErrHelp = errors.New("the command line has --help or --version")

// UsageError is an invalid command line.
type UsageError struct {
	// Reason says what is wrong with it.
	Reason string
	// Command is the command whose help describes the flags; empty if no valid command was given.
	Command string
}

func (e *UsageError) Error() string { return e.Reason }

// Hint names the command that prints the help.
func (e *UsageError) Hint() string {
	switch e.Command {
	case "":
		return "see `" + Name + " --help`"
	case "test":
		return "arguments for go test come after two dashes: `" + Name + " test -- -run NAME`"
	}
	return "see `" + Name + " " + e.Command + " --help`"
}

// Read parses a command line and finds the project's folder. Help is written to out.
func Read(args []string, out io.Writer) (line *Line, project string, err error) {
	if line, err = Parse(args, out); err != nil {
		return nil, "", err
	}
	if project, err = build.FindProject("."); err != nil {
		return nil, "", err
	}
	return line, project, line.CheckStack(project)
}

// Parse parses a command line, without the program's name. Help and version are written to out. Its errors are ErrHelp and
// *UsageError.
func Parse(args []string, out io.Writer) (*Line, error) {
	line := &Line{}
	exited := false
	parser, err := kong.New(line,
		kong.Name(Name),
		kong.Description("The local target: the Pulumi engine deploys the pipeline's program to AWS services emulated in one process."),
		kong.Writers(out, out),
		kong.Vars{"version": describeVersion()},
		kong.Exit(func(int) { exited = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}),
	)
	if err != nil {
		return nil, fmt.Errorf("defining the command line: %w", err)
	}
	parsed, err := parser.Parse(args)
	if exited {
		return nil, ErrHelp
	}
	if err != nil {
		return nil, &UsageError{Reason: reason(err), Command: selectedCommand(err)}
	}
	line.Command = strings.Fields(parsed.Command())[0]
	if err := line.check(); err != nil {
		return nil, err
	}
	return line, nil
}

// reason is a parser's error in one line; without a command it lists the commands.
func reason(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	if strings.HasPrefix(text, "expected one of") {
		return "no command given: " + text
	}
	return text
}

// selectedCommand is the command that the parser had found when it failed.
func selectedCommand(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		if node := parse.Context.Selected(); node != nil {
			return node.Name
		}
	}
	return ""
}

// check reports all values that a flag's type allows and the command does not.
func (l *Line) check() error {
	var problems []string
	switch l.Command {
	case "demo":
		problems = append(checkInterval(l.Demo.BufferInterval), l.Demo.check()...)
	case "up":
		problems = append(checkInterval(l.Up.BufferInterval), l.Up.check()...)
	case "serve":
		problems = append(checkInterval(l.Serve.BufferInterval), l.Serve.check()...)
	case "send":
		problems = l.Send.check(l.Send.Count, l.Send.VerifyTimeout)
	case "replay":
		problems = l.Replay.check(l.Replay.Count, l.Replay.VerifyTimeout)
	case "env":
		problems = l.Env.check()
	case "tail":
		problems = l.Tail.check()
	case "cost":
		problems = l.Cost.check()
	}
	if len(problems) == 0 {
		return nil
	}
	return &UsageError{Reason: strings.Join(problems, "; "), Command: l.Command}
}

// maxInterval is the longest buffering interval of Firehose.
const maxInterval = 900 * time.Second

func checkInterval(d time.Duration) []string {
	if d < 0 || d > maxInterval {
		return []string{fmt.Sprintf("--buffer-interval=%s: must be 0s to %s (Firehose's own limit)", d, maxInterval)}
	}
	return nil
}

func (l Listen) check() []string {
	var problems []string
	for _, port := range []struct {
		flag  string
		value int
	}{{"--port", l.Port}, {"--aws-port", l.AWSPort}} {
		if port.value < 0 || port.value > 65535 {
			problems = append(problems, fmt.Sprintf("%s=%d: must be 1 to 65535, or 0 for any free port", port.flag, port.value))
		}
	}
	if l.Port != 0 && l.Port == l.AWSPort {
		problems = append(problems, fmt.Sprintf("--port and --aws-port are both %d: they must differ", l.Port))
	}
	return problems
}

// Stack is the value of --stack; empty for test.
func (l *Line) Stack() string {
	return map[string]string{
		"demo": l.Demo.Stack, "up": l.Up.Stack, "serve": l.Serve.Stack, "destroy": l.Destroy.Stack, "send": l.Send.Stack,
		"replay": l.Replay.Stack, "env": l.Env.Stack, "tail": l.Tail.Stack, "cost": l.Cost.Stack,
	}[l.Command]
}

var stackFile = regexp.MustCompile(`^Pulumi\.([^.]+)\.yaml$`)

// CheckStack returns a *UsageError if the stack has no stack file in the project's folder.
func (l *Line) CheckStack(project string) error {
	stack := l.Stack()
	if l.Command == "test" || l.Command == "send" && l.Send.URL != "" || l.Command == "replay" && l.Replay.URL != "" ||
		l.Command == "tail" && l.Tail.Stream != "" {
		return nil
	}
	entries, err := os.ReadDir(project)
	if err != nil {
		return fmt.Errorf("looking for stack files: %w", err)
	}
	var stacks []string
	for _, entry := range entries {
		if match := stackFile.FindStringSubmatch(entry.Name()); match != nil {
			stacks = append(stacks, match[1])
		}
	}
	if slices.Contains(stacks, stack) {
		return nil
	}
	return &UsageError{
		Reason:  fmt.Sprintf("--stack=%s: there is no Pulumi.%s.yaml in %s; stacks: %s", stack, stack, project, strings.Join(stacks, ", ")),
		Command: l.Command,
	}
}

// StateDir is the state folder that a command is about.
func (l *Line) StateDir(project string) string {
	dir, byDefault := l.Up.State, l.Stack()
	switch l.Command {
	case "serve":
		dir, byDefault = l.Serve.State, "serve"
	case "destroy":
		dir = l.Destroy.State
	case "send":
		dir = l.Send.State
	case "replay":
		dir = l.Replay.State
	case "env":
		dir = l.Env.State
	case "tail":
		dir = l.Tail.State
	}
	if dir == "" {
		return filepath.Join(project, ".local", byDefault)
	}
	return Path(project, dir)
}

// Path makes a path of the command line absolute: a relative one is below the project's folder, because `go run -C`
// changes the working directory.
func Path(project, typed string) string {
	if filepath.IsAbs(typed) {
		return filepath.Clean(typed)
	}
	return filepath.Join(project, typed)
}
