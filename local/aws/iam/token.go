package iam

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"ingest-pipeline/local/internal/durable"
)

// tokenSealer writes and reads session tokens. A token holds the session, encrypted, so that none has to be stored:
// temporary credentials stay valid over a restart, however many there are.
type tokenSealer struct{ aead cipher.AEAD }

func newTokenKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // does not fail
	return key
}

func newTokenSealer(key []byte) *tokenSealer {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size of GCM
	}
	return &tokenSealer{aead}
}

// openTokenKey reads the key of the tokens, or makes one.
func (s *Service) openTokenKey(file string) error {
	var kept struct{ Key []byte }
	found, err := durable.ReadJSON(file, &kept)
	if err != nil {
		return err
	}
	if !found {
		kept.Key = newTokenKey()
		if err := durable.WriteJSON(file, kept); err != nil {
			return err
		}
	}
	if len(kept.Key) != 32 {
		return &durable.DamagedError{Name: file, Err: fmt.Errorf("the key has %d bytes, not 32", len(kept.Key))}
	}
	s.tokens = newTokenSealer(kept.Key)
	return nil
}

func (s *tokenSealer) seal(t token) string {
	plain, err := json.Marshal(t)
	if err != nil {
		panic(err) // strings and times can always be written
	}
	return base64.StdEncoding.EncodeToString(s.aead.Seal(nil, nil, plain, nil))
}

func (s *tokenSealer) open(text string) (t token, ok bool) {
	sealed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return token{}, false
	}
	plain, err := s.aead.Open(nil, nil, sealed, nil)
	if err != nil {
		return token{}, false
	}
	return t, json.Unmarshal(plain, &t) == nil
}
