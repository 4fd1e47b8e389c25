package provider

import (
	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/s3"
)

// noACLs is why what belongs to access control lists is refused.
const noACLs = "objects have no ACLs"

type publicAccessBlockConfig struct {
	Bucket string
	s3.PublicAccessBlock
}

func s3BucketPublicAccessBlock() resourceType {
	return define(resourceType{
		token: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
		inputs: properties{
			"bucket":                text(required, replaces),
			"blockPublicAcls":       boolean(byDefault(false), inert(noACLs)),
			"ignorePublicAcls":      boolean(byDefault(false), inert(noACLs)),
			"blockPublicPolicy":     boolean(byDefault(false)),
			"restrictPublicBuckets": boolean(byDefault(false), inert("there is only one account")),
		},
	}, bucketPart[publicAccessBlockConfig]{
		key: func(c publicAccessBlockConfig) bucketKey { return bucketKey{Bucket: c.Bucket} },
		get: func(s *s3.Service, k bucketKey) (publicAccessBlockConfig, error) {
			block, err := s.GetPublicAccessBlock(k.Bucket)
			return publicAccessBlockConfig{k.Bucket, block}, err
		},
		put: func(s *s3.Service, c publicAccessBlockConfig) error {
			return s.PutPublicAccessBlock(c.Bucket, c.PublicAccessBlock)
		},
		delete: (*s3.Service).DeletePublicAccessBlock,
	}.operations())
}

type ownershipControlsConfig struct{ Bucket, ObjectOwnership string }

func s3BucketOwnershipControls() resourceType {
	return define(resourceType{
		token: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
		inputs: properties{
			"bucket": text(required, replaces),
			"rule": object(properties{
				"objectOwnership": text(required, oneOf("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"),
					notHere(noACLs, "BucketOwnerPreferred", "ObjectWriter")),
			}, required, flat),
		},
	}, bucketPart[ownershipControlsConfig]{
		key: func(c ownershipControlsConfig) bucketKey { return bucketKey{Bucket: c.Bucket} },
		get: func(s *s3.Service, k bucketKey) (ownershipControlsConfig, error) {
			ownership, err := s.GetBucketOwnershipControls(k.Bucket)
			return ownershipControlsConfig{k.Bucket, ownership}, err
		},
		put: func(s *s3.Service, c ownershipControlsConfig) error {
			return s.PutBucketOwnershipControls(c.Bucket, c.ObjectOwnership)
		},
		delete: (*s3.Service).DeleteBucketOwnershipControls,
	}.operations())
}

type bucketEncryptionConfig struct {
	bucketKey
	Rules []s3.Encryption
}

func s3BucketServerSideEncryptionConfiguration() resourceType {
	const plainFiles = "objects are plain files; the setting shows in the headers of the S3 API"
	return define(resourceType{
		token: "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
		inputs: properties{
			"bucket":              text(required, replaces),
			"expectedBucketOwner": bucketOwner(),
			// S3 has one rule for a bucket, although it is written as a list.
			"rules": list(object(properties{
				"bucketKeyEnabled": boolean(inert(plainFiles)),
				"applyServerSideEncryptionByDefault": object(properties{
					"sseAlgorithm": text(required, oneOf("AES256", "aws:kms", "aws:kms:dsse"), inert(plainFiles),
						inField("Algorithm")),
					"kmsMasterKeyId": text(inField("KMSKeyID")),
				}, flat),
			}), required, unordered, elements(1, 1)),
		},
		validate: ownsBucket,
	}, bucketPart[bucketEncryptionConfig]{
		key: func(c bucketEncryptionConfig) bucketKey { return c.bucketKey },
		get: func(s *s3.Service, k bucketKey) (bucketEncryptionConfig, error) {
			encryption, err := s.GetBucketEncryption(k.Bucket)
			return bucketEncryptionConfig{k, []s3.Encryption{encryption}}, err
		},
		put: func(s *s3.Service, c bucketEncryptionConfig) error {
			return s.PutBucketEncryption(c.Bucket, c.Rules[0])
		},
		delete: (*s3.Service).DeleteBucketEncryption,
	}.operations())
}

type bucketVersioningConfig struct {
	bucketKey
	Status, MFADelete string
}

// versioningDisabled is the status of a bucket whose versioning was never set.
const versioningDisabled = "Disabled"

func s3BucketVersioning() resourceType {
	return define(resourceType{
		token: "aws:s3/bucketVersioningV2:BucketVersioningV2",
		inputs: properties{
			"bucket":              text(required, replaces),
			"expectedBucketOwner": bucketOwner(),
			"mfa":                 rejected("there are no MFA devices"),
			"versioningConfiguration": object(properties{
				"status": text(required, oneOf("Enabled", "Suspended", versioningDisabled),
					notHere("objects have one version", "Enabled")),
				"mfaDelete": text(computed, oneOf("Enabled", "Disabled"), notHere("there are no MFA devices", "Enabled")),
			}, required, flat),
		},
		validate: ownsBucket,
	}, bucketPart[bucketVersioningConfig]{
		key: func(c bucketVersioningConfig) bucketKey { return c.bucketKey },
		get: func(s *s3.Service, k bucketKey) (bucketVersioningConfig, error) {
			status, err := s.GetBucketVersioning(k.Bucket)
			if status == "" {
				status = versioningDisabled
			}
			return bucketVersioningConfig{k, status, "Disabled"}, err
		},
		put: putBucketVersioning,
		// The status of a bucket cannot go back to Disabled.
		delete: func(s *s3.Service, bucket string) error {
			_, err := s.BucketARN(bucket)
			return err
		},
	}.operations())
}

func putBucketVersioning(s *s3.Service, c bucketVersioningConfig) error {
	if c.Status != versioningDisabled {
		return s.PutBucketVersioning(c.Bucket, c.Status)
	}
	now, err := s.GetBucketVersioning(c.Bucket)
	if err == nil && now != "" {
		// terraform-provider-aws refuses it at plan time, with these words.
		return awserr.New("InvalidBucketState", 409, "versioning_configuration.status cannot be updated from '%s' to '%s'",
			now, c.Status)
	}
	return err
}
