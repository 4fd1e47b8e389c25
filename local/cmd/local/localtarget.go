package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/console"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/engine/build"
	"ingest-pipeline/local/provider"
	"ingest-pipeline/pipeline"
)

// ownerKey is the access key that signs requests to the local target.
var ownerKey = aws.DefaultAccessKey

// engineFolder is the folder of the engine's state in the state folder.
const engineFolder = "engine"

// localTarget is an open state folder: the AWS services over it, the aws provider, and the stack.
type localTarget struct {
	app      *app
	options  targetOptions
	cloud    *aws.Cloud
	provider *provider.Server
	stack    *engine.Stack
	console  *console.Server
	// rebuilt says that the engine runs a program that was built since the start.
	rebuilt bool
	// removeHooks remove the hooks of interrupts.
	removeHooks []func()
}

type targetOptions struct {
	// dir is the state folder.
	dir string
	// temporary says that dir is removed afterwards.
	temporary bool
	// stack and region are those of the settings.
	stack, region string
	ports         *ports
	// maxBufferInterval bounds Firehose's buffering intervals; 0: as declared.
	maxBufferInterval time.Duration
	hooks             aws.Hooks
	// monitor is what the console shows; nil: there is no console.
	monitor *console.Monitor
	onStep  func(engine.Step)
}

// open finds the engine, building it if necessary, opens the local target, and recovers from a run that was killed.
func (a *app) open(ctx context.Context, o targetOptions) (_ *localTarget, err error) {
	pulumi, err := a.builder.Pulumi(ctx, a.project)
	if ctx.Err() != nil {
		return nil, interruptedError{"finding the Pulumi CLI"}
	}
	if err != nil {
		return nil, err
	}
	a.terminal.printf("engine: Pulumi %s", pulumi)
	t := &localTarget{app: a, options: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close(ctx))
		}
	}()
	if err := t.openCloud(); err != nil {
		return nil, err
	}
	if err := t.openStack(ctx, pulumi); err != nil {
		return nil, err
	}
	return t, t.recover(ctx)
}

// openCloud opens the AWS services over the state folder, and the aws provider.
func (t *localTarget) openCloud() (err error) {
	t.cloud, err = aws.Open(aws.Options{
		Dir:               t.options.dir,
		Account:           iam.Account{Region: t.options.region},
		Listen:            t.options.ports.listen,
		MaxBufferInterval: t.options.maxBufferInterval,
		Hooks:             t.hooks(),
	})
	if err != nil {
		return err
	}
	if t.provider, err = provider.Serve(t.cloud); err != nil {
		return err
	}
	if err := t.options.ports.reserve(); err != nil {
		return err
	}
	return t.openConsole()
}

func (t *localTarget) openStack(ctx context.Context, pulumi build.Pulumi) (err error) {
	options := engine.Options{
		Project:   t.app.project,
		Name:      t.options.stack,
		Dir:       filepath.Join(t.options.dir, engineFolder),
		Program:   pipeline.ProgramIn(t.app.project),
		Providers: map[string]int{"aws": t.provider.Port()},
		Created:   t.resources,
		Pulumi:    pulumi,
		Temporary: t.options.temporary,
		OnStep:    t.options.onStep,
		OnMessage: t.app.terminal.message,
	}
	if t.app.verbose {
		options.Log = os.Stderr
	}
	if t.stack, err = engine.Open(ctx, options); err != nil {
		return err
	}
	t.removeHooks = append(t.removeHooks, t.app.interrupts.onExit(t.stack.Kill))
	return nil
}

// recover shows what was repaired after a killed run, and refreshes the stack if an endpoint has another address than
// in the state.
func (t *localTarget) recover(ctx context.Context) error {
	c := t.app.terminal
	recovered := t.stack.Recovered()
	if recovered.Needed() {
		c.printf("an earlier run was killed; recovered from it:")
	}
	if recovered.Lock {
		c.printf("  removed the engine's lock")
	}
	if recovered.Checkpoint != "" {
		c.printf("  replaced the engine's damaged checkpoint by %s", recovered.Checkpoint)
	}
	for _, operation := range recovered.Pending {
		c.printf("  unfinished: %s %s %s", operation.Op, operation.ShortType(), operation.Name())
	}
	for _, resource := range recovered.Unknown {
		c.printf("  created, but not in the stack's state, so deleted: %s %s", engine.Step{Type: resource.Type}.ShortType(), resource.Name)
	}
	if !t.options.ports.hasMoved() {
		return nil
	}
	c.printf("the port of an endpoint has changed since the last run")
	_, err := t.stack.Refresh(ctx)
	return err
}

// resources lists the resources that exist.
func (t *localTarget) resources() ([]engine.Created, error) {
	existing, err := t.provider.Resources()
	resources := make([]engine.Created, len(existing))
	for i, r := range existing {
		resources[i] = engine.Created{Type: r.Type, Name: r.ID, ID: r.ID, Outputs: r.Outputs, ByEngine: r.ByEngine}
	}
	return resources, err
}

// deploy runs the program and shows the engine's steps.
func (t *localTarget) deploy(ctx context.Context) (engine.Result, error) {
	t.app.terminal.beginOperation()
	result, err := t.stack.Up(ctx)
	if err == nil {
		t.app.terminal.timedf("%s", summary(result))
	}
	t.showDeployment(result, err)
	return result, err
}

// closeTimeout is how long Firehose may take to deliver what it buffers, and the services to close.
const closeTimeout = 30 * time.Second

// close delivers what Firehose buffers and releases the state folder. It does so after ctx has ended, too.
func (t *localTarget) close(ctx context.Context) error {
	ctx, cancel := cleanupContext(ctx, closeTimeout)
	defer cancel()
	var failures []error
	if t.console != nil {
		failures = append(failures, t.console.Close())
	}
	if t.provider != nil {
		failures = append(failures, t.provider.Close())
	}
	if t.cloud != nil {
		failures = append(failures, t.cloud.Close(ctx))
	}
	failures = append(failures, t.options.ports.close())
	for _, remove := range t.removeHooks {
		remove()
	}
	if err := errors.Join(failures...); err != nil {
		return fmt.Errorf("closing the local target: %w", err)
	}
	return nil
}

// outputText is an output of the program as text.
func outputText(result engine.Result, name string) string {
	text, isText := result.Outputs[name].(string)
	if !isText {
		return ""
	}
	return strings.TrimSpace(text)
}
