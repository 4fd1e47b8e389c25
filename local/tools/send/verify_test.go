package send

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/tools/send/objects"
)

// store writes acknowledged events into objects, as Firehose does.
type store struct {
	t   *testing.T
	dir string
	// envelope, compress: as the settings of the program.
	envelope, compress bool
	// size is how many events go into one object.
	size int

	mu      sync.Mutex
	random  *rand.Rand
	buffer  []string
	objects int
}

func newStore(t *testing.T) *store {
	t.Helper()
	bucket := filepath.Join(t.TempDir(), "bucket")
	require.NoError(t, os.MkdirAll(bucket, 0o700))
	return &store{t: t, dir: filepath.Join(bucket, "raw"), size: 100, random: rand.New(rand.NewPCG(7, 8))}
}

// put stores an event, as one line.
func (s *store) put(event json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var compact bytes.Buffer
	require.NoError(s.t, json.Compact(&compact, event))
	text := compact.String()
	if s.envelope {
		text = fmt.Sprintf(`{"id":"e%d","receivedAt":1732300000000,"event":%s}`, s.random.Uint64(), text)
	}
	s.buffer = append(s.buffer, text)
	if len(s.buffer) >= s.size {
		s.write(strings.Join(s.buffer, "\n") + "\n")
		s.buffer = nil
	}
}

// flush writes the buffered events.
func (s *store) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.buffer) > 0 {
		s.write(strings.Join(s.buffer, "\n") + "\n")
		s.buffer = nil
	}
}

// write writes the content as an object. Firehose may write objects of several gzip members.
func (s *store) write(content string) {
	s.objects++
	dir := filepath.Join(s.dir, "2026", "11", "22", "19")
	require.NoError(s.t, os.MkdirAll(dir, 0o700))
	name := filepath.Join(dir, fmt.Sprintf("class-stream-to-s3-1-%04d", s.objects))
	packed := []byte(content)
	if s.compress {
		var out bytes.Buffer
		half := strings.Index(content, "\n") + 1
		for _, part := range []string{content[:half], content[half:]} {
			w := gzip.NewWriter(&out)
			_, _ = io.WriteString(w, part)
			require.NoError(s.t, w.Close())
		}
		packed, name = out.Bytes(), name+".gz"
	}
	require.NoError(s.t, os.WriteFile(name+".tmp", packed, 0o600))
	require.NoError(s.t, os.Rename(name+".tmp", name))
}

// faulty stores events and injects every kind of failure.
func (s *store) faulty(r received) reply {
	s.mu.Lock()
	dice := s.random.IntN(14)
	s.mu.Unlock()
	all := func() {
		for _, e := range r.events {
			s.put(e)
		}
	}
	switch {
	case dice == 0:
		return refusal(429, "THROTTLED", "Retry-After", "1")
	case dice == 1:
		return refusal(503, "UNAVAILABLE", "Retry-After", "1")
	case dice == 2:
		return reply{drop: true}
	case dice == 3: // stored, and the response is lost
		all()
		return reply{drop: true}
	case dice == 4: // stored, and the response is an error
		all()
		return refusal(504, "INTEGRATION_TIMEOUT")
	case dice == 5: // Firehose delivers twice
		all()
	case dice < 9 && len(r.events) > 1:
		var failed []int
		for i, e := range r.events {
			if i%2 == dice%2 {
				failed = append(failed, i)
			} else {
				s.put(e)
			}
		}
		return partial(r, failed, []string{"THROTTLED", "UNAVAILABLE"}[dice%2])
	}
	all()
	return ok(r)
}

