package fidelity

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/awserr"
)

// recording is what one test of another project asked AWS, and what AWS answered.
type recording struct {
	Source string // repository, file and test
	Cases  []request
}

// request is one request of a recording.
type request struct {
	Name, Action string
	Setup        json.RawMessage // what is there before, in the form that the service's test defines
	Request      json.RawMessage
	Want         answer
	Differs      string // why the local target answers something else
	OutOfScope   string // why it has no answer
}

// answer is what AWS answered, as far as the source shows it.
type answer struct {
	Status  int            `json:"status"`
	Error   string         `json:"error,omitempty"`
	Message string         `json:"message,omitempty"`
	Body    map[string]any `json:"body,omitempty"` // members of the answer; others are not compared
}

// answerError is the answer that an error makes.
func answerError(t *testing.T, err error) answer {
	t.Helper()
	var refusal *awserr.Error
	require.ErrorAs(t, err, &refusal)
	return answer{Status: refusal.Status, Error: refusal.Code, Message: refusal.Message}
}

// compare sends the requests of a service's recordings and compares the answers. A request that is said to differ must
// differ.
func compare(t *testing.T, service string, send func(*testing.T, request) answer) {
	for _, r := range load(t, service) {
		for _, c := range r.Cases {
			if c.OutOfScope != "" {
				continue
			}
			t.Run(c.Action+" "+c.Name, func(t *testing.T) {
				got := send(t, c)
				for member := range got.Body {
					if _, ok := c.Want.Body[member]; !ok {
						delete(got.Body, member)
					}
				}
				if len(got.Body) == 0 {
					got.Body = nil
				}
				if c.Differs != "" {
					assert.NotEqual(t, c.Want, got, "%s: agrees now: remove what is said to differ", r.Source)
					return
				}
				assert.Equal(t, c.Want, got, r.Source)
			})
		}
	}
}

// sendAfterSetup sends the requests that a setup lists, which have to succeed, and then the request itself.
func sendAfterSetup(t *testing.T, r request, send func(request) answer) answer {
	t.Helper()
	var before []request
	if r.Setup != nil {
		require.NoError(t, json.Unmarshal(r.Setup, &before))
	}
	for _, b := range before {
		a := send(b)
		require.Empty(t, a.Error, a.Message)
	}
	return send(r)
}

// load reads the recordings of a service, in the order of their files' names.
func load(t *testing.T, service string) []recording {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", service, "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var recordings []recording
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		decoder := json.NewDecoder(strings.NewReader(string(text)))
		decoder.DisallowUnknownFields()
		var r recording
		require.NoError(t, decoder.Decode(&r), file)
		require.NotEmpty(t, r.Source, file)
		require.NotEmpty(t, r.Cases, file)
		recordings = append(recordings, r)
	}
	return recordings
}
