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
	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/engine/build"
	"ingest-pipeline/local/internal/settings"
	"ingest-pipeline/local/provider"
	"ingest-pipeline/pipeline"
)

// ownerKey is the access key of the account's owner, with which requests to an endpoint that asks for AWS_IAM are
// signed. It opens nothing that is not on this machine.
var ownerKey = apigateway.Credential{AccessKeyID: "LOCAL", SecretAccessKey: "LOCAL"}

// target is a local target that is open: the cloud over a state folder, the aws provider, and the stack.
type target struct {
	session  *session
	cloud    *aws.Cloud
	provider *provider.Server
	stack    *engine.Stack
	ports    *ports
	forget   []func()
	region   string
}

// targetOptions say which target to open.
type targetOptions struct {
	// dir is the state folder.
	dir string
	// stack is the stack's name.
	stack  string
	region string
	ports  *ports
	// bufferInterval bounds Firehose's buffering intervals; 0: as declared.
	bufferInterval time.Duration
	hooks          aws.Hooks
	onStep         func(engine.Step)
}

// openTarget finds the engine, building it if it has to, and opens the target. What a killed run has left is put right,
// and told.
func (s *session) openTarget(ctx context.Context, o targetOptions) (_ *target, err error) {
	pulumi, err := s.builder.Pulumi(ctx, s.project)
	if err != nil {
		return nil, err
	}
	s.console.line("engine: Pulumi %s", pulumi)
	t := &target{session: s, ports: o.ports, region: o.region}
	defer func() {
		if err != nil {
			closing, cancel := within(ctx, closeGrace)
			defer cancel()
			err = errors.Join(err, t.close(closing))
		}
	}()
	if err := t.openCloud(o); err != nil {
		return nil, err
	}
	return t, t.openStack(ctx, o, pulumi)
}

// region is the region in a stack's settings.
func region(s *settings.Settings) (string, error) {
	region := s.Get("aws:region")
	if region == "" {
		return "", &hinted{fmt.Errorf("%s: aws:region: must be set", s.File), "add a line such as `aws:region: ap-northeast-2`"}
	}
	return region, nil
}

// openCloud opens the cloud over the state folder and the aws provider.
func (t *target) openCloud(o targetOptions) (err error) {
	t.cloud, err = aws.Open(aws.Options{
		Dir:               o.dir,
		Account:           iam.Account{Region: o.region},
		Listen:            t.ports.listen,
		MaxBufferInterval: o.bufferInterval,
		Credentials:       []apigateway.Credential{ownerKey},
		Hooks:             o.hooks,
	})
	if err != nil {
		return err
	}
	if t.provider, err = provider.Serve(t.cloud); err != nil {
		return err
	}
	return t.ports.reserve()
}

func (t *target) openStack(ctx context.Context, o targetOptions, pulumi build.Pulumi) (err error) {
	options := engine.Options{
		Project:   t.session.project,
		Name:      o.stack,
		Dir:       filepath.Join(o.dir, engineFolder),
		Program:   pipeline.Program,
		Providers: map[string]int{"aws": t.provider.Port()},
		Created:   t.created,
		Pulumi:    pulumi,
		OnStep:    o.onStep,
		OnMessage: t.session.console.message,
	}
	if t.session.verbose {
		options.Log = os.Stderr
	}
	if t.stack, err = engine.Open(ctx, options); err != nil {
		return err
	}
	t.forget = append(t.forget, t.session.interrupts.onLeave(t.stack.Kill))
	return t.putRight(ctx)
}

// engineFolder is the folder of the engine's state in the state folder.
const engineFolder = "engine"

// putRight tells what a run that was cut off has left, and has the engine look at resources that are not as it knows
// them.
func (t *target) putRight(ctx context.Context) error {
	c := t.session.console
	recovered := t.stack.Recovered()
	if recovered.Needed() {
		c.line("an earlier run was cut off; put right:")
	}
	if recovered.Lock {
		c.line("  the engine's lock: removed")
	}
	if recovered.Checkpoint != "" {
		c.line("  the engine's checkpoint was damaged: replaced by %s", recovered.Checkpoint)
	}
	for _, operation := range recovered.Pending {
		c.line("  half done: %s %s %s", operation.Op, operation.ShortType(), operation.Name())
	}
	for _, created := range recovered.Unknown {
		c.line("  created and not written down, so deleted: %s %s", engine.Step{Type: created.Type}.ShortType(), created.Name)
	}
	problems := t.provider.Problems()
	for _, problem := range problems {
		c.line("  %s", problem)
	}
	if len(problems) > 0 || t.ports.hasMoved() {
		if len(problems) == 0 {
			c.line("an endpoint has another port than last time")
		}
		if _, err := t.stack.Refresh(ctx); err != nil {
			return err
		}
	}
	return nil
}

// created lists the resources that the provider has.
func (t *target) created() ([]engine.Created, error) {
	resources, err := t.provider.Resources()
	created := make([]engine.Created, len(resources))
	for i, r := range resources {
		created[i] = engine.Created{Type: r.Type, Name: r.Name, ID: r.ID, Outputs: r.Outputs}
	}
	return created, err
}

// closeGrace is how long a target may take to deliver what it holds and to close.
const closeGrace = 30 * time.Second

// close delivers what Firehose holds and gives the state folder free.
func (t *target) close(ctx context.Context) error {
	var failures []error
	if t.provider != nil {
		failures = append(failures, t.provider.Close())
	}
	if t.cloud != nil {
		failures = append(failures, t.cloud.Close(ctx))
	}
	failures = append(failures, t.ports.close())
	for _, forget := range t.forget {
		forget()
	}
	return errors.Join(failures...)
}

// follow shows what passes through until ctx ends, and then delivers what Firehose holds.
func (t *target) follow(ctx context.Context, traffic *traffic) error {
	traffic.follow(ctx)
	t.session.console.line("delivering what Firehose holds")
	flushing, cancel := within(ctx, closeGrace)
	defer cancel()
	return t.cloud.Firehose.Flush(flushing)
}

// leave closes a target whose state is kept.
func (t *target) leave(ctx context.Context) error {
	closing, cancel := within(ctx, closeGrace)
	defer cancel()
	if err := t.close(closing); err != nil {
		return &hinted{fmt.Errorf("closing the local target: %w", err), "nothing is lost: the next start goes on from there"}
	}
	return nil
}

// deploy runs the program, and shows what it does.
func (t *target) deploy(ctx context.Context) (engine.Result, error) {
	t.session.console.begin()
	result, err := t.stack.Up(ctx)
	if err == nil {
		t.session.console.stepLine("%s", summary(result))
	}
	return result, err
}

// advise adds to an error of the program or the engine what to do about a stack that is kept.
func advise(err error) error {
	var program *engine.ProgramError
	var failed *engine.EngineError
	switch {
	case errors.As(err, &program) && engine.Trace(err) != "":
		return &hinted{err, "add -v to see where"}
	case errors.As(err, &failed) && failed.Canceled:
		return &hinted{err, "what was made is kept; `up` goes on from there, `destroy` takes it away"}
	case errors.As(err, &failed):
		return &hinted{err, "what was made is kept: mend the program or its settings and run `up` again, or `destroy`"}
	}
	return err
}

// output is an output of the program as text.
func output(result engine.Result, name string) string {
	text, isText := result.Outputs[name].(string)
	if !isText {
		return ""
	}
	return strings.TrimSpace(text)
}
