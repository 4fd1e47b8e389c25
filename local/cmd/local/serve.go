package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ingest-pipeline/local/cmd/local/command"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/internal/settings"
)

// backendFolder is the folder, in serve's state folder, for the state of somebody's own engine.
const backendFolder = "pulumi"

// serve is the local target without an engine of its own: it prints the environment in which any Pulumi CLI has it as
// the aws provider, and serves until Ctrl-C.
func (s *session) serve(ctx context.Context, flags command.Serve, dir string) (err error) {
	if _, err := os.Stat(filepath.Join(dir, engineFolder)); !errors.Is(err, fs.ErrNotExist) {
		return &hinted{fmt.Errorf("serving from %s: it holds what `up` has deployed, which another engine knows nothing of", s.relative(dir)),
			"choose another folder with --state"}
	}
	stack, err := settings.Read(s.project, flags.Stack)
	if err != nil {
		return err
	}
	region, err := region(stack)
	if err != nil {
		return err
	}
	traffic := &traffic{console: s.console}
	t := &target{session: s, ports: newPorts(flags.Listen)}
	defer func() { err = errors.Join(err, t.leave(ctx)) }()
	if err := t.openCloud(targetOptions{dir: dir, region: region, bufferInterval: flags.BufferInterval, hooks: traffic.hooks()}); err != nil {
		return err
	}
	backend, err := filepath.Abs(filepath.Join(dir, backendFolder))
	if err != nil {
		return fmt.Errorf("looking for the folder of the engine's state: %w", err)
	}
	if err := os.MkdirAll(backend, 0o700); err != nil {
		return fmt.Errorf("making the folder of the engine's state: %w", err)
	}
	s.showEnvironment(t, flags.Stack, backend)
	return t.follow(ctx, traffic)
}

// showEnvironment tells how a Pulumi CLI gets here. The backend is part of it: an engine that took this provider for the
// one that a stack on AWS was deployed with would find all of that stack gone.
func (s *session) showEnvironment(t *target, settings, backend string) {
	c := s.console
	if problems := t.provider.Problems(); len(problems) > 0 || t.ports.hasMoved() {
		for _, problem := range problems {
			c.line("%s", problem)
		}
		c.line("not all is as the engine knows it: run `pulumi refresh` first")
	}
	c.line("the aws provider is on 127.0.0.1:%d; in another terminal, in the project's folder", t.provider.Port())
	c.line("")
	c.line("  export PULUMI_DEBUG_PROVIDERS=%s", t.provider.Attachment())
	c.line("  export PULUMI_BACKEND_URL=%s", engine.FileURL(backend))
	c.line("  export PULUMI_CONFIG_PASSPHRASE=local")
	c.line("")
	c.line("once, with a copy of the settings, because the CLI writes into the file")
	c.line("  cp Pulumi.%s.yaml Pulumi.serve.yaml && pulumi stack init serve", settings)
	c.line("then, as on AWS")
	c.line("  pulumi preview | up | refresh | destroy --stack serve")
	c.line("")
	c.line("the S3 API is at %s", t.cloud.S3URL())
	c.line("serving until Ctrl-C")
}
