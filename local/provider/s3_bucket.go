package provider

import (
	"strings"

	"ingest-pipeline/local/aws/iam"
)

type bucketInputs struct {
	Bucket            string            `json:"bucket"`
	BucketPrefix      string            `json:"bucketPrefix"`
	ForceDestroy      bool              `json:"forceDestroy"`
	ObjectLockEnabled bool              `json:"objectLockEnabled"`
	Tags              map[string]string `json:"tags"`
}

// hostedZones are the Route 53 zones of S3's website endpoints (documented: AWS General Reference, Amazon S3 website
// endpoints).
var hostedZones = map[string]string{
	"ap-northeast-1": "Z2M4EHUR26P7ZW", "ap-northeast-2": "Z3W03O7B5YMIYP", "ap-northeast-3": "Z2YQB5RD63NC85",
	"ap-south-1": "Z11RGJOFQNVJUP", "ap-southeast-1": "Z3O0J2DXBE1FTB", "ap-southeast-2": "Z1WCIGYICN2BYD",
	"ca-central-1": "Z1QDHH18159H29", "eu-central-1": "Z21DNDUVLTQW6Q", "eu-north-1": "Z3BAZG2TWCNX0D",
	"eu-west-1": "Z1BKCTXD74EZPE", "eu-west-2": "Z3GKZC51ZF0DB4", "eu-west-3": "Z3R1K369G5AVDG",
	"sa-east-1": "Z7KQH4QJS55SO", "us-east-1": "Z3AQBSTGFYJSTF", "us-east-2": "Z2O1EMRO9K5GLX",
	"us-west-1": "Z2F56UZL2M1ACD", "us-west-2": "Z3BJ6K6RIION7M",
}

func s3Bucket() resourceType {
	return alive(resourceType{
		token:     "aws:s3/bucketV2:BucketV2",
		persisted: true,
		inputs:    bucketProperties(),
		outputs: []string{"arn", "bucketDomainName", "bucketRegionalDomainName", "hostedZoneId", "region",
			"websiteDomain", "websiteEndpoint"},
		naming: &naming{property: "bucket", prefix: "bucketPrefix", longest: 63, transform: strings.ToLower},
		takes: func(gone, other *record) bool {
			return strings.HasPrefix(other.Type, "aws:s3/") && other.text("bucket") == gone.ID
		},
	}, lifeOf[bucketInputs]{
		put: putBucket,
		// forceDestroy and tags: the provider keeps the one, nothing here reads the other.
		update: func(s site, in bucketInputs, _ *record) (state, error) {
			_, err := s.S3.BucketARN(in.Bucket)
			return nil, err
		},
		// forceDestroy counts as it was applied last, not as the program has it now (documented: pulumi-aws, s3.BucketV2).
		remove: func(s site, in bucketInputs, _ *record) error { return s.S3.DeleteBucket(in.Bucket, in.ForceDestroy) },
		read: func(s site, in bucketInputs, _ *record) (state, error) {
			_, err := s.S3.BucketARN(in.Bucket)
			return nil, err
		},
	})
}

func putBucket(s site, in bucketInputs, _ *record) (string, state, error) {
	if in.Bucket == "" {
		in.Bucket = prefixed(s, in.BucketPrefix)
	}
	arn, err := s.S3.CreateBucket(in.Bucket)
	if err != nil {
		return "", nil, err
	}
	domain := "." + dnsSuffix(s.Account)
	return in.Bucket, state{
		"bucket": in.Bucket, "arn": arn, "region": s.Account.Region, "objectLockEnabled": false,
		"bucketDomainName":         in.Bucket + ".s3" + domain,
		"bucketRegionalDomainName": in.Bucket + ".s3." + s.Account.Region + domain,
		"hostedZoneId":             hostedZones[s.Account.Region],
		"websiteDomain":            "", "websiteEndpoint": "",
	}, nil
}

func bucketProperties() properties {
	inputs := properties{
		"bucket":       text(computed, replaces, without("bucketPrefix"), length(0, 63)),
		"bucketPrefix": text(replaces, length(0, 37)),
		"forceDestroy": boolean(byDefault(false)),
		"objectLockEnabled": boolean(computed, replaces,
			notHere("objects can always be deleted", true)),
		"tags":                      tags(),
		"accelerationStatus":        rejected("there is no transfer acceleration"),
		"requestPayer":              rejected("nobody pays"),
		"objectLockConfiguration":   rejected("objects can always be deleted"),
		"corsRules":                 rejected("browsers do not read the bucket"),
		"loggings":                  rejected("there are no server access logs"),
		"replicationConfigurations": rejected("there is one Region"),
		"websites":                  rejected("buckets are no web sites"),
		"acl":                       rejected("deprecated by pulumi-aws, and objects belong to the bucket's owner"),
		"grants":                    rejected("deprecated by pulumi-aws, and objects belong to the bucket's owner"),
	}
	for name, instead := range map[string]string{
		"lifecycleRules":                     "BucketLifecycleConfigurationV2",
		"policy":                             "BucketPolicy",
		"serverSideEncryptionConfigurations": "BucketServerSideEncryptionConfigurationV2",
		"versionings":                        "BucketVersioningV2",
	} {
		inputs[name] = rejected("deprecated by pulumi-aws; declare an s3." + instead)
	}
	return inputs
}

// bucketOwner is the property expectedBucketOwner of the settings of a bucket: S3 refuses them (403) if the bucket is
// somebody else's (documented: s3, Verifying bucket ownership).
func bucketOwner() property {
	return text(replaces, pattern(`^[0-9]{12}$`, "an account id of 12 digits"))
}

// ownsBucket refuses an expectedBucketOwner that is not the account.
func ownsBucket(in state, account iam.Account, fail func(path, reason string)) {
	if owner, ok := known[string](in, "expectedBucketOwner"); ok && owner != account.ID {
		fail("expectedBucketOwner", "expectedBucketOwner = "+owner+": AccessDenied, the bucket's owner is "+account.ID)
	}
}

// bucketSettings is the id of the settings of a bucket.
func bucketSettings(bucket, owner string) string {
	if owner == "" {
		return bucket
	}
	return bucket + "," + owner
}

// bucketPart is a read of the settings of a bucket: they are gone when the bucket is.
func bucketPart[I any](bucketOf func(I) string) func(s site, in I, was *record) (state, error) {
	return func(s site, in I, _ *record) (state, error) {
		_, err := s.S3.BucketARN(bucketOf(in))
		return nil, err
	}
}
