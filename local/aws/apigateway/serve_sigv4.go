package apigateway

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// verifier checks Signature Version 4 of requests: documented (IAM user guide, reference_sigv-create-signed-request).
// Temporary credentials are not known here: a request with a security token is refused.
//
// Signing a request again with the SDK's signer would not do: it sorts the query string by decoded names, against AWS's
// test vector get-vanilla-query-order-encoded, and cannot sign User-Agent, or Date instead of X-Amz-Date, as clients may.
type verifier struct {
	region, service string
	secrets         map[string]string // by access key id
}

const (
	sigAlgorithm = "AWS4-HMAC-SHA256"
	sigTime      = "20060102T150405Z"
	// maxSkew is how far a request's time may differ: documented (reference_sigv-troubleshooting).
	maxSkew = 5 * time.Minute
)

func newVerifier(region, service string, credentials []Credential) *verifier {
	v := &verifier{region: region, service: service, secrets: map[string]string{}}
	for _, c := range credentials {
		v.secrets[c.AccessKeyID] = c.SecretAccessKey
	}
	return v
}

// signature is what a request says about its signature, in its headers or its query string.
type signature struct {
	accessKey, date, region, service string // the credential and its scope
	time                             string
	signedHeaders                    []string
	signature                        string
	expires                          time.Duration // how long it is valid, in the query string; 0: by the skew
	inQuery                          bool
	token                            bool
}

// verify is the access key that signed a request, or why the request is refused.
func (s *verifier) verify(r *http.Request, body []byte, now time.Time) (accessKey string, refusal *failure) {
	sig, refusal := readSignature(r)
	if refusal != nil {
		return "", refusal
	}
	signedAt, err := time.Parse(sigTime, sig.time)
	switch {
	case err != nil || !strings.HasPrefix(sig.time, sig.date):
		return "", incomplete("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP")
	case sig.region != s.region:
		return "", invalid(fmt.Sprintf("Credential should be scoped to a valid region, not '%s'. ", sig.region))
	case sig.service != s.service:
		return "", invalid(fmt.Sprintf("Credential should be scoped to correct service: '%s'. ", s.service))
	case !slices.Contains(sig.signedHeaders, "host"):
		return "", invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	secret, ok := s.secrets[sig.accessKey]
	if !ok || sig.token {
		return "", &failure{
			responseType: "ACCESS_DENIED", message: "The security token included in the request is invalid.",
			errorType: "UnrecognizedClientException", quiet: true,
		}
	}
	if refusal := sig.checkTime(signedAt, now); refusal != nil {
		return "", refusal
	}
	canonical := sig.canonicalRequest(r, body)
	if subtle.ConstantTimeCompare([]byte(sig.signature), []byte(sig.sign(secret, canonical))) != 1 {
		return "", invalid("The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return sig.accessKey, nil
}

func invalid(message string) *failure {
	return &failure{responseType: "INVALID_SIGNATURE", message: message, quiet: true}
}

func incomplete(message string) *failure {
	return &failure{responseType: "INVALID_SIGNATURE", message: message, errorType: "IncompleteSignatureException", quiet: true}
}

// readSignature reads the signature of a request.
func readSignature(r *http.Request) (*signature, *failure) {
	query := r.URL.Query()
	header := r.Header.Get("Authorization")
	switch {
	case strings.HasPrefix(header, sigAlgorithm):
		return readHeaderSignature(r, strings.TrimPrefix(header, sigAlgorithm))
	case query.Get("X-Amz-Algorithm") == sigAlgorithm:
		return readQuerySignature(query)
	case header != "":
		// Assumed: quoted in issue threads: what anybody sees who sends another kind of token.
		return nil, incomplete(fmt.Sprintf("Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. "+
			"Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "+
			"(Hashed with SHA-256 and encoded with Base64) Authorization=%s", maskSecret(header)))
	default:
		return nil, &failure{responseType: "MISSING_AUTHENTICATION_TOKEN", message: "Missing Authentication Token", quiet: true}
	}
}

func readHeaderSignature(r *http.Request, fields string) (*signature, *failure) {
	sig := &signature{time: r.Header.Get("X-Amz-Date"), token: r.Header.Get("X-Amz-Security-Token") != ""}
	if sig.time == "" {
		if date, err := http.ParseTime(r.Header.Get("Date")); err == nil {
			sig.time = date.UTC().Format(sigTime)
		}
	}
	for field := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch name {
		case "Credential":
			sig.readCredential(value)
		case "SignedHeaders":
			sig.signedHeaders = strings.Split(value, ";")
		case "Signature":
			sig.signature = value
		}
	}
	return sig.complete()
}

func readQuerySignature(query url.Values) (*signature, *failure) {
	sig := &signature{
		time: query.Get("X-Amz-Date"), signature: query.Get("X-Amz-Signature"), inQuery: true,
		signedHeaders: strings.Split(query.Get("X-Amz-SignedHeaders"), ";"),
		token:         query.Get("X-Amz-Security-Token") != "",
	}
	sig.readCredential(query.Get("X-Amz-Credential"))
	seconds, err := strconv.Atoi(query.Get("X-Amz-Expires"))
	if err != nil || seconds < 1 || seconds > 7*24*60*60 {
		return nil, incomplete("X-Amz-Expires must be between 1 and 604800 seconds")
	}
	sig.expires = time.Duration(seconds) * time.Second
	return sig.complete()
}

func (sig *signature) readCredential(text string) {
	parts := strings.Split(text, "/")
	if len(parts) < 5 || parts[len(parts)-1] != "aws4_request" {
		return
	}
	scope := parts[len(parts)-4:]
	sig.accessKey = strings.Join(parts[:len(parts)-4], "/")
	sig.date, sig.region, sig.service = scope[0], scope[1], scope[2]
}

func (sig *signature) complete() (*signature, *failure) {
	missing := ""
	for _, part := range []struct{ name, value string }{
		{"Credential", sig.accessKey}, {"Signature", sig.signature}, {"SignedHeaders", strings.Join(sig.signedHeaders, ";")},
	} {
		if part.value == "" {
			missing += "Authorization header requires '" + part.name + "' parameter. "
		}
	}
	if sig.time == "" {
		missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
	}
	if missing != "" {
		return nil, incomplete(missing)
	}
	return sig, nil
}

func (sig *signature) checkTime(signedAt, now time.Time) *failure {
	valid := maxSkew
	if sig.expires > 0 {
		valid = sig.expires
	}
	switch {
	case now.Sub(signedAt) > valid:
		return invalid(fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - %d min.)",
			sig.time, now.Add(-valid).UTC().Format(sigTime), now.UTC().Format(sigTime), int(valid.Minutes())))
	case signedAt.Sub(now) > maxSkew:
		return invalid(fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 5 min.)",
			sig.time, now.Add(maxSkew).UTC().Format(sigTime), now.UTC().Format(sigTime)))
	default:
		return nil
	}
}

