package s3

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"net/http"
	"strings"

	"ingest-pipeline/local/aws/awserr"
)

// checksums are the additional checksums that a client may send with an object. Documented: user guide,
// checking-object-integrity.html.
var checksums = map[string]func() hash.Hash{
	"crc32":     func() hash.Hash { return crc32.NewIEEE() },
	"crc32c":    func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
	"crc64nvme": func() hash.Hash { return crc64.New(crc64.MakeTable(0x9a6c9329ac4bc9b5)) },
	"sha1":      sha1.New,
	"sha256":    sha256.New,
}

const checksumHeader = "X-Amz-Checksum-"

// checkedBody compares the body with the checksum in its headers or its trailer once it has been read.
type checkedBody struct {
	io.ReadCloser
	algorithm string
	hash      hash.Hash
	// wanted gives the checksum, which a trailer has only at the end.
	wanted func() string
}

// checkBody makes r.Body fail at its end if it is not what its checksum says.
func checkBody(r *http.Request, trailer http.Header) {
	names := []string{r.Header.Get("X-Amz-Trailer")}
	for name := range r.Header {
		names = append(names, name)
	}
	for _, name := range names {
		name = http.CanonicalHeaderKey(strings.TrimSpace(name))
		algorithm, isChecksum := strings.CutPrefix(name, checksumHeader)
		newHash := checksums[strings.ToLower(algorithm)]
		if !isChecksum || newHash == nil {
			continue
		}
		r.Body = &checkedBody{ReadCloser: r.Body, algorithm: strings.ToUpper(algorithm), hash: newHash(), wanted: func() string {
			if value := r.Header.Get(name); value != "" {
				return value
			}
			return trailer.Get(name)
		}}
	}
}

func (b *checkedBody) Read(p []byte) (n int, err error) {
	n, err = b.ReadCloser.Read(p)
	b.hash.Write(p[:n])
	if err == io.EOF && base64.StdEncoding.EncodeToString(b.hash.Sum(nil)) != b.wanted() {
		return n, awserr.New("BadDigest", 400, "The %s you specified did not match the calculated checksum.", b.algorithm)
	}
	return n, err
}
