package send

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// result is what one attempt did to one event.
type result int

const (
	stored result = iota
	// again: not stored; the attempt can be repeated.
	again
	// againUnsure: perhaps stored; the attempt has to be repeated, which may store the event twice.
	againUnsure
	// refused: not stored, and never will be.
	refused
	// strange: nobody can tell from the answer.
	strange
)

// answer is what came back for one request, or did not.
type answer struct {
	// err is set if nothing came back; begun says whether the endpoint can have received something all the same.
	err   error
	begun bool

	status int
	header http.Header
	body   []byte
}

// outcome is an answer, understood.
type outcome struct {
	// results has one for each event of the request.
	results []result
	// reason is what a person reads of it: a status and its code, or why there was no answer.
	reason string
	// message is what the endpoint said.
	message string
	// blocked says that every request would be refused until a person fixes the cause: credentials, clock, policy, URL.
	blocked bool
	// wait is what the endpoint asked for; 0 if it did not.
	wait time.Duration
}

// document is every answer of the endpoint.
type document struct {
	SequenceNumber string `json:"sequenceNumber"`
	Records        []struct {
		SequenceNumber string `json:"sequenceNumber"`
		ErrorCode      string `json:"errorCode"`
	} `json:"records"`
	Error struct {
		Code          string `json:"code"`
		Message       string `json:"message"`
		FailedIndexes []int  `json:"failedIndexes"`
	} `json:"error"`
	// Message is where API Gateway itself puts it.
	Message string `json:"message"`
}

// interpret tells what an answer means for the n events of its request.
func interpret(a answer, n int, batch bool, now time.Time) outcome {
	if a.err != nil {
		return noAnswer(a, n)
	}
	var doc document
	parsed := json.Unmarshal(a.body, &doc) == nil
	o := outcome{message: doc.Error.Message, wait: retryAfter(a.header, now)}
	if o.message == "" {
		o.message = doc.Message
	}
	code := doc.Error.Code
	if code == "" {
		code, _, _ = strings.Cut(a.header.Get("x-amzn-ErrorType"), ":")
	}
	o.reason = strings.TrimSpace(fmt.Sprintf("%d %s", a.status, code))
	switch {
	case a.status == http.StatusOK:
		o.results = all(strange, n)
		if parsed && acknowledges(doc, n, batch) {
			o.results = all(stored, n)
		} else {
			o.reason, o.message = "200 NOT_UNDERSTOOD", "the answer has no sequence number for each event: is this the endpoint's URL?"
		}
	case a.status == http.StatusBadRequest, a.status == http.StatusRequestEntityTooLarge,
		a.status == http.StatusUnsupportedMediaType:
		o.results = all(refused, n)
	case a.status != http.StatusTooManyRequests && a.status < 500:
		o.results, o.blocked = all(again, n), true
	case batch && parsed && len(doc.Error.FailedIndexes) > 0 && len(doc.Records) == n:
		o.results = partly(doc, n)
	case a.status == http.StatusTooManyRequests:
		o.results = all(again, n)
	default:
		// A 5xx can come from behind Kinesis: the event may be in the stream.
		o.results = all(againUnsure, n)
	}
	return o
}

func noAnswer(a answer, n int) outcome {
	if a.begun {
		return outcome{results: all(againUnsure, n), reason: "no answer", message: a.err.Error()}
	}
	return outcome{results: all(again, n), reason: "no connection", message: a.err.Error()}
}

// acknowledges says whether a 200 names the place of every event: nothing else says that they are stored.
func acknowledges(doc document, n int, batch bool) bool {
	if !batch {
		return doc.SequenceNumber != ""
	}
	if len(doc.Records) != n {
		return false
	}
	for _, record := range doc.Records {
		if record.SequenceNumber == "" {
			return false
		}
	}
	return true
}

// partly reads which events of a batch have to be sent again. An answer that contradicts itself says nothing about any.
func partly(doc document, n int) []result {
	results := all(stored, n)
	for _, index := range doc.Error.FailedIndexes {
		if index < 0 || index >= n || results[index] != stored {
			return all(againUnsure, n)
		}
		results[index] = againUnsure
		if doc.Records[index].ErrorCode == "THROTTLED" {
			results[index] = again
		}
	}
	for i, record := range doc.Records {
		if results[i] == stored && record.SequenceNumber == "" {
			return all(againUnsure, n)
		}
	}
	return results
}

func all(f result, n int) []result { return slices.Repeat([]result{f}, n) }

// retryAfter reads how long the endpoint wants to be left alone: a number of seconds or a date (RFC 9110, 10.2.3).
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil && seconds >= 0 {
		// Bounded, so that it cannot overflow; producer.go does not wait that long anyway.
		return time.Duration(min(seconds, 365*24*3600)) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}
