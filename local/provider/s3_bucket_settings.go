package provider

import (
	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/s3"
)

// noACLs is why what belongs to access control lists is refused.
const noACLs = "objects have no ACLs"

type publicAccessBlockInputs struct {
	Bucket                string `json:"bucket"`
	BlockPublicACLs       bool   `json:"blockPublicAcls"`
	BlockPublicPolicy     bool   `json:"blockPublicPolicy"`
	IgnorePublicACLs      bool   `json:"ignorePublicAcls"`
	RestrictPublicBuckets bool   `json:"restrictPublicBuckets"`
}

func s3BucketPublicAccessBlock() resourceType {
	put := func(s site, in publicAccessBlockInputs) error {
		return s.S3.PutPublicAccessBlock(in.Bucket, in.block())
	}
	return alive(resourceType{
		token:     "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
		persisted: true,
		inputs: properties{
			"bucket":                text(required, replaces),
			"blockPublicAcls":       boolean(byDefault(false), inert(noACLs)),
			"ignorePublicAcls":      boolean(byDefault(false), inert(noACLs)),
			"blockPublicPolicy":     boolean(byDefault(false)),
			"restrictPublicBuckets": boolean(byDefault(false), inert("there is nobody but the account")),
		},
	}, lifeOf[publicAccessBlockInputs]{
		put: func(s site, in publicAccessBlockInputs, _ *record) (string, state, error) {
			return in.Bucket, nil, put(s, in)
		},
		update: func(s site, in publicAccessBlockInputs, _ *record) (state, error) { return nil, put(s, in) },
		// Without a public access block nothing is blocked (documented: s3, DeletePublicAccessBlock).
		remove: func(s site, in publicAccessBlockInputs, _ *record) error {
			return put(s, publicAccessBlockInputs{Bucket: in.Bucket})
		},
		read: bucketPart(func(in publicAccessBlockInputs) string { return in.Bucket }),
	})
}

func (in publicAccessBlockInputs) block() s3.PublicAccessBlock {
	return s3.PublicAccessBlock{
		BlockPublicACLs: in.BlockPublicACLs, IgnorePublicACLs: in.IgnorePublicACLs,
		BlockPublicPolicy: in.BlockPublicPolicy, RestrictPublicBuckets: in.RestrictPublicBuckets,
	}
}

type ownershipControlsInputs struct {
	Bucket string `json:"bucket"`
	Rule   struct {
		ObjectOwnership string `json:"objectOwnership"`
	} `json:"rule"`
}

func s3BucketOwnershipControls() resourceType {
	return alive(resourceType{
		token:     "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
		persisted: true,
		inputs: properties{
			"bucket": text(required, replaces),
			"rule": object(properties{
				"objectOwnership": text(required, oneOf("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"),
					notHere(noACLs, "BucketOwnerPreferred", "ObjectWriter")),
			}, required),
		},
	}, lifeOf[ownershipControlsInputs]{
		put: func(s site, in ownershipControlsInputs, _ *record) (string, state, error) {
			return in.Bucket, nil, s.S3.PutBucketOwnershipControls(in.Bucket, in.Rule.ObjectOwnership)
		},
		update: func(s site, in ownershipControlsInputs, _ *record) (state, error) {
			return nil, s.S3.PutBucketOwnershipControls(in.Bucket, in.Rule.ObjectOwnership)
		},
		// Without ownership controls the writer of an object owns it: here that is the owner of the bucket too.
		remove: func(s site, in ownershipControlsInputs, _ *record) error {
			_, err := s.S3.BucketARN(in.Bucket)
			return err
		},
		read: bucketPart(func(in ownershipControlsInputs) string { return in.Bucket }),
	})
}

type encryptionInputs struct {
	Bucket              string `json:"bucket"`
	ExpectedBucketOwner string `json:"expectedBucketOwner"`
	Rules               []struct {
		BucketKeyEnabled                   bool `json:"bucketKeyEnabled"`
		ApplyServerSideEncryptionByDefault struct {
			SSEAlgorithm   string `json:"sseAlgorithm"`
			KMSMasterKeyID string `json:"kmsMasterKeyId"`
		} `json:"applyServerSideEncryptionByDefault"`
	} `json:"rules"`
}

