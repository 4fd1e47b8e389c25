package contract_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/test/pipelinetest"
)

// count decodes the lines of the objects into how often each numbered event is there.
func count(t *testing.T, lines []string) map[int]int {
	t.Helper()
	found := map[int]int{}
	for _, line := range lines {
		var e struct{ N *int }
		require.NoError(t, json.Unmarshal([]byte(line), &e), "a broken line: %q", line)
		require.NotNil(t, e.N, line)
		found[*e.N]++
	}
	return found
}

// wantAll compares what was acknowledged with what is in S3, and says how many are there more than once.
func wantAll(t *testing.T, acknowledged map[int]bool, found map[int]int) {
	t.Helper()
	duplicates := 0
	for n := range acknowledged {
		require.Positive(t, found[n], "event %d was acknowledged and is not in S3", n)
		duplicates += found[n] - 1
	}
	unacknowledged := 0
	for n := range found {
		if !acknowledged[n] {
			unacknowledged++
		}
	}
	t.Logf("%d acknowledged, all in S3; %d duplicates; %d stored without an acknowledgement", len(acknowledged), duplicates, unacknowledged)
}

// client sends its events, one by one or in batches, and sends again on 429 and 5xx only, as docs/clients.md asks for.
type client struct {
	p     *pipelinetest.Pipeline
	clock *clockwork.FakeClock
	batch int
}

// send sends numbered events until each has its 200.
func (c client) send(t *testing.T, numbers []int) {
	for len(numbers) > 0 {
		now := numbers[:min(c.batch, len(numbers))]
		numbers = numbers[len(now):]
		for len(now) > 0 {
			now = c.once(t, now)
		}
	}
}

// once sends events and returns those to send again.
func (c client) once(t *testing.T, numbers []int) []int {
	url, body := c.p.URL, fmt.Sprintf(`{"n":%d}`, numbers[0])
	if c.batch > 1 {
		var events []string
		for _, n := range numbers {
			events = append(events, fmt.Sprintf(`{"n":%d}`, n))
		}
		url, body = c.p.BatchURL, "["+strings.Join(events, ",")+"]"
	}
	answer := c.p.Post(t, url, body)
	if answer.Status == http.StatusOK {
		return nil
	}
	if answer.Status != http.StatusTooManyRequests && answer.Status < 500 {
		t.Errorf("refused for good: %d %s", answer.Status, answer.Body)
		return nil
	}
	assert.Equal(t, "1", answer.Header.Get("Retry-After"))
	c.clock.Advance(time.Second)
	var refused refusal
	require.NoError(t, json.Unmarshal(answer.Body, &refused))
	if refused.Error.FailedIndexes == nil {
		return numbers
	}
	var again []int
	for _, i := range refused.Error.FailedIndexes {
		again = append(again, numbers[i])
	}
	return again
}

const denyWrites = `{"Version":"2012-10-17","Statement":[{"Sid":"Refuse","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::%s/*"}]}`

func TestEveryAcknowledgedEventReachesS3DespiteThrottlingErrorsAndRestarts(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClockAt(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	p := pipelinetest.Start(t, pipelinetest.Options{Clock: clock, Settings: map[string]string{
		"throttle.requestsPerSecond": "1000", "throttle.burst": "1000", "logs.level": "OFF",
	}})
	const clients, each, rounds = 8, 300, 3
	acknowledged := map[int]bool{}
	for round := range rounds {
		if round == 1 { // S3 refuses for a whole round
			require.NoError(t, p.Cloud.S3.PutBucketPolicy(p.Bucket, fmt.Sprintf(denyWrites, p.Bucket)))
		}
		var wait sync.WaitGroup
		for c := range clients {
			var numbers []int
			for i := range each {
				n := (round*clients+c)*each + i
				numbers = append(numbers, n)
				acknowledged[n] = true
			}
			wait.Go(func() { client{p, clock, []int{1, 7, 100}[c%3]}.send(t, numbers) })
		}
		wait.Wait()
		if round == 1 {
			require.Error(t, p.Cloud.Firehose.Flush(t.Context()), "S3 refuses")
			require.NoError(t, p.Cloud.S3.DeleteBucketPolicy(p.Bucket))
		}
		p.Restart(t)
	}
	p.Flush(t)
	wantAll(t, acknowledged, count(t, p.Lines(t, "raw/")))
}
