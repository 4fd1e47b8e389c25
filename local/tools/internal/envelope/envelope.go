// Package envelope reads the envelope that the program's setting envelope wraps around events.
package envelope

import (
	"bytes"
	"encoding/json"
)

// Unwrap returns the event in an envelope, as it is written there. A text that is no envelope is returned without the white
// space around it.
func Unwrap(text []byte) []byte {
	text = bytes.TrimSpace(text)
	var envelope struct {
		ID         string          `json:"id"`
		ReceivedAt *float64        `json:"receivedAt"`
		Type       string          `json:"type"`
		APIKeyID   string          `json:"apiKeyId"`
		Event      json.RawMessage `json:"event"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&envelope) != nil || decoder.More() ||
		envelope.ID == "" || envelope.ReceivedAt == nil || !bytes.HasPrefix(envelope.Event, []byte("{")) {
		return text
	}
	return envelope.Event
}
