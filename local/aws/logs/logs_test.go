package logs_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/logs"
)

var (
	account = iam.Account{ID: "123456789012", Region: "eu-west-1", Partition: "aws"}
	start   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

const (
	group  = "API-Gateway-Execution-Logs_abc123/PROD"
	stream = "0f0e0d"
)

// fixture is a log group with a log stream, and a role that may write to it.
type fixture struct {
	*logs.Service
	dir    string
	clock  *clockwork.FakeClock
	iam    *iam.Service
	caller *iam.Session
}

func newFixture(t testing.TB, faults logs.Faults) *fixture {
	t.Helper()
	w := &fixture{dir: t.TempDir(), clock: clockwork.NewFakeClockAt(start)}
	w.iam = iam.New(account, iam.WithClock(w.clock))
	arn, err := w.iam.CreateRole(iam.Role{Name: "writer", TrustPolicy: `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`})
	require.NoError(t, err)
	require.NoError(t, w.iam.AttachRolePolicy("writer", "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"))
	w.caller, err = w.iam.AssumeRole(arn, "apigateway.amazonaws.com", "session", nil)
	require.NoError(t, err)
	w.open(t, faults)
	require.NoError(t, w.CreateLogGroup(logs.Group{Name: group}))
	require.NoError(t, w.CreateLogStream(group, stream))
	return w
}

func (w *fixture) open(t testing.TB, faults logs.Faults) {
	t.Helper()
	service, err := logs.OpenFaulty(logs.Options{Dir: w.dir, Account: account, Clock: w.clock}, faults)
	require.NoError(t, err)
	w.Service = service
	t.Cleanup(func() { _ = service.Close() })
}

// event is an event some time after the start.
func event(after time.Duration, message string) logs.Event {
	return logs.Event{Time: start.Add(after), Message: message}
}

func (w *fixture) messages(t testing.TB, group, stream string) []string {
	t.Helper()
	events, err := w.Read(group, stream)
	require.NoError(t, err)
	messages := []string{}
	for _, e := range events {
		messages = append(messages, e.Message)
	}
	return messages
}

func requireAWSError(t testing.TB, err error, code, message string) {
	t.Helper()
	var aws *awserr.Error
	require.ErrorAs(t, err, &aws)
	assert.Equal(t, code, aws.Code)
	assert.Equal(t, message, aws.Message)
}

func TestALogStreamIsAFileThatAPersonCanRead(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	events := []logs.Event{
		event(0, "(a1b2) Method request body before transformations: {"),
		event(1500*time.Microsecond, "two\n\tlines\n2026-03-01T12:00:00.000Z not an event\n"),
		event(time.Hour, "last \r"),
	}
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, events...))
	require.NoError(t, w.Flush())
	text, err := os.ReadFile(filepath.Join(w.dir, "API-Gateway-Execution-Logs_abc123+PROD", "0f0e0d.log"))
	require.NoError(t, err)
	assert.Equal(t, "2026-03-01T12:00:00.000Z (a1b2) Method request body before transformations: {\n"+
		"2026-03-01T12:00:00.001Z two\n\t\tlines\n\t2026-03-01T12:00:00.000Z not an event\n\t\n"+
		"2026-03-01T13:00:00.000Z last \r\n", string(text))
	want := []logs.Event{events[0], {Time: start.Add(time.Millisecond), Message: events[1].Message}, events[2]}
	got, err := w.Read(group, stream)
	require.NoError(t, err)
	assert.Equal(t, want, got)

	require.NoError(t, w.Close())
	w.open(t, logs.Faults{})
	got, err = w.Read(group, stream)
	require.NoError(t, err)
	assert.Equal(t, want, got, "after a restart")
}

func TestEventsAreWrittenEachSecondAndAtClose(t *testing.T) {
	flushed := make(chan error, 100)
	w := newFixture(t, logs.Faults{Flushed: func(err error) { flushed <- err }})
	file := filepath.Join(w.dir, "API-Gateway-Execution-Logs_abc123+PROD", "0f0e0d.log")
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, "one")))
	assert.NoFileExists(t, file)
	require.NoError(t, w.clock.BlockUntilContext(t.Context(), 1))
	w.clock.Advance(time.Second)
	require.NoError(t, <-flushed)
	assert.FileExists(t, file)
	assert.Equal(t, logs.Stats{Written: 1}, w.Stats())
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, "two")))
	require.NoError(t, w.Close())
	require.NoError(t, w.Close())
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "2026-03-01T12:00:00.000Z one\n2026-03-01T12:00:00.000Z two\n", string(text))
}

func TestALotOfEventsIsWrittenWithoutWaiting(t *testing.T) {
	flushed := make(chan error, 1)
	w := newFixture(t, logs.Faults{Flushed: func(err error) { flushed <- err }})
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, strings.Repeat("x", 300<<10))))
	require.NoError(t, <-flushed)
	assert.Zero(t, w.Waiting())
}

