package send_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/internal/progress"
	"ingest-pipeline/local/test/pipelinetest"
	"ingest-pipeline/local/tools/send"
)

// The real program on the real local target, in one process: every event must arrive in S3.
func TestEveryEventSentToThePipelineIsFoundInItsBucket(t *testing.T) {
	for _, row := range []struct {
		name     string
		settings map[string]string
		options  send.Options
	}{
		{"one by one", map[string]string{}, send.Options{Count: 300}},
		{"in batches against one shard, wrapped and compressed",
			map[string]string{"envelope": "true", "delivery.compression": "GZIP", "stream.partitionKey": "REQUEST_ID"}, send.Options{Count: 3000, BatchSize: 250}},
		{"in requests that are compressed", map[string]string{}, send.Options{Count: 600, BatchSize: 200, Gzip: true}},
		{"from a file", map[string]string{}, send.Options{BatchSize: 50, File: "events"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.settings["throttle.requestsPerSecond"], row.settings["throttle.burst"] = "1000", "1000" // the limit of one shard
			state := t.TempDir()
			p := pipelinetest.Start(t, pipelinetest.Options{Dir: state, Settings: row.settings, MaxBufferInterval: time.Second})
			options := row.options
			if options.File != "" {
				options.File = filepath.Join(t.TempDir(), "events.ndjson")
				var lines bytes.Buffer
				for n := range 500 {
					fmt.Fprintf(&lines, `{"n":%d.50,"text":"\"é\u00e9 <한국>/","nested":{"b":[1,2,{"c":null}],"a":-1e-7}}`+"\n", n%400)
				}
				require.NoError(t, os.WriteFile(options.File, lines.Bytes(), 0o600))
			}
			options.URL, options.Verify = p.URL, true
			options.Objects = filepath.Join(state, "s3", p.Bucket, "raw")
			options.VerifyTimeout = 2 * time.Minute
			var stdout, stderr bytes.Buffer
			err := send.Run(context.Background(), options, &stdout, &progress.Display{Out: &stderr})
			require.NoError(t, err, "%s\n%s", &stdout, &stderr)
			assert.Regexp(t, `(?m)^missing +0$`, stdout.String())
			assert.Regexp(t, `(?m)^altered +0$`, stdout.String())
			assert.NotContains(t, stdout.String(), "others'")
		})
	}
}

// The local target's Firehose processes nothing that could fail, so the test writes the error records itself.
func TestAReplayOfErrorRecordsArrivesInTheBucketOfThePipeline(t *testing.T) {
	state := t.TempDir()
	p := pipelinetest.Start(t, pipelinetest.Options{Dir: state, Settings: map[string]string{"envelope": "true"}, MaxBufferInterval: time.Second})
	folder := filepath.Join(state, "s3", p.Bucket, "errors", "processing-failed")
	require.NoError(t, os.MkdirAll(folder, 0o700))
	record := base64.StdEncoding.EncodeToString([]byte(`{"id":"r","receivedAt":1764283000000,"event":{"n":1}}`))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "object"), []byte(`{"rawData":"`+record+`"}`+"\n"), 0o600))

	options := send.Options{
		URL: p.URL, Verify: true, Objects: filepath.Join(state, "s3", p.Bucket, "raw"), VerifyTimeout: 2 * time.Minute,
		Replay: &send.Replay{From: filepath.Join(state, "s3", p.Bucket, "errors"), Journal: filepath.Join(state, "replay")},
	}
	var stdout, stderr bytes.Buffer
	require.NoError(t, send.Run(context.Background(), options, &stdout, &progress.Display{Out: &stderr}), "%s\n%s", &stdout, &stderr)
	assert.Regexp(t, `(?m)^found +1 of 1 accepted event `, stdout.String())
	lines := p.Lines(t, "raw/")
	require.Len(t, lines, 1)
	assert.Contains(t, lines[0], `"event":{"n":1}}`)

	require.NoError(t, send.Run(context.Background(), options, &stdout, &progress.Display{Out: &stderr}))
	assert.Len(t, p.Lines(t, "raw/"), 1)
}

func TestAPipelineWithAPIKeysAcceptsEventsWithTheKeyOnly(t *testing.T) {
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{"access": "API_KEY"}})
	var stdout, stderr bytes.Buffer
	require.NoError(t, send.Run(context.Background(), send.Options{URL: p.URL, Count: 3, APIKey: p.APIKeys["default"].Value}, &stdout, &progress.Display{Out: &stderr}), "%s", &stderr)

	stdout.Reset()
	err := send.Run(context.Background(), send.Options{URL: p.URL, Count: 3}, &stdout, &progress.Display{Out: &stderr})
	require.ErrorContains(t, err, "stopped: 403 INVALID_API_KEY: ")
	assert.Regexp(t, `given up +[1-3] \(403 INVALID_API_KEY`, stdout.String())
}
