package vtl

import (
	"bytes"
	"fmt"
	"math"
	"math/big"
	"strconv"
)

const (
	maxTextDepth = 1000     // how deep values may nest to be rendered; lists that contain themselves never end
	maxText      = 64 << 20 // how long a rendered value may be where no Limits apply
)

// String is what Java's toString gives: {foo=bar} for a map, [a, b] for a list, "null" for nil. Lists that ParseJSON made give JSON.
// Text longer than 64 MiB, or of values nested more than 1,000 deep, is cut off.
func String(v Value) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	}
	b, _ := appendText(nil, v, maxText)
	return string(b)
}

// appendText appends what Java's toString gives, up to a length of dst of limit.
func appendText(dst []byte, v Value, limit int) ([]byte, error) {
	w := textWriter{b: dst, limit: limit}
	w.value(v, nil)
	return w.b, w.err
}

// textWriter renders a value; after an error it does nothing more.
type textWriter struct {
	b     []byte
	limit int
	depth int
	err   error
}

func (w *textWriter) text(s string) {
	if w.err == nil && len(w.b)+len(s) > w.limit {
		w.err = errTooLong
	}
	if w.err == nil {
		w.b = append(w.b, s...)
	}
}

// value renders v; self is the list or map around it, which Java does not render again inside itself.
func (w *textWriter) value(v, self Value) {
	if w.err != nil {
		return
	}
	switch v := v.(type) {
	case nil:
		w.text("null")
	case bool:
		w.text(strconv.FormatBool(v))
	case int64:
		if w.text(""); w.err == nil {
			w.b = strconv.AppendInt(w.b, v, 10)
		}
	case float64:
		w.text(doubleText(v))
	case string:
		w.text(v)
	case char:
		w.text(v.String())
	case *big.Int:
		w.text(v.String())
	default:
		if v == self {
			w.self(v)
			return
		}
		w.structure(v)
	}
}

func (w *textWriter) self(v Value) {
	if _, ok := v.(*Map); ok {
		w.text("(this Map)")
	} else {
		w.text("(this Collection)")
	}
}

func (w *textWriter) structure(v Value) {
	if w.depth++; w.depth > maxTextDepth {
		w.err = fmt.Errorf("rendering a value: nested more than %d deep: java.lang.StackOverflowError: %w", maxTextDepth, ErrLimit)
	}
	switch v := v.(type) {
	case *List:
		w.list(v)
	case *Map:
		w.mapText(v)
	case *mapView:
		w.items(v.items(), nil)
	case *mapEntry:
		w.value(v.key, nil)
		w.text("=")
		w.value(v.value(), nil)
	case *foreachScope:
		w.text("{}")
	case *Decimal:
		w.text(v.String())
	case Stringer:
		w.text(v.String())
	default:
		w.text(className(v) + "@0")
	}
	w.depth--
}

func (w *textWriter) list(l *List) {
	switch l.kind {
	case jsonArray:
		j := jsonWriter{b: w.b, limit: w.limit, depth: w.depth}
		j.value(l)
		w.b = j.b
		if j.cut {
			w.err = errTooLong
		}
	case javaArray:
		w.text("[Ljava.lang.String;@0")
	default:
		w.items(l.items, l)
	}
}

func (w *textWriter) items(items []Value, self Value) {
	w.text("[")
	for i, v := range items {
		if i > 0 {
			w.text(", ")
		}
		if w.value(v, self); w.err != nil {
			return
		}
	}
	w.text("]")
}

func (w *textWriter) mapText(m *Map) {
	w.text("{")
	for i, e := range m.entries {
		if i > 0 {
			w.text(", ")
		}
		w.value(e.key, m)
		w.text("=")
		if w.value(e.value, m); w.err != nil {
			return
		}
	}
	w.text("}")
}

// doubleText is Java's Double.toString: 1.0, 0.001, 1.0E7. The digits are the fewest that tell the number, as from Java 19 on.
func doubleText(f float64) string { return string(appendDouble(nil, f)) }

func appendDouble(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	start := len(dst)
	if a := math.Abs(f); a == 0 || a >= 1e-3 && a < 1e7 {
		dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
		if bytes.IndexByte(dst[start:], '.') < 0 {
			dst = append(dst, ".0"...)
		}
		return dst
	}
	var buf [32]byte
	mantissa, exp, _ := bytes.Cut(strconv.AppendFloat(buf[:0], f, 'e', -1, 64), []byte("e"))
	dst = append(dst, mantissa...)
	if bytes.IndexByte(mantissa, '.') < 0 {
		dst = append(dst, ".0"...)
	}
	n, _ := strconv.Atoi(string(exp))
	return strconv.AppendInt(append(dst, 'E'), int64(n), 10)
}

// className is the name of the Java class that a value stands for.
func className(v Value) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "java.lang.Boolean"
	case int64:
		if v == int64(int32(v)) {
			return "java.lang.Integer"
		}
		return "java.lang.Long"
	case *big.Int:
		return "java.math.BigInteger"
	case float64:
		return "java.lang.Double"
	case *Decimal:
		return "java.math.BigDecimal"
	case string:
		return "java.lang.String"
	case char:
		return "java.lang.Character"
	case *List:
		return [...]string{"java.util.ArrayList", "net.minidev.json.JSONArray", "[Ljava.lang.String;"}[v.kind]
	case *Map:
		return "java.util.LinkedHashMap"
	case *mapView:
		return [...]string{"java.util.LinkedHashMap$LinkedKeySet", "java.util.LinkedHashMap$LinkedValues",
			"java.util.LinkedHashMap$LinkedEntrySet"}[v.kind]
	case *mapEntry:
		return "java.util.LinkedHashMap$Entry"
	case *foreachScope:
		return "org.apache.velocity.runtime.directive.ForeachScope"
	case *definedBlock:
		return "org.apache.velocity.runtime.directive.Block$Reference"
	}
	return fmt.Sprintf("%T", v)
}

// isBuiltin says whether a value is one of this package's own kinds.
func isBuiltin(v Value) bool {
	switch v.(type) {
	case nil, bool, int64, *big.Int, float64, *Decimal, string, char, *List, *Map, *mapView, *mapEntry, *foreachScope, *definedBlock:
		return true
	}
	return false
}
