package build

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"ingest-pipeline/local/internal/progress"
)

// Program is a command that is built from a Go module.
type Program struct {
	// Title is what it is called in messages: "the local target".
	Title string
	// Module is the folder of the module that Package is built in.
	Module string
	// Package is the import path of the command, or a path below Module that begins with "./".
	Package string
	// Output is the path of the binary.
	Output string
	// Tags are build tags, separated by commas.
	Tags string
	// LDFlags are passed to the linker.
	LDFlags string
	// Plain are patterns of import paths that are compiled without inlining and without debug information, which is faster. A
	// package that two programs contain must be in both lists or in none: otherwise it is compiled twice.
	Plain []string
	// Fixed says that the name of Output contains the version, so that an existing file is not built again. Otherwise each
	// Build looks for changes in the sources.
	Fixed bool
}

// Builder builds programs with the go command.
type Builder struct {
	// Go is the go command. Default: the one on PATH.
	Go string
	// Progress shows builds that take long. Required.
	Progress *progress.Display
}

// New returns a builder with the go command on PATH that shows its progress on out.
func New(out *os.File) *Builder { return &Builder{Progress: progress.New(out)} }

// interruptGrace is how long the go command may take to clean up after an interrupt.
const interruptGrace = 5 * time.Second

// Build makes a program unless it is there and up to date. Two processes can ask for the same program: the second
// waits, and says so. A build that fails or is interrupted leaves no binary, and what it compiled is used by the next.
func (b *Builder) Build(ctx context.Context, p Program) error {
	if p.Fixed && exists(p.Output) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(p.Output), 0o755); err != nil {
		return fmt.Errorf("building %s: %w", p.Title, err)
	}
	unlock, err := b.lock(ctx, p)
	if err != nil {
		return err
	}
	defer unlock()
	if p.Fixed && exists(p.Output) {
		return nil
	}
	task := b.Progress.Start("building " + p.Title)
	compiled, err := b.compile(ctx, p, task)
	if err != nil {
		task.Abandon()
		return b.explain(ctx, p.Title, task.Elapsed(), err)
	}
	finish(task, p.Title, compiled)
	return nil
}

// Download starts to download the modules of a program that has to be built, so that they are there when it is. stop ends
// it; Build downloads what is still missing, and reports errors.
func (b *Builder) Download(ctx context.Context, p Program) (stop func()) {
	if p.Fixed && exists(p.Output) {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	cmd := b.command(ctx, p.Module, "list", "-deps", "-tags", p.Tags, p.Package)
	go func() {
		defer close(ended)
		_ = cmd.Run() // Build reports what is wrong
	}()
	return func() {
		cancel()
		<-ended
	}
}

// lock keeps other processes from building the same program. The operating system releases the lock of a process that dies.
func (b *Builder) lock(ctx context.Context, p Program) (unlock func(), err error) {
	lock := flock.New(p.Output + ".lock")
	locked, err := lock.TryLock()
	if err == nil && !locked {
		fmt.Fprintf(b.Progress.Out, "another process is building %s; waiting for it\n", p.Title)
		task := b.Progress.Start("building " + p.Title)
		task.Update("waiting for another process")
		_, err = lock.TryLockContext(ctx, 200*time.Millisecond)
		task.Abandon()
	}
	if err != nil {
		return nil, fmt.Errorf("building %s: locking %s: %w", p.Title, lock.Path(), err)
	}
	return func() { _ = lock.Close() }, nil
}

// compile runs the go command. The binary appears under its name only when it is whole.
func (b *Builder) compile(ctx context.Context, p Program, task *progress.Task) (packages int, err error) {
	target := p.Output
	if p.Fixed {
		target = p.Output + ".part"
		defer os.Remove(target)
	} else {
		// The go command decides by the binary that is there whether anything has to be done, and where it cannot
		// rename it copies. A mark shows that a copy was cut off.
		mark := p.Output + ".unfinished"
		if exists(mark) {
			_ = os.Remove(p.Output)
		}
		if err := os.WriteFile(mark, nil, 0o644); err != nil {
			return 0, err
		}
		defer func() {
			if ctx.Err() == nil {
				_ = os.Remove(mark)
			}
		}()
	}
	// These are the flags of Pulumi's language host for Go: the first `pulumi preview` reuses what was compiled here.
	args := []string{"build", "-v", "-trimpath", "-buildvcs=false", "-tags", p.Tags, "-ldflags", strings.TrimSpace("-s -w " + p.LDFlags)}
	for _, pattern := range p.Plain {
		args = append(args, "-gcflags="+pattern+"=-l -dwarf=false")
	}
	packages, err = b.run(ctx, p.Module, nil, task, append(args, "-o", target, p.Package)...)
	if err == nil && target != p.Output {
		err = os.Rename(target, p.Output)
	}
	return packages, err
}

// GoCommand is the go command, as a path or a name on PATH.
func (b *Builder) GoCommand() string {
	if b.Go != "" {
		return b.Go
	}
	return "go"
}

// command is the go command with the settings that make a build the same wherever it is done.
func (b *Builder) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, b.GoCommand(), args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly")
	if os.Getenv("GOGC") == "" {
		// The compiler collects garbage less often: it takes a quarter less time, and for the largest package 1.6 GB, not 1.2.
		cmd.Env = append(cmd.Env, "GOGC=600")
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = interruptGrace
	return cmd
}

// run runs the go command and counts the packages that it compiles. An error is a *goError.
func (b *Builder) run(ctx context.Context, dir string, out io.Writer, task *progress.Task, args ...string) (packages int, err error) {
	messages := &messages{task: task}
	cmd := b.command(ctx, dir, args...)
	cmd.Stdout = out
	cmd.Stderr = messages
	err = cmd.Run()
	messages.flush()
	if err != nil {
		return 0, &goError{command: "go " + args[0], cause: err, output: messages.text()}
	}
	return messages.packages, nil
}

// explain makes an error of a failed build that says what to do.
func (b *Builder) explain(ctx context.Context, title string, elapsed time.Duration, err error) error {
	failure := &Error{Doing: "building " + title, Cause: err}
	var run *goError
	if errors.As(err, &run) {
		failure.Output = run.output
	}
	switch {
	case ctx.Err() != nil:
		failure.Cause = fmt.Errorf("interrupted after %s", progress.Elapsed(elapsed))
		failure.Output = ""
		failure.Advice = "run the same command again: it continues with what is already compiled"
	case errors.Is(err, exec.ErrNotFound):
		failure.Advice = "install Go from https://go.dev/dl and put its bin folder on PATH"
	case strings.Contains(failure.Output, "dial tcp"):
		failure.Advice = "the first build downloads Go modules: check the network and `go env GOPROXY`, then run the same command again"
	case strings.Contains(failure.Output, "no space left on device"):
		failure.Advice = "make room for about 5 GB in the folders of `go env GOCACHE GOMODCACHE`, then run the same command again"
	case strings.Contains(failure.Output, "cgo:") || strings.Contains(failure.Output, "C compiler"):
		failure.Advice = "the C compiler does not work here; put CGO_ENABLED=0 before the command to build without it"
	default:
		failure.Advice = "fix what the go command reports above, then run the same command again"
	}
	return failure
}

// goError is a go command that failed.
type goError struct {
	command string
	cause   error
	output  string
}

func (e *goError) Error() string { return fmt.Sprintf("%s: %v", e.command, e.cause) }

func (e *goError) Unwrap() error { return e.cause }

func exists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
