package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
)

// watcher makes steps and messages of the engine's events.
type watcher struct {
	stack   *Stack
	channel chan events.EngineEvent
	started chan struct{} // closed with the first event
	ended   chan struct{} // closed when all events were handled
	quit    chan struct{}

	// The rest belongs to the goroutine of follow until it ends.
	begun    map[string]time.Time
	steps    []Step
	changes  map[string]int
	failures []Message
	outputs  map[string]any
}

// lastEvents is how long events may still be on their way when the engine has ended.
const lastEvents = 5 * time.Second

func (s *Stack) watch() *watcher {
	w := &watcher{
		stack: s, channel: make(chan events.EngineEvent), started: make(chan struct{}), ended: make(chan struct{}), quit: make(chan struct{}),
		begun: map[string]time.Time{}, changes: map[string]int{},
	}
	go w.follow()
	return w
}

// finish waits until all events were handled. An engine that failed before its first event never closes the channel.
func (w *watcher) finish() {
	select {
	case <-w.started:
		select {
		case <-w.ended:
			return
		case <-time.After(lastEvents):
		}
	default:
	}
	close(w.quit)
	<-w.ended
}

func (w *watcher) follow() {
	defer close(w.ended)
	first := true
	for {
		select {
		case <-w.quit:
			return
		case event, open := <-w.channel:
			if !open {
				return
			}
			if first {
				close(w.started)
				first = false
			}
			if event.Error == nil {
				w.handle(event.EngineEvent)
			}
		}
	}
}

func (w *watcher) result() Result {
	return Result{Changes: w.changes, Steps: w.steps, Outputs: w.outputs}
}

func (w *watcher) handle(event apitype.EngineEvent) {
	switch {
	case event.ResourcePreEvent != nil:
		w.begin(event.ResourcePreEvent.Metadata)
	case event.ResOutputsEvent != nil:
		w.end(event.ResOutputsEvent.Metadata, Done)
	case event.ResOpFailedEvent != nil:
		w.end(event.ResOpFailedEvent.Metadata, Failed)
	case event.SummaryEvent != nil:
		for op, count := range event.SummaryEvent.ResourceChanges {
			w.changes[string(op)] = count
		}
	case event.DiagnosticEvent != nil:
		w.diagnose(*event.DiagnosticEvent)
	}
}

// stackType is the type of the resource that stands for the stack.
const stackType = "pulumi:pulumi:Stack"

// key distinguishes the steps of a replacement, which are about one resource.
func key(m apitype.StepEventMetadata) string { return string(m.Op) + " " + m.URN }

func (w *watcher) begin(m apitype.StepEventMetadata) {
	w.begun[key(m)] = time.Now()
	if step := stepOf(m, Begun); step.Changes() && step.Type != stackType {
		w.report(step)
	}
}

func (w *watcher) end(m apitype.StepEventMetadata, state State) {
	step := stepOf(m, state)
	if begun, ok := w.begun[key(m)]; ok {
		step.Took = time.Since(begun)
	}
	// The stack itself has two events: when it is registered, and at the end, with the program's exports.
	if step.Type == stackType {
		w.outputs = step.Outputs
		return
	}
	w.steps = append(w.steps, step)
	w.report(step)
}

func (w *watcher) report(step Step) {
	if w.stack.options.OnStep != nil {
		w.stack.options.OnStep(step)
	}
}

func (w *watcher) diagnose(d apitype.DiagnosticEvent) {
	if d.Ephemeral || d.Severity == "debug" {
		return
	}
	message := Message{URN: d.URN, Text: strings.TrimSpace(colors.Never.Colorize(d.Message))}
	switch d.Severity {
	case "error":
		message.Severity = Failure
	case "warning":
		message.Severity = Warning
	default:
		message.Severity = Info
	}
	if message.Text == "" {
		return
	}
	if message.Severity == Failure {
		// It is part of the operation's error.
		w.failures = append(w.failures, message)
		return
	}
	if w.stack.options.OnMessage != nil {
		w.stack.options.OnMessage(message)
	}
}

func stepOf(m apitype.StepEventMetadata, state State) Step {
	step := Step{URN: m.URN, Type: m.Type, Op: string(m.Op), State: state, Diffs: diffsOf(m)}
	for _, resource := range slices.DeleteFunc([]*apitype.StepEventStateMetadata{m.Old, m.New}, func(r *apitype.StepEventStateMetadata) bool { return r == nil }) {
		step.Parent, step.Component = resource.Parent, !resource.Custom
		step.Protected, step.Retained = resource.Protect, resource.RetainOnDelete
		step.ID, step.Inputs, step.Outputs = resource.ID, resource.Inputs, resource.Outputs
	}
	return step
}
