// Package sigv4 verifies Signature Version 4 of requests: documented (IAM user guide, reference_sigv-create-signed-request).
//
// Signing a request again with the SDK's signer would not do: it sorts the query string by decoded names, against AWS's
// test vector get-vanilla-query-order-encoded, and cannot sign User-Agent, or Date instead of X-Amz-Date, as clients may.
package sigv4

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeFormat = "20060102T150405Z"
	// maxSkew is how far a request's time may differ: documented (reference_sigv-troubleshooting).
	maxSkew = 5 * time.Minute
)

// Kind is what is wrong with a signature; each protocol has its own code for it.
type Kind int

const (
	// Missing: the request is not signed.
	Missing Kind = iota
	// Incomplete: a part of the signature is missing, or cannot be read.
	Incomplete
	// Invalid: the signature is for another service, Region or host.
	Invalid
	// Expired: the request was signed too long ago.
	Expired
	// Early: the request was signed in the future.
	Early
	// Mismatch: it is not the signature of this request with that key.
	Mismatch
)

// Error is why a request is refused, in AWS's words.
type Error struct {
	Kind    Kind
	Message string
}

func (e *Error) Error() string { return e.Message }

func refuse(kind Kind, format string, args ...any) *Error {
	return &Error{kind, fmt.Sprintf(format, args...)}
}

// Signature is what a request says about its signature, in its headers or its query string.
type Signature struct {
	// AccessKey is the id of the key; Token the session token that comes with temporary ones.
	AccessKey, Token string
	// Date, Region and Service are the credential's scope.
	Date, Region, Service string
	// Time is when the request was signed, such as 20150830T123600Z.
	Time          string
	SignedHeaders []string
	// Signature is in hexadecimal digits.
	Signature string
	// InQuery is set for a presigned URL, which is valid for Expires.
	InQuery bool
	Expires time.Duration
}

// Parse reads the signature of a request.
func Parse(r *http.Request) (*Signature, error) {
	header := r.Header.Get("Authorization")
	query := url.Values{}
	if r.URL.RawQuery != "" {
		query = r.URL.Query()
	}
	switch {
	case header != "" && query.Has("X-Amz-Algorithm"): // recorded (mhart/kinesalite test/connection.js)
		return nil, refuse(Invalid, "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
	case header != "":
		return parseHeader(r, header)
	case query.Has("X-Amz-Algorithm"):
		return parseQuery(query)
	default:
		return nil, refuse(Missing, "Missing Authentication Token")
	}
}

func parseHeader(r *http.Request, header string) (*Signature, error) {
	s := &Signature{Time: r.Header.Get("X-Amz-Date"), Token: r.Header.Get("X-Amz-Security-Token")}
	if s.Time == "" {
		if date, err := http.ParseTime(r.Header.Get("Date")); err == nil {
			s.Time = date.UTC().Format(timeFormat)
		}
	}
	fields, isSigV4 := strings.CutPrefix(header, algorithm)
	for field := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch {
		case !isSigV4:
		case name == "Credential":
			s.parseCredential(value)
		case name == "SignedHeaders":
			s.SignedHeaders = strings.Split(value, ";")
		case name == "Signature":
			s.Signature = value
		}
	}
	// recorded (mhart/kinesalite test/connection.js): the sentences; assumed: the hash at their end, as users quote it.
	missing := ""
	for _, part := range []struct {
		name  string
		isSet bool
	}{{"Credential", s.AccessKey != ""}, {"Signature", s.Signature != ""}, {"SignedHeaders", len(s.SignedHeaders) > 0}} {
		if !part.isSet {
			missing += "Authorization header requires '" + part.name + "' parameter. "
		}
	}
	if s.Time == "" {
		missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
	}
	if missing != "" {
		hash := sha256.Sum256([]byte(header))
		return nil, refuse(Incomplete, "%s(Hashed with SHA-256 and encoded with Base64) Authorization=%s",
			missing, base64.StdEncoding.EncodeToString(hash[:]))
	}
	return s, nil
}

