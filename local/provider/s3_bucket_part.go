package provider

import (
	"strings"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/s3"
)

// bucketKey says which bucket a resource such as a bucket's policy is about.
type bucketKey struct{ Bucket, ExpectedBucketOwner string }

// id is the bucket, or "bucket,owner" (documented: pulumi-aws, import of s3.BucketVersioningV2 and others).
func (k bucketKey) id() string {
	if k.ExpectedBucketOwner == "" {
		return k.Bucket
	}
	return k.Bucket + "," + k.ExpectedBucketOwner
}

func parseBucketKey(id string) (k bucketKey) {
	k.Bucket, k.ExpectedBucketOwner, _ = strings.Cut(id, ",")
	return k
}

// bucketPart are the operations of a resource that is a property of a bucket. All are idempotent and S3 deletes it with
// the bucket.
type bucketPart[C any] struct {
	key    func(c C) bucketKey
	get    func(s *s3.Service, k bucketKey) (C, error)
	put    func(s *s3.Service, c C) error
	delete func(s *s3.Service, bucket string) error
}

func (p bucketPart[C]) operations() operations[C] {
	return operations[C]{
		create: func(s services, c C) (string, error) { return p.key(c).id(), p.put(s.S3, c) },
		read: func(s services, id string, _ C) (C, state, error) {
			k := parseBucketKey(id)
			if k.ExpectedBucketOwner != "" && k.ExpectedBucketOwner != s.Account.ID {
				var none C
				return none, nil, awserr.New("NoSuchBucket", 404, "The bucket %s is not one of the account %s", k.Bucket, k.ExpectedBucketOwner)
			}
			c, err := p.get(s.S3, k)
			return c, nil, err
		},
		update: func(s services, _ string, c C) error { return p.put(s.S3, c) },
		delete: func(s services, id string, _ C) error { return p.delete(s.S3, parseBucketKey(id).Bucket) },
	}
}

// bucketOwner is the property expectedBucketOwner: S3 refuses a request (403) if the bucket is another account's
// (documented: s3, Verifying bucket ownership).
func bucketOwner() property {
	return text(replaces, pattern(`^[0-9]{12}$`, "an account id of 12 digits"))
}

// ownsBucket refuses an expectedBucketOwner that is not the account.
func ownsBucket(in state, account iam.Account, fail func(path, reason string)) {
	if owner, ok := known[string](in, "expectedBucketOwner"); ok && owner != account.ID {
		fail("expectedBucketOwner", "expectedBucketOwner = "+owner+": AccessDenied, the bucket's owner is "+account.ID)
	}
}
