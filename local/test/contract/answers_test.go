package contract_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/test/pipelinetest"
)

// kinesisAnswer is what Kinesis is made to answer.
type kinesisAnswer struct {
	status int
	body   []byte
}

// answering stands before the real Kinesis and answers instead of it, once something is set.
type answering struct{ next atomic.Pointer[kinesisAnswer] }

func (a *answering) intercept(real apigateway.Backend) apigateway.Backend {
	return backendFunc(func(ctx context.Context, caller *iam.Session, action string, body []byte) (int, []byte) {
		if answer := a.next.Load(); answer != nil {
			return answer.status, answer.body
		}
		return real.Call(ctx, caller, action, body)
	})
}

type backendFunc func(ctx context.Context, caller *iam.Session, action string, body []byte) (int, []byte)

func (f backendFunc) Call(ctx context.Context, caller *iam.Session, action string, body []byte) (int, []byte) {
	return f(ctx, caller, action, body)
}

const leak = ` Stream class-stream under account ` + pipelinetest.AccountID + ` arn:aws:sts::` + pipelinetest.AccountID +
	`:assumed-role/ingest-dev-to-stream`

func kinesisError(status int, typ string) kinesisAnswer {
	body, _ := json.Marshal(map[string]string{"__type": typ, "message": "Rate exceeded." + leak})
	return kinesisAnswer{status, body}
}

func TestEachErrorOfKinesisIsAnsweredWithItsStatus(t *testing.T) {
	t.Parallel()
	kinesis := &answering{}
	p := pipelinetest.Start(t, pipelinetest.Options{
		Settings: map[string]string{"throttle.requestsPerSecond": "1000", "throttle.burst": "5000"},
		Hooks:    aws.Hooks{Kinesis: kinesis.intercept},
	})
	for _, row := range []struct {
		name       string
		kinesis    kinesisAnswer
		status     int
		code       string
		retryAfter string
	}{
		{"a throttled shard", kinesisError(400, "ProvisionedThroughputExceededException"), 429, "THROTTLED", "1"},
		{"a type with a namespace", kinesisError(400, "com.amazonaws.kinesis.v20131202#ProvisionedThroughputExceededException"), 429, "THROTTLED", "1"},
		{"a throttled key", kinesisError(400, "KMSThrottlingException"), 429, "THROTTLED", "1"},
		{"a throttled account", kinesisError(400, "ThrottlingException"), 429, "THROTTLED", "1"},
		{"a limit of the account", kinesisError(400, "LimitExceededException"), 429, "THROTTLED", "1"},
		{"a missing stream", kinesisError(400, "ResourceNotFoundException"), 500, "INTERNAL", "60"},
		{"a missing permission", kinesisError(400, "AccessDeniedException"), 500, "INTERNAL", "60"},
		{"a disabled key", kinesisError(400, "KMSDisabledException"), 500, "INTERNAL", "60"},
		{"a key that may not be used", kinesisError(400, "KMSAccessDeniedException"), 500, "INTERNAL", "60"},
		{"a signature that expired", kinesisError(403, "ExpiredTokenException"), 500, "INTERNAL", "60"},
		{"a value that Kinesis refuses", kinesisError(400, "ValidationException"), 500, "INTERNAL", "60"},
		{"an argument that Kinesis refuses", kinesisError(400, "InvalidArgumentException"), 500, "INTERNAL", "60"},
		{"a call that Kinesis cannot parse", kinesisError(400, "SerializationException"), 500, "INTERNAL", "60"},
		{"its own fault", kinesisError(500, "InternalFailure"), 503, "UNAVAILABLE", "1"},
		{"its own fault, as a 400", kinesisError(400, "InternalFailure"), 503, "UNAVAILABLE", "1"},
		{"no service", kinesisError(503, "ServiceUnavailable"), 503, "UNAVAILABLE", "1"},
		{"a message about the key, but not of the size check", kinesisAnswer{400, []byte(`{"__type":"InvalidArgumentException","message":"partitionKey"}`)}, 500, "INTERNAL", "60"},
		{"no service, as a 400", kinesisError(400, "ServiceUnavailable"), 503, "UNAVAILABLE", "1"},
		{"a 5xx without JSON", kinesisAnswer{502, []byte("<html>bad gateway</html>")}, 503, "UNAVAILABLE", "1"},
		{"a 4xx without JSON", kinesisAnswer{400, []byte("nope" + leak)}, 500, "INTERNAL", "60"},
		{"a redirect", kinesisAnswer{302, []byte("{}")}, 500, "INTERNAL", "60"},
		{"a success that is none", kinesisAnswer{200, []byte(`{"__type":"ProvisionedThroughputExceededException"}`)}, 500, "INTERNAL", "60"},
		{"an empty success", kinesisAnswer{200, nil}, 500, "INTERNAL", "60"},
		{"a success of another kind", kinesisAnswer{202, []byte(`{"SequenceNumber":"1","ShardId":"shardId-0"}`)}, 500, "INTERNAL", "60"},
		{"a sequence number that is none", kinesisAnswer{200, []byte(`{"SequenceNumber":"\"}","ShardId":"shardId-0"}`)}, 500, "INTERNAL", "60"},
	} {
		t.Run(row.name, func(t *testing.T) {
			kinesis.next.Store(&row.kinesis)
			for route, body := range map[string]string{p.URL: firstEvent, p.BatchURL: "[" + firstEvent + "]"} {
				answer := p.Post(t, route, body)
				message := wantRefusal(t, answer, row.status, row.code).Error.Message
				assert.Regexp(t, map[string]string{
					"THROTTLED": "^nothing was stored: more events arrive", "UNAVAILABLE": "^nothing was stored: the stream is not available",
					"INTERNAL": "its operator has to act|may not have been stored",
				}[row.code], message)
				assert.Equal(t, row.retryAfter, answer.Header.Get("Retry-After"))
			}
		})
	}
}

