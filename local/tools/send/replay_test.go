package send

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// errorRecord is a line that Firehose writes for a record that it could not process, with the members that are
// documented for a failed transformation (data-transformation-failure-handling).
func errorRecord(record string) string {
	return fmt.Sprintf(`{"attemptsMade":4,"arrivalTimestamp":1764283000000,"errorCode":"Lambda.FunctionError",`+
		`"errorMessage":"m","attemptEndingTimestamp":1764283060000,"rawData":%q,"lambdaArn":"arn:aws:lambda:…"}`,
		base64.StdEncoding.EncodeToString([]byte(record))) + "\n"
}

// errorFolder is a folder with one object of error records for each list of records.
func errorFolder(t *testing.T, objects map[string][]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, records := range objects {
		var content strings.Builder
		for _, record := range records {
			content.WriteString(errorRecord(record))
		}
		writeObject(t, dir, name, content.String())
	}
	return dir
}

func writeObject(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

// bodies are the events that an endpoint received, in order.
func (s *stub) bodies() (bodies []string) {
	for _, request := range s.seen() {
		for _, e := range request.events {
			bodies = append(bodies, string(e))
		}
	}
	return bodies
}

func TestAReplaySendsEachErrorRecordOnceHoweverOftenItIsRepeated(t *testing.T) {
	for _, batch := range []int{1, 2} {
		endpoint := newStub(t, ok)
		from := errorFolder(t, map[string][]string{
			"processing-failed/2026/11/27/22/a": {`{"n":1}`, `{"n":2}` + "\n", `{"n":1}`},
			"processing-failed/2026/11/27/23/b": {`{"n":3}`},
		})
		options := Options{URL: endpoint.URL, BatchSize: batch, Replay: &Replay{From: from, Journal: t.TempDir()}}
		r := run(t, options)
		require.NoError(t, r.err)
		assert.Equal(t, []string{`{"n":1}`, `{"n":2}`, `{"n":1}`, `{"n":3}`}, endpoint.bodies(), "equal events of two lines are two events")
		assert.Equal(t, "4", r.row(t, "accepted"))

		r = run(t, options)
		require.NoError(t, r.err)
		assert.Len(t, endpoint.bodies(), 4)
		assert.Equal(t, "4, skipped", r.row(t, "sent before"))
		assert.Equal(t, "0", r.row(t, "accepted"))

		writeObject(t, from, "processing-failed/2026/11/28/00/c", errorRecord(`{"n":4}`))
		r = run(t, options)
		require.NoError(t, r.err)
		assert.Equal(t, `{"n":4}`, endpoint.bodies()[4])
		assert.Equal(t, "1", r.row(t, "accepted"))
	}
}

func TestAReplayToAnotherEndpointHasAJournalOfItsOwn(t *testing.T) {
	first, second := newStub(t, ok), newStub(t, ok)
	replay := &Replay{From: errorFolder(t, map[string][]string{"a": {`{"n":1}`}}), Journal: t.TempDir()}
	require.NoError(t, run(t, Options{URL: first.URL, Replay: replay}).err)
	require.NoError(t, run(t, Options{URL: second.URL, Replay: replay}).err)
	assert.Len(t, first.bodies(), 1)
	assert.Len(t, second.bodies(), 1)
}

func TestAReplayReadsPlainEventsAndCompressedObjects(t *testing.T) {
	endpoint := newStub(t, ok)
	from := t.TempDir()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, err := zip.Write([]byte(`{"n":1}` + "\n" + `{"n":2}` + "\n"))
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	writeObject(t, from, "a.gz", packed.String())
	writeObject(t, from, "b", "{\"n\":3}")
	writeObject(t, from, "c.gz", packed.String()[:packed.Len()-4])

	r := run(t, Options{URL: endpoint.URL, Replay: &Replay{From: from, Raw: true, Journal: t.TempDir()}})
	require.EqualError(t, r.err, "1 bad line")
	assert.Equal(t, []string{`{"n":1}`, `{"n":2}`, `{"n":3}`, `{"n":1}`, `{"n":2}`}, endpoint.bodies())
	assert.Contains(t, r.stderr, "not sent: c.gz, line 3: cannot be unpacked: unexpected EOF")
}

func TestAReplaySendsTheEventInAnEnvelope(t *testing.T) {
	const envelope = `{"id":"1b-0","receivedAt":1764283000000,"event":{"a":1.50}}`
	for keep, want := range map[bool]string{false: `{"a":1.50}`, true: envelope} {
		endpoint := newStub(t, ok)
		from := errorFolder(t, map[string][]string{"a": {envelope}})
		r := run(t, Options{URL: endpoint.URL, Replay: &Replay{From: from, KeepEnvelope: keep, Journal: t.TempDir()}})
		require.NoError(t, r.err)
		assert.Equal(t, []string{want}, endpoint.bodies())
	}
}

func TestAReplayNamesLinesThatAreNoEvents(t *testing.T) {
	endpoint := newStub(t, ok)
	from := t.TempDir()
	writeObject(t, from, "errors/a", errorRecord(`no JSON`)+`{"n":1}`+"\n"+`{"rawData":"%"}`+"\n"+errorRecord(`{"n":2}`))
	r := run(t, Options{URL: endpoint.URL, Replay: &Replay{From: from, Journal: t.TempDir()}})
	require.EqualError(t, r.err, "3 bad lines")
	assert.Equal(t, []string{`{"n":2}`}, endpoint.bodies())
	for _, want := range []string{
		"errors/a, line 1: not JSON: invalid character",
		"errors/a, line 2: not one of Firehose's error records, which are JSON with rawData",
		"errors/a, line 3: rawData is not base64: illegal base64 data",
	} {
		assert.Contains(t, r.stderr, want)
	}
}

func TestADryRunShowsWhatAReplayWouldSend(t *testing.T) {
	endpoint := newStub(t, ok)
	from := errorFolder(t, map[string][]string{"a": {`{"n":1}`, `{"n":2}`}, "b": {`[]`}})
	journal := filepath.Join(t.TempDir(), "journal")
	options := Options{URL: endpoint.URL, Replay: &Replay{From: from, Journal: journal, DryRun: true}}
	r := run(t, options)
	require.NoError(t, r.err)
	assert.Equal(t, "a, line 1: {\"n\":1}\na, line 2: {\"n\":2}\nbad line: b, line 1: not a JSON object\n"+
		"would send  2 events of 2 objects below "+from+" to "+endpoint.URL+"\nbad lines   1, would not be sent\n", r.stdout)
	assert.Empty(t, endpoint.seen())
	assert.NoDirExists(t, journal)

	options.Replay = &Replay{From: from, Journal: journal}
	require.EqualError(t, run(t, options).err, "1 bad line")
	options.Replay.DryRun = true
	assert.Contains(t, run(t, options).stdout, "sent before  2, would be skipped\n")
}

func TestAReplayAfterAKilledRunSendsWhatWasNotAcceptedAndCountsWhatMayHaveBeen(t *testing.T) {
	endpoint := newStub(t, ok)
	from := errorFolder(t, map[string][]string{"a": {`{"n":1}`, `{"n":2}`, `{"n":3}`, `{"n":4}`}})
	dir := t.TempDir()
	j, err := openJournal(dir, from, endpoint.URL, false)
	require.NoError(t, err)
	require.NoError(t, j.begin([]event{{object: "a", line: 1}, {object: "a", line: 2}, {object: "a", line: 3}}))
	require.NoError(t, j.end(event{object: "a", line: 1}, accepted))
	require.NoError(t, j.end(event{object: "a", line: 3}, notStored))
	require.NoError(t, j.write(journalEntry{Object: "a", Line: 4, State: "accepted"}))
	require.NoError(t, j.close())
	content, err := os.ReadFile(j.path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(j.path, content[:len(content)-3], 0o600), "killed while it wrote the last line")

	options := Options{URL: endpoint.URL, Replay: &Replay{From: from, Journal: dir}}
	r := run(t, options)
	require.NoError(t, r.err)
	assert.Equal(t, []string{`{"n":2}`, `{"n":3}`, `{"n":4}`}, endpoint.bodies())
	assert.Equal(t, "1, skipped", r.row(t, "sent before"))
	assert.Equal(t, "1 possible", r.row(t, "duplicates"))

	require.NoError(t, run(t, options).err)
	assert.Len(t, endpoint.bodies(), 3, "the journal continues behind its last complete line")
}

func TestAReplaySendsAgainWhatTheEndpointDidNotAccept(t *testing.T) {
	refused := true
	endpoint := newStub(t, func(r received) reply {
		if refused {
			return refusal(400, "BAD_REQUEST_BODY")
		}
		return ok(r)
	})
	options := Options{URL: endpoint.URL, Replay: &Replay{From: errorFolder(t, map[string][]string{"a": {`{"n":1}`}}), Journal: t.TempDir()}}
	r := run(t, options)
	require.EqualError(t, r.err, "1 of 1 event not accepted")
	assert.Contains(t, r.stderr, "a, line 1 refused: 400 BAD_REQUEST_BODY")
	refused = false
	r = run(t, options)
	require.NoError(t, r.err)
	assert.Equal(t, "0 possible", r.row(t, "duplicates"), "a refused event is not stored")
	assert.Len(t, endpoint.bodies(), 2)
}

func TestADamagedJournalIsAnErrorBeforeAnythingIsSent(t *testing.T) {
	endpoint := newStub(t, ok)
	from, dir := errorFolder(t, map[string][]string{"a": {`{"n":1}`}}), t.TempDir()
	options := Options{URL: endpoint.URL, Replay: &Replay{From: from, Journal: dir}}
	j, err := openJournal(dir, from, endpoint.URL, false)
	require.NoError(t, err)

	r := run(t, options)
	require.ErrorContains(t, r.err, "another process replays the same objects to the same endpoint")
	require.NoError(t, j.close())

	require.NoError(t, os.WriteFile(j.path, []byte("{\"from\":\"x\"}\n{}}\n"), 0o600))
	r = run(t, options)
	require.ErrorContains(t, r.err, j.path+": line 2 is damaged")
	assert.Empty(t, endpoint.seen())
}

func TestTheJournalIsReadableJSONLines(t *testing.T) {
	endpoint := newStub(t, ok)
	from, dir := errorFolder(t, map[string][]string{"a": {`{"n":1}`}}), t.TempDir()
	require.NoError(t, run(t, Options{URL: endpoint.URL, Replay: &Replay{From: from, Journal: dir}}).err)
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	content, err := os.ReadFile(files[0])
	require.NoError(t, err)
	header, err := json.Marshal(journalEntry{From: from, To: endpoint.URL})
	require.NoError(t, err)
	assert.Equal(t, string(header)+"\n"+`{"object":"a","line":1,"state":"sent"}`+"\n"+`{"object":"a","line":1,"state":"accepted"}`+"\n", string(content))
}

func TestAReplayRefusesOptionsThatContradictEachOther(t *testing.T) {
	const url = "https://abc.execute-api.eu-west-1.amazonaws.com/PROD/v1"
	for _, row := range []struct {
		name    string
		options Options
		want    string
	}{
		{"plain events of no location", Options{URL: url, Replay: &Replay{Raw: true, Journal: "j"}}, "--raw: name the folder of the events with --from"},
		{"verifying nothing", Options{URL: url, Verify: true, Replay: &Replay{From: "x", DryRun: true, Journal: "j"}}, "--dry-run sends nothing that --verify could look for"},
		{"no location for an endpoint on AWS", Options{URL: url, Replay: &Replay{Journal: "j"}}, "name the folder of the error records with --from"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var invalid *OptionsError
			r := run(t, row.options)
			require.ErrorAs(t, r.err, &invalid)
			assert.Contains(t, r.err.Error(), row.want)
		})
	}
}
