package provider

import "ingest-pipeline/local/aws/s3"

type bucketPolicyConfig struct{ Bucket, Policy string }

func s3BucketPolicy() resourceType {
	return define(resourceType{
		token: "aws:s3/bucketPolicy:BucketPolicy",
		inputs: properties{
			"bucket": text(required, replaces),
			"policy": document(required),
		},
	}, bucketPart[bucketPolicyConfig]{
		key: func(c bucketPolicyConfig) bucketKey { return bucketKey{Bucket: c.Bucket} },
		get: func(s *s3.Service, k bucketKey) (bucketPolicyConfig, error) {
			policy, err := s.GetBucketPolicy(k.Bucket)
			return bucketPolicyConfig{Bucket: k.Bucket, Policy: policy}, err
		},
		put:    func(s *s3.Service, c bucketPolicyConfig) error { return s.PutBucketPolicy(c.Bucket, c.Policy) },
		delete: (*s3.Service).DeleteBucketPolicy,
	}.operations())
}
