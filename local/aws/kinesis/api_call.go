package kinesis

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/protocol"
)

// Call answers one request of the AWS JSON 1.1 protocol: action is PutRecord or PutRecords, any other is an
// UnknownOperationException that names it. caller is the role that the request is made with. A 200 means that the
// records are on disk; response is always a JSON object.
//
// assumed: a request is validated first, then authorized, and only then its stream is looked for, so that a caller
// without permission does not learn whether a stream exists.
func (s *Service) Call(ctx context.Context, caller *iam.Session, action string, body []byte) (status int, response []byte) {
	c := calls.Get().(*call)
	defer c.release()
	var err error
	switch action {
	case "PutRecord":
		response, err = s.putRecord(ctx, caller, c, body)
	case "PutRecords":
		response, err = s.putRecords(ctx, caller, c, body)
	default:
		err = awserr.New("UnknownOperationException", 400,
			"The action %s of Kinesis is not offered by the local target, only PutRecord and PutRecords.", action)
	}
	if err != nil {
		return protocol.JSONError(refusal(err))
	}
	return 200, response
}

// call is the memory of one request, used again for later ones.
type call struct {
	request request
	entries []entry
	memory  []byte
}

var calls = sync.Pool{New: func() any { return new(call) }}

func (c *call) release() {
	if cap(c.memory) > keptBytes {
		c.memory = nil
	}
	clear(c.entries)
	clear(c.request.records)
	c.entries = c.entries[:0]
	c.request = request{records: c.request.records[:0]}
	calls.Put(c)
}

// putRecord stores one record.
//
// documented (API_PutRecord): the members of the answer and their order.
func (s *Service) putRecord(ctx context.Context, caller *iam.Session, c *call, body []byte) ([]byte, error) {
	q := &c.request
	err := q.readPutRecord(body)
	if err == nil {
		c.memory, err = q.decode(c.memory)
	}
	if err == nil {
		err = q.checkPutRecord()
	}
	if err != nil {
		return nil, err
	}
	st, err := s.authorize(caller, "kinesis:PutRecord", q)
	if err != nil {
		return nil, err
	}
	e, err := q.records[0].entry()
	if err != nil {
		return nil, err
	}
	if q.ordering.set {
		switch err := checkOrdering(string(q.ordering.text), s.options.Clock.Now().Unix()); {
		case errors.Is(err, errOrderingInvalid):
			return nil, errOrdering(s.options.Account, st.name, string(q.ordering.text))
		case err != nil:
			return nil, err
		}
	}
	c.entries = append(c.entries[:0], e)
	started := st.metrics.start(st.clock)
	err = s.put(ctx, st, c.entries)
	st.metrics.countPutRecord(started, st.clock, c.entries, err)
	if err != nil {
		return nil, err
	}
	done := &c.entries[0]
	if done.throttled {
		return nil, awserr.New("ProvisionedThroughputExceededException", 400, "%s",
			throttledMessage(s.options.Account, st.name, done.shard.id))
	}
	s.notify(st, c.entries)
	b := append(make([]byte, 0, 160), '{')
	b = done.appendStored(b)
	b = st.appendEncryption(b)
	return append(b, '}'), nil
}

// putRecords stores a batch. Each record is stored or throttled for itself, and the answers are in the order of the
// request.
//
// documented (API_PutRecords): HTTP 200 even if all records failed; FailedRecordCount counts them, and each has
// ErrorCode (ProvisionedThroughputExceededException or InternalFailure) and ErrorMessage.
func (s *Service) putRecords(ctx context.Context, caller *iam.Session, c *call, body []byte) ([]byte, error) {
	q := &c.request
	err := q.readPutRecords(body)
	if err == nil {
		c.memory, err = q.decode(c.memory)
	}
	if err == nil {
		err = q.checkPutRecords()
	}
	if err != nil {
		return nil, err
	}
	st, err := s.authorize(caller, "kinesis:PutRecords", q)
	if err != nil {
		return nil, err
	}
	c.entries = c.entries[:0]
	for i := range q.records {
		e, err := q.records[i].entry()
		if err != nil {
			return nil, err
		}
		c.entries = append(c.entries, e)
	}
	started := st.metrics.start(st.clock)
	failure := s.put(ctx, st, c.entries)
	st.metrics.countPutRecords(started, st.clock, c.entries, failure)
	if failure != nil && refusal(failure).Status != 500 {
		return nil, failure
	}
	if failure == nil {
		s.notify(st, c.entries)
	}
	return s.putRecordsResponse(st, c.entries, failure != nil), nil
}

