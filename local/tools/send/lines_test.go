package send

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBadLinesAreNamedAndNeverSent(t *testing.T) {
	for _, row := range []struct {
		name, line, problem string // no problem: it is an event
	}{
		{"an object", `{"value":"30","type":"Tip 3"}`, ""},
		{"an object with white space", `  { "a" : 1 }	`, ""},
		{"an object of Windows", "{\"a\":1}\r", ""},
		{"an object after a byte order mark", "\xef\xbb\xbf" + `{"a":1}`, ""},
		{"a text beyond ASCII", `{"ä":"한국"}`, ""},
		{"the largest event", `{"a":"` + strings.Repeat("x", maxEventBytes-8) + `"}`, ""},
		{"an event over the limit", `{"a":"` + strings.Repeat("x", maxEventBytes-7) + `"}`, "1,023,999 bytes as compact JSON: one event may have 1,023,998"},
		{"nothing", ``, "empty"},
		{"white space", " \t", "empty"},
		{"a word", `hello`, "not JSON: invalid character 'h' looking for beginning of value"},
		{"half an object", `{"a":`, "not JSON: unexpected end of JSON input"},
		{"two objects", `{"a":1}{"b":2}`, "not JSON: invalid character '{' after top-level value"},
		{"an array", `[{"a":1}]`, "not a JSON object"},
		{"a number", `3`, "not a JSON object"},
		{"null", `null`, "not a JSON object"},
		{"an empty object", `{}`, "an object without a member (the endpoint takes none)"},
		{"not UTF-8", "{\"a\":\"\xff\"}", "not UTF-8"},
	} {
		t.Run(row.name, func(t *testing.T) {
			endpoint := newStub(t, ok)
			path := filepath.Join(t.TempDir(), "events.ndjson")
			require.NoError(t, os.WriteFile(path, []byte(row.line+"\n{\"last\":true}\n"), 0o600))
			r := run(t, Options{URL: endpoint.URL, File: path})
			seen := endpoint.seen()
			if row.problem == "" {
				require.NoError(t, r.err)
				require.Len(t, seen, 2)
				assert.JSONEq(t, strings.TrimPrefix(row.line, "\xef\xbb\xbf"), string(seen[0].body))
				return
			}
			require.EqualError(t, r.err, "1 bad line")
			assert.Contains(t, r.stderr, "not sent: line 1: "+row.problem+"\n")
			require.Len(t, seen, 1)
			assert.JSONEq(t, `{"last":true}`, string(seen[0].body))
			assert.Equal(t, "1, not sent", r.row(t, "bad lines"))
		})
	}
}

func TestALineWithoutItsNewlineIsSentToo(t *testing.T) {
	endpoint := newStub(t, ok)
	r := run(t, Options{URL: endpoint.URL, File: "-", Stdin: strings.NewReader("{\"a\":1}\n{\"a\":2}")})
	require.NoError(t, r.err)
	assert.Len(t, endpoint.seen(), 2)
}

func TestARefusedEventOfAFileIsNamedByItsLine(t *testing.T) {
	endpoint := newStub(t, func(r received) reply {
		if strings.Contains(string(r.body), "bad") {
			return refusal(400, "BAD_REQUEST_BODY")
		}
		return ok(r)
	})
	r := run(t, Options{URL: endpoint.URL, File: "-", Stdin: strings.NewReader("{\"a\":1}\nnonsense\n{\"a\":\"bad\"}\n")})
	require.EqualError(t, r.err, "1 of 2 events not accepted, 1 bad line")
	assert.Contains(t, r.stderr, "line 3 refused: 400 BAD_REQUEST_BODY: why")
}

func TestLinesOfAnyLengthAreRead(t *testing.T) {
	lengths := []int{0, 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, maxLine - 1, maxLine, maxLine + 1, 3, maxLine + 100_000, 5}
	var parts []string
	for _, n := range lengths {
		parts = append(parts, strings.Repeat("x", n))
	}
	reader := newLineReader(strings.NewReader(strings.Join(parts, "\n")))
	for i, n := range lengths {
		l, err := reader.next()
		require.NoError(t, err)
		assert.Equal(t, int64(i+1), l.number)
		assert.Equal(t, n > maxLine-1, l.long, "%d bytes", n)
		assert.Equal(t, i < len(lengths)-1, l.ended)
		if !l.long {
			assert.Len(t, l.text, n)
		}
	}
	_, err := reader.next()
	assert.Equal(t, io.EOF, err)
}

func TestAnErrorOfTheFileEndsTheRun(t *testing.T) {
	endpoint := newStub(t, ok)
	broken := io.MultiReader(strings.NewReader("{\"a\":1}\n{\"a\""), &failing{errors.New("input/output error")})
	r := run(t, Options{URL: endpoint.URL, File: "-", Stdin: broken})
	require.EqualError(t, r.err, "reading events: input/output error")
	assert.LessOrEqual(t, len(endpoint.seen()), 1)
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

func TestGeneratedEventsHaveTheConfiguredSize(t *testing.T) {
	for _, size := range []int{minEventBytes, 97, 1024, 100_000} {
		g := &generator{run: newRun(1<<64 - 1), bytes: size, number: 1<<63 - 1}
		e, err := g.next()
		require.NoError(t, err)
		assert.Len(t, e.body, size)
		assert.Empty(t, objectProblem(e.body, len(e.body)))
		assert.True(t, g.matches(object(t, string(e.body)), e.number))
		altered := object(t, string(e.body))
		altered["more"] = true
		assert.False(t, g.matches(altered, e.number))
	}
}

func TestOnlyIDsOfTheRunAreParsed(t *testing.T) {
	g := &generator{run: newRun(7)}
	for _, row := range []struct {
		id     string
		number int64
		ok     bool
	}{
		{g.id(0), 0, true}, {g.id(123456), 123456, true},
		{newRun(8) + "-1", 0, false}, {g.run + "-", 0, false}, {g.run + "-01", 0, false}, {g.run + "-+1", 0, false}, {g.run + "--1", 0, false},
		{"", 0, false}, {g.run, 0, false},
	} {
		number, ok := g.parseID(row.id)
		assert.Equal(t, row.ok, ok, row.id)
		if ok {
			assert.Equal(t, row.number, number)
		}
	}
}
