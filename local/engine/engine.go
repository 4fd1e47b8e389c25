package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/blang/semver"
)

// engine runs the Pulumi CLI for the Automation API. It does so itself, rather than with auto.NewPulumiCommand, to give
// the CLI an environment of its own: a PULUMI_… variable that is set for AWS must not reach this stack.
type engine struct {
	path    string
	version semver.Version
	folders folders
	env     []string
	// readOutputs lets the CLI answer calls that are otherwise answered by unneeded.
	readOutputs bool
	// executable is run in the place of the program of the Automation API; nil: that is.
	executable *executable

	mu      sync.Mutex // guards what follows
	log     io.Writer
	running *os.Process
}

// cancelGrace is how long the engine may take, after an interrupt, to finish what it has begun and to write its state.
const cancelGrace = 15 * time.Second

func newEngine(options Options, f folders) (*engine, error) {
	version, err := semver.ParseTolerant(options.Pulumi.Version)
	if err != nil {
		return nil, fmt.Errorf("reading the Pulumi CLI's version %q: %w", options.Pulumi.Version, err)
	}
	env := engineEnv(os.Environ(), f, options.Providers)
	if options.Temporary {
		env = append(env, "PULUMI_SKIP_CHECKPOINTS=true")
	}
	return &engine{path: options.Pulumi.Path, version: version, folders: f, env: env, log: options.Log}, nil
}

// engineEnv is the environment that every call of the CLI gets.
func engineEnv(environ []string, f folders, providers map[string]int) []string {
	var attach []string
	for _, pkg := range slices.Sorted(maps.Keys(providers)) {
		attach = append(attach, fmt.Sprintf("%s:%d", pkg, providers[pkg]))
	}
	env := slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		return strings.HasPrefix(strings.ToUpper(pair), "PULUMI_")
	})
	return append(env,
		"PULUMI_HOME="+f.home,
		"PULUMI_BACKEND_URL="+FileURL(f.backend),
		// Nothing of value is encrypted with it: stacks with encrypted settings are refused.
		"PULUMI_CONFIG_PASSPHRASE=local",
		"PULUMI_DEBUG_PROVIDERS="+strings.Join(attach, ","),
		"PULUMI_AUTOMATION_API=true",
		// Nothing is fetched from the network, and nothing is reported to it.
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS=true",
	)
}

// FileURL is the URL of a folder as an engine's backend.
//
// metadata=skip: next to each file the backend would keep another, which it does not replace but writes in place. A kill
// at that moment leaves it empty, and the state cannot be read any more ("failed to load checkpoint: EOF").
func FileURL(path string) string {
	// On Windows the backend wants file://C:/…, without another slash before the drive.
	escaped := url.URL{Path: filepath.ToSlash(path)}
	return "file://" + escaped.EscapedPath() + "?metadata=skip"
}

// Version is the CLI's version.
func (e *engine) Version() semver.Version { return e.version }

// Run runs the CLI once. When ctx is done it is interrupted, as with Ctrl-C: it finishes what it has begun and writes
// its state.
func (e *engine) Run(ctx context.Context, workdir string, stdin io.Reader, additionalOutput, additionalErrorOutput []io.Writer,
	additionalEnv []string, args ...string) (string, string, int, error) {
	if answer, known := unneeded(args); known && !e.readOutputs {
		return answer, "", 0, nil
	}
	if e.executable != nil {
		var stop func()
		var err error
		if args, stop, err = e.executable.serve(args); err != nil {
			return "", "", -1, err
		}
		defer stop()
	}
	if args[0] == "destroy" {
		// The Automation API has no option for it.
		args = append(args, "--exclude-protected")
	}
	// Without a terminal to ask on, the CLI has to fail rather than wait for an answer.
	args = append([]string{"--non-interactive"}, args...)
	cmd := exec.CommandContext(ctx, e.path, args...)
	cmd.Dir = workdir
	cmd.Env = append(slices.Clone(e.env), additionalEnv...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin = stdin
	cmd.Stdout = io.MultiWriter(append(additionalOutput, &stdout)...)
	cmd.Stderr = io.MultiWriter(append(additionalErrorOutput, &stderr)...)
	// Ctrl-C on the terminal is for this process, which then decides how the engine is to end.
	separate(cmd)
	cmd.Cancel = func() error { return interrupt(cmd.Process) }
	cmd.WaitDelay = cancelGrace

	start := time.Now()
	err := e.start(cmd)
	if err == nil {
		err = cmd.Wait()
	}
	e.forget()
	code := -1
	var exit *exec.ExitError
	switch {
	case err == nil:
		code = 0
	case errors.As(err, &exit):
		code = exit.ExitCode()
	}
	e.logCall(args, time.Since(start), code)
	return stdout.String(), stderr.String(), code, err
}

func (e *engine) start(cmd *exec.Cmd) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	release, err := hold(cmd, e.folders)
	if err != nil {
		return fmt.Errorf("locking the engine's folder: %w", err)
	}
	if err := errors.Join(cmd.Start(), release()); err != nil {
		return err
	}
	e.running = cmd.Process
	return nil
}

func (e *engine) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running = nil
}

func (e *engine) kill() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running != nil {
		_ = e.running.Kill() // it has ended meanwhile, or it is ended now
	}
}

// unneeded answers calls that the Automation API makes, a quarter of a second each: before the first operation it selects the
// stack, which every call names anyway; after each it asks for the outputs, twice, and the history, which the engine's events
// have reported already.
func unneeded(args []string) (answer string, known bool) {
	switch {
	case len(args) >= 2 && args[0] == "stack" && args[1] == "select":
		return "", true
	case len(args) >= 3 && args[0] == "stack" && args[1] == "output" && args[2] == "--json":
		return "{}", true
	case len(args) >= 3 && args[0] == "stack" && args[1] == "history" && args[2] == "--json":
		return "[]", true
	}
	return "", false
}

func (e *engine) logCall(args []string, took time.Duration, code int) {
	if e.log == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	fmt.Fprintf(e.log, "pulumi %s: exit %d in %s\n", strings.Join(args[1:], " "), code, took.Round(time.Millisecond))
}
