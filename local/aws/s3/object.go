package s3

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

// PutOptions are the properties of an object besides its key and bytes.
type PutOptions struct {
	// ContentType is the media type. Default "binary/octet-stream", as S3.
	ContentType string
	// ContentEncoding is the coding, such as "gzip". Default none.
	ContentEncoding string
	// Metadata is the user metadata, without "x-amz-meta-"; names are kept in lower case. Up to 2 KB.
	Metadata map[string]string
	// IfNoneMatch refuses (PreconditionFailed) to replace an object that is there already.
	IfNoneMatch bool

	// What only the S3 API can say.
	headers map[string]string // further system metadata, by canonical header name
	ifMatch string            // an ETag without quotes
	size    int64             // how many bytes body must have; -1 is any
	// checksum is the algorithm of the checksum; empty is defaultChecksum. checksumType is for multipart uploads.
	checksum, checksumType string
}

// PutObject streams body into an object. It needs s3:PutObject by the caller's policies or the bucket's (and
// kms:GenerateDataKey on the customer's key that the bucket is encrypted with, if any), and counts as sent over TLS.
// When it returns nil the object is durable; otherwise it does not exist. It holds some KiB of the body at a
// time. Errors: NoSuchBucket, AccessDenied, InvalidArgument (an empty key), KeyTooLongError (over 1,024 bytes),
// MetadataTooLarge, PreconditionFailed, InternalError (a full disk, an unreadable folder: the message says which), and
// the error of reading body.
func (s *Service) PutObject(caller *iam.Session, bucketName, key string, body io.Reader, options PutOptions) error {
	b, err := s.bucket(bucketName)
	if err != nil {
		return err
	}
	context := map[string]string{"aws:SecureTransport": "true", "s3:TlsVersion": tlsVersion}
	if err := s.authorize(caller, b, "s3:PutObject", s.objectARN(bucketName, key), context); err != nil {
		return err
	}
	if err := s.authorizeKey(caller, b, key); err != nil {
		return err
	}
	if s.refuseWrites != nil && s.refuseWrites() {
		return awserr.New("AccessDenied", 403, "Access Denied")
	}
	options.size = -1
	_, err = s.writeObject(b, key, body, options)
	return err
}

// tlsVersion is what requests count as: assumed for calls between services, and for the owner's over loopback.
const tlsVersion = "1.3"

func (s *Service) objectARN(bucket, key string) string { return s.account.ARN("s3", bucket+"/"+key) }

const (
	encryptionHeader = "X-Amz-Server-Side-Encryption"
	keyHeader        = encryptionHeader + "-Aws-Kms-Key-Id"
)

const (
	maxKey      = 1024 // bytes; documented: user guide, object-keys.html
	maxMetadata = 2048 // bytes; documented: user guide, UsingMetadata.html
)

func checkKey(key string) error {
	switch {
	case key == "":
		return invalidArgument("Object key is missing")
	case len(key) > maxKey:
		return awserr.New("KeyTooLongError", 400, "Your key is too long (%d bytes; the limit is %d)", len(key), maxKey)
	}
	return nil
}

// writeObject writes an object and returns its properties.
func (s *Service) writeObject(b *bucket, key string, body io.Reader, options PutOptions) (properties, error) {
	if err := checkKey(key); err != nil {
		return properties{}, err
	}
	fresh, err := s.newProperties(b, options)
	if err != nil {
		return properties{}, err
	}
	t, err := s.newTemp()
	if err != nil {
		return properties{}, internalError("writing object "+key, err)
	}
	defer t.discard()
	algorithm := cmp.Or(options.checksum, defaultChecksum)
	source := newSource(body, algorithm)
	size, err := io.CopyBuffer(struct{ io.Writer }{t}, source, make([]byte, 128<<10))
	switch {
	case source.err != nil:
		return properties{}, fmt.Errorf("reading the bytes of object %s: %w", key, source.err)
	case err != nil:
		return properties{}, internalError("writing object "+key, err)
	case options.size >= 0 && size != options.size: // documented: ErrorResponses.html
		return properties{}, awserr.New("IncompleteBody", 400, "You did not provide the number of bytes specified by the "+
			"Content-Length HTTP header.")
	}
	fresh.ETag = hex.EncodeToString(source.md5.Sum(nil))
	fresh.Checksum = checksum{Algorithm: algorithm, Type: fullObject, Value: sumOf(source.checksum)}
	return fresh, s.publishObject(b, key, t, &fresh, options)
}

// source computes the checksums of a body, and keeps its errors, which are the caller's, apart from those of the disk.
type source struct {
	from          io.Reader
	md5, checksum hash.Hash
	err           error
}

func newSource(body io.Reader, algorithm string) *source {
	return &source{from: body, md5: md5.New(), checksum: checksums[algorithm]()}
}

