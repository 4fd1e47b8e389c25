package provider

import (
	"errors"
	"strings"
)

type bucketConfig struct {
	Bucket, BucketPrefix            string
	ForceDestroy, ObjectLockEnabled bool
	Tags                            map[string]string
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
	return define(resourceType{
		token:  "aws:s3/bucketV2:BucketV2",
		inputs: bucketProperties(),
		outputs: []string{"arn", "bucketDomainName", "bucketRegionalDomainName", "hostedZoneId", "region",
			"websiteDomain", "websiteEndpoint"},
		naming: &naming{property: "bucket", prefix: "bucketPrefix", longest: 63, transform: strings.ToLower},
	}, operations[bucketConfig]{
		create: func(s services, c bucketConfig) (string, error) {
			if _, err := s.S3.CreateBucket(c.Bucket); err != nil {
				return "", err
			}
			if err := s.S3.PutBucketTagging(c.Bucket, c.Tags); err != nil {
				return "", errors.Join(err, s.S3.DeleteBucket(c.Bucket, false))
			}
			return c.Bucket, nil
		},
		read:   readBucket,
		update: func(s services, id string, c bucketConfig) error { return s.S3.PutBucketTagging(id, c.Tags) },
		// forceDestroy counts as it was applied last, not as the program has it now (documented: pulumi-aws, s3.BucketV2).
		delete: func(s services, id string, known bucketConfig) error {
			return s.S3.DeleteBucket(id, known.ForceDestroy)
		},
		list: func(s services) []string { return s.S3.ListBuckets() },
	})
}

func readBucket(s services, id string, _ bucketConfig) (bucketConfig, state, error) {
	arn, err := s.S3.BucketARN(id)
	if err != nil {
		return bucketConfig{}, nil, err
	}
	tags, err := s.S3.GetBucketTagging(id)
	domain := "." + dnsSuffix(s.Account)
	return bucketConfig{Bucket: id, Tags: tags}, state{
		"arn": arn, "region": s.Account.Region,
		"bucketDomainName":         id + ".s3" + domain,
		"bucketRegionalDomainName": id + ".s3." + s.Account.Region + domain,
		"hostedZoneId":             hostedZones[s.Account.Region],
		"websiteDomain":            "", "websiteEndpoint": "",
	}, err
}

func bucketProperties() properties {
	inputs := properties{
		"bucket":       text(computed, replaces, without("bucketPrefix"), length(0, 63)),
		"bucketPrefix": text(replaces, length(0, 37), providerOnly),
		"forceDestroy": boolean(byDefault(false), providerOnly),
		"objectLockEnabled": boolean(computed, replaces,
			notHere("objects can always be deleted", true)),
		"tags":                      tags(),
		"accelerationStatus":        rejected("there is no transfer acceleration"),
		"requestPayer":              rejected("requests cost nothing"),
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
