package apigateway

import (
	"crypto/rand"
	"regexp"
)

const idAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

var namePattern = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// newID makes an identifier the way API Gateway's look: lower-case letters and digits.
func newID(length int) string { return randomText(length, idAlphabet) }

func randomText(length int, alphabet string) string {
	random := make([]byte, length)
	rand.Read(random) // never fails: crypto/rand ends the program if the system has no randomness
	for i, b := range random {
		random[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(random)
}
