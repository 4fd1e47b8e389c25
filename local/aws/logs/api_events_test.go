package logs_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/apitest"
	"ingest-pipeline/local/aws/logs"
)

// client is a fixture with a client of AWS's SDK.
type client struct {
	*fixture
	api    *sdk.Client
	server *apitest.Server
}

func newClient(t testing.TB) *client {
	t.Helper()
	w := newFixture(t, logs.Faults{})
	server := apitest.Serve(t, account, apitest.NewIAM(account), w.API())
	return &client{w, sdk.NewFromConfig(server.Config()), server}
}

func (c *client) put(t testing.TB, stream string, events ...logs.Event) *sdk.PutLogEventsOutput {
	t.Helper()
	var list []types.InputLogEvent
	for _, e := range events {
		list = append(list, types.InputLogEvent{Timestamp: aws.Int64(e.Time.UnixMilli()), Message: aws.String(e.Message)})
	}
	out, err := c.api.PutLogEvents(t.Context(), &sdk.PutLogEventsInput{
		LogGroupName: aws.String(group), LogStreamName: aws.String(stream), LogEvents: list,
	})
	require.NoError(t, err)
	return out
}

// get gets a page of the log stream and returns its messages and tokens.
func (c *client) get(t testing.TB, in sdk.GetLogEventsInput) (messages []string, forward, backward string) {
	t.Helper()
	in.LogGroupName, in.LogStreamName = aws.String(group), aws.String(stream)
	out, err := c.api.GetLogEvents(t.Context(), &in)
	require.NoError(t, err)
	for _, e := range out.Events {
		messages = append(messages, *e.Message)
	}
	return messages, *out.NextForwardToken, *out.NextBackwardToken
}

func TestPagesOfALogStreamAreInTheOrderOfTimes(t *testing.T) {
	c := newClient(t)
	c.put(t, stream, event(time.Second, "b"), event(3*time.Second, "d\nof two lines"))
	c.put(t, stream, event(0, "a"), event(2*time.Second, "c"), event(4*time.Second, "e"))
	head, limit := aws.Bool(true), aws.Int32(2)

	first, forward, _ := c.get(t, sdk.GetLogEventsInput{StartFromHead: head, Limit: limit})
	assert.Equal(t, []string{"a", "b"}, first)
	second, forward, backward := c.get(t, sdk.GetLogEventsInput{StartFromHead: head, Limit: limit, NextToken: &forward})
	assert.Equal(t, []string{"c", "d\nof two lines"}, second)
	third, end, _ := c.get(t, sdk.GetLogEventsInput{StartFromHead: head, Limit: limit, NextToken: &forward})
	assert.Equal(t, []string{"e"}, third)
	none, again, _ := c.get(t, sdk.GetLogEventsInput{StartFromHead: head, Limit: limit, NextToken: &end})
	assert.Empty(t, none)
	assert.Equal(t, end, again, "at the end the token stays the same")
	c.put(t, stream, event(5*time.Second, "f"))
	more, _, _ := c.get(t, sdk.GetLogEventsInput{StartFromHead: head, Limit: limit, NextToken: &end})
	assert.Equal(t, []string{"f"}, more)

	before, _, _ := c.get(t, sdk.GetLogEventsInput{StartFromHead: head, Limit: limit, NextToken: &backward})
	assert.Equal(t, []string{"a", "b"}, before)
	newest, _, backward := c.get(t, sdk.GetLogEventsInput{Limit: limit})
	assert.Equal(t, []string{"e", "f"}, newest)
	before, _, _ = c.get(t, sdk.GetLogEventsInput{Limit: limit, NextToken: &backward})
	assert.Equal(t, []string{"c", "d\nof two lines"}, before)

	within, _, _ := c.get(t, sdk.GetLogEventsInput{
		StartTime: aws.Int64(start.Add(time.Second).UnixMilli()), EndTime: aws.Int64(start.Add(3 * time.Second).UnixMilli()),
	})
	assert.Equal(t, []string{"b", "c"}, within, "the end is excluded")
}