func TestEveryEventIsAccountedForUnderFaults(t *testing.T) {
	for _, row := range []struct {
		name               string
		count, batch       int
		envelope, compress bool
		file               bool
	}{
		{"one by one", 600, 1, false, false, false},
		{"in batches", 3000, 50, false, false, false},
		{"in batches, wrapped and compressed", 3000, 50, true, true, false},
		{"from a file", 600, 1, false, true, true},
		{"from a file, in batches, wrapped", 3000, 50, true, false, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			stored := newStore(t)
			stored.envelope, stored.compress = row.envelope, row.compress
			endpoint := newStub(t, stored.faulty)
			options := Options{
				URL: endpoint.URL, Count: int64(row.count), BatchSize: row.batch, Concurrency: 4, Attempts: 100, Random: rand.NewPCG(9, 10),
				Verify: true, Objects: stored.dir, VerifyTimeout: time.Minute,
			}
			if row.file {
				var lines strings.Builder
				for n := range row.count {
					fmt.Fprintf(&lines, `{"n": %d.0, "kind":"k%d", "t":"\u00e9"}`+"\n", n%100, n%3)
				}
				options.File, options.Stdin, options.Count = "-", strings.NewReader(lines.String()), 0
			}
			clock := newFastClock()
			clock.during = stored.flush // the rest of the buffer arrives during the wait
			options.Clock = clock
			r := run(t, options)
			require.NoError(t, r.err, r.stdout)
			count := humanize.Comma(int64(row.count))
			assert.Equal(t, count, r.row(t, "accepted"))
			assert.Contains(t, r.row(t, "found"), count+" of "+count+" accepted events in ")
			for _, name := range []string{"missing", "altered", "unexpected"} {
				assert.Equal(t, "0", r.row(t, name))
			}
			assert.NotEqual(t, "0", r.row(t, "duplicated"), "the faults store some events twice")
			assert.NotEqual(t, "0 possible", r.row(t, "duplicates"))
		})
	}
}

// verifyObjects verifies a run of an endpoint that stores these objects instead of the events.
func verifyObjects(t *testing.T, options Options, fill func(s *store, events []json.RawMessage)) (runResult, *store) {
	t.Helper()
	stored := newStore(t)
	var events []json.RawMessage
	endpoint := newStub(t, func(r received) reply {
		events = append(events, r.events...)
		return ok(r)
	})
	clock := newFastClock()
	clock.during = sync.OnceFunc(func() { fill(stored, events) })
	options.URL, options.Verify, options.Objects, options.Clock = endpoint.URL, true, stored.dir, clock
	return run(t, options), stored
}