// canonicalRequest is the request the way it was signed.
func (sig *signature) canonicalRequest(r *http.Request, body []byte) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + canonicalPath(r.URL) + "\n" + canonicalQuery(r.URL.RawQuery) + "\n")
	for _, name := range sig.signedHeaders {
		b.WriteString(name + ":" + canonicalHeader(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(sig.signedHeaders, ";") + "\n")
	if sig.inQuery {
		body = nil
	}
	sum := sha256.Sum256(body)
	b.WriteString(hex.EncodeToString(sum[:]))
	return b.String()
}

// canonicalPath is the path, without empty parts and dots, its escapes escaped once more, as for all services but S3.
func canonicalPath(u *url.URL) string {
	var parts []string
	path := u.EscapedPath()
	for part := range strings.SplitSeq(path, "/") {
		switch part {
		case "", ".":
		case "..":
			if len(parts) > 0 {
				parts = parts[:len(parts)-1]
			}
		default:
			parts = append(parts, awsEscape(part))
		}
	}
	canonical := "/" + strings.Join(parts, "/")
	if len(parts) > 0 && strings.HasSuffix(path, "/") {
		canonical += "/"
	}
	return canonical
}

// canonicalQuery is the query string, sorted by name and then by value.
func canonicalQuery(raw string) string {
	fields := appendQuery(nil, raw)
	fields = slices.DeleteFunc(fields, func(p parameter) bool { return p.name == "X-Amz-Signature" })
	for i, p := range fields {
		fields[i] = parameter{awsEscape(p.name), awsEscape(p.value)}
	}
	slices.SortFunc(fields, func(a, b parameter) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	var b strings.Builder
	for i, p := range fields {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.name + "=" + p.value)
	}
	return b.String()
}

func canonicalHeader(r *http.Request, name string) string {
	if name == "host" {
		return r.Host
	}
	if name == "content-length" {
		return strconv.FormatInt(r.ContentLength, 10)
	}
	values := slices.Clone(r.Header.Values(name))
	for i, value := range values {
		values[i] = strings.Join(strings.Fields(value), " ")
	}
	return strings.Join(values, ",")
}

// sign is the signature of a canonical request.
func (sig *signature) sign(secret, canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	scope := sig.date + "/" + sig.region + "/" + sig.service + "/aws4_request"
	text := sigAlgorithm + "\n" + sig.time + "\n" + scope + "\n" + hex.EncodeToString(sum[:])
	key := []byte("AWS4" + secret)
	for _, part := range []string{sig.date, sig.region, sig.service, "aws4_request", text} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hex.EncodeToString(key)
}

// awsEscape escapes everything but the unreserved characters of RFC 3986.
func awsEscape(text string) string {
	const upperHex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case isNameByte(c) || c == '.' || c == '~':
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', upperHex[c>>4], upperHex[c&15]})
		}
	}
	return b.String()
}
