package protocol

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// cborReader reads bodies of CBOR; what is nested deeper than any of AWS's inputs is refused.
var cborReader = must(cbor.DecOptions{
	MaxNestedLevels: 32, DefaultMapType: reflect.TypeFor[map[string]any](), TimeTagToAny: cbor.TimeTagToTime,
}.DecMode())

// cborWriter writes times as RPC v2 CBOR has them: seconds with the tag 1.
var cborWriter = must(cbor.EncOptions{Sort: cbor.SortLengthFirst, Time: cbor.TimeUnixDynamic, TimeTag: cbor.EncTagRequired}.EncMode())

func must[T any](value T, err error) T {
	if err != nil {
		panic(err) // the options are those above
	}
	return value
}

// readCBOR reads a body that is a map; an empty body is an empty one.
func readCBOR(body []byte) (map[string]any, error) {
	members := map[string]any{}
	if len(body) == 0 {
		return members, nil
	}
	if err := cborReader.Unmarshal(body, &members); err != nil {
		return nil, errMalformed
	}
	return members, nil
}

// writeCBOR writes what tree or a JSON document gave.
func writeCBOR(value any) []byte {
	b, err := cborWriter.Marshal(value)
	if err != nil {
		panic(err) // a tree holds only what can be written
	}
	return b
}

// tree is an output as maps and lists. millis has times as milliseconds since 1970, as CBOR 1.1 has them: assumed, after
// LocalStack's serializer, whose users have AWS's Java SDK.
func (s *shapes) tree(v reflect.Value, millis bool) any {
	switch v.Type() {
	case timeType:
		at := v.Interface().(time.Time)
		if millis {
			return at.UnixMilli()
		}
		return at
	case bytesType:
		return v.Bytes()
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return s.tree(v.Elem(), millis)
	case reflect.Struct:
		members := map[string]any{}
		described := s.of(v.Type())
		for i := range described.members {
			m := &described.members[i]
			if field := v.FieldByIndex(m.index); !m.isAbsent(field) {
				members[m.name] = s.tree(field, millis)
			}
		}
		return members
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = s.tree(v.Index(i), millis)
		}
		return list
	case reflect.Map:
		entries := make(map[string]any, v.Len())
		for key, entry := range v.Seq2() {
			entries[key.String()] = s.tree(entry, millis)
		}
		return entries
	default:
		return v.Interface()
	}
}

// cborFromJSON turns the answer of an action that writes JSON into CBOR.
func cborFromJSON(response []byte) []byte {
	members, err := readJSON(response)
	if err != nil {
		return writeCBOR(map[string]any{})
	}
	return writeCBOR(withoutNumbers(members))
}

// withoutNumbers replaces the numbers of JSON by integers or floats.
func withoutNumbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = withoutNumbers(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = withoutNumbers(v[key])
		}
	}
	return value
}
