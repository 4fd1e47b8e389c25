package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/kinesis"
)

func newActivity() (*activity, *screen, *clockwork.FakeClock) {
	out, clock := &screen{}, clockwork.NewFakeClockAt(time.Date(2026, 3, 1, 12, 0, 0, 0, time.Local))
	return &activity{terminal: &terminal{out: out}, clock: clock}, out, clock
}

func change(from, to string) cloudwatch.AlarmChange {
	c := cloudwatch.AlarmChange{OldState: from}
	c.Alarm.Name, c.Alarm.State, c.Alarm.Reason = "throttled", to, "Threshold Crossed: 1 datapoint [3.0] was greater than the threshold (1.0)."
	return c
}

func TestAnAlarmIsShownWhenItIsRaisedAndWhenItIsCleared(t *testing.T) {
	a, out, _ := newActivity()
	a.hooks().OnAlarm(change(cloudwatch.InsufficientData, cloudwatch.OK))
	assert.Empty(t, out.String(), "an alarm with its first data needs nobody's attention")
	a.hooks().OnAlarm(change(cloudwatch.OK, cloudwatch.InAlarm))
	assert.Regexp(t, `^\d\d:\d\d:\d\d  ALARM  alarm throttled: Threshold Crossed: .*\n$`, out.String())
	a.hooks().OnAlarm(change(cloudwatch.InAlarm, cloudwatch.OK))
	assert.Regexp(t, `\n\d\d:\d\d:\d\d  OK  alarm throttled: Threshold Crossed: .*\n$`, out.String())
}

func TestFailedRequestsAreShownWithTheirIdAndCountedUnderLoad(t *testing.T) {
	a, out, _ := newActivity()
	for i := range 5 {
		a.hooks().OnResponse(apigateway.Response{HTTPMethod: "POST", ResourcePath: "/v1", Status: 500, RequestID: fmt.Sprintf("id-%d", i), Problem: "why"})
		a.hooks().OnResponse(apigateway.Response{HTTPMethod: "POST", ResourcePath: "/v1", Status: 429, RequestID: "throttled"})
	}
	a.hooks().OnResponse(apigateway.Response{HTTPMethod: "POST", ResourcePath: "/v1", Status: 400, RequestID: "client"})
	assert.Regexp(t, `^\d\d:\d\d:\d\d  500  POST /v1, request id-0: why\n.*id-1: why\n.*id-2: why\n$`, out.String())
	assert.Equal(t, "5 requests throttled, 5 requests failed", a.second())
	assert.Empty(t, a.second())
}

func TestUnderLoadThereIsALineASecond(t *testing.T) {
	a, out, clock := newActivity()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.show(ctx)
	}()
	require.NoError(t, clock.BlockUntilContext(t.Context(), 1))
	hooks, want := a.hooks(), ""
	for _, second := range []string{"12:00:01", "12:00:02", "12:00:03"} {
		for range 5000 {
			hooks.OnPut(kinesis.Put{})
			hooks.OnResponse(apigateway.Response{Status: http.StatusOK})
		}
		for range 700 {
			hooks.OnResponse(apigateway.Response{Status: http.StatusTooManyRequests})
		}
		clock.Advance(time.Second)
		want += second + "  5000 events stored, 700 requests throttled\n"
		require.Eventually(t, func() bool { return out.String() == want }, patience, time.Millisecond, "%s", out)
	}
	clock.Advance(time.Second)
	cancel()
	<-ended
	assert.Equal(t, want, out.String(), "a second without events has no line")
}

func TestAFullDiskIsReportedWithItsCauseAndWhatToDo(t *testing.T) {
	retry := time.Date(2026, 3, 1, 12, 0, 4, 0, time.Local)
	full := firehose.Fault{DeliveryStream: "events", ErrorCode: "InternalError", Message: "… it will be reported to AWS for resolution.",
		Err: fmt.Errorf("writing the object: %w", syscall.ENOSPC), RetryAt: retry}
	assert.Equal(t, "InternalError: writing the object: no space left on device; free space on the disk; what was stored is kept; next attempt at 12:00:04",
		describeFault(full))
	denied := firehose.Fault{ErrorCode: "S3.AccessDenied", Message: "Access was denied.", Err: errors.New("denied")}
	assert.Equal(t, "S3.AccessDenied: Access was denied.", describeFault(denied))
}
