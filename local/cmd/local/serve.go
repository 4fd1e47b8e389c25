package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/console"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/internal/settings"
)

// backendFolder is the folder in serve's state folder where the user's Pulumi CLI keeps its state.
const backendFolder = "pulumi"

// serve serves as the aws provider of a Pulumi CLI in another process, until Ctrl-C.
func (a *app) serve(ctx context.Context, flags commandline.Serve, dir string) (err error) {
	if _, err := os.Stat(filepath.Join(dir, engineFolder)); !errors.Is(err, fs.ErrNotExist) {
		return &hintError{fmt.Errorf("serving from %s: it contains resources that `up` has deployed, of which another Pulumi CLI has no state", a.relative(dir)),
			"choose another folder with --state"}
	}
	stack, err := settings.Read(a.project, flags.Stack)
	if err != nil {
		return err
	}
	clock := clockwork.NewRealClock()
	activity := &activity{terminal: a.terminal, clock: clock}
	t := &localTarget{app: a, options: targetOptions{
		dir: dir, region: stack.Region, ports: newPorts(flags.Listen), maxBufferInterval: flags.BufferInterval, hooks: activity.hooks(),
		stack: flags.Stack, monitor: console.NewMonitor(clock),
	}}
	defer func() { err = errors.Join(err, t.close(ctx)) }()
	if err := t.openCloud(); err != nil {
		return err
	}
	backend, err := filepath.Abs(filepath.Join(dir, backendFolder))
	if err != nil {
		return fmt.Errorf("finding the folder of the Pulumi CLI's state: %w", err)
	}
	if err := os.MkdirAll(backend, 0o700); err != nil {
		return fmt.Errorf("creating the folder of the Pulumi CLI's state: %w", err)
	}
	a.printEnvironment(t, flags.Stack, backend)
	return t.serve(ctx, activity)
}

// printEnvironment prints how a Pulumi CLI connects. The backend is part of it: an engine with this provider and the
// state of a stack on AWS would find none of its resources. So is the account, without which a terminal where the
// variables are not exported would deploy to AWS.
func (a *app) printEnvironment(t *localTarget, stack, backend string) {
	c := a.terminal
	if t.options.ports.hasMoved() {
		c.printf("the port of an endpoint has changed since the last run: run `pulumi refresh` first")
	}
	c.printf("the aws provider listens on 127.0.0.1:%d; in another terminal, in the project's folder", t.provider.Port())
	c.printf("")
	c.printf("  %s", usualShell().set("PULUMI_DEBUG_PROVIDERS", t.provider.Attachment()))
	c.printf("  %s", usualShell().set("PULUMI_BACKEND_URL", engine.FileURL(backend)))
	c.printf("  %s", usualShell().set("PULUMI_CONFIG_PASSPHRASE", "local"))
	c.printf("  %s", usualShell().set("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true"))
	c.printf("")
	c.printf("once, with a copy of the settings, because the Pulumi CLI writes into the file; only account %s is allowed", aws.DefaultAccountID)
	c.printf("  cp Pulumi.%s.yaml Pulumi.serve.yaml", stack)
	c.printf("  pulumi stack init serve")
	c.printf("  pulumi config set --stack serve --path 'aws:allowedAccountIds[0]' %s", aws.DefaultAccountID)
	c.printf("then, as on AWS")
	c.printf("  pulumi preview | up | refresh | destroy --stack serve")
	c.printf("")
	a.printClients(t, a.evaluateLine(stack, t.options.dir, ""))
	c.printf("the logs are in %s", a.relative(filepath.Join(t.options.dir, "logs")))
	c.printf("see all of it at %s", t.console.URL())
	c.printf("serving until Ctrl-C")
}
