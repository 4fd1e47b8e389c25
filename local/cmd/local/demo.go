package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/internal/progress"
	"ingest-pipeline/local/internal/settings"
	"ingest-pipeline/pipeline"
)

// demo deploys to a temporary state folder, sends one event, shows how it reaches S3, and deletes everything.
func (a *app) demo(ctx context.Context, flags commandline.Demo) (err error) {
	a.verbose = flags.Verbose
	stack, config, err := settings.Load(ctx, a.project, flags.Stack)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "ingest-pipeline-demo-")
	if err != nil {
		return fmt.Errorf("creating a temporary folder: %w", err)
	}
	removeHook := a.interrupts.onExit(func() { _ = os.RemoveAll(dir) })
	defer func() {
		removeHook()
		if removeErr := os.RemoveAll(dir); err == nil && removeErr != nil {
			err = fmt.Errorf("removing the temporary folder: %w", removeErr)
		}
	}()
	trace := newEventTrace(a.terminal)
	options := targetOptions{
		dir: filepath.Join(dir, "state"), temporary: true, stack: flags.Stack, region: stack.Region, ports: newPorts(flags.Listen),
		maxBufferInterval: flags.BufferInterval, hooks: trace.hooks(),
	}
	if a.verbose {
		options.onStep = a.terminal.step
	}
	t, err := a.open(ctx, options)
	if err != nil && ctx.Err() != nil {
		return &hintError{interruptedError{"the demo"}, "everything it created was deleted"}
	}
	if err != nil {
		return err
	}
	deliverErr := a.deliverEvent(ctx, t, config, trace)
	return a.endDemo(ctx, t, deliverErr)
}

// deliverEvent deploys the program, sends the event and follows it until it is in S3.
func (a *app) deliverEvent(ctx context.Context, t *localTarget, config pipeline.PipelineArgs, trace *eventTrace) error {
	a.terminal.timedf("deploying the stack %s to a temporary local target", t.options.stack)
	result, err := t.deploy(ctx)
	if err != nil {
		return err
	}
	client, err := newClient(config, t.options.region, result)
	if err != nil {
		return err
	}
	a.terminal.timedf("sending %s to %s", demoEvent, client.url)
	status, body, err := client.post(ctx, demoEvent)
	if err == nil {
		trace.add(atClient, fmt.Sprintf("%d %s", status, body))
	}
	trace.flush()
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("sending the event: the endpoint responded with %d", status)
	}
	delivered, err := trace.waitForObject(ctx, t.options.maxBufferInterval)
	if err != nil {
		return err
	}
	content, err := readObject(t.cloud, delivered.Bucket, delivered.Key)
	if err != nil {
		return err
	}
	a.terminal.timedf("%-12s %s", "object", strings.TrimRight(string(content), "\n"))
	if err := checkObject(content, demoEvent, config.Envelope); err != nil {
		return fmt.Errorf("comparing the object with the event: %w", err)
	}
	return nil
}

const (
	// longestInterval is the longest buffering interval that can be declared.
	longestInterval = 900 * time.Second
	// deliveryMargin is how much longer than its buffering interval a delivery may take.
	deliveryMargin = 30 * time.Second
)

// waitForObject waits for the first object. interval bounds Firehose's buffering interval; 0: nothing does.
func (e *eventTrace) waitForObject(ctx context.Context, interval time.Duration) (firehose.Delivered, error) {
	if interval == 0 {
		interval = longestInterval
	}
	timer := time.NewTimer(interval + deliveryMargin)
	defer timer.Stop()
	select {
	case delivered := <-e.delivered:
		return delivered, nil
	case <-ctx.Done():
		return firehose.Delivered{}, fmt.Errorf("waiting for the event in S3: %w", ctx.Err())
	case <-timer.C:
	}
	select {
	case fault := <-e.lastFault:
		return firehose.Delivered{}, fmt.Errorf("waiting for the event in S3: %s", fault)
	default:
		return firehose.Delivered{}, fmt.Errorf("waiting for the event in S3: nothing was delivered within %s", interval+deliveryMargin)
	}
}

// destroyTimeout is how long destroying may take after an interrupt.
const destroyTimeout = time.Minute

// endDemo destroys what was deployed, closes the local target and reports the result. deliverErr is what deliverEvent
// returned.
func (a *app) endDemo(ctx context.Context, t *localTarget, deliverErr error) error {
	interrupted := ctx.Err() != nil
	cleanup, cancel := cleanupContext(ctx, destroyTimeout)
	defer cancel()
	a.terminal.timedf("destroying")
	result, destroyErr := t.stack.Destroy(cleanup)
	if destroyErr == nil {
		a.terminal.timedf("%s", summary(result))
		destroyErr = a.printRetained(t, result)
	}
	closeErr := t.close(ctx)
	switch {
	case interrupted:
		return errors.Join(&hintError{interruptedError{"the demo"}, "everything it created was deleted"}, destroyErr)
	case deliverErr != nil:
		return errors.Join(deliverErr, destroyErr)
	case destroyErr != nil || closeErr != nil:
		return errors.Join(destroyErr, closeErr)
	}
	a.terminal.printf("")
	a.terminal.printf("ok: the event is one line of an object in S3; everything the demo created was deleted (%s)",
		progress.Elapsed(time.Since(a.terminal.started)))
	return nil
}

// printRetained prints what the stack protects or retains, which is deleted with the temporary folder.
func (a *app) printRetained(t *localTarget, result engine.Result) error {
	left, err := t.stack.Left()
	if err != nil {
		return err
	}
	for _, step := range result.Steps {
		if step.Op == "delete" && step.Retained && !step.Component {
			left = append(left, step)
		}
	}
	if len(left) == 0 {
		return nil
	}
	var types []string
	for _, step := range left {
		types = append(types, step.ShortType())
	}
	slices.Sort(types)
	a.terminal.printf("        retained by this stack, and deleted with the temporary folder: %s", strings.Join(slices.Compact(types), ", "))
	return nil
}
