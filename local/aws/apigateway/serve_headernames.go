package apigateway

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// API Gateway shows templates and mappings the names of headers as the client has spelled them: assumed (events of
// Lambda functions have them; the preflight template of AWS CDK looks for Origin and origin). net/http makes all names
// canonical,
// so those that are not are noted as they pass through the connection.

// headerNameListener accepts connections that note the names of headers.
type headerNameListener struct{ net.Listener }

func (l headerNameListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &headerNameConn{Conn: conn}, nil
}

type headerNameConn struct {
	net.Conn
	mu      sync.Mutex // net/http reads ahead while a request is being answered
	scanner headerNameScanner
}

func (c *headerNameConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	c.scanner.scan(b[:n])
	c.mu.Unlock()
	return n, err
}

// CloseWrite lets net/http end a connection so that the client can still read the answer.
func (c *headerNameConn) CloseWrite() error {
	if conn, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return conn.CloseWrite()
	}
	return nil
}

type headerNameKey struct{}

func withHeaderNames(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, headerNameKey{}, c)
}

// nextHeaderNames are the names of the next request's headers that are not canonical. It has to be called once for each
// request, in their order.
func nextHeaderNames(r *http.Request) []string {
	c, ok := r.Context().Value(headerNameKey{}).(*headerNameConn)
	if !ok {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.scanner.requests) == 0 {
		return nil
	}
	names := c.scanner.requests[0]
	c.scanner.requests = slices.Delete(c.scanner.requests, 0, 1)
	return names
}

// headerNameScanner finds the names of headers in a stream of HTTP/1 requests. What net/http refuses ends the connection,
// so the scanner may give up on it.
type headerNameScanner struct {
	state    scannerState
	skip     int64 // bytes of a body that come before the next line
	line     []byte
	length   int64
	chunked  bool
	names    []string
	requests [][]string // the names of requests that are still to be answered
}

type scannerState int

const (
	inRequestLine scannerState = iota
	inHeader
	inChunkSize
	inTrailer
	confused
)

// maxScannedLine is more than net/http accepts.
const maxScannedLine = 2 << 20

func (s *headerNameScanner) scan(b []byte) {
	for len(b) > 0 && s.state != confused {
		if s.skip > 0 {
			n := min(s.skip, int64(len(b)))
			s.skip -= n
			b = b[n:]
			continue
		}
		line, rest, whole := bytes.Cut(b, []byte{'\n'})
		if !whole || len(s.line) > 0 {
			s.line = append(s.line, line...)
			line = s.line
		}
		if len(line) > maxScannedLine {
			s.state = confused
		}
		if !whole {
			return
		}
		s.endLine(bytes.TrimSuffix(line, []byte{'\r'}))
		s.line = s.line[:0]
		b = rest
	}
}

func (s *headerNameScanner) endLine(line []byte) {
	switch s.state {
	case inRequestLine:
		if len(line) > 0 { // net/http skips empty lines before a request
			s.state, s.names, s.length, s.chunked = inHeader, nil, 0, false
		}
	case inHeader:
		if len(line) == 0 {
			s.endHeader()
			return
		}
		s.addHeader(line)
	case inChunkSize:
		text, _, _ := strings.Cut(string(line), ";")
		size, err := strconv.ParseInt(strings.TrimSpace(text), 16, 63)
		switch {
		case err != nil || size < 0:
			s.state = confused
		case size == 0:
			s.state = inTrailer
		default:
			s.skip = size + int64(len("\r\n"))
		}
	case inTrailer:
		if len(line) == 0 {
			s.state = inRequestLine
		}
	}
}

func (s *headerNameScanner) addHeader(line []byte) {
	name, value, ok := bytes.Cut(line, []byte{':'})
	if !ok || line[0] == ' ' || line[0] == '\t' { // the rest of a value
		return
	}
	switch {
	case bytes.EqualFold(name, []byte("Content-Length")):
		length, err := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 63)
		if err != nil || length < 0 {
			s.state = confused
			return
		}
		s.length = length
	case bytes.EqualFold(name, []byte("Transfer-Encoding")):
		s.chunked = true
	}
	if !isCanonical(name) {
		s.names = append(s.names, string(name))
	}
}

func (s *headerNameScanner) endHeader() {
	s.requests = append(s.requests, s.names)
	if s.chunked {
		s.state = inChunkSize
		return
	}
	s.state, s.skip = inRequestLine, s.length
}

// isCanonical reports whether net/http would leave a header's name as it is.
func isCanonical(name []byte) bool {
	upper := true
	for _, c := range name {
		if upper && 'a' <= c && c <= 'z' || !upper && 'A' <= c && c <= 'Z' {
			return false
		}
		upper = c == '-'
	}
	return true
}

// headerName is a header's name as the client has spelled it. Of several spellings the last one counts (assumed).
func (v *invocation) headerName(canonical string) string {
	for _, name := range slices.Backward(v.headerNames) {
		if textproto.CanonicalMIMEHeaderKey(name) == canonical {
			return name
		}
	}
	return canonical
}
