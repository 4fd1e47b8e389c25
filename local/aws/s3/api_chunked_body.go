package s3

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// decodeBody removes the AWS framing from a body: chunks with a signature each, and maybe checksums behind them. Documented:
// API reference, sigv4-streaming.html and sigv4-streaming-trailers.html. gofakes3 knows only some of its forms, and
// would store the others as they are. Signatures are not checked: any credentials are good on loopback.
func decodeBody(r *http.Request) error {
	trailer := http.Header{}
	if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		length := r.Header.Get("X-Amz-Decoded-Content-Length")
		size, err := strconv.ParseInt(length, 10, 64)
		if err != nil || size < 0 {
			return invalidArgument("x-amz-decoded-content-length is %q, not a number of bytes", length)
		}
		r.Body = &chunkedBody{from: bufio.NewReader(r.Body), body: r.Body, trailer: trailer}
		r.ContentLength = size
		r.Header.Set("Content-Length", length)
		r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
		var encodings []string
		for encoding := range strings.SplitSeq(r.Header.Get("Content-Encoding"), ",") {
			if encoding = strings.TrimSpace(encoding); encoding != "" && encoding != "aws-chunked" {
				encodings = append(encodings, encoding)
			}
		}
		if r.Header.Del("Content-Encoding"); len(encodings) > 0 {
			r.Header.Set("Content-Encoding", strings.Join(encodings, ","))
		}
	}
	checkBody(r, trailer)
	return nil
}

// chunkedBody reads the bytes of the chunks, and then the trailer.
type chunkedBody struct {
	from    *bufio.Reader
	body    io.Closer
	trailer http.Header
	left    int64 // of the chunk that is being read
	begun   bool
	err     error
}

func (c *chunkedBody) Close() error { return c.body.Close() }

func (c *chunkedBody) Read(p []byte) (int, error) {
	for c.left == 0 && c.err == nil {
		c.err = c.next()
	}
	if c.err != nil {
		return 0, c.err
	}
	if int64(len(p)) > c.left {
		p = p[:c.left]
	}
	n, err := c.from.Read(p)
	c.left -= int64(n)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	c.err = err
	return n, err
}

// next reads the line that opens a chunk; after the last chunk it reads the trailer and gives io.EOF.
func (c *chunkedBody) next() error {
	if c.begun {
		if line, err := c.line(); err != nil || line != "" {
			return fmt.Errorf("reading the end of a chunk: %w", io.ErrUnexpectedEOF)
		}
	}
	c.begun = true
	line, err := c.line()
	if err != nil {
		return err
	}
	size, _, _ := strings.Cut(line, ";")
	if c.left, err = strconv.ParseInt(size, 16, 64); err != nil || c.left < 0 {
		c.left = 0
		return invalidArgument("a chunk of the body has the size %q", size)
	}
	if c.left > 0 {
		return nil
	}
	for {
		line, err := c.line()
		if errors.Is(err, io.ErrUnexpectedEOF) || err == nil && line == "" {
			return io.EOF // some clients leave the last empty line out
		}
		if err != nil {
			return err
		}
		if name, value, ok := strings.Cut(line, ":"); ok {
			c.trailer.Set(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
}

// line reads a line of at most the reader's buffer.
func (c *chunkedBody) line() (string, error) {
	line, err := c.from.ReadSlice('\n')
	if errors.Is(err, io.EOF) {
		return "", io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", invalidArgument("a line between the chunks of the body is too long")
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}
