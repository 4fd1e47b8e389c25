package protocol

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
)

// text is a value in a query string, path or header, which can be of any type.
type text string

// wrongType is about a value of another type than the member's.
//
// recorded (mhart/kinesalite test/helpers.js, assertType): the code and the sentences.
func wrongType(message string) error {
	return &awserr.Error{Code: serializationException, Status: 400, Message: message}
}

const (
	unexpectedList      = "Start of list found where not expected"
	unexpectedStructure = "Start of structure or map found where not expected."
)

// assign stores a decoded value of any protocol: nil, bool, json.Number, string, text, []byte, time.Time, integers and floats
// of CBOR, []any or map[string]any. Members that the input does not have are ignored.
func (s *shapes) assign(to reflect.Value, value any) error {
	if value == nil {
		return nil
	}
	switch t := to.Type(); {
	case t.Kind() == reflect.Pointer:
		to.Set(reflect.New(t.Elem()))
		return s.assign(to.Elem(), value)
	case t == timeType:
		return assignTime(to, value)
	case t == bytesType:
		return assignBytes(to, value)
	case t.Kind() == reflect.Struct:
		return s.assignStruct(to, value)
	case t.Kind() == reflect.Slice:
		return s.assignList(to, value)
	case t.Kind() == reflect.Map:
		return s.assignMap(to, value)
	case t.Kind() == reflect.Interface:
		to.Set(reflect.ValueOf(value))
		return nil
	default:
		return assignScalar(to, value)
	}
}

func (s *shapes) assignStruct(to reflect.Value, value any) error {
	members, ok := value.(map[string]any)
	switch {
	case !ok && isList(value):
		return wrongType(unexpectedList)
	case !ok:
		return wrongType("Expected null")
	}
	described := s.of(to.Type())
	for i := range described.members {
		m := &described.members[i]
		v, ok := members[m.name]
		if !ok {
			continue
		}
		if form, isForm := v.(formValue); isForm {
			v = form.of(m, to.FieldByIndex(m.index).Type())
		}
		if err := s.assign(to.FieldByIndex(m.index), v); err != nil {
			return err
		}
	}
	return nil
}

func (s *shapes) assignList(to reflect.Value, value any) error {
	elements, ok := value.([]any)
	switch {
	case !ok && isStructure(value):
		return wrongType(unexpectedStructure)
	case !ok:
		return wrongType("Expected list or null")
	}
	list := reflect.MakeSlice(to.Type(), len(elements), len(elements))
	for i, element := range elements {
		if err := s.assign(list.Index(i), element); err != nil {
			return err
		}
	}
	to.Set(list)
	return nil
}

func (s *shapes) assignMap(to reflect.Value, value any) error {
	entries, ok := value.(map[string]any)
	switch {
	case !ok && isList(value):
		return wrongType(unexpectedList)
	case !ok:
		return wrongType("Expected map or null")
	}
	made := reflect.MakeMapWithSize(to.Type(), len(entries))
	for key, entry := range entries {
		element := reflect.New(to.Type().Elem()).Elem()
		if err := s.assign(element, entry); err != nil {
			return err
		}
		made.SetMapIndex(reflect.ValueOf(key).Convert(to.Type().Key()), element)
	}
	to.Set(made)
	return nil
}

func isList(value any) bool      { _, ok := value.([]any); return ok }
func isStructure(value any) bool { _, ok := value.(map[string]any); return ok }

// kindNames are AWS's names of types, with their articles.
var kindNames = map[reflect.Kind]string{
	reflect.String: "an String", reflect.Bool: "an Boolean", reflect.Int: "an Integer", reflect.Int32: "an Integer",
	reflect.Int64: "an Long", reflect.Float64: "an Double",
}

func assignScalar(to reflect.Value, value any) error {
	kind := to.Kind()
	if t, ok := value.(text); ok {
		return assignText(to, string(t))
	}
	if n, ok := number(value); ok {
		switch kind {
		case reflect.Int, reflect.Int32, reflect.Int64:
			i, err := integer(n)
			if err != nil {
				return wrongType(n.String() + " can not be converted to " + kindNames[kind])
			}
			if kind != reflect.Int64 {
				i = int64(int32(i)) // recorded (mhart/kinesalite test/createStream.js): a number of more bits is cut off
			}
			to.SetInt(i)
			return nil
		case reflect.Float64:
			f, err := n.Float64()
			if err != nil {
				return wrongType(n.String() + " can not be converted to an Double")
			}
			to.SetFloat(f)
			return nil
		}
	}
	switch v := value.(type) {
	case string:
		if kind == reflect.String {
			to.SetString(v)
			return nil
		}
		if kind == reflect.Float64 && slices.Contains([]string{"NaN", "Infinity", "-Infinity"}, v) {
			f, _ := strconv.ParseFloat(v, 64)
			to.SetFloat(f)
			return nil
		}
	case bool:
		if kind == reflect.Bool {
			to.SetBool(v)
			return nil
		}
	}
	return cannotConvert(value, kindNames[kind])
}

