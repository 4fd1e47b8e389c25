package stack

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
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"ingest-pipeline/local/build"
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
	// Providers are the resource providers, by package name ("aws"). A resource of another package is an error: no
	// plugin is ever looked for. Required.
	Providers map[string]pulumirpc.ResourceProviderServer
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
	serving  *providers
	recovery Recovery

	mu         sync.Mutex // guards programErr, which the program's goroutine sets
	programErr error
}

// Recovery is what Open found of a run that had been cut off, and has put right.
type Recovery struct {
	// LockOf is the process whose lock on the state was left behind; 0 if there was none.
	LockOf int
	// Pending are the operations that had begun and whose end nobody saw, as "creating <URN>".
	Pending []string
}

// Needed says whether there was anything to put right.
func (r Recovery) Needed() bool { return r.LockOf != 0 || len(r.Pending) > 0 }

// Open starts the providers' servers and finds the stack in Dir, or makes it. It copies the project's settings: what
// is edited later counts for the next Open. If an earlier process was killed in the middle of an operation, Open takes
// over its lock and asks the providers what became of the resources in question.
func Open(ctx context.Context, options Options) (_ *Stack, err error) {
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
	if s.serving, err = serve(options.Providers); err != nil {
		return nil, fmt.Errorf("opening the stack: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.engine, err = newEngine(options.Pulumi, folders, s.serving.attach(), options.Log); err != nil {
		return nil, fmt.Errorf("opening the stack: %w", err)
	}
	lockOf, err := waitForOrphans(ctx, folders.backend)
	if err != nil {
		return nil, err
	}
	name, err := projectName(folders.work)
	if err != nil {
		return nil, err
	}
	// To try to select a stack, and make it if that fails, would be a call of the CLI more.
	find := auto.NewStackInlineSource
	if exists(filepath.Join(folders.backend, ".pulumi", "stacks", name, options.Name+".json")) {
		find = auto.SelectStackInlineSource
	}
	s.auto, err = find(ctx, options.Name, name, s.run, auto.WorkDir(folders.work), auto.Pulumi(s.engine))
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

// Close stops the providers' servers. The state stays in Dir.
func (s *Stack) Close() error { return s.serving.close() }

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
