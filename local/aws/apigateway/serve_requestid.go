package apigateway

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strings"

	"github.com/google/uuid"
)

// identify sets a request's ids and trace header.
func (v *invocation) identify() {
	v.requestID = v.chooseRequestID()
	v.extendedRequestID = newExtendedRequestID()
	v.traceID = v.chooseTraceID()
}

// chooseRequestID is a new id, or the client's own: documented (api-gateway-mapping-template-reference), with what
// becomes of one that is no UUID.
func (v *invocation) chooseRequestID() string {
	sent := v.request.Header["X-Amzn-Requestid"]
	if len(sent) == 0 {
		return newRequestID()
	}
	if _, err := uuid.Parse(sent[0]); err != nil || len(sent[0]) != 36 {
		return "UUID_REPLACED_INVALID_REQUEST_ID"
	}
	return sent[0]
}

// newRequestID is a random UUID. math/rand's generator is seeded by the system: ids need to be unique, not secret.
func newRequestID() string {
	var id uuid.UUID
	binary.LittleEndian.PutUint64(id[:8], rand.Uint64())
	binary.LittleEndian.PutUint64(id[8:], rand.Uint64())
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}

// newExtendedRequestID looks like AWS's: fifteen characters of base64 and one "=".
func newExtendedRequestID() string {
	var random [16]byte
	binary.LittleEndian.PutUint64(random[:8], rand.Uint64())
	binary.LittleEndian.PutUint64(random[8:], rand.Uint64())
	var text [16]byte
	base64.URLEncoding.Encode(text[:], random[:11])
	return string(text[:])
}

// chooseTraceID is the trace header that the integration sees. The front end adds one to a request without (seen in
// dumps); one that the client sent keeps its Root (seen in events of Lambda functions) and all else of it, and gets a
// Root in front if it has none (assumed).
func (v *invocation) chooseTraceID() string {
	sent := v.request.Header[traceHeader]
	if len(sent) == 0 {
		return newTraceRoot(v.start.Unix())
	}
	value := sent[len(sent)-1]
	for field := range strings.SplitSeq(value, ";") {
		if strings.HasPrefix(strings.TrimSpace(field), "Root=") {
			return value
		}
	}
	if value == "" {
		return newTraceRoot(v.start.Unix())
	}
	return newTraceRoot(v.start.Unix()) + ";" + value
}

// newTraceRoot is "Root=1-<8 hex digits of the time>-<24 hex digits>".
func newTraceRoot(seconds int64) string {
	var raw [16]byte
	binary.BigEndian.PutUint32(raw[:4], uint32(seconds))
	binary.LittleEndian.PutUint64(raw[4:12], rand.Uint64())
	binary.LittleEndian.PutUint32(raw[12:], rand.Uint32())
	var text [len("Root=1-") + 8 + 1 + 24]byte
	copy(text[:], "Root=1-")
	hex.Encode(text[7:15], raw[:4])
	text[15] = '-'
	hex.Encode(text[16:], raw[4:])
	return string(text[:])
}