func TestTheAnswerToABatchSaysWhichEventsWereStored(t *testing.T) {
	t.Parallel()
	kinesis := &answering{}
	p := pipelinetest.Start(t, pipelinetest.Options{Hooks: aws.Hooks{Kinesis: kinesis.intercept}})
	const ok = `{"SequenceNumber":"495","ShardId":"shardId-000000000000"}`
	for _, row := range []struct {
		name, records string
		status        int
		failed        []int
		codes         []string
	}{
		{"a throttled one", ok + `,{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"` + leak + `"}`, 429, []int{1}, []string{"", "THROTTLED"}},
		{"a fault", `{"ErrorCode":"InternalFailure","ErrorMessage":"Internal Service Failure"},` + ok, 503, []int{0}, []string{"UNAVAILABLE", ""}},
		{"a throttled account", ok + `,{"ErrorCode":"ThrottlingException"}`, 429, []int{1}, []string{"", "THROTTLED"}},
		{"one of each", `{"ErrorCode":"InternalFailure"},{"ErrorCode":"ProvisionedThroughputExceededException"}`, 429, []int{0, 1}, []string{"UNAVAILABLE", "THROTTLED"}},
		{"a null error code", `{"ErrorCode":null,"SequenceNumber":"495","ShardId":"shardId-000000000000"},{}`, 503, []int{1}, []string{"", "UNAVAILABLE"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			// The count is a lie, and no matter: each record speaks for itself.
			kinesis.next.Store(&kinesisAnswer{200, []byte(`{"FailedRecordCount":0,"Records":[` + row.records + `]}`)})
			answer := p.Post(t, p.BatchURL, "["+firstEvent+","+firstEvent+"]")
			refused := wantRefusal(t, answer, row.status, "PARTLY_STORED")
			assert.Equal(t, row.failed, refused.Error.FailedIndexes)
			assert.Equal(t, "1", answer.Header.Get("Retry-After"))
			var codes []string
			for _, r := range refused.Records {
				codes = append(codes, r.ErrorCode)
			}
			assert.Equal(t, row.codes, codes)
		})
	}
}

// FuzzAnswer: whatever Kinesis answers, the client gets valid JSON of our shape, the right kind of status, and nothing
// that is not its business.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"SequenceNumber":"495","ShardId":"shardId-000000000000"}`, `{"Records":[{"SequenceNumber":"1","ShardId":"shardId-1"}]}`,
		`{"__type":"ProvisionedThroughputExceededException"}`, `{"__type":["x"]}`, `{"Records":"x"}`, `{"Records":[1,null,"x",[]]}`,
		`[]`, `null`, `"`, "", `{"SequenceNumber":495,"ShardId":"shardId-0"}`, `{"SequenceNumber":"1\"}","ShardId":"shardId-0"}`,
		`{"Records":[{"SequenceNumber":{"a":1},"ShardId":"$context.stage"}]}`,
	} {
		for _, status := range []uint16{200, 400, 500} {
			f.Add(status, []byte(body), false)
			f.Add(status, []byte(body), true)
		}
	}
	kinesis := &answering{}
	p := pipelinetest.Start(f, pipelinetest.Options{
		Settings: map[string]string{
			"stream.shardCount": "100", "throttle.requestsPerSecond": "10000", "throttle.burst": "5000", "logs.level": "OFF",
		},
		Hooks: aws.Hooks{Kinesis: kinesis.intercept},
	})
	f.Fuzz(func(t *testing.T, status uint16, body []byte, batch bool) {
		answered := int(status)%500 + 100
		kinesis.next.Store(&kinesisAnswer{answered, bytes.Clone(body)})
		route, sent := p.URL, firstEvent
		if batch {
			route, sent = p.BatchURL, "["+firstEvent+"]"
		}
		answer := p.Post(t, route, sent)
		if answer.Status == http.StatusOK {
			require.Equal(t, http.StatusOK, answered)
			var got stored
			require.NoError(t, json.Unmarshal(answer.Body, &got), string(answer.Body))
			require.NotEmpty(t, got.RequestID)
			for _, r := range append(got.Records, record{SequenceNumber: got.SequenceNumber, ShardID: got.ShardID}) {
				if batch && r.SequenceNumber == "" {
					continue // the last one is not of a batch
				}
				require.Regexp(t, `^[0-9]+$`, r.SequenceNumber)
				require.Regexp(t, `^shardId-[0-9]+$`, r.ShardID)
			}
			return
		}
		require.Contains(t, []int{413, 429, 500, 503}, answer.Status, string(answer.Body))
		var refused refusal
		require.NoError(t, json.Unmarshal(answer.Body, &refused), string(answer.Body))
		require.NotEmpty(t, refused.Error.Code)
		require.NotEmpty(t, refused.Error.RequestID)
		wantNoSecrets(t, string(answer.Body))
	})
}