func (r *source) Read(p []byte) (n int, err error) {
	n, err = r.from.Read(p)
	r.md5.Write(p[:n])
	r.checksum.Write(p[:n])
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// publishObject makes a written temp file the object.
func (s *Service) publishObject(b *bucket, key string, t *tempFile, fresh *properties, options PutOptions) error {
	// The nanoseconds distinguish this file from another of the same size in the same second.
	info, err := t.finish(fresh.LastModified.Add(time.Duration(rand.Int64N(int64(time.Second)))))
	if err != nil {
		return internalError("writing object "+key, err)
	}
	fresh.Size, fresh.ModTime = info.Size(), info.ModTime().UnixNano()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.deleted {
		return noSuchBucket(b.name)
	}
	p := s.locate(b.name, key)
	if err := s.checkPreconditions(p, options); err != nil {
		return err
	}
	return internalError("writing object "+key, s.replaceObject(p, t, *fresh))
}

// newProperties describes an object that is about to be written, but for what its bytes determine.
func (s *Service) newProperties(b *bucket, options PutOptions) (properties, error) {
	fresh := properties{
		LastModified: s.clock.Now().UTC().Truncate(time.Second),
		Headers:      maps.Clone(options.headers), Metadata: map[string]string{},
	}
	if fresh.Headers == nil {
		fresh.Headers = map[string]string{}
	}
	if fresh.Headers["Content-Type"] = options.ContentType; options.ContentType == "" {
		fresh.Headers["Content-Type"] = defaultContentType
	}
	if options.ContentEncoding != "" {
		fresh.Headers["Content-Encoding"] = options.ContentEncoding
	}
	if fresh.Headers[encryptionHeader] == "" {
		b.mu.RLock()
		encryption := b.settings.Encryption
		b.mu.RUnlock()
		fresh.Headers[encryptionHeader] = encryption.Algorithm
		if encryption.KMSKeyID != "" {
			fresh.Headers[keyHeader] = encryption.KMSKeyID
		}
	}
	if err := s.checkKey(fresh.Headers[keyHeader]); err != nil {
		return fresh, err
	}
	total := 0
	for name, value := range options.Metadata {
		fresh.Metadata[strings.ToLower(name)] = value
		total += len(name) + len(value)
	}
	if total > maxMetadata {
		return fresh, awserr.New("MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size (%d "+
			"bytes; the limit is %d)", total, maxMetadata)
	}
	return fresh, nil
}

// checkPreconditions compares the stored object with the caller's preconditions; the caller holds the bucket's lock.
// Documented: user guide, conditional-writes.html.
func (s *Service) checkPreconditions(p location, options PutOptions) error {
	if !options.IfNoneMatch && options.ifMatch == "" {
		return nil
	}
	_, info, err := s.find(p)
	switch {
	case isNoSuchKey(err) && options.ifMatch != "":
		return err
	case isNoSuchKey(err):
		return nil
	case err != nil:
		return err
	}
	current, err := s.readProperties(p, info)
	if err == nil && (options.IfNoneMatch || current.ETag != options.ifMatch) {
		return awserr.New("PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold")
	}
	return err
}

// ObjectInfo describes an object.
type ObjectInfo struct {
	Key             string
	Size            int64
	LastModified    time.Time // whole seconds
	ETag            string    // in quotes
	ContentType     string
	ContentEncoding string
	Metadata        map[string]string // user metadata by lower-case name, without "x-amz-meta-"
	StorageClass    string
}

// Objects lists the objects of a bucket whose keys start with prefix, in the order of their keys, for the owner of the
// account. Errors: NoSuchBucket.
func (s *Service) Objects(bucketName, prefix string) ([]ObjectInfo, error) {
	b, err := s.bucket(bucketName)
	if err != nil {
		return nil, err
	}
	var all []ObjectInfo
	for page := (listRequest{prefix: prefix, max: listPage}); ; {
		listed, err := s.list(b, page)
		if err != nil {
			return nil, err
		}
		for _, object := range listed.objects {
			all = append(all, object.ObjectInfo)
		}
		if !listed.truncated {
			return all, nil
		}
		page.after = listed.next
	}
}

// Get opens an object for the owner of the account. What is read is the object as it was when Get was called. Errors:
// NoSuchBucket, NoSuchKey.
func (s *Service) Get(bucketName, key string) (io.ReadCloser, error) {
	b, err := s.bucket(bucketName)
	if err != nil {
		return nil, err
	}
	file, _, err := s.open(b, key)
	return file, err
}

// headObject finds an object and returns its properties; class is its storage class by now.
func (s *Service) headObject(b *bucket, key string) (found properties, class string, err error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	_, found, class, err = s.headObjectLocked(b, key)
	return found, class, err
}

func (s *Service) headObjectLocked(b *bucket, key string) (name string, found properties, class string, err error) {
	if b.deleted {
		return "", found, "", noSuchBucket(b.name)
	}
	p := s.locate(b.name, key)
	name, info, err := s.find(p)
	if err != nil {
		return "", found, "", err
	}
	found, err = s.readProperties(p, info)
	return name, found, b.storageClass(key, found, s.clock.Now()), err
}

// open opens an object with its properties.
func (s *Service) open(b *bucket, key string) (io.ReadSeekCloser, properties, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	name, found, class, err := s.headObjectLocked(b, key)
	if err != nil {
		return nil, found, err
	}
	if isArchived(class) { // documented: API_GetObject
		return nil, found, awserr.New("InvalidObjectState", 403, "The operation is not valid for the object's storage class (%s)", class)
	}
	if err := s.checkKey(found.Headers[keyHeader]); err != nil {
		return nil, found, err
	}
	file, err := s.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, found, noSuchKey(key) // another program has just removed it
	}
	return file, found, internalError("opening object "+key, err)
}

// DeleteObject removes an object for the owner of the account, if it is there. Errors: NoSuchBucket, InternalError.
func (s *Service) DeleteObject(bucketName, key string) error {
	b, err := s.bucket(bucketName)
	if err != nil {
		return err
	}
	return s.deleteObject(b, key)
}

// deleteObject removes an object, if it is there.
func (s *Service) deleteObject(b *bucket, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.deleted {
		return noSuchBucket(b.name)
	}
	return s.remove(s.locate(b.name, key))
}