func TestPutNeedsAPermissionOnTheLogStream(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	const arn = "arn:aws:logs:eu-west-1:123456789012:log-group:" + group + ":log-stream:" + stream
	assert.Equal(t, arn, w.StreamARN(group, stream))
	require.NoError(t, w.iam.DetachRolePolicy("writer", "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"))
	requireAWSError(t, w.PutLogEvents(w.caller, group, stream, event(0, "x")), "AccessDeniedException",
		"User: arn:aws:sts::123456789012:assumed-role/writer/session is not authorized to perform: logs:PutLogEvents on resource: "+arn+
			" because no identity-based policy allows the logs:PutLogEvents action")
	require.Error(t, w.PutLogEvents(nil, group, stream, event(0, "x")))
	require.NoError(t, w.iam.PutRolePolicy("writer", "p", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Action": "logs:PutLogEvents", "Resource": "`+arn+`"}]}`))
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, "x")))
	require.NoError(t, w.CreateLogStream(group, "other"))
	require.ErrorContains(t, w.PutLogEvents(w.caller, group, "other", event(0, "x")), "AccessDeniedException")
	require.ErrorContains(t, w.PutLogEvents(w.caller, "nowhere", "other", event(0, "x")), "AccessDeniedException")
	assert.Equal(t, []string{"x"}, w.messages(t, group, stream))
}

func TestWhatDoesNotExistIsNotFound(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	const noGroup, noStream = "The specified log group does not exist.", "The specified log stream does not exist."
	requireAWSError(t, w.PutLogEvents(w.caller, "nowhere", stream, event(0, "x")), "ResourceNotFoundException", noGroup)
	requireAWSError(t, w.PutLogEvents(w.caller, group, "nowhere", event(0, "x")), "ResourceNotFoundException", noStream)
	_, err := w.Read("nowhere", stream)
	requireAWSError(t, err, "ResourceNotFoundException", noGroup)
	_, err = w.Read(group, "nowhere")
	requireAWSError(t, err, "ResourceNotFoundException", noStream)
	requireAWSError(t, w.UpdateLogGroup(logs.Group{Name: "nowhere", RetentionInDays: 1}), "ResourceNotFoundException", noGroup)
	requireAWSError(t, w.DeleteLogGroup("nowhere"), "ResourceNotFoundException", noGroup)
	requireAWSError(t, w.CreateLogStream("nowhere", "s"), "ResourceNotFoundException", noGroup)
	requireAWSError(t, w.DeleteLogStream("nowhere", "s"), "ResourceNotFoundException", noGroup)
	requireAWSError(t, w.DeleteLogStream(group, "nowhere"), "ResourceNotFoundException", noStream)
}

func TestABatchThatCloudWatchRefusesIsRefusedWhole(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	for name, c := range map[string]struct {
		events  []logs.Event
		message string
	}{
		"no event":      {nil, "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length between 1 and 10000"},
		"too many":      {make([]logs.Event, 10001), "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length between 1 and 10000"},
		"empty message": {[]logs.Event{event(0, "x"), event(0, "")}, "1 validation error detected: Value '' at 'logEvents.2.member.message' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		"out of order":  {[]logs.Event{event(time.Second, "x"), event(0, "y")}, "Log events in a single PutLogEvents request must be in chronological order."},
		"too large":     {[]logs.Event{event(0, strings.Repeat("x", 1<<20-25))}, "Upload too large: 1048577 bytes exceeds limit of 1048576"},
		"over a day":    {[]logs.Event{event(-25*time.Hour, "x"), event(0, "y")}, "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."},
	} {
		t.Run(name, func(t *testing.T) {
			requireAWSError(t, w.PutLogEvents(w.caller, group, stream, c.events...), "InvalidParameterException", c.message)
		})
	}
	assert.Empty(t, w.messages(t, group, stream))
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, strings.Repeat("x", 1<<20-26))))
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(900*time.Microsecond, "x"), event(100*time.Microsecond, "y")),
		"CloudWatch counts whole milliseconds")
}

func TestEventsOfAnotherTimeAreLeftOutAndCounted(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	put := func(after time.Duration) {
		require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(after, after.String())))
	}
	put(-14*24*time.Hour - time.Second)
	put(-14 * 24 * time.Hour)
	put(2 * time.Hour)
	put(2*time.Hour + time.Second)
	require.NoError(t, w.UpdateLogGroup(logs.Group{Name: group, RetentionInDays: 3}))
	put(-4 * 24 * time.Hour)
	require.NoError(t, w.UpdateLogGroup(logs.Group{Name: group, RetentionInDays: 0}))
	assert.Equal(t, []string{"-336h0m0s", "2h0m0s"}, w.messages(t, group, stream))
	assert.Equal(t, int64(3), w.Stats().Rejected)
}

