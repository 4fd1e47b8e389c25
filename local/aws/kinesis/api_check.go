package kinesis

import (
	"regexp"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// documented (API_PutRecord): the patterns of members.
const (
	orderingPattern = `0|([1-9]\d{0,128})`
	hashKeyPattern  = `0|([1-9]\d{0,38})`
	arnPattern      = `arn:aws.*:kinesis:.*:\d{12}:stream/\S+`
	maxARNLength    = 2048
)

var arnExpression = regexp.MustCompile(`^` + arnPattern + `$`)

// checkPutRecord refuses what AWS refuses of one record.
//
// recorded (mhart/kinesalite test/putRecord.js): the sentences and their order.
func (q *request) checkPutRecord() error {
	r := &q.records[0]
	if q.valid() && !q.ordering.set && r.valid() {
		return nil // without building member names
	}
	var v violations
	if q.ordering.set && !isNumber(q.ordering.text, 129) {
		v.Add("sequenceNumberForOrdering", string(q.ordering.text), pattern(orderingPattern))
	}
	r.check(&v, "")
	v.checkAddress(q.address())
	return v.err()
}

// checkPutRecords refuses what AWS refuses of a whole batch. Nothing of such a batch is stored.
func (q *request) checkPutRecords() error {
	var v violations
	switch n := len(q.records); {
	case !q.hasRecords:
		v.Null("records")
	case n == 0:
		v.Add("records", "[]", notShorter(1))
	case n > maxBatchRecords:
		// AWS puts the whole list into the sentence (recorded by mhart/kinesalite, test/putRecords.js, for an empty list); it is left out.
		v.Violations = append(v.Violations, "Value at 'records' failed to satisfy constraint: "+notLonger(maxBatchRecords))
	}
	total := 0
	for i := range q.records {
		r := &q.records[i]
		total += len(r.partitionKey.text) + len(r.blob)
		if !r.valid() {
			r.check(&v, "records."+strconv.Itoa(i+1)+".member.")
		}
	}
	v.checkAddress(q.address())
	if err := v.err(); err != nil {
		return err
	}
	if total > maxBatchBytes { // assumed: the sentence is that of getmoto/moto
		return invalidArgument("Records size exceeds %d MB limit", maxBatchBytes>>20)
	}
	return nil
}

// valid reports whether check would find nothing; it is the way of nearly all requests.
func (r *recordRequest) valid() bool {
	return r.data.set && r.partitionKey.set && len(r.partitionKey.text) > 0 && !r.explicitHashKey.set &&
		characters(r.partitionKey.text) <= maxKeyCharacters && len(r.partitionKey.text)+len(r.blob) <= maxRecordBytes
}

// check adds what is wrong with a record.
func (r *recordRequest) check(v *violations, prefix string) {
	key := prefix + "partitionKey"
	switch n := characters(r.partitionKey.text); {
	case !r.partitionKey.set:
		v.Null(key)
	case n == 0:
		v.Add(key, "", notShorter(1))
	case n > maxKeyCharacters:
		v.Add(key, string(r.partitionKey.text), notLonger(maxKeyCharacters))
	}
	if r.explicitHashKey.set && !isNumber(r.explicitHashKey.text, 39) {
		v.Add(prefix+"explicitHashKey", string(r.explicitHashKey.text), pattern(hashKeyPattern))
	}
	// documented (API_PutRecord): the key counts; assumed: the sentence is the same then.
	switch {
	case !r.data.set:
		v.Null(prefix + "data")
	case len(r.blob)+len(r.partitionKey.text) > maxRecordBytes:
		v.Add(prefix+"data", heapBuffer(len(r.blob)), notLonger(maxRecordBytes))
	}
}

// valid is whether the stream is named, and so that it can be looked up at once.
func (q *request) valid() bool {
	return q.streamName.set && !q.streamARN.set && len(q.streamName.text) <= maxNameLength &&
		validStreamName(string(q.streamName.text))
}

// address is how the request names its stream.
func (q *request) address() (a address) {
	if name := string(q.streamName.text); q.streamName.set {
		a.StreamName = &name
	}
	if arn := string(q.streamARN.text); q.streamARN.set {
		a.StreamARN = &arn
	}
	return a
}

// isNumber reports whether text is a decimal number without leading zeros.
func isNumber(text []byte, maxDigits int) bool {
	if len(text) == 0 || len(text) > maxDigits || text[0] == '0' && len(text) > 1 {
		return false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// characters counts as Java's String.length does.
//
// documented (API_PutRecord): up to 256 Unicode characters. assumed: that a character outside the Basic Multilingual
// Plane counts twice, as Java counts it.
func characters(text []byte) int {
	n := 0
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			n++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		i += size
		n += utf16.RuneLen(r)
	}
	return n
}

// entry is the record with its place among the hash keys.
func (r *recordRequest) entry() (entry, error) {
	e := entry{key: r.partitionKey.text, data: r.blob}
	if !r.explicitHashKey.set {
		e.hash = hashOf(e.key)
		return e, nil
	}
	hash, err := parseHashKey(r.explicitHashKey.text)
	if err != nil {
		return e, errExplicitHashKey(r.explicitHashKey.text)
	}
	e.hash = hash
	return e, nil
}

// target is the name and ARN of the stream that a request is for.
func (s *Service) target(q *request) (name, arn string, st *stream, err error) {
	if st = (*s.streams.Load())[string(q.streamName.text)]; st != nil && !q.streamARN.set {
		return st.name, st.arn, st, nil
	}
	name, arn, here, err := s.named(q.address())
	if here {
		st = s.find(name)
	}
	return name, arn, st, err
}