// cannotConvert says that a value is none of a kind.
func cannotConvert(value any, to string) error {
	if _, ok := number(value); ok {
		return wrongType("class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to " + to)
	}
	switch v := value.(type) {
	case bool:
		return wrongType("class java.lang.Boolean can not be converted to " + to)
	case string:
		if to == "an Boolean" {
			return wrongType("'" + v + "' can not be converted to an Boolean")
		}
		return wrongType("class java.lang.String can not be converted to " + to)
	case []any:
		return wrongType(unexpectedList)
	case map[string]any:
		return wrongType(unexpectedStructure)
	default:
		return wrongType("The value can not be converted to " + to)
	}
}

func assignText(to reflect.Value, value string) (err error) {
	switch to.Kind() {
	case reflect.String:
		to.SetString(value)
	case reflect.Bool:
		var b bool
		if b, err = strconv.ParseBool(value); err == nil {
			to.SetBool(b)
		}
	case reflect.Float64:
		var f float64
		if f, err = strconv.ParseFloat(value, 64); err == nil {
			to.SetFloat(f)
		}
	default:
		var i int64
		if i, err = strconv.ParseInt(value, 10, to.Type().Bits()); err == nil {
			to.SetInt(i)
		}
	}
	if err != nil { // assumed: the sentence
		return awserr.New("MalformedInput", 400, "'%s' can not be converted to %s", value, kindNames[to.Kind()])
	}
	return nil
}

// number is a number of JSON or CBOR.
func number(value any) (json.Number, bool) {
	switch v := value.(type) {
	case json.Number:
		return v, true
	case int64:
		return json.Number(strconv.FormatInt(v, 10)), true
	case uint64:
		return json.Number(strconv.FormatUint(v, 10)), true
	case float64:
		return json.Number(strconv.FormatFloat(v, 'g', -1, 64)), true
	}
	return "", false
}

// integer truncates a number, as AWS does (recorded: mhart/kinesalite test/helpers.js, where no fraction is refused).
func integer(n json.Number) (int64, error) {
	if i, err := n.Int64(); err == nil {
		return i, nil
	}
	f, _, err := big.ParseFloat(n.String(), 10, 128, big.ToZero)
	if err != nil {
		return 0, err
	}
	if i, accuracy := f.Int64(); accuracy == big.Exact || i != math.MaxInt64 && i != math.MinInt64 {
		return i, nil
	}
	return 0, strconv.ErrRange
}

func assignTime(to reflect.Value, value any) error {
	if n, ok := number(value); ok {
		f, _, err := big.ParseFloat(n.String(), 10, 128, big.ToNearestEven)
		if err != nil {
			return wrongType(n.String() + " can not be converted to milliseconds since epoch")
		}
		millis, _ := f.Add(f.Mul(f, big.NewFloat(1000)), big.NewFloat(0.5)).Int64()
		to.Set(reflect.ValueOf(time.UnixMilli(millis).UTC()))
		return nil
	}
	switch v := value.(type) {
	case time.Time:
		to.Set(reflect.ValueOf(v.UTC()))
		return nil
	case text:
		if parsed, err := parseTime(string(v)); err == nil {
			to.Set(reflect.ValueOf(parsed))
			return nil
		}
		return awserr.New("MalformedInput", 400, "'%s' can not be converted to a timestamp", string(v))
	}
	return cannotConvert(value, "milliseconds since epoch")
}

// parseTime reads the forms that clients write into query strings and forms.
func parseTime(value string) (time.Time, error) {
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC(), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02"} {
		if parsed, err := time.Parse(layout, value); err == nil {
			return parsed.UTC(), nil
		}
	}
	return time.Time{}, strconv.ErrSyntax
}

func assignBytes(to reflect.Value, value any) error {
	switch v := value.(type) {
	case []byte:
		to.SetBytes(v)
		return nil
	case text:
		decoded, err := base64.StdEncoding.DecodeString(string(v))
		if err != nil {
			return awserr.New("MalformedInput", 400, "'%s' can not be converted to a Blob", string(v))
		}
		to.SetBytes(decoded)
		return nil
	case string:
		decoded, err := base64.StdEncoding.Strict().DecodeString(v)
		if err != nil || strings.ContainsAny(v, "\r\n") {
			return NotBase64(v)
		}
		to.SetBytes(decoded)
		return nil
	}
	return cannotConvert(value, "a Blob")
}

// NotBase64 says why a text is no blob.
//
// recorded (mhart/kinesalite test/helpers.js, assertType).
func NotBase64(value string) error {
	quoted := "'" + value + "' can not be converted to a Blob: "
	if len(value)%4 != 0 {
		return wrongType(quoted + "Base64 encoded length is expected a multiple of 4 bytes but found: " + strconv.Itoa(len(value)))
	}
	for i, c := range []byte(value) {
		padding := c == '=' && i >= len(value)-2 && (i == len(value)-1 || value[len(value)-1] == '=')
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '+' && c != '/' && !padding {
			return wrongType(quoted + "Invalid Base64 character: '" + string(rune(c)) + "'")
		}
	}
	return wrongType(quoted + "Invalid last non-pad Base64 character dectected")
}