// Blocks of the index overlap in time, and some events have the same time.
func TestEveryEventIsOnOnePage(t *testing.T) {
	c := newClient(t)
	random := rand.New(rand.NewPCG(1, 2))
	var all []logs.Event
	for batch := range 20 {
		var events []logs.Event
		for n := range 100 {
			after := time.Duration(batch*50+random.IntN(200)) * time.Millisecond
			events = append(events, event(after, fmt.Sprintf("%d/%d %s", batch, n, strings.Repeat("x", random.IntN(400)))))
		}
		slices.SortStableFunc(events, func(a, b logs.Event) int { return a.Time.Compare(b.Time) })
		require.NoError(t, c.PutLogEvents(t, events))
		all = append(all, events...)
	}
	slices.SortStableFunc(all, func(a, b logs.Event) int { return a.Time.Compare(b.Time) })
	var want []string
	for _, e := range all {
		want = append(want, e.Message)
	}
	for _, limit := range []int32{7, 1000, 10000} {
		var forward, backward []string
		in := sdk.GetLogEventsInput{StartFromHead: aws.Bool(true), Limit: &limit}
		for {
			page, next, _ := c.get(t, in)
			if in.NextToken != nil && *in.NextToken == next {
				break
			}
			forward, in.NextToken = append(forward, page...), &next
			assert.True(t, len(page) == int(limit) || len(forward) == len(want), "a page is full")
		}
		in = sdk.GetLogEventsInput{Limit: &limit}
		for {
			page, _, next := c.get(t, in)
			if in.NextToken != nil && *in.NextToken == next {
				break
			}
			backward, in.NextToken = append(page, backward...), &next
			assert.True(t, len(page) == int(limit) || len(backward) == len(want), "a page is full")
		}
		assert.Equal(t, want, forward, "forward, %d at a time", limit)
		assert.Equal(t, want, backward, "backward, %d at a time", limit)
	}
}

// PutLogEvents puts events without the SDK, which would take long here.
func (c *client) PutLogEvents(t testing.TB, events []logs.Event) error {
	t.Helper()
	return c.fixture.PutLogEvents(c.caller, group, stream, events...)
}

// filter goes through all pages and returns messages by log stream, and the ids of the events.
func (c *client) filter(t testing.TB, in sdk.FilterLogEventsInput) (messages, ids []string) {
	t.Helper()
	in.LogGroupName = aws.String(group)
	pages := sdk.NewFilterLogEventsPaginator(c.api, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, e := range page.Events {
			messages, ids = append(messages, *e.LogStreamName+": "+*e.Message), append(ids, *e.EventId)
		}
	}
	return messages, ids
}

func TestEventsOfSeveralLogStreamsAreFiltered(t *testing.T) {
	c := newClient(t)
	require.NoError(t, c.CreateLogStream(group, "other"))
	c.put(t, stream, event(0, "hello"), event(2*time.Second, "hello world"), event(2*time.Second, "hello again"))
	c.put(t, "other", event(time.Second, "goodbye world"), event(2*time.Second, `{"status": 429}`))
	all := []string{stream + ": hello", "other: goodbye world", stream + ": hello world", stream + ": hello again", `other: {"status": 429}`}
	for limit := int32(1); limit < 6; limit++ {
		messages, ids := c.filter(t, sdk.FilterLogEventsInput{Limit: &limit})
		assert.Equal(t, all, messages)
		assert.Len(t, slices.Compact(slices.Sorted(slices.Values(ids))), 5, "every event has its own id")
	}
	for pattern, want := range map[string][]string{
		"hello": {all[0], all[2], all[3]}, "hello world": {all[2]}, `"hello a"`: {all[3]}, "{ $.status = 429 }": {all[4]}, "none": nil,
	} {
		messages, _ := c.filter(t, sdk.FilterLogEventsInput{FilterPattern: &pattern, Limit: aws.Int32(2)})
		assert.Equal(t, want, messages, pattern)
	}
	named, _ := c.filter(t, sdk.FilterLogEventsInput{LogStreamNames: []string{"other"}})
	assert.Equal(t, []string{all[1], all[4]}, named)
	prefixed, _ := c.filter(t, sdk.FilterLogEventsInput{LogStreamNamePrefix: aws.String("oth")})
	assert.Equal(t, named, prefixed)
}

