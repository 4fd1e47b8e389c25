package kinesis

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/protocol"
)

// send has a request to the API answered, as the endpoint does once it knows the caller.
func (w *fixture) send(action, body string) (status int, response string) {
	w.t.Helper()
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "Kinesis_20131202."+action)
	recorder := httptest.NewRecorder()
	x, err := protocol.New(w.API()).Read(recorder, r, "id", []byte(body))
	if err != nil {
		x.Refuse(err)
	} else {
		x.Serve(context.Background(), &protocol.Call{Caller: w.caller, Account: account})
	}
	return recorder.Code, recorder.Body.String()
}

var creationTime = regexp.MustCompile(`,"\w*CreationTimestamp":[0-9.]+`)

// ask sends a request that succeeds; in is its input, and the output is stored in out unless that is nil.
func (w *fixture) ask(action string, in map[string]any, out any) {
	w.t.Helper()
	body, err := json.Marshal(in)
	require.NoError(w.t, err)
	status, response := w.send(action, string(body))
	require.Equal(w.t, 200, status, "%s %s: %s", action, body, response)
	if out != nil {
		// Package json reads times as texts only.
		response = creationTime.ReplaceAllString(response, "")
		require.NoError(w.t, json.Unmarshal([]byte(response), out), response)
	}
}

// refuses requires that a request is refused with a code and a sentence.
func (w *fixture) refuses(action, body, code, message string) {
	w.t.Helper()
	status, response := w.send(action, body)
	require.Equal(w.t, 400, status, "%s %s: %s", action, body, response)
	var got failure
	require.NoError(w.t, json.Unmarshal([]byte(response), &got))
	require.Equal(w.t, failure{code, message}, got, "%s %s", action, body)
}

// described is a stream as DescribeStream shows it.
type described struct {
	StreamDescription struct {
		StreamStatus, StreamARN, EncryptionType, KeyId string
		StreamModeDetails                              struct{ StreamMode string }
		RetentionPeriodHours                           int
		HasMoreShards                                  bool
		Shards                                         []shardOutput
	}
}

func (w *fixture) describe() described {
	w.t.Helper()
	var d described
	w.ask("DescribeStream", map[string]any{"StreamName": "events"}, &d)
	return d
}

// settle lets the change that is under way take effect.
func (w *fixture) settle() {
	w.t.Helper()
	w.clock.Advance(changeMillis * time.Millisecond)
	require.Equal(w.t, "ACTIVE", w.describe().StreamDescription.StreamStatus)
}

type got struct {
	Records []struct {
		Data                         []byte
		PartitionKey, SequenceNumber string
		ApproximateArrivalTimestamp  float64
		EncryptionType               string
	}
	NextShardIterator  string
	MillisBehindLatest int64
	ChildShards        []childShard
}

func (g got) data() []string {
	data := []string{}
	for _, r := range g.Records {
		data = append(data, string(r.Data))
	}
	return data
}

// iterator asks for an iterator of a shard; more are pairs of a member and its value.
func (w *fixture) iterator(shard, kind string, more ...any) string {
	w.t.Helper()
	in := map[string]any{"StreamName": "events", "ShardId": shard, "ShardIteratorType": kind}
	for i := 0; i < len(more); i += 2 {
		in[more[i].(string)] = more[i+1]
	}
	var out struct{ ShardIterator string }
	w.ask("GetShardIterator", in, &out)
	return out.ShardIterator
}

func (w *fixture) get(iterator string) got {
	w.t.Helper()
	var g got
	w.ask("GetRecords", map[string]any{"ShardIterator": iterator}, &g)
	return g
}

func quoteMap(m map[string]string) []byte {
	b, _ := json.Marshal(m)
	return b
}