func TestTheOrderOfEachCallerIsKept(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	var wait sync.WaitGroup
	for caller := range 4 {
		wait.Go(func() {
			for i := range 500 {
				first, second := fmt.Sprintf("%d %d a", caller, i), fmt.Sprintf("%d %d b", caller, i)
				assert.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, first), event(0, second)))
				if i%100 == caller {
					assert.NoError(t, w.Flush())
				}
			}
		})
	}
	wait.Wait()
	next := map[int]int{}
	messages := w.messages(t, group, stream)
	require.Len(t, messages, 4000)
	for i := 0; i < len(messages); i += 2 {
		var caller, n int
		_, err := fmt.Sscanf(messages[i], "%d %d a", &caller, &n)
		require.NoError(t, err)
		require.Equal(t, next[caller], n)
		require.Equal(t, fmt.Sprintf("%d %d b", caller, n), messages[i+1], "events of one call stay together")
		next[caller]++
	}
}

var errBroken = errors.New("no space left on device")

func TestADiskThatFailsCostsNothingUntilTheBufferIsFull(t *testing.T) {
	var mu sync.Mutex
	broken := false
	flushed := make(chan error, 100)
	w := newFixture(t, logs.Faults{
		Writer: func(to io.Writer) io.Writer {
			mu.Lock()
			defer mu.Unlock()
			if broken {
				return halfWriter{to}
			}
			return to
		},
		Flushed: func(err error) { flushed <- err },
	})
	set := func(to bool) { mu.Lock(); broken = to; mu.Unlock() }
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, "before")))
	require.NoError(t, w.Flush())
	set(true)
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, "first")))
	require.ErrorIs(t, w.Flush(), errBroken)
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, "second")))
	require.ErrorIs(t, w.Flush(), errBroken)
	require.NoError(t, w.clock.BlockUntilContext(t.Context(), 1))
	w.clock.Advance(time.Second)
	require.ErrorIs(t, <-flushed, errBroken)
	require.ErrorIs(t, w.Stats().Problem, errBroken)
	text, err := os.ReadFile(filepath.Join(w.dir, "API-Gateway-Execution-Logs_abc123+PROD", "0f0e0d.log"))
	require.NoError(t, err)
	assert.Equal(t, "2026-03-01T12:00:00.000Z before\n", string(text), "no half line is left")

	large := strings.Repeat("x", 1<<20-100)
	for range 40 {
		require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, large)))
	}
	assert.LessOrEqual(t, w.Waiting(), int64(33<<20))
	dropped := w.Stats().Dropped
	assert.Greater(t, dropped, int64(5))
	set(false)
	require.NoError(t, w.Flush())
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(time.Minute, "after")))
	messages := w.messages(t, group, stream)
	assert.Equal(t, []string{"before", "first", "second"}, messages[:3])
	assert.Equal(t, []string{fmt.Sprintf("%d log events were dropped here: the disk did not keep up.", dropped), "after"}, messages[len(messages)-2:])
	assert.Len(t, messages, 3+40-int(dropped)+2)
	assert.Zero(t, w.Waiting())
	assert.Equal(t, int64(4+40-int(dropped)), w.Stats().Written)
}

// halfWriter writes half of what it gets, and then the disk is full.
type halfWriter struct{ to io.Writer }

func (h halfWriter) Write(p []byte) (int, error) {
	n, _ := h.to.Write(p[:len(p)/2])
	return n, errBroken
}

func TestALineThatACrashCutShortIsRemoved(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, "whole")))
	require.NoError(t, w.Close())
	file := filepath.Join(w.dir, "API-Gateway-Execution-Logs_abc123+PROD", "0f0e0d.log")
	for _, torn := range []string{"2026-03-01T12:00:00.000Z half", strings.Repeat("x", 10000)} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, append(text, torn...), 0o644))
		w.open(t, logs.Faults{})
		before := w.messages(t, group, stream)
		assert.NotContains(t, strings.Join(before, "\n"), torn[24:])
		require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, "next")))
		assert.Equal(t, append(before, "next"), w.messages(t, group, stream))
		require.NoError(t, w.Close())
	}
	require.NoError(t, os.WriteFile(file, []byte("no line at all"), 0o644))
	w.open(t, logs.Faults{})
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, "first")))
	assert.Equal(t, []string{"first"}, w.messages(t, group, stream))
}

func TestAFolderThatCannotBeUsedIsAClearError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, err := logs.Open(logs.Options{Dir: file, Account: account})
	require.ErrorContains(t, err, "opening the folder of the log groups: mkdir "+file+": not a directory")

	w := newFixture(t, logs.Faults{})
	require.NoError(t, w.Close())
	require.NoError(t, os.WriteFile(filepath.Join(w.dir, "API-Gateway-Execution-Logs_abc123+PROD", "group.json"), []byte("{"), 0o644))
	_, err = logs.Open(logs.Options{Dir: w.dir, Account: account})
	require.ErrorContains(t, err, "API-Gateway-Execution-Logs_abc123+PROD/group.json is damaged")
}
