package s3

import (
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/johannesboyne/gofakes3"

	"ingest-pipeline/local/aws/awserr"
)

// backend is gofakes3's storage for one request.
type backend struct {
	s  *Service
	r  *http.Request
	a  *answer
	op operation
}

var (
	_ gofakes3.Backend          = (*backend)(nil)
	_ gofakes3.MultipartBackend = (*backend)(nil)
)

// fail hands an error past gofakes3, which would know neither its code nor its status.
func (b *backend) fail(err error) error {
	var known gofakes3.ErrorCode
	var aws *awserr.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &aws):
		b.a.failure = aws
	case errors.As(err, &known): // an error of gofakes3's own reader, such as BadDigest
		return known
	case errors.Is(err, io.ErrUnexpectedEOF):
		b.a.failure = awserr.New("IncompleteBody", 400, "The request body terminated unexpectedly")
	default:
		b.a.fail(err)
	}
	return gofakes3.ErrInternal
}

func (b *backend) ListBuckets() ([]gofakes3.BucketInfo, error) {
	b.s.mu.RLock()
	defer b.s.mu.RUnlock()
	var all []gofakes3.BucketInfo
	for _, name := range sortedKeys(b.s.buckets) {
		bucket := b.s.buckets[name]
		bucket.mu.RLock()
		all = append(all, gofakes3.BucketInfo{Name: name, CreationDate: gofakes3.NewContentTime(bucket.settings.Created)})
		bucket.mu.RUnlock()
	}
	return all, nil
}

func (b *backend) BucketExists(name string) (bool, error) {
	return b.s.hasBucket(name), nil
}

// CreateBucket is not called: see createBucket.
func (b *backend) CreateBucket(string) error { return gofakes3.ErrNotImplemented }

func (b *backend) DeleteBucket(name string) error      { return b.fail(b.s.DeleteBucket(name, false)) }
func (b *backend) ForceDeleteBucket(name string) error { return b.DeleteBucket(name) }

// ListBucket is not called: see listObjects.
func (b *backend) ListBucket(string, *gofakes3.Prefix, gofakes3.ListBucketPage) (*gofakes3.ObjectList, error) {
	return nil, gofakes3.ErrNotImplemented
}

func (b *backend) HeadObject(bucketName, key string) (*gofakes3.Object, error) {
	bucket, err := b.s.bucket(bucketName)
	if err == nil && (bucketName != b.op.bucket || key != b.op.key || b.r.Method == http.MethodPut) { // the source of a copy
		err = b.s.authorize(b.op.caller, bucket, "s3:GetObject", b.s.objectARN(bucketName, key), conditionKeys(b.r))
	}
	if err != nil {
		return nil, b.fail(err)
	}
	found, class, err := b.s.headObject(bucket, key)
	if err == nil && b.r.Method == http.MethodHead {
		err = checkReadPreconditions(b.r, found)
	}
	if err != nil {
		return nil, b.fail(err)
	}
	return b.object(key, found, class, http.NoBody), nil
}

func (b *backend) GetObject(bucketName, key string, wanted *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	bucket, err := b.s.bucket(bucketName)
	if err != nil {
		return nil, b.fail(err)
	}
	file, found, err := b.s.open(bucket, key)
	if err != nil {
		return nil, b.fail(err)
	}
	object := b.object(key, found, found.Headers["X-Amz-Storage-Class"], &wholeOrAborted{file})
	if err := checkReadPreconditions(b.r, found); err != nil {
		_ = file.Close() // nothing was written to it
		return nil, b.fail(err)
	}
	if wanted != nil && wanted.FromEnd && wanted.End > found.Size {
		wanted.End = found.Size // the last 1,000 bytes of ten are ten
	}
	if object.Range, err = wanted.Range(found.Size); err == nil && object.Range != nil {
		_, err = file.Seek(object.Range.Start, io.SeekStart)
		object.Contents = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(&wholeOrAborted{file}, object.Range.Length), file}
	}
	if err != nil {
		_ = file.Close()
		return nil, b.fail(err)
	}
	return object, nil
}

