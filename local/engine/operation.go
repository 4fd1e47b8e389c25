package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Up deploys the program. When ctx is done, the engine finishes the operations in progress and records
// them in the state; the next Up continues from there.
func (s *Stack) Up(ctx context.Context) (Result, error) {
	result, err := s.change(ctx, "deploying", s.up(ctx))
	if err != nil {
		return result, err
	}
	return result, s.reveal(ctx, &result)
}

func (s *Stack) up(ctx context.Context) func(chan<- events.EngineEvent) error {
	return func(channel chan<- events.EngineEvent) error {
		_, err := s.auto.Up(ctx, optup.EventStreams(channel), optup.SuppressProgress())
		return err
	}
}

// hasSecret says whether an output is a secret or holds one. The engine's events have an object with a signature in its
// place.
func hasSecret(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		if _, signed := v[resource.SigKey]; signed {
			return true
		}
		for _, inner := range v {
			if hasSecret(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, hasSecret)
	}
	return false
}

// reveal reads the outputs that are secrets from the engine, if there are any.
func (s *Stack) reveal(ctx context.Context, result *Result) error {
	result.Secret = map[string]bool{}
	for name, value := range result.Outputs {
		if hasSecret(value) {
			result.Secret[name] = true
		}
	}
	if len(result.Secret) == 0 {
		return nil
	}
	s.engine.readOutputs = true
	defer func() { s.engine.readOutputs = false }()
	outputs, err := s.auto.Outputs(ctx)
	if err != nil {
		return s.explain(ctx, "reading the outputs of", err, nil)
	}
	for name := range result.Secret {
		result.Outputs[name] = outputs[name].Value
	}
	return nil
}

// Kill ends the engine at once if it is running. The next Open repairs the state. It may be called while another
// method runs.
func (s *Stack) Kill() { s.engine.kill() }

// Preview reports what Up would do.
func (s *Stack) Preview(ctx context.Context) (Result, error) {
	return s.operate(ctx, "previewing", func(channel chan<- events.EngineEvent) error {
		_, err := s.auto.Preview(ctx, optpreview.EventStreams(channel), optpreview.SuppressProgress())
		return err
	})
}

// Refresh reads each resource from its provider and updates the state.
func (s *Stack) Refresh(ctx context.Context) (Result, error) {
	return s.refresh(ctx)
}

func (s *Stack) refresh(ctx context.Context, options ...optrefresh.Option) (Result, error) {
	return s.change(ctx, "refreshing", func(channel chan<- events.EngineEvent) error {
		_, err := s.auto.Refresh(ctx, append(options, optrefresh.EventStreams(channel), optrefresh.SuppressProgress())...)
		return err
	})
}

// Destroy deletes the resources except protected ones and those that they depend on; Left lists them.
func (s *Stack) Destroy(ctx context.Context) (Result, error) {
	return s.change(ctx, "destroying", func(channel chan<- events.EngineEvent) error {
		_, err := s.auto.Destroy(ctx, optdestroy.EventStreams(channel), optdestroy.SuppressProgress())
		return err
	})
}

// Left lists the custom resources in the state, as steps of the kind "same".
func (s *Stack) Left() ([]Step, error) {
	state, err := s.deployment()
	if err != nil {
		return nil, err
	}
	var left []Step
	for _, d := range state.Resources {
		if d.Custom && !strings.HasPrefix(d.Type, "pulumi:providers:") {
			left = append(left, Step{URN: d.URN, Type: d.Type, Op: "same", State: Done, ID: d.ID, Protected: d.Protect, Retained: d.RetainOnDelete})
		}
	}
	return left, nil
}

// change runs an operation that changes the stack. If it is interrupted, the next Open repairs the state.
func (s *Stack) change(ctx context.Context, doing string, run func(chan<- events.EngineEvent) error) (Result, error) {
	if err := s.beginOperation(); err != nil {
		return Result{}, err
	}
	result, err := s.operate(ctx, doing, run)
	if endErr := s.endOperation(); endErr != nil {
		err = errors.Join(err, endErr)
	}
	return result, err
}

// operate runs an operation and collects its events.
func (s *Stack) operate(ctx context.Context, doing string, run func(chan<- events.EngineEvent) error) (Result, error) {
	start := time.Now()
	s.setProgramError(nil)
	watch := s.watch()
	err := run(watch.channel)
	watch.finish()
	result := watch.result()
	result.Took = time.Since(start)
	if err != nil {
		err = s.explain(ctx, doing, err, watch.failures)
	}
	return result, err
}