// parseQuery reads the signature of a presigned URL.
func parseQuery(query url.Values) (*Signature, error) {
	missing := ""
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"} {
		if query.Get(name) == "" { // recorded (mhart/kinesalite test/connection.js)
			missing += "AWS query-string parameters must include '" + name + "'. "
		}
	}
	if missing != "" {
		return nil, refuse(Incomplete, "%sRe-examine the query-string parameters.", missing)
	}
	s := &Signature{
		Time: query.Get("X-Amz-Date"), Signature: query.Get("X-Amz-Signature"), InQuery: true,
		SignedHeaders: strings.Split(query.Get("X-Amz-SignedHeaders"), ";"),
		Token:         query.Get("X-Amz-Security-Token"),
	}
	s.parseCredential(query.Get("X-Amz-Credential"))
	seconds, err := strconv.Atoi(query.Get("X-Amz-Expires"))
	switch {
	case query.Get("X-Amz-Algorithm") != algorithm:
		return nil, refuse(Incomplete, "X-Amz-Algorithm only supports %q", algorithm)
	case s.AccessKey == "":
		return nil, refuse(Incomplete, "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "+
			`"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`)
	case err != nil || seconds < 1 || seconds > 7*24*60*60:
		return nil, refuse(Incomplete, "X-Amz-Expires must be between 1 and 604800 seconds")
	}
	s.Expires = time.Duration(seconds) * time.Second
	return s, nil
}

func (s *Signature) parseCredential(text string) {
	parts := strings.Split(text, "/")
	if len(parts) < 5 || parts[len(parts)-1] != "aws4_request" {
		return
	}
	scope := parts[len(parts)-4:]
	s.AccessKey = strings.Join(parts[:len(parts)-4], "/")
	s.Date, s.Region, s.Service = scope[0], scope[1], scope[2]
}

// Check refuses a signature that is for another Region or service, or from another time than now.
func (s *Signature) Check(region, service string, now time.Time) error {
	signedAt, err := time.Parse(timeFormat, s.Time)
	switch {
	case err != nil || !strings.HasPrefix(s.Time, s.Date):
		return refuse(Incomplete, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP")
	case s.Region != region:
		return refuse(Invalid, "Credential should be scoped to a valid region, not '%s'. ", s.Region)
	case s.Service != service:
		return refuse(Invalid, "Credential should be scoped to correct service: '%s'. ", service)
	case !slices.Contains(s.SignedHeaders, "host"):
		return refuse(Invalid, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	valid := maxSkew
	if s.InQuery {
		valid = s.Expires
	}
	switch {
	case now.Sub(signedAt) > valid:
		return refuse(Expired, "Signature expired: %s is now earlier than %s (%s - %d min.)",
			s.Time, now.Add(-valid).UTC().Format(timeFormat), now.UTC().Format(timeFormat), int(valid.Minutes()))
	case signedAt.Sub(now) > maxSkew:
		return refuse(Early, "Signature not yet current: %s is still later than %s (%s + 5 min.)",
			s.Time, now.Add(maxSkew).UTC().Format(timeFormat), now.UTC().Format(timeFormat))
	}
	return nil
}

// Verify refuses a request that was not signed with the secret of the key. payload is the hash of the body as it was
// signed, in hexadecimal digits, or what stands for it, such as UNSIGNED-PAYLOAD.
func (s *Signature) Verify(r *http.Request, secret, payload string) error {
	want := s.sign(secret, s.canonicalRequest(r, payload))
	if subtle.ConstantTimeCompare([]byte(s.Signature), []byte(want)) != 1 {
		return refuse(Mismatch, "%s", mismatch)
	}
	return nil
}

const mismatch = "The request signature we calculated does not match the signature you provided. " +
	"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

// Hash is the hash of a body as it is signed.
func Hash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
