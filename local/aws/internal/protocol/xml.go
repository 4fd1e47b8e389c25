package protocol

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"reflect"
	"strconv"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
)

// xmlWriter writes the answers of Query.
type xmlWriter struct {
	shapes  *shapes
	buffer  bytes.Buffer
	encoder *xml.Encoder
}

func newXMLWriter(s *shapes) *xmlWriter {
	w := &xmlWriter{shapes: s}
	w.encoder = xml.NewEncoder(&w.buffer)
	return w
}

// Errors of the encoder are those of its writer, which is memory; the tokens are balanced.
func (w *xmlWriter) open(name, namespace string) {
	start := xml.StartElement{Name: xml.Name{Local: name}}
	if namespace != "" {
		start.Attr = []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: namespace}}
	}
	_ = w.encoder.EncodeToken(start)
}

func (w *xmlWriter) close(name string) {
	_ = w.encoder.EncodeToken(xml.EndElement{Name: xml.Name{Local: name}})
}

func (w *xmlWriter) element(name, text string) {
	w.open(name, "")
	_ = w.encoder.EncodeToken(xml.CharData(text))
	w.close(name)
}

func (w *xmlWriter) bytes() []byte {
	_ = w.encoder.Flush()
	return w.buffer.Bytes()
}

// queryAnswer is the answer to an action of Query.
func (h *Handler) queryAnswer(action, requestID string, output any) []byte {
	w := newXMLWriter(h.shapes)
	w.open(action+"Response", h.service.Namespace)
	if v := reflect.ValueOf(output).Elem(); v.Type() != reflect.TypeFor[struct{}]() {
		w.open(action+"Result", "")
		w.members(v)
		w.close(action + "Result")
	}
	w.open("ResponseMetadata", "")
	w.element("RequestId", requestID)
	w.close("ResponseMetadata")
	w.close(action + "Response")
	return w.bytes()
}

// queryError is an error of Query. Documented: the API references of IAM and STS, common errors.
func (h *Handler) queryError(requestID string, e *awserr.Error) []byte {
	w := newXMLWriter(h.shapes)
	w.open("ErrorResponse", h.service.Namespace)
	w.open("Error", "")
	w.element("Type", fault(e))
	w.element("Code", e.Code)
	w.element("Message", e.Message)
	w.close("Error")
	w.element("RequestId", requestID)
	w.close("ErrorResponse")
	return w.bytes()
}

// fault is whose fault an error is.
func fault(e *awserr.Error) string {
	if e.Status >= 500 {
		return "Receiver"
	}
	return "Sender"
}

func (w *xmlWriter) members(v reflect.Value) {
	described := w.shapes.of(v.Type())
	for i := range described.members {
		m := &described.members[i]
		if field := v.FieldByIndex(m.index); !m.isAbsent(field) {
			w.value(m.name, field, m)
		}
	}
}

func (w *xmlWriter) value(name string, v reflect.Value, m *member) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch v.Type() {
	case timeType:
		w.element(name, isoTime(v.Interface().(time.Time)))
		return
	case bytesType:
		w.element(name, base64.StdEncoding.EncodeToString(v.Bytes()))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		w.open(name, "")
		w.members(v)
		w.close(name)
	case reflect.Slice:
		w.list(name, v, m)
	case reflect.Map:
		w.open(name, "")
		for _, key := range sortedKeys(v) {
			w.open("entry", "")
			w.element("key", key.String())
			w.value("value", v.MapIndex(key), m)
			w.close("entry")
		}
		w.close(name)
	case reflect.String:
		w.element(name, v.String())
	case reflect.Bool:
		w.element(name, strconv.FormatBool(v.Bool()))
	case reflect.Float64:
		w.element(name, strings.Trim(string(appendFloat(nil, v.Float())), `"`))
	default:
		w.element(name, strconv.FormatInt(v.Int(), 10))
	}
}

func (w *xmlWriter) list(name string, v reflect.Value, m *member) {
	if m.flat {
		for i := range v.Len() {
			w.value(name, v.Index(i), m)
		}
		return
	}
	w.open(name, "")
	for i := range v.Len() {
		w.value(m.list, v.Index(i), m)
	}
	w.close(name)
}