func TestProblemsInS3AreNamed(t *testing.T) {
	lines := func(events []json.RawMessage) string {
		var text strings.Builder
		for _, e := range events {
			text.Write(e)
			text.WriteByte('\n')
		}
		return text.String()
	}
	for _, row := range []struct {
		name    string
		content func(events []json.RawMessage) string
		// problem is the error, empty if all is there; rows are rows of the account and says a line below it.
		problem string
		rows    map[string]string
		says    string
	}{
		{"all there", lines, "", map[string]string{"missing": "0", "duplicated": "0", "malformed": "0 lines"}, ""},
		{"some missing", func(e []json.RawMessage) string { return lines(append(e[:3:3], e[7:]...)) }, "4 missing",
			map[string]string{"missing": "4", "found": "6 of 10 accepted events in 1 new object below "}, "-3-6\n"},
		{"one twice", func(e []json.RawMessage) string { return lines(append(e, e[2])) }, "", map[string]string{"duplicated": "1"}, ""},
		{"a line cut off", func(e []json.RawMessage) string { return lines(e[:9]) + string(e[9][:20]) }, "1 missing, 1 malformed",
			map[string]string{"malformed": "1 line"}, "class-stream-to-s3-1-0001, line 10: not JSON: unexpected EOF, and without a newline: cut off?"},
		{"two events on a line", func(e []json.RawMessage) string { return lines(e[:8]) + string(e[8]) + string(e[9]) + "\n" },
			"2 missing, 1 malformed", nil, "line 9: more than one value on the line"},
		{"blank lines", func(e []json.RawMessage) string { return strings.ReplaceAll(lines(e), "\n", "\n\n") }, "10 malformed", nil, "line 2: empty line"},
		{"a Java map", func(e []json.RawMessage) string { return lines(e[:9]) + "{value=30, type=Tip 3}\n" }, "1 missing, 1 malformed", nil, "line 10: not JSON"},
		{"an event with another text", func(e []json.RawMessage) string { return strings.Replace(lines(e), "Tip 3", "Tip 4", 1) },
			"1 missing, 1 altered", map[string]string{"altered": "1"}, "line 1: not what was sent: {"},
		{"an event that was never sent", func(e []json.RawMessage) string { return lines(e) + strings.Replace(lines(e[9:]), `-9"`, `-10"`, 1) },
			"1 unexpected", map[string]string{"unexpected": "1"}, "line 11: never sent, or refused: {"},
		{"events of others", func(e []json.RawMessage) string { return `{"id":"mine","a":1}` + "\n" + lines(e) }, "",
			map[string]string{"others'": "1 event of other senders"}, ""},
		{"a last line without its newline", func(e []json.RawMessage) string { return strings.TrimSuffix(lines(e), "\n") }, "", nil, ""},
		{"damaged gzip", func(e []json.RawMessage) string { return "\x1f\x8bgarbage of ten and more bytes" }, "10 missing, 1 malformed", nil, "cannot be unpacked: gzip: invalid header"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r, _ := verifyObjects(t, Options{Count: 10, VerifyTimeout: 10 * time.Second}, func(s *store, events []json.RawMessage) {
				s.write(row.content(events))
			})
			if row.problem == "" {
				require.NoError(t, r.err, r.stdout)
			} else {
				require.EqualError(t, r.err, row.problem)
			}
			for name, text := range row.rows {
				assert.Contains(t, r.row(t, name), text)
			}
			assert.Contains(t, r.stdout, row.says)
		})
	}
}

func TestMissingEventsOfAFileAreNamedByTheirLines(t *testing.T) {
	options := Options{File: "-", Stdin: strings.NewReader("{\"a\":1}\nnonsense\n{\"a\":2.50}\n{\"a\":2.5}\n{\"a\":3}\n"), VerifyTimeout: time.Second}
	r, _ := verifyObjects(t, options, func(s *store, _ []json.RawMessage) { s.write("{\"a\":25e-1}\n{\"a\":1.0}\n") })
	require.EqualError(t, r.err, "1 bad line, 2 missing")
	assert.Contains(t, r.stdout, "missing: 1 of the 2 events like line 3\n")
	assert.Contains(t, r.stdout, "missing: line 5\n")
}

func TestARefusedEventThatWasStoredIsUnexpected(t *testing.T) {
	stored := newStore(t)
	endpoint := newStub(t, func(r received) reply {
		stored.put(r.events[0])
		if r.number == 2 {
			return refusal(400, "BAD_REQUEST_BODY")
		}
		return ok(r)
	})
	clock := newFastClock()
	clock.during = stored.flush
	r := run(t, Options{URL: endpoint.URL, Count: 3, Verify: true, Objects: stored.dir, Clock: clock})
	require.EqualError(t, r.err, "1 of 3 events not accepted, 1 unexpected")
}

func TestAnEventWithoutAnAnswerMayOrMayNotBeStored(t *testing.T) {
	for _, there := range []bool{true, false} {
		stored := newStore(t)
		endpoint := newStub(t, func(r received) reply {
			if r.number == 2 {
				if there {
					stored.put(r.events[0])
				}
				return reply{drop: true}
			}
			stored.put(r.events[0])
			return ok(r)
		})
		clock := newFastClock()
		clock.during = stored.flush
		r := run(t, Options{URL: endpoint.URL, Count: 3, Attempts: 1, Verify: true, Objects: stored.dir, Clock: clock})
		require.EqualError(t, r.err, "1 of 3 events not accepted")
		assert.Equal(t, "0", r.row(t, "missing"))
		assert.Equal(t, "0", r.row(t, "unexpected"))
		if there {
			assert.Contains(t, r.row(t, "unanswered"), "1 found")
		}
	}
}

