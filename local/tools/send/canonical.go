package send

import (
	"bytes"
	"encoding/json"
	"errors"
	"hash/maphash"
	"io"
	"maps"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"
)

// parseObject reads one line of an object in S3. It says why a line is not one JSON object; empty: it is.
func parseObject(text []byte) (object map[string]any, problem string) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // API Gateway keeps the value of a number, which a float64 would not
	var value any
	err := decoder.Decode(&value)
	switch {
	case errors.Is(err, io.EOF):
		return nil, "empty line"
	case err != nil:
		return nil, "not JSON: " + strings.TrimPrefix(err.Error(), "json: ")
	case !utf8.Valid(text):
		return nil, "not UTF-8"
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, "more than one value on the line"
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, "not a JSON object"
	}
	return object, ""
}

// unwrap returns the event in an envelope (the program's setting envelope); nil if object is no envelope.
func unwrap(object map[string]any) map[string]any {
	id, hasID := object["id"].(string)
	_, hasTime := object["receivedAt"].(json.Number)
	event, hasEvent := object["event"].(map[string]any)
	if !hasID || id == "" || !hasTime || !hasEvent {
		return nil
	}
	for name, value := range object {
		_, isText := value.(string)
		optional := isText && (name == "type" || name == "apiKeyId")
		if !optional && name != "id" && name != "receivedAt" && name != "event" {
			return nil
		}
	}
	return event
}

// seed is the same for all fingerprints of a process.
var seed = maphash.MakeSeed()

// fingerprint is the same for two objects if and only if they are equal, regardless of the order of members and the spelling
// of strings and numbers, since API Gateway serializes events again. Collisions have a probability of about 1 in 10^19.
func fingerprint(object map[string]any) uint64 {
	return maphash.Bytes(seed, appendCanonical(nil, object))
}

func appendCanonical(dst []byte, value any) []byte {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			dst = appendText(append(dst, '{'), name)
			dst = appendCanonical(dst, v[name])
		}
		return append(dst, '}')
	case []any:
		for _, element := range v {
			dst = appendCanonical(append(dst, '['), element)
		}
		return append(dst, ']')
	case string:
		return appendText(dst, v)
	case json.Number:
		return append(dst, canonicalNumber(v.String())...)
	case bool:
		if v {
			return append(dst, 't')
		}
		return append(dst, 'f')
	default:
		return append(dst, 'n')
	}
}

// appendText appends a text such that what follows cannot be confused with it.
func appendText(dst []byte, text string) []byte {
	dst = append(dst, '"')
	dst = append(dst, big.NewInt(int64(len(text))).String()...)
	dst = append(dst, ':')
	return append(dst, text...)
}

// canonicalNumber formats a JSON number as digits and a power of ten: 10.00, 10.0 and 1E+1 all become 1e1.
func canonicalNumber(number string) string {
	rest, negative := strings.CutPrefix(number, "-")
	mantissa, exponent, _ := strings.Cut(strings.ToLower(rest), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	power, ok := new(big.Int).SetString(strings.TrimPrefix(exponent, "+"), 10)
	if !ok {
		power = new(big.Int)
	}
	power.Sub(power, big.NewInt(int64(len(fraction))))
	significant := strings.TrimRight(digits, "0")
	power.Add(power, big.NewInt(int64(len(digits)-len(significant))))
	if significant == "" {
		return "0"
	}
	sign := ""
	if negative {
		sign = "-"
	}
	return sign + significant + "e" + power.String()
}