func s3BucketServerSideEncryptionConfiguration() resourceType {
	const plainFiles = "objects are plain files; the setting shows in the headers of the S3 API"
	put := func(s site, in encryptionInputs) error { return s.S3.PutBucketEncryption(in.Bucket, in.encryption()) }
	return alive(resourceType{
		token:     "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
		persisted: true,
		inputs: properties{
			"bucket":              text(required, replaces),
			"expectedBucketOwner": bucketOwner(),
			// S3 knows one rule for a bucket, although it is written as a list.
			"rules": list(object(properties{
				"bucketKeyEnabled": boolean(inert(plainFiles)),
				"applyServerSideEncryptionByDefault": object(properties{
					"sseAlgorithm":   text(required, oneOf("AES256", "aws:kms", "aws:kms:dsse"), inert(plainFiles)),
					"kmsMasterKeyId": text(),
				}),
			}), required, unordered, elements(1, 1)),
		},
		validate: ownsBucket,
	}, lifeOf[encryptionInputs]{
		put: func(s site, in encryptionInputs, _ *record) (string, state, error) {
			return bucketSettings(in.Bucket, in.ExpectedBucketOwner), nil, put(s, in)
		},
		update: func(s site, in encryptionInputs, _ *record) (state, error) { return nil, put(s, in) },
		// Then S3 goes back to keys of its own (documented: s3, DeleteBucketEncryption).
		remove: func(s site, in encryptionInputs, _ *record) error {
			return s.S3.DeleteBucketEncryption(in.Bucket)
		},
		read: bucketPart(func(in encryptionInputs) string { return in.Bucket }),
	})
}

// encryption is that of the one rule that there is.
func (in encryptionInputs) encryption() s3.Encryption {
	rule := in.Rules[0]
	return s3.Encryption{
		Algorithm: rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm,
		KMSKeyID:  rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID, BucketKeyEnabled: rule.BucketKeyEnabled,
	}
}

type versioningInputs struct {
	Bucket                  string `json:"bucket"`
	ExpectedBucketOwner     string `json:"expectedBucketOwner"`
	VersioningConfiguration struct {
		Status    string `json:"status"`
		MFADelete string `json:"mfaDelete"`
	} `json:"versioningConfiguration"`
}

func s3BucketVersioning() resourceType {
	const disabled = "Disabled"
	put := func(s site, in versioningInputs) error {
		if in.VersioningConfiguration.Status == disabled {
			// That is what a bucket is that was never told anything else: pulumi-aws does not call S3 either.
			_, err := s.S3.BucketARN(in.Bucket)
			return err
		}
		return s.S3.PutBucketVersioning(in.Bucket, in.VersioningConfiguration.Status)
	}
	return alive(resourceType{
		token:     "aws:s3/bucketVersioningV2:BucketVersioningV2",
		persisted: true,
		inputs: properties{
			"bucket":              text(required, replaces),
			"expectedBucketOwner": bucketOwner(),
			"mfa":                 rejected("there are no MFA devices"),
			"versioningConfiguration": object(properties{
				"status": text(required, oneOf("Enabled", "Suspended", disabled),
					notHere("objects have one version", "Enabled")),
				"mfaDelete": text(computed, oneOf("Enabled", disabled), notHere("there are no MFA devices", "Enabled")),
			}, required),
		},
		validate: ownsBucket,
	}, lifeOf[versioningInputs]{
		put: func(s site, in versioningInputs, _ *record) (string, state, error) {
			return bucketSettings(in.Bucket, in.ExpectedBucketOwner), nil, put(s, in)
		},
		update: func(s site, in versioningInputs, was *record) (state, error) {
			before, _ := was.Inputs["versioningConfiguration"].(state)
			if in.VersioningConfiguration.Status == disabled && before["status"] != disabled {
				// terraform-provider-aws refuses it at plan time, with these words.
				return nil, awserr.New("InvalidBucketState", 409, "versioning_configuration.status cannot be updated "+
					"from '%v' to '%s'", before["status"], disabled)
			}
			return nil, put(s, in)
		},
		// A bucket cannot go back to never having been told.
		remove: func(s site, in versioningInputs, _ *record) error {
			_, err := s.S3.BucketARN(in.Bucket)
			return err
		},
		read: bucketPart(func(in versioningInputs) string { return in.Bucket }),
	})
}