// As "aws logs tail --follow" does: from the time of the last event on, leaving out the ids that it has seen.
func TestALogCanBeFollowed(t *testing.T) {
	c := newClient(t)
	from, seen, shown := start.UnixMilli(), map[string]bool{}, []string{}
	poll := func() {
		out, err := c.api.FilterLogEvents(t.Context(), &sdk.FilterLogEventsInput{
			LogGroupName: aws.String(group), StartTime: &from, Interleaved: aws.Bool(true),
		})
		require.NoError(t, err)
		require.Nil(t, out.NextToken)
		for _, e := range out.Events {
			if !seen[*e.EventId] {
				shown = append(shown, *e.Message)
			}
			seen[*e.EventId], from = true, max(from, *e.Timestamp)
		}
	}
	poll()
	for _, batch := range [][]logs.Event{{event(1000, "a"), event(1000, "b")}, {event(1000, "c")}, {event(2*time.Second, "d")}} {
		c.put(t, stream, batch...)
		poll()
		poll()
	}
	assert.Equal(t, []string{"a", "b", "c", "d"}, shown)
}

func TestATokenIsValidAfterRetentionHasCutTheFile(t *testing.T) {
	c := newClient(t)
	require.NoError(t, c.UpdateLogGroup(logs.Group{Name: group, RetentionInDays: 1}))
	c.put(t, stream, event(-20*time.Hour, strings.Repeat("x", 1000)), event(-time.Hour, "a"), event(-time.Hour, "b"), event(-time.Hour, "c"))
	page, forward, _ := c.get(t, sdk.GetLogEventsInput{StartFromHead: aws.Bool(true), Limit: aws.Int32(3)})
	require.Len(t, page, 3)
	_, before := c.filter(t, sdk.FilterLogEventsInput{})
	c.clock.Advance(5 * time.Hour)
	require.NoError(t, c.ApplyRetention())
	long := strings.Repeat("y", 2000)
	c.put(t, stream, event(5*time.Hour, long))
	page, _, _ = c.get(t, sdk.GetLogEventsInput{StartFromHead: aws.Bool(true), NextToken: &forward})
	assert.Equal(t, []string{"c", long}, page)
	messages, after := c.filter(t, sdk.FilterLogEventsInput{})
	assert.Equal(t, []string{stream + ": a", stream + ": b", stream + ": c", stream + ": " + long}, messages)
	assert.Equal(t, before[1:], after[:3], "the ids stay the same")
}