// authorize finds the stream of a request, if caller may do action to it.
func (s *Service) authorize(caller *iam.Session, action string, q *request) (*stream, error) {
	name, arn, st, err := s.target(q)
	if err != nil {
		return nil, err
	}
	if err := caller.Authorize(iam.Request{Action: action, Resource: arn}); err != nil {
		return nil, err
	}
	if st == nil || st.absent.Load() {
		return nil, errNotFound(s.options.Account, name)
	}
	return st, st.authorizeKey(caller, "kms:GenerateDataKey")
}

// notify calls OnPut for what was stored.
func (s *Service) notify(st *stream, entries []entry) {
	if s.options.OnPut == nil {
		return
	}
	for i := range entries {
		e := &entries[i]
		if e.throttled {
			continue
		}
		s.options.OnPut(Put{
			Stream: st.name, ShardID: e.shard.id, PartitionKey: string(e.key), Bytes: len(e.data),
			SequenceNumber: e.shard.sequence(e.index, e.arrival).String(), Arrived: time.UnixMilli(e.arrival),
		})
	}
}

func (e *entry) appendStored(b []byte) []byte {
	b = append(b, `"SequenceNumber":"`...)
	b = e.shard.sequence(e.index, e.arrival).append(b)
	b = append(b, `","ShardId":"`...)
	b = append(b, e.shard.id...)
	return append(b, '"')
}

// appendEncryption adds EncryptionType to an answer.
//
// documented (API_PutRecord): the type; assumed: only if the stream is encrypted.
func (st *stream) appendEncryption(b []byte) []byte {
	if m, _ := st.snapshot(); m.KMSKeyID != "" {
		b = append(b, `,"EncryptionType":"KMS"`...)
	}
	return b
}

func (s *Service) putRecordsResponse(st *stream, entries []entry, failed bool) []byte {
	count := 0
	records := make([]byte, 0, 128*len(entries)+64)
	for i := range entries {
		e := &entries[i]
		if i > 0 {
			records = append(records, ',')
		}
		records = append(records, '{')
		switch {
		case e.throttled:
			count++
			records = appendFailure(records, "ProvisionedThroughputExceededException",
				throttledMessage(s.options.Account, st.name, e.shard.id))
		case failed:
			count++
			records = appendFailure(records, "InternalFailure", "Internal Service Failure")
		default:
			records = e.appendStored(records)
		}
		records = append(records, '}')
	}
	b := make([]byte, 0, len(records)+64)
	b = append(b, `{"FailedRecordCount":`...)
	b = strconv.AppendInt(b, int64(count), 10)
	b = append(b, `,"Records":[`...)
	b = append(b, records...)
	b = append(b, ']')
	b = st.appendEncryption(b)
	return append(b, '}')
}

func appendFailure(b []byte, code, message string) []byte {
	b = append(b, `"ErrorCode":"`...)
	b = append(b, code...)
	b = append(b, `","ErrorMessage":`...)
	return append(b, quoteJSON(message)...)
}

func quoteJSON(text string) []byte {
	b, _ := json.Marshal(text) // a string can always be written
	return b
}

// arnName is the name at the end of a stream's ARN.
func arnName(arn string) string {
	_, name, _ := strings.Cut(arn, ":stream/")
	return name
}

// nameOf is the name of one of this account's streams, whether it exists or not.
func (s *Service) nameOf(arn string) (string, error) {
	name := arnName(arn)
	if !arnExpression.MatchString(arn) {
		var v violations
		v.Add("streamARN", arn, pattern(arnPattern))
		return "", v.err()
	}
	if arn != s.arn(name) {
		return "", errNotFound(s.options.Account, name)
	}
	return name, nil
}
