package console

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/s3"
)

type objectInfo = s3.ObjectInfo

// listedObjects is how many objects of a folder are listed; the newest ones.
const listedObjects = 500

// folder is one level of a bucket.
type folder struct {
	Bucket  string        `json:"bucket"`
	Prefix  string        `json:"prefix"`
	Folders []string      `json:"folders"`
	Objects []objectState `json:"objects"`
	// Omitted is how many older objects are not listed.
	Omitted int `json:"omitted"`
}

func (s *Server) getObjects(r *http.Request) (any, error) {
	bucket, prefix := r.URL.Query().Get("bucket"), r.URL.Query().Get("prefix")
	if bucket == "" {
		return s.options.Cloud.S3.ListBuckets(), nil
	}
	objects, err := s.options.Cloud.S3.Objects(bucket, prefix)
	if err != nil {
		return nil, err
	}
	f := folder{Bucket: bucket, Prefix: prefix, Folders: []string{}, Objects: []objectState{}}
	for _, o := range objects {
		if name, _, below := strings.Cut(strings.TrimPrefix(o.Key, prefix), "/"); below {
			if last := len(f.Folders) - 1; last < 0 || f.Folders[last] != name {
				f.Folders = append(f.Folders, name)
			}
			continue
		}
		f.Objects = append(f.Objects, objectState{Key: o.Key, Bytes: o.Size, At: o.LastModified})
	}
	slices.SortStableFunc(f.Objects, func(a, b objectState) int { return b.At.Compare(a.At) })
	if f.Omitted = max(0, len(f.Objects)-listedObjects); f.Omitted > 0 {
		f.Objects = f.Objects[:listedObjects]
	}
	slices.Reverse(f.Folders)
	return f, nil
}

// shownBytes is how much of an object is shown, after decompression.
const shownBytes = 256 << 10

// objectContent is the beginning of an object.
type objectContent struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	GZIP   bool   `json:"gzip"`
	Text   string `json:"text"`
	// FirstLine is the number of the first line of Text.
	FirstLine int  `json:"firstLine"`
	Cut       bool `json:"cut"`
}

// getObject shows the lines of an object from the parameter line on; 1 if it is missing.
func (s *Server) getObject(r *http.Request) (any, error) {
	content := objectContent{Bucket: r.URL.Query().Get("bucket"), Key: r.URL.Query().Get("key")}
	line, err := number(r, "line", 1, 1<<31-1)
	if err != nil {
		return nil, err
	}
	content.FirstLine = max(1, line-5)
	object, err := openObject(s.options.Cloud, content.Bucket, content.Key)
	if err != nil {
		return nil, err
	}
	defer object.Close()
	content.GZIP = object.gzip
	for range content.FirstLine - 1 {
		if err := skipLine(object.Reader); err != nil {
			return nil, notFoundError("line: the object has fewer lines")
		}
	}
	shown, err := io.ReadAll(io.LimitReader(object, shownBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the object: %w", err)
	}
	if content.Cut = len(shown) > shownBytes; content.Cut {
		shown = shown[:shownBytes]
	}
	if !utf8.Valid(shown) {
		shown = []byte(strings.ToValidUTF8(string(shown), "\uFFFD"))
	}
	content.Text = string(shown)
	return content, nil
}

func skipLine(r *bufio.Reader) error {
	for {
		_, isPrefix, err := r.ReadLine()
		if err != nil || !isPrefix {
			return err
		}
	}
}

// openedObject is an object that is read decompressed.
type openedObject struct {
	*bufio.Reader
	gzip bool
	file io.Closer
}

func (o *openedObject) Close() error { return o.file.Close() }

// openObject opens an object, whatever its name and headers say about compression.
func openObject(cloud *aws.Cloud, bucket, key string) (*openedObject, error) {
	file, err := cloud.S3.Get(bucket, key)
	if err != nil {
		return nil, err
	}
	o := &openedObject{Reader: bufio.NewReaderSize(file, 64<<10), file: file}
	if magic, err := o.Peek(2); err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
		return o, nil
	}
	unzipped, err := gzip.NewReader(o.Reader)
	if err != nil {
		_ = file.Close() // it was only read
		return nil, fmt.Errorf("decompressing %s: %w", key, err)
	}
	o.Reader, o.gzip = bufio.NewReaderSize(unzipped, 64<<10), true
	return o, nil
}
