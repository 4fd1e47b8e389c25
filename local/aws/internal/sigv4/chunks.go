package sigv4

import (
	"crypto/subtle"
	"encoding/hex"
)

// Chunks verifies the signatures of a body in chunks, in order: each covers the one before it.
//
// Documented: S3 API reference, sigv4-streaming and sigv4-streaming-trailers.
type Chunks struct {
	key             []byte
	scope, previous string
}

// NewChunks begins with the signature of the request, which covers its headers.
func NewChunks(s *Signature, secret string) *Chunks {
	scope := s.Time + "\n" + s.Date + "/" + s.Region + "/" + s.Service + "/aws4_request\n"
	return &Chunks{key: s.SigningKey(secret), scope: scope, previous: s.Signature}
}

// Verify refuses a chunk that was not signed with the secret. hash is that of its bytes.
func (c *Chunks) Verify(signature string, hash []byte) error {
	return c.verify(signature, algorithm+"-PAYLOAD\n"+c.scope+c.previous+"\n"+Hash(nil)+"\n"+hex.EncodeToString(hash))
}

// VerifyTrailer refuses a trailer that was not signed with the secret: lines of a header's name, a colon, and its value.
func (c *Chunks) VerifyTrailer(signature string, trailer []byte) error {
	return c.verify(signature, algorithm+"-TRAILER\n"+c.scope+c.previous+"\n"+Hash(trailer))
}

func (c *Chunks) verify(signature, text string) error {
	want := hex.EncodeToString(sum(c.key, text))
	if subtle.ConstantTimeCompare([]byte(signature), []byte(want)) != 1 {
		return refuse(Mismatch, "%s", mismatch)
	}
	c.previous = signature
	return nil
}