func TestAnEventIsOnTheDiskWhenPutLogEventsAnswers(t *testing.T) {
	c := newClient(t)
	c.put(t, stream, event(0, "a"))
	files, err := filepath.Glob(filepath.Join(c.dir, "*", stream+".log"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	assert.Equal(t, "2026-03-01T12:00:00.000Z a\n", string(text))
}

// Recorded: LocalStack, test_put_log_events_too_old and test_put_log_events_too_new; documented: RejectedLogEventsInfo.
func TestEventsThatAreNotStoredAreNamed(t *testing.T) {
	const day = 24 * time.Hour
	c := newClient(t)
	out := c.put(t, stream, event(-15*day, "a"), event(-14*day-time.Hour, "b"))
	assert.Equal(t, &types.RejectedLogEventsInfo{TooOldLogEventEndIndex: aws.Int32(2)}, out.RejectedLogEventsInfo)
	out = c.put(t, stream, event(0, "stored"), event(2*time.Hour, "stored, too"), event(3*time.Hour, "c"))
	assert.Equal(t, &types.RejectedLogEventsInfo{TooNewLogEventStartIndex: aws.Int32(2)}, out.RejectedLogEventsInfo)
	require.NoError(t, c.UpdateLogGroup(logs.Group{Name: group, RetentionInDays: 1}))
	out = c.put(t, stream, event(-2*day, "d"), event(-time.Hour-day, "e"))
	assert.Equal(t, &types.RejectedLogEventsInfo{ExpiredLogEventEndIndex: aws.Int32(2)}, out.RejectedLogEventsInfo)
	assert.Nil(t, c.put(t, stream, event(time.Second, "stored last")).RejectedLogEventsInfo)
	stored, _, _ := c.get(t, sdk.GetLogEventsInput{})
	assert.Equal(t, []string{"stored", "stored last", "stored, too"}, stored)
}

func TestPutLogEventsIsThrottledWhenTheDiskDoesNotKeepUp(t *testing.T) {
	broken := false
	w := newFixture(t, logs.Faults{Writer: func(w io.Writer) io.Writer {
		if broken {
			return brokenWriter{}
		}
		return w
	}})
	broken = true
	c := &client{fixture: w, server: apitest.Serve(t, account, apitest.NewIAM(account), w.API())}
	c.api = sdk.NewFromConfig(c.server.Config())
	for w.Waiting() <= 30<<20 {
		require.NoError(t, c.PutLogEvents(t, []logs.Event{event(0, strings.Repeat("x", 1<<20-26))}))
	}
	_, err := c.api.PutLogEvents(t.Context(), &sdk.PutLogEventsInput{
		LogGroupName: aws.String(group), LogStreamName: aws.String(stream),
		LogEvents: []types.InputLogEvent{{Timestamp: aws.Int64(start.UnixMilli()), Message: aws.String("a")}},
	})
	apitest.RequireError(t, err, "ThrottlingException", "Rate exceeded")
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

// Recorded, but where another source is named: LocalStack, tests/aws/services/logs, test_logs_events.py and
// test_logs_filter_events.py.
func TestWhatCloudWatchLogsRefusesOfEventsIsRefused(t *testing.T) {
	c := newClient(t)
	get := func(change func(*sdk.GetLogEventsInput)) error {
		in := sdk.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String(stream)}
		change(&in)
		_, err := c.api.GetLogEvents(t.Context(), &in)
		return err
	}
	filter := func(change func(*sdk.FilterLogEventsInput)) error {
		in := sdk.FilterLogEventsInput{LogGroupName: aws.String(group)}
		change(&in)
		_, err := c.api.FilterLogEvents(t.Context(), &in)
		return err
	}
	put := func(stream string, after ...time.Duration) error {
		in := sdk.PutLogEventsInput{LogGroupName: aws.String(group), LogStreamName: &stream, LogEvents: []types.InputLogEvent{}}
		for _, d := range after {
			in.LogEvents = append(in.LogEvents, types.InputLogEvent{Timestamp: aws.Int64(start.Add(d).UnixMilli()), Message: aws.String("m")})
		}
		_, err := c.api.PutLogEvents(t.Context(), &in)
		return err
	}
	const limit = "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000"
	for name, e := range map[string]struct {
		err           error
		code, message string
	}{
		"no such log stream":            {put("none", 0), "ResourceNotFoundException", "The specified log stream does not exist."},
		"events in another order":       {put(stream, 0, -48*time.Hour), "InvalidParameterException", "Log events in a single PutLogEvents request must be in chronological order."},
		"more than a day (documented)":  {put(stream, -25*time.Hour, 0), "InvalidParameterException", "cannot span more than 24 hours"},
		"no events (documented)":        {put(stream), "InvalidParameterException", "at 'logEvents' failed to satisfy constraint"},
		"a token of nobody":             {get(func(in *sdk.GetLogEventsInput) { in.NextToken = aws.String("invalid-token") }), "InvalidParameterException", "The specified nextToken is invalid."},
		"too many events":               {get(func(in *sdk.GetLogEventsInput) { in.Limit = aws.Int32(10001) }), "InvalidParameterException", limit},
		"events of no group":            {get(func(in *sdk.GetLogEventsInput) { in.LogGroupName = aws.String("none") }), "ResourceNotFoundException", "The specified log group does not exist."},
		"events of no stream":           {get(func(in *sdk.GetLogEventsInput) { in.LogStreamName = aws.String("none") }), "ResourceNotFoundException", "The specified log stream does not exist."},
		"a filter with too many events": {filter(func(in *sdk.FilterLogEventsInput) { in.Limit = aws.Int32(10001) }), "InvalidParameterException", limit},
		"a filter's token of nobody":    {filter(func(in *sdk.FilterLogEventsInput) { in.NextToken = aws.String("invalid-token") }), "InvalidParameterException", "The specified nextToken is invalid."},
		"names and a prefix (documented)": {filter(func(in *sdk.FilterLogEventsInput) {
			in.LogStreamNames, in.LogStreamNamePrefix = []string{stream}, aws.String("x")
		}), "InvalidParameterException", "mutually exclusive"},
		"a pattern that is none (assumed)": {filter(func(in *sdk.FilterLogEventsInput) { in.FilterPattern = aws.String("{ $.a = }") }), "InvalidParameterException", "Invalid filter pattern"},
	} {
		t.Run(name, func(t *testing.T) { apitest.RequireError(t, e.err, e.code, e.message) })
	}
}
