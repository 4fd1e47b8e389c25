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
	"ingest-pipeline/local/cmd/local/command"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/internal/progress"
	"ingest-pipeline/local/internal/settings"
	"ingest-pipeline/pipeline"
)

// demo deploys to a throw-away state folder, sends one event, shows where it goes, and takes everything away again.
func (s *session) demo(ctx context.Context, flags command.Demo) (err error) {
	s.verbose = flags.Verbose
	stack, config, err := settings.Load(ctx, s.project, flags.Stack)
	if err != nil {
		return err
	}
	region, err := region(stack)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "ingest-pipeline-demo-")
	if err != nil {
		return fmt.Errorf("making a throw-away folder: %w", err)
	}
	remove := func() { _ = os.RemoveAll(dir) }
	forget := s.interrupts.onLeave(remove)
	defer func() {
		forget()
		if removeErr := os.RemoveAll(dir); err == nil && removeErr != nil {
			err = fmt.Errorf("removing the throw-away folder: %w", removeErr)
		}
	}()
	hops := newHops(s.console)
	options := targetOptions{
		dir: filepath.Join(dir, "state"), stack: flags.Stack, region: region, bufferInterval: flags.BufferInterval, hooks: hops.hooks(),
	}
	options.ports = newPorts(flags.Listen)
	if s.verbose {
		options.onStep = s.console.step
	}
	t, err := s.openTarget(ctx, options)
	if err != nil {
		return err
	}
	arrived := s.showTheWay(ctx, t, flags, hops, config)
	return s.takeAway(ctx, t, arrived)
}

// showTheWay deploys the program, sends the event and follows it until it is in S3.
func (s *session) showTheWay(ctx context.Context, t *target, flags command.Demo, hops *hops, config pipeline.Config) error {
	s.console.stepLine("deploying the stack %s to a throw-away local target", flags.Stack)
	result, err := t.deploy(ctx)
	if err != nil {
		return err
	}
	producer, err := newProducer(config, t.region, result)
	if err != nil {
		return err
	}
	s.console.stepLine("sending %s to %s", event, producer.url)
	status, answer, err := producer.send(ctx, event)
	if err == nil {
		hops.show(atClient, fmt.Sprintf("%d %s", status, answer))
	}
	hops.release()
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("sending the event: the endpoint answered %d", status)
	}
	delivered, err := hops.wait(ctx, flags.BufferInterval)
	if err != nil {
		return err
	}
	content, err := readObject(t.cloud, delivered.Bucket, delivered.Key)
	if err != nil {
		return err
	}
	s.console.stepLine("%-12s %s", "object", strings.TrimRight(string(content), "\n"))
	if err := checkLine(content, event, config.Envelope); err != nil {
		return fmt.Errorf("comparing the object with the event: %w", err)
	}
	return nil
}

const (
	// longestInterval is the longest buffering interval that can be declared.
	longestInterval = 900 * time.Second
	// deliveryMargin is how much longer than its interval a delivery may take before it is given up.
	deliveryMargin = 30 * time.Second
)

// wait waits for the first object. interval is what bounds Firehose's buffering interval; 0: nothing does.
func (h *hops) wait(ctx context.Context, interval time.Duration) (firehose.Delivered, error) {
	if interval == 0 {
		interval = longestInterval
	}
	timer := time.NewTimer(interval + deliveryMargin)
	defer timer.Stop()
	select {
	case delivered := <-h.delivered:
		return delivered, nil
	case <-ctx.Done():
		return firehose.Delivered{}, fmt.Errorf("waiting for the event in S3: %w", ctx.Err())
	case <-timer.C:
	}
	select {
	case fault := <-h.faults:
		return firehose.Delivered{}, fmt.Errorf("waiting for the event in S3: %s", fault)
	default:
		return firehose.Delivered{}, fmt.Errorf("waiting for the event in S3: nothing was delivered within %s", interval+deliveryMargin)
	}
}

// destroyGrace is how long destroying may take when the command was interrupted.
const destroyGrace = time.Minute

// takeAway destroys what was deployed and closes the target, and tells how it all ended.
func (s *session) takeAway(ctx context.Context, t *target, arrived error) error {
	interrupted := ctx.Err() != nil
	cleaning, cancel := within(ctx, destroyGrace)
	defer cancel()
	s.console.stepLine("destroying")
	result, destroyErr := t.stack.Destroy(cleaning)
	if destroyErr == nil {
		s.console.stepLine("%s", summary(result))
		destroyErr = s.tellKept(cleaning, t, result)
	}
	closing, cancelClosing := within(ctx, closeGrace)
	defer cancelClosing()
	closeErr := t.close(closing)
	switch {
	case interrupted:
		return errors.Join(&hinted{stopped{"the demo"}, "nothing is left of it"}, destroyErr)
	case arrived != nil:
		return errors.Join(arrived, destroyErr)
	case destroyErr != nil || closeErr != nil:
		return errors.Join(destroyErr, closeErr)
	}
	s.console.line("")
	s.console.line("ok: the event is one line of an object in S3, and nothing is left behind (%s)", progress.Elapsed(time.Since(s.console.started)))
	return nil
}

// tellKept tells what a stack that keeps its data has kept: it goes with the throw-away folder.
func (s *session) tellKept(ctx context.Context, t *target, result engine.Result) error {
	left, err := t.stack.Left(ctx)
	if err != nil {
		return err
	}
	kept := append(left, retained(result)...)
	if len(kept) == 0 {
		return nil
	}
	var names []string
	for _, step := range kept {
		names = append(names, step.ShortType())
	}
	slices.Sort(names)
	s.console.line("        kept as this stack asks for, and gone with the throw-away folder: %s", strings.Join(slices.Compact(names), ", "))
	return nil
}

// retained are the resources that were let go of and not deleted.
func retained(result engine.Result) []engine.Step {
	var kept []engine.Step
	for _, step := range result.Steps {
		if step.Op == "delete" && step.Retained && !step.Component {
			kept = append(kept, step)
		}
	}
	return kept
}
