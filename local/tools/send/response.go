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

// result is the result of one attempt for one event.
type result int

const (
	stored result = iota
	// retry: not stored; the event can be sent again.
	retry
	// retryUnsure: possibly stored; the event must be sent again, which may store it twice.
	retryUnsure
	// rejected: not stored; sending the event again would fail as well.
	rejected
	// unclear: the response does not tell.
	unclear
)

// response is the response to one request, or why there was none.
type response struct {
	// err is set if there was no response; begun says whether the endpoint may have received the request.
	err   error
	begun bool

	status int
	header http.Header
	body   []byte
}

// outcome is what a response means.
type outcome struct {
	// results has one result for each event of the request.
	results []result
	// reason summarizes it: a status and its code, or why there was no response.
	reason string
	// message is the error message of the endpoint.
	message string
	// blocked says that every request will fail until somebody fixes the cause: credentials, clock, policy, URL.
	blocked bool
	// wait is the Retry-After of the response; 0 if it has none.
	wait time.Duration
}

// document is the body of any response of the endpoint.
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
	// Message is the message of API Gateway itself.
	Message string `json:"message"`
}

// interpret tells what a response means for the n events of its request.
func interpret(a response, n int, batch bool, now time.Time) outcome {
	if a.err != nil {
		return interpretFailure(a, n)
	}
	var doc document
	parsed := json.Unmarshal(a.body, &doc) == nil
	o := outcome{message: doc.Error.Message, wait: parseRetryAfter(a.header, now)}
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
		o.results = repeat(unclear, n)
		if parsed && acknowledges(doc, n, batch) {
			o.results = repeat(stored, n)
		} else {
			o.reason, o.message = "200 NOT_UNDERSTOOD", "the response lacks sequence numbers of events: is this the endpoint's URL?"
		}
	case a.status == http.StatusBadRequest, a.status == http.StatusRequestEntityTooLarge,
		a.status == http.StatusUnsupportedMediaType:
		o.results = repeat(rejected, n)
	case a.status != http.StatusTooManyRequests && a.status < 500:
		o.results, o.blocked = repeat(retry, n), true
	case batch && parsed && len(doc.Error.FailedIndexes) > 0 && len(doc.Records) == n:
		o.results = partialResults(doc, n)
	case a.status == http.StatusTooManyRequests:
		o.results = repeat(retry, n)
	default:
		// A 5xx can come from behind Kinesis: the event may be in the stream.
		o.results = repeat(retryUnsure, n)
	}
	return o
}

func interpretFailure(a response, n int) outcome {
	if a.begun {
		return outcome{results: repeat(retryUnsure, n), reason: "no response", message: a.err.Error()}
	}
	return outcome{results: repeat(retry, n), reason: "no connection", message: a.err.Error()}
}

// acknowledges says whether a 200 has the sequence number of every event. Only then are they stored.
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

// partialResults reads which events of a batch must be sent again: all of them if the response contradicts itself.
func partialResults(doc document, n int) []result {
	results := repeat(stored, n)
	for _, index := range doc.Error.FailedIndexes {
		if index < 0 || index >= n || results[index] != stored {
			return repeat(retryUnsure, n)
		}
		results[index] = retryUnsure
		if doc.Records[index].ErrorCode == "THROTTLED" {
			results[index] = retry
		}
	}
	for i, record := range doc.Records {
		if results[i] == stored && record.SequenceNumber == "" {
			return repeat(retryUnsure, n)
		}
	}
	return results
}

func repeat(f result, n int) []result { return slices.Repeat([]result{f}, n) }

// parseRetryAfter parses Retry-After: a number of seconds or a date (RFC 9110, 10.2.3).
func parseRetryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil && seconds >= 0 {
		// Bounded to avoid an overflow; the producer never waits that long.
		return time.Duration(min(seconds, 365*24*3600)) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}
