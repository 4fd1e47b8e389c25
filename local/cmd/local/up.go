package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/cmd/local/command"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/internal/settings"
)

// up deploys the program to a state folder and serves until Ctrl-C.
func (s *session) up(ctx context.Context, flags command.Up, dir string) (err error) {
	s.verbose = flags.Verbose
	stack, _, err := settings.Load(ctx, s.project, flags.Stack)
	if err != nil {
		return err
	}
	region, err := region(stack)
	if err != nil {
		return err
	}
	traffic := &traffic{console: s.console}
	t, err := s.openTarget(ctx, targetOptions{
		dir: dir, stack: flags.Stack, region: region, ports: newPorts(flags.Listen), bufferInterval: flags.BufferInterval,
		hooks: traffic.hooks(), onStep: s.console.step,
	})
	if err != nil {
		return advise(err)
	}
	defer func() {
		if left := t.leave(ctx); err == nil {
			err = left
		}
	}()
	s.console.line("deploying the stack %s to %s", flags.Stack, s.relative(dir))
	result, err := t.deploy(ctx)
	if err != nil {
		return advise(err)
	}
	s.showOutputs(t, result, dir)
	return t.follow(ctx, traffic)
}

// showOutputs tells what the program exports and what to do with it.
func (s *session) showOutputs(t *target, result engine.Result, dir string) {
	c := s.console
	c.line("")
	c.line("outputs")
	for _, name := range slices.Sorted(maps.Keys(result.Outputs)) {
		value := fmt.Sprint(result.Outputs[name])
		if name == "curl" {
			continue // it is below, to be pasted
		}
		if result.Secret[name] {
			value = "[secret]"
		}
		c.line("  %-20s %s", name, value)
	}
	c.line("")
	c.line("send an event")
	c.line("  %s", output(result, "curl"))
	c.line("see it arrive")
	c.line("  aws s3 ls --recursive --endpoint-url %s %s", t.cloud.S3URL(), output(result, "bucketFolder"))
	c.line("  %s holds the same objects as plain files", s.relative(filepath.Join(dir, "s3")))
	c.line("  aws and a curl that signs want AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s", ownerKey.AccessKeyID, ownerKey.SecretAccessKey)
	c.line("")
	c.line("serving until Ctrl-C")
}

// relative is a path as seen from the project's folder, if it is below it.
func (s *session) relative(path string) string {
	relative, err := filepath.Rel(s.project, path)
	if err != nil || !filepath.IsLocal(relative) {
		return path
	}
	return relative
}

// traffic shows what passes through a local target that serves: how many events were stored, each second in which
// there were any, and each object.
type traffic struct {
	console *console
	stored  atomic.Int64
}

func (t *traffic) hooks() aws.Hooks {
	return aws.Hooks{
		OnPut: func(kinesis.Put) { t.stored.Add(1) },
		OnDeliver: func(d firehose.Delivered) {
			t.console.line("%s  %s in s3://%s/%s", clock(), plural(d.Records, "event"), d.Bucket, d.Key)
		},
		OnFault: func(f firehose.Fault) {
			t.console.line("%s  %s: %s: %s", clock(), f.DeliveryStream, f.ErrorCode, f.Message)
		},
	}
}

// follow shows what is stored until ctx ends.
func (t *traffic) follow(ctx context.Context) {
	t.stored.Store(0)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if n := t.stored.Swap(0); n > 0 {
				t.console.line("%s  %s stored", clock(), plural(int(n), "event"))
			}
		}
	}
}

func clock() string { return time.Now().Format(time.TimeOnly) }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
