package send

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/internal/progress"
)

func TestInvalidOptionsAreRefusedBeforeAnythingIsSent(t *testing.T) {
	const url = "http://127.0.0.1:1/PROD/v1"
	for _, row := range []struct {
		name    string
		options Options
		want    string
	}{
		{"a count below 1", Options{URL: url, Count: -1}, "--count=-1: must be 1 or more"},
		{"a duration below 0", Options{URL: url, Duration: -1}, "--duration=-1ns: must be longer than 0s"},
		{"a rate below 0", Options{URL: url, Rate: -2.5}, "--rate=-2.5: must be more than 0 and at most 1000000 events/s"},
		{"too much at once", Options{URL: url, Concurrency: 1001}, "--concurrency=1001: must be 1 to 1000 requests"},
		{"a batch of 501", Options{URL: url, BatchSize: 501}, "--batch-size=501: must be 1 to 500 events (the batch route takes no more)"},
		{"attempts below 1", Options{URL: url, Attempts: -1}, "--attempts=-1: must be 1 to 1000"},
		{"an event of 95 bytes", Options{URL: url, EventBytes: 95}, "--event-bytes=95: must be 96 to 1023998 bytes"},
		{"an event over the limit", Options{URL: url, EventBytes: 1_023_999}, "--event-bytes=1023999: must be 96 to 1023998 bytes"},
		{"a size for events of a file", Options{URL: url, EventBytes: 100, File: "-"}, "--event-bytes is for generated events: it cannot be used with --file"},
		{"a key of two lines", Options{URL: url, APIKey: "a\nb"}, "--api-key: must be one line"},
		{"a profile for nothing", Options{URL: url, Profile: "me"}, "--profile names AWS credentials: it needs --sigv4 or a location s3://…"},
		{"objects without verifying", Options{URL: url, Objects: "x"}, "--objects and --verify-timeout need --verify"},
		{"two mistakes at once", Options{URL: url, Count: -1, BatchSize: 501},
			"--count=-1: must be 1 or more; --batch-size=501: must be 1 to 500 events (the batch route takes no more)"},

		{"no URL", Options{}, "the endpoint's URL is not given"},
		{"a word for a URL", Options{URL: "v1"}, "v1: must be the URL of the route for one event, such as https://….amazonaws.com/PROD/v1"},
		{"another protocol", Options{URL: "ftp://127.0.0.1/v1"}, "ftp://127.0.0.1/v1: must be the URL of the route for one event, such as https://….amazonaws.com/PROD/v1"},
		{"a URL with a password", Options{URL: "https://a:b@example.com/v1"}, "https://a:b@example.com/v1: must be a URL without user, query or fragment"},
		{"a URL with a query", Options{URL: "https://example.com/v1?x=1"}, "https://example.com/v1?x=1: must be a URL without user, query or fragment"},
		{"the batch route", Options{URL: url + "/batch"}, url + "/batch: must be the route for one event: leave /batch out and set --batch-size"},
		{"plain http to another machine", Options{URL: "http://example.com/v1"}, "http://example.com/v1: must begin with https:// (plain http is for the local target)"},
		{"verifying elsewhere without a place", Options{URL: onAWS, Verify: true, State: "x", Stack: "dev"},
			"--verify: name the folder of the objects with --objects, such as s3://bucket/raw/"},
		{"standard input that is not there", Options{URL: url, File: "-"}, "--file=-: there is no standard input"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			err := Run(context.Background(), row.options, &stdout, &progress.Display{Out: &stderr})
			var wrong *OptionsError
			require.ErrorAs(t, err, &wrong)
			assert.EqualError(t, err, row.want)
			assert.Empty(t, stdout.String())
		})
	}
}

func TestTheLimitsAreInclusive(t *testing.T) {
	for _, options := range []Options{
		{Count: 1}, {Rate: 1e6}, {Concurrency: 1000}, {BatchSize: 500}, {EventBytes: 96}, {EventBytes: 1_023_998}, {Attempts: 1000},
		{URL: "http://localhost:1/v1"}, {URL: "http://[::1]:1/v1/"}, {URL: "http://127.8.8.8/v1"}, {URL: onAWS},
	} {
		assert.NoError(t, options.Check())
	}
}

func TestAMissingFileIsAnError(t *testing.T) {
	r := run(t, Options{URL: "http://127.0.0.1:1/v1", File: filepath.Join(t.TempDir(), "events.ndjson")})
	require.ErrorIs(t, r.err, os.ErrNotExist)
	assert.Empty(t, r.stdout)
}

// engineState writes the part that matters of an engine's state of a stack with these outputs.
func engineState(t *testing.T, outputs string) (state string) {
	t.Helper()
	state = t.TempDir()
	dir := filepath.Join(state, "engine", "backend", ".pulumi", "stacks", "ingest-pipeline")
	require.NoError(t, os.MkdirAll(dir, 0o700))
	content := `{"version":3,"checkpoint":{"stack":"organization/ingest-pipeline/dev","latest":{"manifest":{},"resources":[
		{"urn":"urn:pulumi:dev::ingest-pipeline::pulumi:pulumi:Stack::ingest-pipeline-dev","custom":false,"type":"pulumi:pulumi:Stack","outputs":` + outputs + `},
		{"urn":"urn:…","custom":true,"type":"aws:kinesis/stream:Stream","outputs":{"url":"not this one"}}]}}}`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "dev.json"), []byte(content), 0o600))
	return state
}

func TestEndpointAndFolderDefaultToThoseOfTheLocalTarget(t *testing.T) {
	endpoint := newStub(t, ok)
	state := engineState(t, `{"url":"`+endpoint.URL+`","bucketFolder":"s3://ingest-dev-1a2b/raw/","apiKey":{"4dabf18193072939515e22adb298388d":"x","ciphertext":"y"}}`)
	raw := filepath.Join(state, "s3", "ingest-dev-1a2b", "raw")
	require.NoError(t, os.MkdirAll(raw, 0o700))

	r := run(t, Options{State: state, Stack: "dev", Count: 1})
	require.NoError(t, r.err)
	require.Len(t, endpoint.seen(), 1)

	r = run(t, Options{State: state, Stack: "dev", Count: 1, Verify: true, VerifyTimeout: time.Second})
	require.EqualError(t, r.err, "1 missing")
	assert.Contains(t, r.stdout, "found       0 of 1 accepted event in 0 new objects below "+raw)

	r = run(t, Options{URL: endpoint.URL + "/", State: state, Stack: "dev", Count: 1, Verify: true, VerifyTimeout: time.Second})
	assert.Contains(t, r.stdout, raw)
}

func TestALocalTargetThatIsNotDeployedIsAnErrorThatSaysWhatToDo(t *testing.T) {
	empty := t.TempDir()
	for _, row := range []struct {
		name    string
		options Options
		want    string
	}{
		{"no state", Options{State: empty, Stack: "dev"}, "there is no stack dev in the state folder " + empty + ": start it with `up`, or give the endpoint's URL"},
		{"no outputs", Options{State: engineState(t, `{}`), Stack: "dev"}, " is not deployed: start it with `up`, or give the endpoint's URL"},
		{"another endpoint", Options{URL: "http://127.0.0.1:1/v1", State: engineState(t, `{"url":"http://127.0.0.1:2/v1"}`), Stack: "dev", Verify: true},
			"--verify: http://127.0.0.1:1/v1 is not the endpoint of the local target in "},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := run(t, row.options)
			require.ErrorContains(t, r.err, row.want)
			assert.Empty(t, r.stdout)
		})
	}
}
