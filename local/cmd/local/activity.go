package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/cmd/local/commandline"
)

// activity shows what a local target does while it serves: a line for each second in which there were requests, requests
// that failed, objects written, failures of Firehose, and alarms.
type activity struct {
	terminal *terminal
	clock    clockwork.Clock
	// stored are events, throttled and failed requests, of this second.
	stored, throttled, failed atomic.Int64
}

// shownFailures is how many failed requests of a second are shown one by one.
const shownFailures = 3

func (a *activity) hooks() aws.Hooks {
	return aws.Hooks{
		OnPut:      func(kinesis.Put) { a.stored.Add(1) },
		OnResponse: a.response,
		OnDeliver: func(d firehose.Delivered) {
			a.printf("%s in s3://%s/%s", plural(d.Records, "event"), d.Bucket, d.Key)
		},
		OnFault:        func(f firehose.Fault) { a.printf("%s: %s", f.DeliveryStream, describeFault(f)) },
		OnAlarm:        a.alarm,
		OnAlarmProblem: func(err error) { a.printf("CloudWatch: %v", err) },
	}
}

func (a *activity) printf(format string, args ...any) {
	a.terminal.printf("%s  %s", a.clock.Now().Format(time.TimeOnly), fmt.Sprintf(format, args...))
}

// alarm shows that an alarm is raised or cleared. An alarm that has its first data is neither.
func (a *activity) alarm(change cloudwatch.AlarmChange) {
	if change.Alarm.State == cloudwatch.InAlarm || change.OldState == cloudwatch.InAlarm {
		a.printf("%s  alarm %s: %s", change.Alarm.State, change.Alarm.Name, change.Alarm.Reason)
	}
}

// response shows a request that failed with its id, by which the logs have it.
func (a *activity) response(r apigateway.Response) {
	switch {
	case r.Status == http.StatusTooManyRequests:
		a.throttled.Add(1)
	case r.Status >= 500 && a.failed.Add(1) <= shownFailures:
		text := fmt.Sprintf("%d  %s %s, request %s", r.Status, r.HTTPMethod, r.ResourcePath, r.RequestID)
		if r.Problem != "" {
			text += ": " + r.Problem
		}
		a.printf("%s", text)
	}
}

// second is the line about the last second; empty if there is nothing to say.
func (a *activity) second() string {
	var parts []string
	if n := a.stored.Swap(0); n > 0 {
		parts = append(parts, plural(int(n), "event")+" stored")
	}
	if n := a.throttled.Swap(0); n > 0 {
		parts = append(parts, plural(int(n), "request")+" throttled")
	}
	if n := a.failed.Swap(0); n > shownFailures {
		parts = append(parts, plural(int(n), "request")+" failed")
	}
	return strings.Join(parts, ", ")
}

// show shows what happens in each second until ctx ends.
func (a *activity) show(ctx context.Context) {
	a.second() // what happened before does not count
	ticker := a.clock.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.Chan():
			if text := a.second(); text != "" {
				a.printf("%s", text)
			}
		}
	}
}

// describeFault is a failure of Firehose with what to do about it. AWS's message for an internal error, that it will be
// reported to AWS, is of no use here: the cause is on this machine.
func describeFault(f firehose.Fault) string {
	text := f.ErrorCode + ": " + f.Message
	if f.ErrorCode == "InternalError" {
		text = fmt.Sprintf("%s: %v", f.ErrorCode, f.Err)
	}
	if hint := commandline.Hint(f.Err); hint != "" {
		text += "; " + hint
	}
	if !f.RetryAt.IsZero() {
		text += "; next attempt at " + f.RetryAt.Local().Format(time.TimeOnly)
	}
	return text
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
