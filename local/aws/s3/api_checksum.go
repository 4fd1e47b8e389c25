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

// defaultChecksum is the algorithm of objects that came without a checksum. Documented: user guide,
// checking-object-integrity.html.
const defaultChecksum = "crc64nvme"

// checksum is a checksum of an object.
type checksum struct {
	// Algorithm is a key of checksums.
	Algorithm string `json:"algorithm"`
	// Type is fullObject or composite.
	Type string `json:"type"`
	// Value is in base64; of a composite one it is followed by "-" and the number of parts.
	Value string `json:"value"`
}

const (
	fullObject = "FULL_OBJECT"
	// composite is the checksum of the checksums of parts.
	composite = "COMPOSITE"
)

func sumOf(h hash.Hash) string { return base64.StdEncoding.EncodeToString(h.Sum(nil)) }

// requestChecksum is the algorithm of the checksum that is sent with a request or asked for, or empty.
func requestChecksum(header http.Header) (algorithm string, err error) {
	for _, name := range []string{checksumHeader + "Algorithm", "X-Amz-Sdk-Checksum-Algorithm"} {
		algorithm = strings.ToLower(header.Get(name))
		if algorithm != "" && checksums[algorithm] == nil { // [FIELD]
			return "", awserr.New("InvalidRequest", 400, "Checksum algorithm provided is unsupported. Please try again with any of the "+
				"valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
		}
		if algorithm != "" {
			return algorithm, nil
		}
	}
	for _, name := range checksumNames(header) {
		return strings.ToLower(strings.TrimPrefix(name, checksumHeader)), nil
	}
	return "", nil
}

// checksumNames are the headers with checksums, and those of the trailer.
func checksumNames(header http.Header) (names []string) {
	candidates := []string{header.Get("X-Amz-Trailer")}
	for name := range header {
		candidates = append(candidates, name)
	}
	for _, name := range candidates {
		name = http.CanonicalHeaderKey(strings.TrimSpace(name))
		if algorithm, ok := strings.CutPrefix(name, checksumHeader); ok && checksums[strings.ToLower(algorithm)] != nil {
			names = append(names, name)
		}
	}
	return names
}

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
	for _, name := range checksumNames(r.Header) {
		algorithm := strings.TrimPrefix(name, checksumHeader)
		newHash := checksums[strings.ToLower(algorithm)]
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
	if err == io.EOF && sumOf(b.hash) != b.wanted() {
		return n, awserr.New("BadDigest", 400, "The %s you specified did not match the calculated checksum.", b.algorithm)
	}
	return n, err
}
