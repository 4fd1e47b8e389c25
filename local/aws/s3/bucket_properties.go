package s3

import (
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

// settings are the properties of a bucket, kept in .s3/buckets/<bucket>.json. Nil and empty ones are not set.
type settings struct {
	Name              string             `json:"name"`
	Created           time.Time          `json:"created"`
	Tags              map[string]string  `json:"tags,omitempty"`
	Policy            string             `json:"policy,omitempty"`
	PublicAccessBlock *PublicAccessBlock `json:"publicAccessBlock,omitempty"`
	Encryption        Encryption         `json:"encryption"`
	Lifecycle         *Lifecycle         `json:"lifecycle,omitempty"`
	Versioning        string             `json:"versioning,omitempty"`
	Ownership         string             `json:"ownership,omitempty"`
}

// change changes the properties of a bucket durably, or not at all.
func (s *Service) change(bucketName string, apply func(next *settings) error) error {
	b, err := s.bucket(bucketName)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.deleted {
		return noSuchBucket(bucketName)
	}
	next := b.settings
	if err := apply(&next); err != nil {
		return err
	}
	policy, err := parseKeptPolicy(next.Policy)
	if err != nil {
		return err
	}
	if err := s.writeJSON(settingsFile(bucketName), next); err != nil {
		return internalError("writing the properties of bucket "+bucketName, err)
	}
	b.settings, b.policy = next, policy
	return nil
}

// parseKeptPolicy parses the policy of a bucket; without one it is nil.
func parseKeptPolicy(document string) (*iam.Policy, error) {
	if document == "" {
		return nil, nil
	}
	return iam.ParsePolicy(document)
}

// read returns the properties of a bucket. Nothing in them is ever written to.
func (s *Service) read(bucketName string) (settings, error) {
	b, err := s.bucket(bucketName)
	if err != nil {
		return settings{}, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.settings, nil
}

// PublicAccessBlock says which kinds of public access a bucket refuses.
type PublicAccessBlock struct {
	BlockPublicACLs       bool `json:"blockPublicAcls"`
	IgnorePublicACLs      bool `json:"ignorePublicAcls"`
	BlockPublicPolicy     bool `json:"blockPublicPolicy"`
	RestrictPublicBuckets bool `json:"restrictPublicBuckets"`
}

// PutPublicAccessBlock sets the public access block of a bucket. BlockPublicPolicy has an effect on PutBucketPolicy; the
// others concern ACLs and other accounts, neither of which the local target has. Errors: NoSuchBucket.
func (s *Service) PutPublicAccessBlock(bucketName string, block PublicAccessBlock) error {
	return s.change(bucketName, func(next *settings) error {
		next.PublicAccessBlock = &block
		return nil
	})
}

// DeletePublicAccessBlock removes the public access block of a bucket, after which it refuses nothing. Errors:
// NoSuchBucket.
func (s *Service) DeletePublicAccessBlock(bucketName string) error {
	return s.change(bucketName, func(next *settings) error {
		next.PublicAccessBlock = nil
		return nil
	})
}

// GetPublicAccessBlock returns the public access block of a bucket. Errors: NoSuchBucket,
// NoSuchPublicAccessBlockConfiguration.
func (s *Service) GetPublicAccessBlock(bucketName string) (PublicAccessBlock, error) {
	is, err := s.read(bucketName)
	if err == nil && is.PublicAccessBlock == nil {
		err = awserr.New("NoSuchPublicAccessBlockConfiguration", 404, "The public access block configuration was not found")
	}
	if err != nil {
		return PublicAccessBlock{}, err
	}
	return *is.PublicAccessBlock, nil
}

// Encryption is the default encryption of a bucket. Objects are plain files in any case; it shows in the headers of
// the API, and with a customer managed key PutObject needs kms:GenerateDataKey on it.
type Encryption struct {
	// Algorithm is "AES256", "aws:kms" or "aws:kms:dsse".
	Algorithm string `json:"algorithm"`
	// KMSKeyID is only for the kms algorithms; empty is the AWS managed key alias/aws/s3.
	KMSKeyID string `json:"kmsKeyId,omitempty"`
	// BucketKeyEnabled saves calls to KMS in AWS.
	BucketKeyEnabled bool `json:"bucketKeyEnabled,omitempty"`
}

// PutBucketEncryption sets the default encryption of a bucket. Errors: NoSuchBucket, InvalidArgument, MalformedXML.
func (s *Service) PutBucketEncryption(bucketName string, encryption Encryption) error {
	switch encryption.Algorithm {
	case "AES256":
		if encryption.KMSKeyID != "" { // documented: API_ServerSideEncryptionByDefault
			return invalidArgument("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse")
		}
	case "aws:kms", "aws:kms:dsse":
	default:
		return awserr.New("MalformedXML", 400, "The XML you provided was not well-formed or did not validate against our "+
			"published schema (SSEAlgorithm %q)", encryption.Algorithm)
	}
	return s.change(bucketName, func(next *settings) error {
		next.Encryption = encryption
		return nil
	})
}

// DeleteBucketEncryption sets the default encryption of a bucket to AES256. Errors: NoSuchBucket.
func (s *Service) DeleteBucketEncryption(bucketName string) error {
	return s.PutBucketEncryption(bucketName, Encryption{Algorithm: "AES256"})
}

// GetBucketEncryption returns the default encryption of a bucket; there is always one. Errors: NoSuchBucket.
func (s *Service) GetBucketEncryption(bucketName string) (Encryption, error) {
	is, err := s.read(bucketName)
	return is.Encryption, err
}

// PutBucketVersioning sets the versioning of a bucket. Only "Suspended" is possible: the local target keeps one version
// of each object, so "Enabled" is NotImplemented. Errors: NoSuchBucket, IllegalVersioningConfigurationException.
func (s *Service) PutBucketVersioning(bucketName, status string) error {
	switch status {
	case "Suspended":
	case "Enabled":
		return notImplemented("versioning of objects (PutBucketVersioning with Status Enabled)")
	default:
		return awserr.New("IllegalVersioningConfigurationException", 400,
			"The Versioning element must be specified as Enabled or Suspended, not %q", status)
	}
	return s.change(bucketName, func(next *settings) error {
		next.Versioning = status
		return nil
	})
}

// GetBucketVersioning returns "Suspended", or "" if PutBucketVersioning was never called. Errors: NoSuchBucket.
func (s *Service) GetBucketVersioning(bucketName string) (status string, err error) {
	is, err := s.read(bucketName)
	return is.Versioning, err
}

// PutBucketOwnershipControls sets the object ownership of a bucket. Only "BucketOwnerEnforced", the default, is possible:
// the others turn access control lists on, which the local target does not have. Errors: NoSuchBucket, InvalidArgument,
// NotImplemented.
func (s *Service) PutBucketOwnershipControls(bucketName, ownership string) error {
	switch ownership {
	case "BucketOwnerEnforced":
	case "BucketOwnerPreferred", "ObjectWriter":
		return notImplemented("access control lists (PutBucketOwnershipControls with %s)", ownership)
	default:
		return invalidArgument("ObjectOwnership is %q, not one of BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter", ownership)
	}
	return s.change(bucketName, func(next *settings) error {
		next.Ownership = ownership
		return nil
	})
}

// DeleteBucketOwnershipControls removes the object ownership of a bucket. The writer of an object then owns it, which is
// the owner of the bucket here. Errors: NoSuchBucket.
func (s *Service) DeleteBucketOwnershipControls(bucketName string) error {
	return s.change(bucketName, func(next *settings) error {
		next.Ownership = ""
		return nil
	})
}

// GetBucketOwnershipControls returns the object ownership of a bucket. Errors: NoSuchBucket,
// OwnershipControlsNotFoundError.
func (s *Service) GetBucketOwnershipControls(bucketName string) (ownership string, err error) {
	is, err := s.read(bucketName)
	if err == nil && is.Ownership == "" {
		err = awserr.New("OwnershipControlsNotFoundError", 404, "The bucket ownership controls were not found")
	}
	return is.Ownership, err
}

// PutBucketTagging replaces the tags of a bucket; none removes them. Errors: NoSuchBucket.
func (s *Service) PutBucketTagging(bucketName string, tags map[string]string) error {
	return s.change(bucketName, func(next *settings) error {
		next.Tags = tags
		return nil
	})
}

// GetBucketTagging returns the tags of a bucket, which may be none. Errors: NoSuchBucket.
func (s *Service) GetBucketTagging(bucketName string) (map[string]string, error) {
	is, err := s.read(bucketName)
	return is.Tags, err
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
