package vtl

import (
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"
)

// AppendJSON appends v as compact JSON. Numbers are spelt as Java spells them (1.0E10). Non-ASCII characters stay, except control characters
// and U+2000 to U+20FF, which are escaped as net.minidev.json does it (assumed of API Gateway). Keys that are no strings, and values that
// JSON does not know, are written as the strings they render as. What is nested deeper than 1,000, or would make the text longer than
// 64 MiB, is left out or written as null.
func AppendJSON(dst []byte, v Value) []byte {
	w := jsonWriter{b: dst, limit: len(dst) + maxText}
	w.value(v)
	return w.b
}

type jsonWriter struct {
	b     []byte
	limit int
	depth int
	cut   bool // something did not fit
}

func (w *jsonWriter) value(v Value) {
	switch v := v.(type) {
	case nil:
		w.b = append(w.b, "null"...)
	case bool:
		w.b = strconv.AppendBool(w.b, v)
	case int64:
		w.b = strconv.AppendInt(w.b, v, 10)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			w.b = append(w.b, "null"...)
		} else {
			w.b = appendDouble(w.b, v)
		}
	case *big.Int:
		w.b = v.Append(w.b, 10)
	case *Decimal:
		w.b = append(w.b, v.String()...)
	case string:
		w.str(v)
	default:
		w.structure(v)
	}
}

func (w *jsonWriter) structure(v Value) {
	if w.depth++; w.depth > maxJSONDepth || len(w.b) > w.limit {
		w.cut = true
		w.b = append(w.b, "null"...)
		w.depth--
		return
	}
	switch v := v.(type) {
	case *List:
		w.list(v.items)
	case *Map:
		w.object(v)
	case *mapView:
		w.list(v.items())
	default:
		s, err := appendText(nil, v, max(w.limit-len(w.b), 0))
		w.cut = w.cut || err != nil
		w.str(string(s))
	}
	w.depth--
}

func (w *jsonWriter) list(items []Value) {
	w.b = append(w.b, '[')
	for i, v := range items {
		if w.cut {
			break
		}
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.value(v)
	}
	w.b = append(w.b, ']')
}

func (w *jsonWriter) object(m *Map) {
	w.b = append(w.b, '{')
	for i, e := range m.entries {
		if w.cut {
			break
		}
		if i > 0 {
			w.b = append(w.b, ',')
		}
		key, ok := e.key.(string)
		if !ok {
			text, err := appendText(nil, e.key, max(w.limit-len(w.b), 0))
			w.cut = w.cut || err != nil
			key = string(text)
		}
		w.str(key)
		w.b = append(w.b, ':')
		w.value(e.value)
	}
	w.b = append(w.b, '}')
}

const hexDigits = "0123456789ABCDEF"

func (w *jsonWriter) str(s string) {
	if len(w.b)+len(s) > w.limit {
		w.cut = true
		w.b = append(w.b, `""`...)
		return
	}
	w.b = append(w.b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7F && c != '"' && c != '\\' {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if plainInJSON(r) && (r != utf8.RuneError || n > 1) {
			i += n
			continue
		}
		w.b = append(w.b, s[start:i]...)
		w.escape(r)
		i += n
		start = i
	}
	w.b = append(append(w.b, s[start:]...), '"')
}

func plainInJSON(r rune) bool {
	switch {
	case r < ' ', r == '"', r == '\\', r >= 0x7F && r <= 0x9F, r >= 0x2000 && r <= 0x20FF:
		return false
	}
	return true
}

func (w *jsonWriter) escape(r rune) {
	switch r {
	case utf8.RuneError: // a byte that is no UTF-8
		w.b = utf8.AppendRune(w.b, r)
	case '"', '\\':
		w.b = append(w.b, '\\', byte(r))
	case '\b':
		w.b = append(w.b, `\b`...)
	case '\f':
		w.b = append(w.b, `\f`...)
	case '\n':
		w.b = append(w.b, `\n`...)
	case '\r':
		w.b = append(w.b, `\r`...)
	case '\t':
		w.b = append(w.b, `\t`...)
	default:
		w.b = append(w.b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
	}
}
