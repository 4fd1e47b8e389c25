package sigv4

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// canonicalRequest is the request the way it was signed.
func (s *Signature) canonicalRequest(r *http.Request, payload string) string {
	path := canonicalPath(r.URL)
	if s.Service == "s3" {
		path = canonicalKey(r.URL)
	}
	var b strings.Builder
	b.WriteString(r.Method + "\n" + path + "\n" + canonicalQuery(r.URL.RawQuery) + "\n")
	for _, name := range s.SignedHeaders {
		b.WriteString(name + ":" + canonicalHeader(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(s.SignedHeaders, ";") + "\n" + payload)
	return b.String()
}

// canonicalPath is the path, without empty parts and dots, its escapes escaped once more, as for all services but S3.
func canonicalPath(u *url.URL) string {
	path := u.EscapedPath()
	if path == "/" {
		return path
	}
	var parts []string
	for part := range strings.SplitSeq(path, "/") {
		switch part {
		case "", ".":
		case "..":
			if len(parts) > 0 {
				parts = parts[:len(parts)-1]
			}
		default:
			parts = append(parts, escape(part))
		}
	}
	canonical := "/" + strings.Join(parts, "/")
	if len(parts) > 0 && strings.HasSuffix(path, "/") {
		canonical += "/"
	}
	return canonical
}

// canonicalKey is the path of a request to S3, where nothing is left out of a key and its escapes are not escaped again.
// Documented: S3 API reference, sig-v4-header-based-auth.
func canonicalKey(u *url.URL) string {
	if u.Path == "" {
		return "/"
	}
	parts := strings.Split(u.Path, "/")
	for i, part := range parts {
		parts[i] = escape(part)
	}
	return strings.Join(parts, "/")
}

type field struct{ name, value string }

// canonicalQuery is the query string, sorted by name and then by value.
func canonicalQuery(raw string) string {
	if raw == "" {
		return ""
	}
	var fields []field
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		if name = unescape(name); part != "" && name != "X-Amz-Signature" {
			fields = append(fields, field{escape(name), escape(unescape(value))})
		}
	}
	slices.SortFunc(fields, func(a, b field) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	var b strings.Builder
	for i, f := range fields {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(f.name + "=" + f.value)
	}
	return b.String()
}

func canonicalHeader(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10)
	case "transfer-encoding":
		return strings.Join(r.TransferEncoding, ",")
	}
	values := slices.Clone(r.Header.Values(name))
	for i, value := range values {
		values[i] = strings.Join(strings.Fields(value), " ")
	}
	return strings.Join(values, ",")
}

// sign is the signature of a canonical request.
func (s *Signature) sign(secret, canonical string) string {
	scope := s.Date + "/" + s.Region + "/" + s.Service + "/aws4_request"
	text := algorithm + "\n" + s.Time + "\n" + scope + "\n" + Hash([]byte(canonical))
	return hex.EncodeToString(sum(s.SigningKey(secret), text))
}

// SigningKey is the key of the credential's scope, with which S3's clients sign the chunks of a body as well.
func (s *Signature) SigningKey(secret string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{s.Date, s.Region, s.Service, "aws4_request"} {
		key = sum(key, part)
	}
	return key
}

func sum(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// unescape decodes a part of a query string. What is not well encoded stays as it is (assumed).
func unescape(text string) string {
	if !strings.ContainsAny(text, "%+") {
		return text
	}
	if decoded, err := url.QueryUnescape(text); err == nil {
		return decoded
	}
	return text
}

// escape escapes everything but the unreserved characters of RFC 3986.
func escape(text string) string {
	const upperHex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case isUnreserved(c):
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', upperHex[c>>4], upperHex[c&15]})
		}
	}
	return b.String()
}

func isUnreserved(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == '~'
}
