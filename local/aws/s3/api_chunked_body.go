package s3

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/sigv4"
)

// The kinds of bodies in chunks, in X-Amz-Content-Sha256. Documented: API reference, sigv4-auth-using-authorization-header.
const (
	unsignedChunks = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	signedChunks   = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	signedTrailer  = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
)

// decodeBody removes the AWS framing from a body: chunks with a signature each, and maybe checksums behind them. Documented:
// API reference, sigv4-streaming.html and sigv4-streaming-trailers.html. gofakes3 knows only some of its forms, and
// would store the others as they are.
func decodeBody(r *http.Request) error {
	trailer := http.Header{}
	if kind := r.Header.Get("X-Amz-Content-Sha256"); strings.HasPrefix(kind, "STREAMING-") {
		length := r.Header.Get("X-Amz-Decoded-Content-Length")
		size, err := strconv.ParseInt(length, 10, 64)
		if err != nil || size < 0 {
			return invalidArgument("x-amz-decoded-content-length is %q, not a number of bytes", length)
		}
		body := &chunkedBody{from: bufio.NewReader(r.Body), body: r.Body, trailer: trailer}
		if body.signatures, err = chunkSignatures(r, kind); err != nil {
			return err
		}
		body.hash, body.signsTrailer = sha256.New(), kind == signedTrailer
		r.Body = body
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

// chunkSignatures verifies the signatures of the chunks; nil if they have none.
func chunkSignatures(r *http.Request, kind string) (*sigv4.Chunks, error) {
	if kind == unsignedChunks {
		return nil, nil
	}
	signature, secret := sigv4.FromContext(r.Context())
	if signature == nil || kind != signedChunks && kind != signedTrailer {
		return nil, invalidArgument("x-amz-content-sha256 must be UNSIGNED-PAYLOAD, %s, %s, %s or a valid sha256 value.",
			unsignedChunks, signedChunks, signedTrailer)
	}
	return sigv4.NewChunks(signature, secret), nil
}

// chunkedBody reads the bytes of the chunks, and then the trailer.
type chunkedBody struct {
	from    *bufio.Reader
	body    io.Closer
	trailer http.Header
	// signatures is nil if the chunks are not signed; signsTrailer says that the trailer is, too.
	signatures   *sigv4.Chunks
	signsTrailer bool

	left      int64 // of the chunk that is being read
	hash      hash.Hash
	signature string // of that chunk
	begun     bool
	err       error
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
	c.hash.Write(p[:n])
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	c.err = err
	return n, err
}

// next verifies the chunk that was read and reads the line that opens the next one; after the last chunk it reads the
// trailer and gives io.EOF.
func (c *chunkedBody) next() error {
	if c.begun {
		if line, err := c.line(); err != nil || line != "" {
			return fmt.Errorf("reading the end of a chunk: %w", io.ErrUnexpectedEOF)
		}
		if err := c.verifyChunk(); err != nil {
			return err
		}
	}
	c.begun = true
	line, err := c.line()
	if err != nil {
		return err
	}
	size, extension, _ := strings.Cut(line, ";")
	c.signature = strings.TrimPrefix(extension, "chunk-signature=")
	if c.left, err = strconv.ParseInt(size, 16, 64); err != nil || c.left < 0 {
		c.left = 0
		return invalidArgument("a chunk of the body has the size %q", size)
	}
	if c.left > 0 {
		return nil
	}
	if err := c.verifyChunk(); err != nil {
		return err
	}
	return c.readTrailer()
}

// verifyChunk verifies the signature of the chunk that was read.
func (c *chunkedBody) verifyChunk() error {
	defer c.hash.Reset()
	if c.signatures == nil {
		return nil
	}
	return chunkRefusal(c.signatures.Verify(c.signature, c.hash.Sum(nil)))
}

// readTrailer reads the headers behind the last chunk and gives io.EOF.
func (c *chunkedBody) readTrailer() error {
	var signed bytes.Buffer
	signature := ""
	for {
		line, err := c.line()
		if errors.Is(err, io.ErrUnexpectedEOF) || err == nil && line == "" {
			break // some clients leave the last empty line out
		}
		if err != nil {
			return err
		}
		name, value, _ := strings.Cut(line, ":")
		if name, value = strings.TrimSpace(name), strings.TrimSpace(value); strings.EqualFold(name, "x-amz-trailer-signature") {
			signature = value
			continue
		}
		c.trailer.Set(name, value)
		fmt.Fprintf(&signed, "%s:%s\n", strings.ToLower(name), value)
	}
	if c.signsTrailer {
		if err := c.signatures.VerifyTrailer(signature, signed.Bytes()); err != nil {
			return chunkRefusal(err)
		}
	}
	return io.EOF
}

// chunkRefusal is S3's error for a signature that is not that of a chunk.
func chunkRefusal(err error) error {
	if err == nil {
		return nil
	}
	return awserr.New("SignatureDoesNotMatch", 403, "The request signature we calculated does not match the signature you provided. "+
		"Check your key and signing method.")
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
