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
	// Dir is the folder for the engine's state, made if it is missing. One process at a time may use it: whoever calls
	// Open sees to that. Required.
	Dir string
	// Program is what declares the resources. Required.
	Program pulumi.RunFunc
	// Providers are the ports of 127.0.0.1 on which resource providers listen, by package name ("aws"). A resource of
	// another package is an error: no plugin is ever looked for. They are called until the stack is not used any more.
	Providers map[string]int
	// Made lists the resources that the providers have. It is asked only after a run was cut off, to find those that
	// were made when nobody was left to write it down: they are deleted. Nil: they are left as they are.
	Made func() ([]Made, error)
	// Pulumi is the engine. Required; see build.Builder.Pulumi.
	Pulumi build.Pulumi

	// OnStep is told of each resource that the engine begins to change, and again when it is done. Resources that stay
	// as they are, are told once. Nil: nobody.
	OnStep func(Step)
	// OnMessage is told what the engine, the program and the providers have to say. Nil: nobody.
	OnMessage func(Message)
	// Log takes every call of the CLI and how long it took. Nil: nobody.
	Log io.Writer
}

// Stack is one deployment of a program. Its methods must not be called at the same time.
type Stack struct {
	options  Options
	auto     auto.Stack
	engine   *engine
	project  string
	recovery Recovery

	mu         sync.Mutex // guards programErr, which the program's goroutine sets
	programErr error
}

// Open finds the stack in Dir, or makes it. It copies the project's settings: what
// is edited later counts for the next Open. If an earlier process was killed in the middle of an operation, Open takes
// over its lock and asks the providers what became of the resources in question.
func Open(ctx context.Context, options Options) (*Stack, error) {
	if options.Project == "" || options.Name == "" || options.Dir == "" || options.Program == nil || options.Pulumi.Path == "" {
		return nil, errors.New("opening the stack: Project, Name, Dir, Program and Pulumi are required")
	}
	s := &Stack{options: options}
	folders, err := makeFolders(options.Dir)
	if err != nil {
		return nil, fmt.Errorf("opening the stack: %w", err)
	}
	if err := copySettings(options.Project, options.Name, folders.work); err != nil {
		return nil, err
	}
	if s.engine, err = newEngine(options.Pulumi, folders, options.Providers, options.Log); err != nil {
		return nil, fmt.Errorf("opening the stack: %w", err)
	}
	lockOf, err := waitForOrphans(ctx, folders.backend)
	if err != nil {
		return nil, err
	}
	if s.project, err = projectName(folders.work); err != nil {
		return nil, err
	}
	// To try to select a stack, and make it if that fails, would be a call of the CLI more.
	find := auto.NewStackInlineSource
	if exists(filepath.Join(folders.backend, ".pulumi", "stacks", s.project, options.Name+".json")) {
		find = auto.SelectStackInlineSource
	}
	s.auto, err = find(ctx, options.Name, s.project, s.run, auto.WorkDir(folders.work), auto.Pulumi(s.engine))
	if err != nil {
		return nil, s.explain(ctx, "opening", err, nil)
	}
	if err := s.recover(ctx, lockOf); err != nil {
		return nil, err
	}
	return s, nil
}

// Recovered tells what Open had to put right.
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
