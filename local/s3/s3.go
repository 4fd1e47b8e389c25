// Package s3 is Amazon S3 over plain files: each object is the file <dir>/<bucket>/<key>, visible only when it is
// whole and durable.
package s3

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/iam"
)

// Options are what Open needs.
type Options struct {
	// Dir is the folder of all buckets; it is made if it is missing.
	Dir string
	// Account owns the buckets.
	Account iam.Account
	// Clock gives objects their time and drives lifecycle rules. Default: the machine's.
	Clock clockwork.Clock
	// IAM, if given, lets PutBucketPolicy refuse a principal that does not exist, as S3 does.
	IAM *iam.Service
}

// Service is Amazon S3 of one account. It is safe for concurrent use.
type Service struct{}

var errNotYet = errors.New("not written yet")

// Open opens the folder and removes what a crash left half written. Buckets that are in it can be used at once;
// CreateBucket takes each over once after an Open.
func Open(options Options) (*Service, error) { return nil, errNotYet }

// Close stops the service. Nothing is lost by not calling it.
func (s *Service) Close() error { return errNotYet }

// BucketConfig is what CreateBucket takes.
type BucketConfig struct {
	// Name is 3 to 63 characters as S3's rules for general purpose buckets say.
	Name string
}

// CreateBucket adds a bucket and returns its ARN, or takes over the one that an earlier run left in the folder.
// Errors: InvalidBucketName, BucketAlreadyOwnedByYou.
func (s *Service) CreateBucket(config BucketConfig) (arn string, err error) { return "", errNotYet }

// DeleteBucket removes a bucket; with force also its objects and unfinished uploads. Errors: NoSuchBucket,
// BucketNotEmpty.
func (s *Service) DeleteBucket(name string, force bool) error { return errNotYet }

// BucketARN is the ARN of a bucket, or NoSuchBucket.
func (s *Service) BucketARN(name string) (string, error) { return "", errNotYet }

// PutBucketPolicy sets the bucket's policy. Errors: NoSuchBucket, MalformedPolicy; AccessDenied when the public access
// block forbids it.
func (s *Service) PutBucketPolicy(bucket, document string) error { return errNotYet }

// DeleteBucketPolicy removes the bucket's policy, if it has one. Errors: NoSuchBucket.
func (s *Service) DeleteBucketPolicy(bucket string) error { return errNotYet }

// PublicAccessBlock says which kinds of public access a bucket refuses. A new bucket refuses all four, as in AWS since
// April 2023.
type PublicAccessBlock struct {
	BlockPublicACLs, IgnorePublicACLs, BlockPublicPolicy, RestrictPublicBuckets bool
}

// PutPublicAccessBlock sets the bucket's public access block. Errors: NoSuchBucket.
func (s *Service) PutPublicAccessBlock(bucket string, block PublicAccessBlock) error {
	return errNotYet
}

// Encryption is the default encryption of a bucket. Objects are kept as plain files whatever it says; it shows in the
// headers of the API.
type Encryption struct {
	// Algorithm is "AES256", "aws:kms" or "aws:kms:dsse".
	Algorithm string
	// KMSKeyID is only for the kms algorithms; empty is the key alias/aws/s3.
	KMSKeyID string
	// BucketKeyEnabled saves calls to KMS in AWS.
	BucketKeyEnabled bool
}

// PutEncryption sets the bucket's default encryption. Errors: NoSuchBucket, InvalidArgument.
func (s *Service) PutEncryption(bucket string, encryption Encryption) error { return errNotYet }

// LifecycleRule is one rule of a bucket's lifecycle configuration.
type LifecycleRule struct {
	// ID is unique in the configuration; up to 255 characters.
	ID string
	// Enabled is false for a rule that only rests in the configuration.
	Enabled bool
	// Prefix limits the rule to keys that start with it; empty is all.
	Prefix string
	// ExpirationDays removes objects so many days after they were put, at the following midnight UTC; 0 is never.
	ExpirationDays int
	// AbortIncompleteMultipartUploadDays removes uploads that were not completed so many days after they were
	// initiated, at the following midnight UTC; 0 is never.
	AbortIncompleteMultipartUploadDays int
	// NoncurrentVersionExpirationDays is kept; without versioning there is nothing for it to remove. 0 is never.
	NoncurrentVersionExpirationDays int
	// Transitions move objects to other storage classes.
	Transitions []Transition
}

// Transition moves objects to a storage class some days after they were put.
type Transition struct {
	// Days after the object was put; STANDARD_IA and ONEZONE_IA want at least 30.
	Days int
	// StorageClass is STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER or DEEP_ARCHIVE.
	StorageClass string
}

// PutLifecycle sets the bucket's lifecycle rules; none removes them. Errors: NoSuchBucket, InvalidRequest,
// InvalidArgument.
func (s *Service) PutLifecycle(bucket string, rules []LifecycleRule) error { return errNotYet }

// PutVersioning sets the bucket's versioning: "Enabled" or "Suspended". Errors: NoSuchBucket,
// IllegalVersioningConfigurationException.
func (s *Service) PutVersioning(bucket, status string) error { return errNotYet }

// PutOwnership sets the bucket's object ownership: "BucketOwnerEnforced" (the default), "BucketOwnerPreferred" or
// "ObjectWriter". Errors: NoSuchBucket, InvalidArgument.
func (s *Service) PutOwnership(bucket, ownership string) error { return errNotYet }

// PutOptions are the properties of an object besides its key and bytes.
type PutOptions struct {
	// ContentType is the media type. Default "binary/octet-stream", as S3.
	ContentType string
	// ContentEncoding is the coding, such as "gzip". Default none.
	ContentEncoding string
	// Metadata is the user metadata, without "x-amz-meta-".
	Metadata map[string]string
	// IfNoneMatch refuses (PreconditionFailed) to replace an object that is there already.
	IfNoneMatch bool
}

// PutObject streams body into an object. It needs s3:PutObject by the caller's policies or the bucket's, and counts as
// sent over TLS. When it returns nil the object is durable; otherwise nothing of it is to be seen. Errors: NoSuchBucket,
// AccessDenied, KeyTooLongError, InternalError (a full disk, an unreadable folder: the message says which).
func (s *Service) PutObject(caller *iam.Session, bucket, key string, body io.Reader, options PutOptions) error {
	return errNotYet
}

// ObjectInfo describes an object.
type ObjectInfo struct {
	Key             string
	Size            int64
	LastModified    time.Time
	ETag            string // in quotes
	ContentType     string
	ContentEncoding string
	Metadata        map[string]string // user metadata, without "x-amz-meta-"
	StorageClass    string
}

// Objects lists the objects of a bucket whose keys start with prefix, in the order of their keys, for the owner of the
// account. Errors: NoSuchBucket.
func (s *Service) Objects(bucket, prefix string) ([]ObjectInfo, error) { return nil, errNotYet }

// Get opens an object for the owner of the account. Errors: NoSuchBucket, NoSuchKey.
func (s *Service) Get(bucket, key string) (io.ReadCloser, error) { return nil, errNotYet }

// Handler is the S3 API (path-style, and <bucket>.localhost) for the owner of the account: any credentials, or none,
// are theirs. Mount it at the root of a server that listens on 127.0.0.1, not behind a http.ServeMux, which would clean
// keys such as "a//b".
func (s *Service) Handler() http.Handler { return nil }
