package kinesis

import (
	"encoding/base64"
	"unicode/utf8"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/protocol"
)

// member is a string member of a request. Its text lies in the request's body or in the request's own memory.
type member struct {
	text []byte
	set  bool
}

// recordRequest is one record of a request.
type recordRequest struct {
	data, partitionKey, explicitHashKey member
	blob                                []byte // data, decoded
}

// request is what PutRecord and PutRecords take.
type request struct {
	streamName, streamARN, ordering member
	records                         []recordRequest
	hasRecords                      bool // the member Records is there
}

// A body that cannot be read at all.
//
// recorded (mhart/kinesalite test/connection.js): HTTP 400 without a message.
var errMalformed error = &awserr.Error{Code: "SerializationException", Status: 400}

// wrongType is about a value of another type than the member's.
//
// recorded (mhart/kinesalite test/helpers.js, assertType).
func wrongType(message string) error {
	return &awserr.Error{Code: "SerializationException", Status: 400, Message: message}
}

// readPutRecord reads the body of a PutRecord.
//
// assumed: members that the API does not have are ignored, as Smithy's rules for awsJson1_1 ask of a server, and of a
// member that is there twice the last one counts.
func (q *request) readPutRecord(body []byte) error {
	q.records = append(q.records[:0], recordRequest{})
	r := &q.records[0]
	s := &scanner{b: body}
	return q.readWhole(s, func(name []byte) error {
		switch string(name) {
		case "SequenceNumberForOrdering":
			return s.member(&q.ordering, "an String")
		}
		if known, err := r.readMember(s, name); known {
			return err
		}
		return s.skip(1)
	})
}

// readPutRecords reads the body of a PutRecords.
func (q *request) readPutRecords(body []byte) error {
	s := &scanner{b: body}
	return q.readWhole(s, func(name []byte) error {
		if string(name) != "Records" {
			return s.skip(1)
		}
		q.records, q.hasRecords = q.records[:0], false
		if s.literal("null") {
			return nil
		}
		if s.peek() != '[' {
			return s.notAList()
		}
		q.hasRecords = true
		return s.array(func() error { return q.readEntry(s) })
	})
}

// readEntry reads one element of Records.
func (q *request) readEntry(s *scanner) error {
	// What is far beyond the limit is refused by its number, without being kept.
	if len(q.records) > 2*maxBatchRecords {
		return s.skip(2)
	}
	q.records = append(q.records, recordRequest{})
	r := &q.records[len(q.records)-1]
	switch s.peek() {
	case '{':
	case '[':
		return wrongType("Start of list found where not expected")
	case 'n':
		if s.literal("null") {
			return nil
		}
		return errMalformed
	default:
		if err := s.skip(1); err != nil {
			return err
		}
		return wrongType("Expected null")
	}
	return s.object(func(name []byte) error {
		if known, err := r.readMember(s, name); known {
			return err
		}
		return s.skip(3)
	})
}

// readWhole reads an object with the members that both requests have, and rest for the others.
func (q *request) readWhole(s *scanner, rest func(name []byte) error) error {
	err := s.object(func(name []byte) error {
		switch string(name) {
		case "StreamName":
			return s.member(&q.streamName, "an String")
		case "StreamARN":
			return s.member(&q.streamARN, "an String")
		}
		return rest(name)
	})
	if err == nil && !s.end() {
		err = errMalformed
	}
	return err
}

func (r *recordRequest) readMember(s *scanner, name []byte) (known bool, err error) {
	switch string(name) {
	case "Data":
		return true, s.member(&r.data, "a Blob")
	case "PartitionKey":
		return true, s.member(&r.partitionKey, "an String")
	case "ExplicitHashKey":
		return true, s.member(&r.explicitHashKey, "an String")
	}
	return false, nil
}

// member reads a string or null.
//
// recorded (mhart/kinesalite test/helpers.js, assertType): the sentences for other types.
func (s *scanner) member(m *member, kind string) error {
	switch c := s.peek(); {
	case c == '"':
		text, err := s.text()
		*m = member{text: text, set: true}
		return err
	case s.literal("null"):
		*m = member{}
		return nil
	case c == '[':
		return wrongType("Start of list found where not expected")
	case c == '{':
		return wrongType("Start of structure or map found where not expected.")
	case s.literal("true"), s.literal("false"):
		return wrongType("class java.lang.Boolean can not be converted to " + kind)
	case s.number():
		return wrongType("class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to " + kind)
	}
	return errMalformed
}

func (s *scanner) notAList() error {
	if s.peek() == '{' {
		return wrongType("Start of structure or map found where not expected.")
	}
	if err := s.skip(1); err != nil {
		return err
	}
	return wrongType("Expected list or null")
}

// decode decodes the data of all records into memory, which it returns.
func (q *request) decode(memory []byte) ([]byte, error) {
	need := 0
	for i := range q.records {
		need += base64.StdEncoding.DecodedLen(len(q.records[i].data.text))
	}
	if cap(memory) < need {
		memory = make([]byte, 0, need)
	}
	memory = memory[:0]
	for i := range q.records {
		r := &q.records[i]
		if !utf8.Valid(r.partitionKey.text) { // assumed: Java cannot have such a string
			return memory, errMalformed
		}
		start := len(memory)
		n, err := strictBase64.Decode(memory[start:cap(memory)], r.data.text)
		if err != nil || hasLineBreak(r.data.text) {
			return memory, protocol.NotBase64(string(r.data.text))
		}
		memory = memory[:start+n]
		r.blob = memory[start : start+n : start+n]
	}
	return memory, nil
}

var strictBase64 = base64.StdEncoding.Strict()

// hasLineBreak finds what package base64 lets pass.
func hasLineBreak(text []byte) bool {
	for _, c := range text {
		if c == '\n' || c == '\r' {
			return true
		}
	}
	return false
}