func TestEarlierObjectsAreNotRead(t *testing.T) {
	stored := newStore(t)
	old := newStub(t, func(r received) reply {
		stored.put(r.events[0])
		stored.put(json.RawMessage(`{"a":1}`)) // an event of another client
		return ok(r)
	})
	stored.size = 1
	file := func() Options {
		return Options{URL: old.URL, File: "-", Stdin: strings.NewReader(`{"a":1}`), Verify: true, Objects: stored.dir, VerifyTimeout: time.Second}
	}
	r := run(t, file())
	require.NoError(t, r.err)
	assert.Equal(t, "1", r.row(t, "duplicated"), "equal events of others cannot be told apart while they arrive")

	silent := newStub(t, ok)
	options := file()
	options.URL = silent.URL
	r = run(t, options)
	require.EqualError(t, r.err, "1 missing")
	assert.Contains(t, r.row(t, "found"), "in 0 new objects")
}

func TestAnUnreadableLocationIsReportedBeforeSending(t *testing.T) {
	endpoint := newStub(t, ok)
	r := run(t, Options{URL: endpoint.URL, Count: 1, Verify: true, Objects: filepath.Join(t.TempDir(), "no", "such", "folder")})
	require.ErrorIs(t, r.err, os.ErrNotExist)
	assert.Empty(t, endpoint.seen())
}

func TestAnInterruptedVerificationReportsWhatWasFound(t *testing.T) {
	stored := newStore(t)
	endpoint := newStub(t, ok)
	ctx, interrupt := context.WithCancel(context.Background())
	clock := newFastClock()
	clock.during = interrupt
	r := runIn(t, ctx, Options{URL: endpoint.URL, Count: 5, Verify: true, Objects: stored.dir, Clock: clock})
	require.EqualError(t, r.err, "verifying: interrupted")
	require.ErrorIs(t, r.err, context.Canceled)
	assert.Equal(t, "5", r.row(t, "missing"))
}

func TestAnInterruptEndsTheVerificationOfAFolderThatIsGone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "raw")
	require.NoError(t, os.Mkdir(folder, 0o700))
	location, err := objects.Open(t.Context(), folder, objects.Options{})
	require.NoError(t, err)
	require.NoError(t, os.Remove(folder))
	l := &numbered{generator: &generator{run: newRun(1)}}
	l.record(event{number: 0}, accepted)
	v := &verifier{ledger: l, clock: clockwork.NewFakeClock(), every: time.Second, location: location, read: map[string]bool{}}
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	_, err = v.run(ctx, time.Hour, func(Verification) {})
	require.ErrorIs(t, err, context.Canceled)
}

func TestAnInterruptWhileSendingSkipsTheVerification(t *testing.T) {
	stored := newStore(t)
	ctx, interrupt := context.WithCancel(context.Background())
	endpoint := newStub(t, func(r received) reply {
		interrupt()
		return ok(r)
	})
	r := runIn(t, ctx, Options{URL: endpoint.URL, Count: 5, Verify: true, Objects: stored.dir})
	require.EqualError(t, r.err, "interrupted")
	assert.NotContains(t, r.stdout, "missing")
}

func TestAnUnreadableFolderEndsTheVerification(t *testing.T) {
	v := &verifier{ledger: &numbered{generator: &generator{run: "x"}}, clock: newFastClock(), read: map[string]bool{}, location: &broken{}}
	_, err := v.run(context.Background(), time.Minute, func(Verification) {})
	require.EqualError(t, err, "reading object in broken: access denied")
}

type broken struct{ endless }

func (broken) String() string { return "broken" }

func (broken) Open(context.Context, objects.Object) (io.ReadCloser, error) {
	return nil, errors.New("access denied")
}
