package pipeline

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const bucketType = "ingest-pipeline:index:Bucket"

// abortUploadsAfterDays is when S3 deletes the parts of an upload that was not completed, in days. Firehose leaves such
// parts when it is interrupted; they cost money and appear in no listing.
const abortUploadsAfterDays = 1

// bucketArgs describes the bucket that events are delivered to.
type bucketArgs struct {
	// Objects of less than 128 KB would cost more in the archive, and S3 leaves them where they are.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
	LifecycleSettings
	// Name is the bucket's name in AWS. Nil: Pulumi generates one.
	Name pulumi.StringPtrInput
	// KMSKeyArn is the customer managed key that encrypts the objects. Nil: the keys of S3 (SSE-S3).
	KMSKeyArn pulumi.StringPtrInput
	// Folder is the folder of the events, to which the ages apply.
	Folder string
	// QueryResults deletes objects in the folder of query results, queryResultsExpireAfterDays after the query.
	QueryResults bool
	// Protect refuses destroy and replacement of the bucket, and retains it with its objects if it is removed from the
	// program. Without it, destroy deletes the bucket with its objects.
	Protect bool
}

// bucket is the S3 bucket that Firehose delivers to: private, encrypted, reachable over TLS only.
type bucket struct {
	pulumi.ResourceState

	// Arn and Name are known once public access is blocked and the bucket policy is in place.
	Arn  pulumi.StringOutput `pulumi:"arn"`
	Name pulumi.StringOutput `pulumi:"name"`
}

// newBucket creates the bucket with its policies.
func newBucket(ctx *pulumi.Context, name string, args bucketArgs, opts ...pulumi.ResourceOption) (*bucket, error) {
	b := &bucket{}
	if err := ctx.RegisterComponentResource(bucketType, name, b, opts...); err != nil {
		return nil, err
	}
	child := []pulumi.ResourceOption{pulumi.Parent(b), pulumi.RetainOnDelete(args.Protect)}
	bucket, err := s3.NewBucketV2(ctx, name, &s3.BucketV2Args{Bucket: args.Name, ForceDestroy: pulumi.Bool(!args.Protect)},
		append(child, pulumi.Protect(args.Protect))...)
	if err != nil {
		return nil, err
	}
	if _, err := s3.NewBucketOwnershipControls(ctx, name, &s3.BucketOwnershipControlsArgs{
		Bucket: bucket.ID(),
		Rule:   s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, child...); err != nil {
		return nil, err
	}
	if _, err := s3.NewBucketServerSideEncryptionConfigurationV2(ctx, name,
		&s3.BucketServerSideEncryptionConfigurationV2Args{
			Bucket: bucket.ID(),
			Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{
				s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
					ApplyServerSideEncryptionByDefault: encryption(args.KMSKeyArn),
					// One KMS request for many objects instead of one for each.
					BucketKeyEnabled: pulumi.Bool(args.KMSKeyArn != nil),
				},
			},
		}, child...); err != nil {
		return nil, err
	}
	if _, err := s3.NewBucketLifecycleConfigurationV2(ctx, name, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket.ID(),
		Rules:  lifecycleRules(args),
	}, child...); err != nil {
		return nil, err
	}
	publicAccess, err := s3.NewBucketPublicAccessBlock(ctx, name, &s3.BucketPublicAccessBlockArgs{
		Bucket:                bucket.ID(),
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, child...)
	if err != nil {
		return nil, err
	}
	// S3 refuses to write policy and public access block at the same time ("conflicting conditional operation").
	policy, err := s3.NewBucketPolicy(ctx, name, &s3.BucketPolicyArgs{
		Bucket: bucket.ID(),
		Policy: document(denyPlainHTTP(bucket.Arn)),
	}, append(child, pulumi.DependsOn([]pulumi.Resource{publicAccess}))...)
	if err != nil {
		return nil, err
	}
	b.Arn = after(bucket.Arn, policy.ID())
	b.Name = after(bucket.Bucket, policy.ID())
	return b, ctx.RegisterResourceOutputs(b, pulumi.Map{"arn": b.Arn, "name": b.Name})
}

func encryption(keyArn pulumi.StringPtrInput) s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs {
	if keyArn == nil {
		return s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
			SseAlgorithm: pulumi.String("AES256"),
		}
	}
	return s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
		SseAlgorithm: pulumi.String("aws:kms"), KmsMasterKeyId: keyArn,
	}
}

func lifecycleRules(args bucketArgs) s3.BucketLifecycleConfigurationV2RuleArray {
	rules := s3.BucketLifecycleConfigurationV2RuleArray{abortUnfinishedUploads()}
	if args.ArchiveAfterDays > 0 || args.ExpireAfterDays > 0 {
		rules = append(rules, ageEvents(args))
	}
	if args.QueryResults {
		rules = append(rules, s3.BucketLifecycleConfigurationV2RuleArgs{
			Id:         pulumi.String("expire-query-results"),
			Status:     pulumi.String("Enabled"),
			Filter:     s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String(queryResultsFolder)},
			Expiration: s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(queryResultsExpireAfterDays)},
		})
	}
	return rules
}

func ageEvents(args bucketArgs) s3.BucketLifecycleConfigurationV2RuleArgs {
	rule := s3.BucketLifecycleConfigurationV2RuleArgs{
		Id:     pulumi.String("age-events"),
		Status: pulumi.String("Enabled"),
		Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String(args.Folder)},
	}
	if args.ArchiveAfterDays > 0 {
		rule.Transitions = s3.BucketLifecycleConfigurationV2RuleTransitionArray{
			s3.BucketLifecycleConfigurationV2RuleTransitionArgs{
				Days: pulumi.Int(args.ArchiveAfterDays), StorageClass: pulumi.String("GLACIER_IR"),
			},
		}
	}
	if args.ExpireAfterDays > 0 {
		rule.Expiration = s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(args.ExpireAfterDays)}
	}
	return rule
}

func abortUnfinishedUploads() s3.BucketLifecycleConfigurationV2RuleArgs {
	return s3.BucketLifecycleConfigurationV2RuleArgs{
		Id:     pulumi.String("abort-unfinished-uploads"),
		Status: pulumi.String("Enabled"),
		Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
		AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
			DaysAfterInitiation: pulumi.Int(abortUploadsAfterDays),
		},
	}
}
