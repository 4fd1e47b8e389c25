package s3

import (
	"slices"
	"strings"

	"ingest-pipeline/local/aws/awserr"
)

// change applies a change to a bucket's settings and keeps it, or leaves both as they were.
func (s *Service) change(name string, apply func(*bucket, *settings) error) error {
	b, err := s.bucket(name)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone {
		return noSuchBucket(name)
	}
	next, policy := b.settings, b.policy
	if err := apply(b, &next); err != nil {
		b.policy = policy
		return err
	}
	if err := s.writeJSON(settingsFile(name), next); err != nil {
		b.policy = policy
		return broken("keeping the settings of bucket "+name, err)
	}
	b.settings = next
	return nil
}

// PublicAccessBlock says which kinds of public access a bucket refuses. A new bucket refuses all four, as in AWS since
// April 2023.
type PublicAccessBlock struct {
	BlockPublicACLs       bool `json:"blockPublicAcls"`
	IgnorePublicACLs      bool `json:"ignorePublicAcls"`
	BlockPublicPolicy     bool `json:"blockPublicPolicy"`
	RestrictPublicBuckets bool `json:"restrictPublicBuckets"`
}

// PutPublicAccessBlock sets the bucket's public access block; the zero value removes it. BlockPublicPolicy has an
// effect on PutBucketPolicy; the others concern ACLs and strangers, neither of which the local target has. Errors:
// NoSuchBucket.
func (s *Service) PutPublicAccessBlock(bucketName string, block PublicAccessBlock) error {
	return s.change(bucketName, func(_ *bucket, next *settings) error {
		next.PublicAccessBlock = block
		return nil
	})
}

// Encryption is the default encryption of a bucket. Objects are kept as plain files whatever it says; it shows in the
// headers of the API, and with a customer's KMS key PutObject needs kms:GenerateDataKey on it.
type Encryption struct {
	// Algorithm is "AES256", "aws:kms" or "aws:kms:dsse".
	Algorithm string `json:"algorithm"`
	// KMSKeyID is only for the kms algorithms; empty is the key alias/aws/s3.
	KMSKeyID string `json:"kmsKeyId,omitempty"`
	// BucketKeyEnabled saves calls to KMS in AWS.
	BucketKeyEnabled bool `json:"bucketKeyEnabled,omitempty"`
}

// PutEncryption sets the bucket's default encryption; the zero value is AES256, as after DeleteBucketEncryption.
// Errors: NoSuchBucket, InvalidArgument, MalformedXML.
func (s *Service) PutEncryption(bucketName string, encryption Encryption) error {
	switch encryption.Algorithm {
	case "":
		encryption = Encryption{Algorithm: "AES256"}
	case "AES256":
		if encryption.KMSKeyID != "" { // documented: API_ServerSideEncryptionByDefault
			return invalidArgument("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse")
		}
	case "aws:kms", "aws:kms:dsse":
	default:
		return awserr.New("MalformedXML", 400, "The XML you provided was not well-formed or did not validate against our "+
			"published schema (SSEAlgorithm %q)", encryption.Algorithm)
	}
	return s.change(bucketName, func(_ *bucket, next *settings) error {
		next.Encryption = encryption
		return nil
	})
}

// PutVersioning sets the bucket's versioning. Only "Suspended" is possible: the local target keeps one version of each
// object, so "Enabled" is NotImplemented rather than a promise that it breaks. Errors: NoSuchBucket,
// IllegalVersioningConfigurationException.
func (s *Service) PutVersioning(bucketName, status string) error {
	switch status {
	case "Suspended":
	case "Enabled":
		return notImplemented("versioning of objects (PutBucketVersioning with Status Enabled)")
	default:
		return awserr.New("IllegalVersioningConfigurationException", 400,
			"The Versioning element must be specified as Enabled or Suspended, not %q", status)
	}
	return s.change(bucketName, func(_ *bucket, next *settings) error {
		next.Versioning = status
		return nil
	})
}

// PutOwnership sets the bucket's object ownership. Only "BucketOwnerEnforced", the default, is possible: the others
// turn access control lists on, which the local target does not have. Errors: NoSuchBucket, InvalidArgument,
// NotImplemented.
func (s *Service) PutOwnership(bucketName, ownership string) error {
	switch ownership {
	case "BucketOwnerEnforced":
	case "BucketOwnerPreferred", "ObjectWriter":
		return notImplemented("access control lists (PutBucketOwnershipControls with %s)", ownership)
	default:
		return invalidArgument("ObjectOwnership is %q, not one of BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter", ownership)
	}
	return s.change(bucketName, func(_ *bucket, next *settings) error {
		next.Ownership = ownership
		return nil
	})
}

// storageClasses of Amazon S3 for an object. Documented: API_PutObject, x-amz-storage-class.
var storageClasses = []string{
	"STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR",
}

func checkStorageClass(class string) error {
	if !slices.Contains(storageClasses, class) {
		return awserr.New("InvalidStorageClass", 400, "The storage class you specified is not valid (%s; it is one of %s)", class,
			strings.Join(storageClasses, ", "))
	}
	return nil
}
