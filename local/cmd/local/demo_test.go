package main

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/cmd/local/commandline"
)

// emptyTemp makes a folder for temporary files that has to be empty when the test ends.
func emptyTemp(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Cleanup(func() {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		for _, entry := range entries {
			assert.False(t, strings.HasPrefix(entry.Name(), "ingest-pipeline-demo-"), "%s is left", entry.Name())
		}
	})
}

func TestTheDemoShowsTheEventOnItsWayToS3(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		t.Run(stack, func(t *testing.T) {
			emptyTemp(t)
			s, out := newApp(copyProject(t))
			err := s.demo(context.Background(), commandline.Demo{Stack: stack, BufferInterval: time.Second})
			require.NoError(t, err, "%s", out)
			shown := out.String()
			for _, hop := range []string{
				`(?s)deploying the stack ` + stack + `.*\d+ created`,
				`sending \{"value":"30","type":"Tip 3"\} to http://127\.0\.0\.1:\d+/PROD/v1`,
				`API Gateway +POST /v1: action/PutRecord as `,
				`Data is "\{\\"value\\":\\"30\\",\\"type\\":\\"Tip 3\\"\}\\n"`,
				`Kinesis +\S+, shardId-0000000000\d\d, 30 bytes`,
				`sequence number \d{56}\n`,
				`HTTP +200 \{`,
				`Firehose +\S+ buffers 1 record, 30 bytes`,
				`S3 +s3://\S+/raw/\d{4}/\d\d/\d\d/\d\d/\S+`,
				`object +\{"value":"30","type":"Tip 3"\}\n`,
				`\d+ deleted`,
				`ok: the event is one line of an object in S3; everything the demo created was deleted`,
			} {
				assert.Regexp(t, hop, shown)
			}
		})
	}
}

func TestTwoDemosRunAtOnce(t *testing.T) {
	emptyTemp(t)
	var both sync.WaitGroup
	for range 2 {
		both.Add(1)
		go func() {
			defer both.Done()
			s, out := newApp(copyProject(t))
			err := s.demo(context.Background(), commandline.Demo{Stack: "dev", BufferInterval: time.Second})
			assert.NoError(t, err, "%s", out)
		}()
	}
	both.Wait()
}

func TestADemoThatIsStoppedInTheMiddleLeavesNothing(t *testing.T) {
	for _, test := range []struct{ name, at string }{
		{"while it deploys", "deploying the stack"},
		{"while the event is on its way", "sending"},
	} {
		t.Run(test.name, func(t *testing.T) {
			emptyTemp(t)
			s, out := newApp(copyProject(t))
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			failed := make(chan error, 1)
			go func() { failed <- s.demo(ctx, commandline.Demo{Stack: "dev"}) }()
			out.shows(t, "("+test.at+")")
			cancel()
			err := <-failed
			require.ErrorIs(t, err, context.Canceled, "%s", out)
			assert.NotContains(t, out.String(), "ok:")
		})
	}
}

func TestAnObjectThatIsNotTheEventsLineFailsTheDemo(t *testing.T) {
	for _, test := range []struct {
		name, content string
		envelope      bool
		want          string
	}{
		{"the line", demoEvent + "\n", false, ""},
		{"the same with other white space", `{ "type": "Tip 3", "value": "30" }` + "\n", false, ""},
		{"the event in an envelope", `{"id":"1","receivedAt":"x","event":` + demoEvent + "}\n", true, ""},
		{"an envelope that is not set", `{"id":"1","receivedAt":"x","event":` + demoEvent + "}\n", false, "the object's line is not the event"},
		{"no envelope", demoEvent + "\n", true, "the object's line is not the event"},
		{"no newline, as the naive template has it", demoEvent, false, "the object does not end with a newline"},
		{"two events", demoEvent + "\n" + demoEvent + "\n", false, "the object has more than one line"},
		{"another value", `{"value":"31","type":"Tip 3"}` + "\n", false, "the object's line is not the event"},
		{"a number in place of the text", `{"value":30,"type":"Tip 3"}` + "\n", false, "the object's line is not the event"},
		{"escaped once more", `"{\"value\":\"30\",\"type\":\"Tip 3\"}"` + "\n", false, "the object's line is not the event"},
		{"broken", `{"value":"30"` + "\n", false, "the object's line is not JSON"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := checkObject([]byte(test.content), demoEvent, test.envelope)
			if test.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, test.want)
		})
	}
}
