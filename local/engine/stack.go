package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"ingest-pipeline/local/engine/build"
)

// Options says which program is run, with which settings, and where its state is.
type Options struct {
	// Project is the folder of Pulumi.yaml and of the stack files; nothing is written there. Required.
	Project string
	// Name is the stack's name: its settings are those of Pulumi.<Name>.yaml. Required.
	Name string
	// Dir is the folder for the engine's state, created if it is missing. Only one process at a time may use it; the
	// caller ensures that. Required.
	Dir string
	// Program is what declares the resources. Required.
	Program pulumi.RunFunc
	// Providers are the ports of 127.0.0.1 on which resource providers listen, by package name ("aws"). A resource of
	// another package is an error: no plugin is ever looked for. They are called until the stack is not used any more.
	Providers map[string]int
	// Created lists the resources that the providers have, so that after a run that was cut off Open finds those that were
	// created and not written down: it deletes them. Nil: they are left as they are.
	Created func() ([]Created, error)
	// Pulumi is the engine. Required; see build.Builder.Pulumi.
	Pulumi build.Pulumi
	// Temporary says that Dir is not used after this process. The engine then writes the state at the end of an operation
	// only, rather than before and after each resource; a kill loses it.
	Temporary bool

	// OnStep is called with each resource that the engine begins to change, and again when it is done. For resources that
	// stay as they are it is called once. May be nil.
	OnStep func(Step)
	// OnMessage is called with messages of the engine, the program and the providers. May be nil.
	OnMessage func(Message)
	// Log gets a line for every call of the CLI, with how long it took. May be nil.
	Log io.Writer
}

// Stack is one deployment of a program. Its methods must not be called at the same time.
type Stack struct {
	options  Options
	auto     auto.Stack
	engine   *engine
	folders  folders
	project  string
	recovery Recovery

	mu         sync.Mutex // guards programErr, which the program's goroutine sets
	programErr error
}

// Open finds the stack in Dir, or creates it. It copies the project's settings: later edits count for the next Open. If an
// earlier process was killed in the middle of an operation or the disk was full, Open repairs what that has left;
// Recovered is what it found.
func Open(ctx context.Context, options Options) (*Stack, error) {
	if options.Project == "" || options.Name == "" || options.Dir == "" || options.Program == nil || options.Pulumi.Path == "" {
		return nil, errors.New("opening the stack: Project, Name, Dir, Program and Pulumi are required")
	}
	s := &Stack{options: options}
	var err error
	if s.folders, err = makeFolders(options.Dir); err != nil {
		return nil, fmt.Errorf("opening the stack: %w", err)
	}
	if err := copySettings(options.Project, options.Name, s.folders.work); err != nil {
		return nil, err
	}
	if s.project, err = projectName(s.folders.work); err != nil {
		return nil, err
	}
	if s.engine, err = newEngine(options, s.folders); err != nil {
		return nil, fmt.Errorf("opening the stack: %w", err)
	}
	if err := waitForEngines(ctx, s.folders, s.reportWaiting); err != nil {
		return nil, err
	}
	if s.recovery.Lock, err = removeStateLocks(s.folders); err != nil {
		return nil, err
	}
	cutOff, err := s.interruptedOperation()
	if err != nil {
		return nil, err
	}
	if s.recovery.Checkpoint, err = s.restoreCheckpoint(cutOff); err != nil {
		return nil, err
	}
	if err := s.selectOrCreate(ctx); err != nil {
		return nil, err
	}
	return s, s.recover(ctx, cutOff)
}

func (s *Stack) reportWaiting() {
	if s.options.OnMessage != nil {
		s.options.OnMessage(Message{Severity: Info, Text: "the engine of a run that was killed is still ending; waiting for it"})
	}
}

func (s *Stack) selectOrCreate(ctx context.Context) (err error) {
	// To try to select a stack, and create it if that fails, would be a call of the CLI more.
	find := auto.SelectStackInlineSource
	if !exists(s.checkpointFile()) {
		find = auto.NewStackInlineSource
		if err := s.beginOperation(); err != nil {
			return err
		}
	}
	s.auto, err = find(ctx, s.options.Name, s.project, s.run, auto.WorkDir(s.folders.work), auto.Pulumi(s.engine))
	if err != nil {
		return s.explain(ctx, "opening", err, nil)
	}
	return nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// Recovered is what Open had to repair.
func (s *Stack) Recovered() Recovery { return s.recovery }

// folders are where the engine keeps things, below Options.Dir.
type folders struct {
	// home is PULUMI_HOME, backend the file backend, work the private copy of the project's settings.
	home, backend, work string
}

func makeFolders(dir string) (f folders, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return f, err
	}
	f = folders{home: filepath.Join(dir, "home"), backend: filepath.Join(dir, "backend"), work: filepath.Join(dir, "work")}
	for _, folder := range []string{f.home, f.backend, f.work} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return f, err
		}
	}
	return f, nil
}
