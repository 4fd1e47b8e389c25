package kinesis

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
)

var account = iam.Account{ID: "123456789012", Region: "ap-northeast-2", Partition: "aws"}

const streamARN = "arn:aws:kinesis:ap-northeast-2:123456789012:stream/events"

// noon is when the fake clocks of these tests start.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// session is a session of a role that may do actions to all streams.
func session(t testing.TB, actions ...string) *iam.Session {
	t.Helper()
	_, s := sessionOf(t, actions...)
	return s
}

// sessionOf also returns the IAM service, where the role "producer" has the policy "kinesis".
func sessionOf(t testing.TB, actions ...string) (*iam.Service, *iam.Session) {
	t.Helper()
	service := iam.New(account)
	arn, err := service.CreateRole(iam.Role{Name: "producer", TrustPolicy: `{"Version":"2012-10-17","Statement":[{
		"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`})
	require.NoError(t, err)
	allow(t, service, actions...)
	s, err := service.AssumeRole(arn, "apigateway.amazonaws.com", "test", nil)
	require.NoError(t, err)
	return service, s
}

func allow(t testing.TB, service *iam.Service, actions ...string) {
	t.Helper()
	if len(actions) == 0 {
		actions = []string{"kinesis:*"}
	}
	list, err := json.Marshal(actions)
	require.NoError(t, err)
	require.NoError(t, service.PutRolePolicy("producer", "kinesis", fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":%s,"Resource":"*"}]}`, list)))
}

// fixture is one service with its caller.
type fixture struct {
	*Service
	t      testing.TB
	dir    string
	clock  *clockwork.FakeClock
	caller *iam.Session
}

// open starts a service; change, unless nil, changes its options first.
func open(t testing.TB, change func(*Options)) *fixture {
	t.Helper()
	w := &fixture{t: t, dir: t.TempDir(), clock: clockwork.NewFakeClockAt(noon), caller: session(t)}
	w.start(change)
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func (w *fixture) start(change func(*Options)) {
	w.t.Helper()
	o := Options{Dir: w.dir, Account: account, Clock: w.clock}
	if change != nil {
		change(&o)
	}
	s, err := Open(o)
	require.NoError(w.t, err)
	w.Service = s
}

// restart closes the service and opens another one on the same folder.
func (w *fixture) restart(change func(*Options)) {
	w.t.Helper()
	require.NoError(w.t, w.Close())
	w.start(change)
}

func (w *fixture) create(c StreamConfig) {
	w.t.Helper()
	if c.Name == "" {
		c.Name = "events"
	}
	if c.ShardCount == 0 && c.Mode != ModeOnDemand {
		c.ShardCount = 1
	}
	_, err := w.CreateStream(c)
	require.NoError(w.t, err)
}

// stored is the answer to a record that was stored.
type stored struct{ SequenceNumber, ShardId, EncryptionType string }

// failure is the answer to a request that was refused.
type failure struct {
	Type    string `json:"__type"`
	Message string `json:"message"` // package json takes Message for it too
}

func putBody(key string, data []byte) []byte {
	b, _ := json.Marshal(map[string]any{"StreamName": "events", "PartitionKey": key, "Data": data})
	return b
}

func (w *fixture) call(action string, body []byte) (int, []byte) {
	w.t.Helper()
	status, response := w.Call(context.Background(), w.caller, action, body)
	require.True(w.t, json.Valid(response), "response %q", response)
	return status, response
}

// put stores a record.
func (w *fixture) put(key string, data string) stored {
	w.t.Helper()
	status, response := w.call("PutRecord", putBody(key, []byte(data)))
	require.Equal(w.t, 200, status, "response %s", response)
	var s stored
	require.NoError(w.t, json.Unmarshal(response, &s))
	return s
}

// callError sends a request that must fail.
func (w *fixture) callError(action string, body []byte) (int, failure) {
	w.t.Helper()
	status, response := w.call(action, body)
	require.NotEqual(w.t, 200, status, "response %s", response)
	var f failure
	require.NoError(w.t, json.Unmarshal(response, &f))
	return status, f
}

func (w *fixture) reader(from Position) *Reader {
	w.t.Helper()
	r, err := w.NewReader(w.caller, streamARN, from)
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, r.Close()) })
	return r
}

// rest reads everything that is there.
func (w *fixture) rest(r *Reader) []Record {
	w.t.Helper()
	var all []Record
	for {
		records, _, err := r.Poll(1000, 1<<20)
		require.NoError(w.t, err)
		if len(records) == 0 {
			return all
		}
		all = append(all, records...)
	}
}

// all is the data of everything in the stream.
func (w *fixture) all() []string {
	w.t.Helper()
	return dataOf(w.rest(w.reader(TrimHorizon)))
}

func dataOf(records []Record) []string {
	data := make([]string, len(records))
	for i, r := range records {
		data[i] = string(r.Data)
	}
	return data
}

func base64Of(data string) string { return base64.StdEncoding.EncodeToString([]byte(data)) }