// wholeOrAborted breaks the connection off when the file cannot be read to its end: gofakes3 would write its error
// message among the bytes of the object.
type wholeOrAborted struct{ io.ReadCloser }

func (w *wholeOrAborted) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		panic(http.ErrAbortHandler)
	}
	return n, err
}

// object describes an object to gofakes3, which sends Metadata as headers.
func (b *backend) object(key string, found properties, class string, contents io.ReadCloser) *gofakes3.Object {
	if b.r.Method != http.MethodPut { // the source of a copy
		b.a.headers["ETag"] = `"` + found.ETag + `"`
	}
	hash, err := hex.DecodeString(found.ETag)
	if err != nil {
		hash = nil // of a multipart upload; the header above is right
	}
	// Documented: API_GetObject. A range of an object has no checksum.
	if b.r.Header.Get("X-Amz-Checksum-Mode") == "ENABLED" && b.r.Header.Get("Range") == "" {
		b.a.setChecksum(found.Checksum)
	}
	metadata := map[string]string{"Last-Modified": found.LastModified.Format(http.TimeFormat)}
	for name, value := range found.Headers {
		metadata[name] = value
	}
	for name, value := range found.Metadata {
		metadata[metadataHeader+name] = value
	}
	if class != "" && class != "STANDARD" {
		metadata["X-Amz-Storage-Class"] = class
	}
	return &gofakes3.Object{Name: key, Metadata: metadata, Size: found.Size, Contents: contents, Hash: hash}
}

func (b *backend) DeleteObject(bucketName, key string) (gofakes3.ObjectDeleteResult, error) {
	bucket, err := b.s.bucket(bucketName)
	if err == nil {
		err = b.s.deleteObject(bucket, key)
	}
	return gofakes3.ObjectDeleteResult{}, b.fail(err)
}

func (b *backend) DeleteMulti(bucketName string, keys ...string) (result gofakes3.MultiDeleteResult, err error) {
	bucket, err := b.s.bucket(bucketName)
	if err == nil && len(keys) > 1000 { // documented: API_DeleteObjects
		err = awserr.New("MalformedXML", 400, "The XML you provided was not well-formed or did not validate against our published "+
			"schema (more than 1000 keys)")
	}
	if err != nil {
		return result, b.fail(err)
	}
	for _, key := range keys {
		err := b.s.authorize(b.op.caller, bucket, "s3:DeleteObject", b.s.objectARN(bucketName, key), conditionKeys(b.r))
		if err == nil {
			err = b.s.deleteObject(bucket, key)
		}
		var aws *awserr.Error
		if errors.As(internalError("deleting object "+key, err), &aws) {
			result.Error = append(result.Error, gofakes3.ErrorResult{Key: key, Code: gofakes3.ErrorCode(aws.Code), Message: aws.Message})
			continue
		}
		result.Deleted = append(result.Deleted, gofakes3.ObjectID{Key: key})
	}
	return result, nil
}

func (b *backend) PutObject(bucketName, key string, _ map[string]string, body io.Reader, size int64, conditions *gofakes3.PutConditions) (result gofakes3.PutObjectResult, err error) {
	bucket, err := b.s.bucket(bucketName)
	if err != nil {
		return result, b.fail(err)
	}
	options, err := putOptions(b.r)
	if err != nil {
		return result, b.fail(err)
	}
	if options.size = size; conditions != nil && conditions.IfMatch != nil {
		options.ifMatch = strings.Trim(*conditions.IfMatch, `"`)
	}
	fresh, err := b.s.writeObject(bucket, key, body, options)
	b.a.headers[encryptionHeader] = fresh.Headers[encryptionHeader]
	b.a.setChecksum(fresh.Checksum)
	return result, b.fail(err)
}

func (b *backend) CopyObject(fromBucket, fromKey, toBucket, toKey string, _ map[string]string) (result gofakes3.CopyObjectResult, err error) {
	fresh, err := b.s.copyObject(b.r, fromBucket, fromKey, toBucket, toKey)
	if err != nil {
		return result, b.fail(err)
	}
	return gofakes3.CopyObjectResult{ETag: `"` + fresh.ETag + `"`, LastModified: gofakes3.NewContentTime(fresh.LastModified)}, nil
}
