package protocol

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"ingest-pipeline/local/aws/awserr"
)

// serializationException is the code for a body that cannot be read.
const serializationException = "SerializationException"

// errMalformed is a body that is none of its protocol.
//
// recorded (mhart/kinesalite test/connection.js): HTTP 400 without a sentence.
var errMalformed error = &awserr.Error{Code: serializationException, Status: 400}

// readJSON reads a body that is an object.
func readJSON(body []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, errMalformed
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errMalformed
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, errMalformed
	}
	return members, nil
}

// JSONError is an error in the form of the JSON protocols.
//
// recorded (mhart/kinesalite test/helpers.js): __type without a namespace; the member is "Message" for
// SerializationException, "message" for the others, and missing if there is no sentence. assumed: AccessDeniedException
// has "Message", too. documented (CommonErrors of Kinesis): it has the status 400.
func JSONError(e *awserr.Error) (status int, response []byte) {
	status = e.Status
	member := `,"message":`
	switch e.Code {
	case accessDeniedException:
		status, member = 400, `,"Message":`
	case serializationException:
		member = `,"Message":`
	}
	return status, appendError(e, member)
}

func appendError(e *awserr.Error, member string) []byte {
	b := appendString([]byte(`{"__type":`), e.Code)
	if e.Message != "" {
		b = appendString(append(b, member...), e.Message)
	}
	return append(b, '}')
}

// appendJSON writes an output.
func (s *shapes) appendJSON(b []byte, v reflect.Value, iso bool) []byte {
	switch v.Type() {
	case timeType:
		return appendTime(b, v.Interface().(time.Time), iso)
	case bytesType:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, v.Bytes())
		return append(b, '"')
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return s.appendJSON(b, v.Elem(), iso)
	case reflect.Struct:
		return s.appendStruct(b, v)
	case reflect.Slice:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = s.appendJSON(b, v.Index(i), iso)
		}
		return append(b, ']')
	case reflect.Map:
		b = append(b, '{')
		for i, key := range sortedKeys(v) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, key.String()), ':')
			b = s.appendJSON(b, v.MapIndex(key), iso)
		}
		return append(b, '}')
	case reflect.String:
		return appendString(b, v.String())
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Float64:
		return appendFloat(b, v.Float())
	default:
		return strconv.AppendInt(b, v.Int(), 10)
	}
}

func (s *shapes) appendStruct(b []byte, v reflect.Value) []byte {
	b = append(b, '{')
	first := true
	described := s.of(v.Type())
	for i := range described.members {
		m := &described.members[i]
		field := v.FieldByIndex(m.index)
		if m.header || m.isAbsent(field) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendString(b, m.name), ':')
		b = s.appendJSON(b, field, m.iso)
	}
	return append(b, '}')
}

// sortedKeys are the keys of a map in order, so that one output is always one text.
func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return bytes.Compare([]byte(a.String()), []byte(b.String())) })
	return keys
}

// appendTime writes the seconds since 1970 with their milliseconds.
func appendTime(b []byte, t time.Time, iso bool) []byte {
	if iso {
		return appendString(b, isoTime(t))
	}
	return strconv.AppendFloat(b, float64(t.UnixMilli())/1000, 'f', -1, 64)
}

// isoTime is a time as text, with milliseconds if there are any.
func isoTime(t time.Time) string {
	if t.UnixMilli()%1000 == 0 {
		return t.UTC().Format("2006-01-02T15:04:05Z")
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func appendFloat(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(b, `"-Infinity"`...)
	case math.Abs(f) < 1e15:
		b = strconv.AppendFloat(b, f, 'f', -1, 64)
		if f == math.Trunc(f) {
			b = append(b, ".0"...) // recorded (LocalStack, tests/aws/services/cloudwatch): a whole number is 42.0
		}
		return b
	default:
		return strconv.AppendFloat(b, f, 'g', -1, 64)
	}
}

// appendString writes a string of JSON.
func appendString(b []byte, text string) []byte {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return appendEscaped(b, text)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

func appendEscaped(b []byte, text string) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string can always be written
	return append(b, bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))...)
}
