package firehose

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
)

// defaultTimestamp follows a prefix without timestamp expression.
//
// documented (s3-prefixes): it is appended as it is, without a slash in front.
const defaultTimestamp = "!{timestamp:yyyy/MM/dd/HH/}"

// maxPrefix is how long a prefix can be after evaluation, in characters.
//
// documented (s3-prefixes).
const maxPrefix = 512

// prefix is Prefix or ErrorOutputPrefix, ready to be evaluated.
type prefix struct {
	parts         []prefixPart
	hasExpression bool
	hasTimestamp  bool
	hasErrorType  bool
}

// prefixPart is a text or one expression.
type prefixPart struct {
	text      string
	timestamp timestampFormat
	kind      prefixKind
}

type prefixKind uint8

const (
	prefixText prefixKind = iota
	prefixTimestamp
	prefixRandom
	prefixErrorType
)

// parsePrefix reads the expressions of a prefix.
//
// documented (s3-prefixes): !{timestamp:…}, !{firehose:random-string} and !{firehose:error-output-type}; the sequence
// !{ can only begin an expression. The namespaces of dynamic partitioning are refused by name.
func parsePrefix(member, source string) (prefix, error) {
	var p prefix
	rest := source
	for {
		before, after, found := strings.Cut(rest, "!{")
		if before != "" {
			p.parts = append(p.parts, prefixPart{text: before})
		}
		if !found {
			return p, nil
		}
		expression, tail, closed := strings.Cut(after, "}")
		if !closed {
			return p, invalidArgument("%s has an expression that is not closed: !{%s", member, after)
		}
		part, err := parseExpression(expression)
		if err != nil {
			return p, invalidArgument("%s has an expression that is not valid: !{%s}: %s", member, expression, err)
		}
		p.parts = append(p.parts, part)
		p.hasExpression = true
		p.hasTimestamp = p.hasTimestamp || part.kind == prefixTimestamp
		p.hasErrorType = p.hasErrorType || part.kind == prefixErrorType
		rest = tail
	}
}

func parseExpression(expression string) (prefixPart, error) {
	namespace, value, _ := strings.Cut(expression, ":")
	switch namespace {
	case "timestamp":
		format, err := parseTimestampFormat(value)
		if err == nil && value == "" {
			err = fmt.Errorf("the timestamp pattern is empty")
		}
		return prefixPart{kind: prefixTimestamp, timestamp: format}, err
	case "firehose":
		switch value {
		case "random-string":
			return prefixPart{kind: prefixRandom}, nil
		case "error-output-type":
			return prefixPart{kind: prefixErrorType}, nil
		}
		return prefixPart{}, fmt.Errorf("firehose has random-string and error-output-type")
	case "partitionKeyFromQuery", "partitionKeyFromLambda":
		return prefixPart{}, fmt.Errorf("dynamic partitioning is not offered by the local target")
	}
	return prefixPart{}, fmt.Errorf("the namespaces are timestamp and firehose")
}

// prefixes are the two prefixes of a destination.
type prefixes struct{ object, failure prefix }

// parsePrefixes reads both and checks them against each other.
//
// documented (s3-prefixes, semantic rules and examples). The sentence about ErrorOutputPrefix is that of the page's
// table of examples; the other sentences are assumed.
func parsePrefixes(object, failure string) (prefixes, error) {
	var p prefixes
	var err error
	if p.object, err = parsePrefix("Prefix", object); err != nil {
		return p, err
	}
	if p.failure, err = parsePrefix("ErrorOutputPrefix", failure); err != nil {
		return p, err
	}
	switch {
	case p.object.hasErrorType:
		return p, invalidArgument("Prefix can't contain !{firehose:error-output-type}")
	case p.object.hasExpression && failure == "":
		return p, invalidArgument("ErrorOutputPrefix can't be null when Prefix contains expressions")
	case p.failure.hasExpression && !p.failure.hasErrorType:
		return p, invalidArgument("ErrorOutputPrefix must contain at least one instance of !{firehose:error-output-type} when it contains expressions")
	}
	if !p.object.hasTimestamp {
		if p.object, err = parsePrefix("Prefix", object+defaultTimestamp); err != nil {
			return p, err
		}
	}
	longest := time.Date(2026, time.September, 30, 23, 59, 59, 0, time.UTC) // a Wednesday in September
	for member, evaluated := range map[string]string{
		"Prefix":            p.object.evaluate(longest, "", zeroReader{}),
		"ErrorOutputPrefix": p.failure.evaluate(longest, "format-conversion-failed", zeroReader{}),
	} {
		if len([]rune(evaluated)) > maxPrefix {
			return p, invalidArgument("%s can't be greater than %d characters after it is evaluated", member, maxPrefix)
		}
	}
	return p, nil
}

// zeroReader gives random numbers that do not matter.
type zeroReader struct{}

func (zeroReader) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// evaluate writes the prefix of an object.
//
// documented (s3-prefixes): every timestamp is that of the oldest record in the object; every random-string is a new
// one, of 11 characters.
func (p prefix) evaluate(oldest time.Time, errorType string, random io.Reader) string {
	var b []byte
	for _, part := range p.parts {
		switch part.kind {
		case prefixText:
			b = append(b, part.text...)
		case prefixTimestamp:
			b = part.timestamp.append(b, oldest)
		case prefixErrorType:
			b = append(b, errorType...)
		case prefixRandom:
			// assumed: the first characters of a UUID, as in the page's example 046b6c7f-0b.
			b = append(b, newUUID(random)[:11]...)
		}
	}
	return string(b)
}

// newUUID is a random UUID.
func newUUID(random io.Reader) string {
	id, err := uuid.NewRandomFromReader(random)
	if err != nil {
		id = uuid.New() // names must be unique; only tests need predictable ones
	}
	return id.String()
}

// objectName is the part of an object's key after the prefix.
//
// documented (s3-prefixes; basic-deliver): <name>-<version>-<year>-<month>-<day>-<hour>-<minute>-<second>-<uuid><extension>.
// assumed: the time is that of the prefix, in UTC whatever CustomTimeZone is.
func objectName(name string, version int, oldest time.Time, extension string, random io.Reader) string {
	return fmt.Sprintf("%s-%d-%s-%s%s", name, version, oldest.UTC().Format("2006-01-02-15-04-05"), newUUID(random), extension)
}
