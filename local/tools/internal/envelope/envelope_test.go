package envelope

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestOnlyAnEnvelopeIsUnwrapped(t *testing.T) {
	assert.Equal(t, `{ "a": 1.50 }`, string(Unwrap([]byte(`{"receivedAt":1764283000000, "id":"1b-0", "event": { "a": 1.50 }}`+"\n"))))
	assert.Equal(t, `{}`, string(Unwrap([]byte(`{"id":"1","receivedAt":1,"type":"order","apiKeyId":"k","event":{}}`))))
	for _, text := range []string{
		`{"id":"1","receivedAt":1,"apiKeyId":1,"event":{}}`,
		`{"a":1}`, `[]`, `no JSON`, ``,
		`{"id":"1","receivedAt":1,"event":{},"more":1}`,
		`{"id":"1","receivedAt":1}`,
		`{"id":"","receivedAt":1,"event":{}}`,
		`{"id":1,"receivedAt":1,"event":{}}`,
		`{"id":"1","receivedAt":"1","event":{}}`,
		`{"id":"1","receivedAt":1,"event":[]}`,
		`{"id":"1","receivedAt":1,"event":{}}{}`,
	} {
		assert.Equal(t, text, string(Unwrap([]byte(text+"\n"))))
	}
}
