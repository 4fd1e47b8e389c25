package provider

type bucketPolicyInputs struct {
	Bucket string `json:"bucket"`
	Policy string `json:"policy"`
}

func s3BucketPolicy() resourceType {
	return alive(resourceType{
		token:     "aws:s3/bucketPolicy:BucketPolicy",
		persisted: true,
		inputs: properties{
			"bucket": text(required, replaces),
			"policy": document(required),
		},
	}, lifeOf[bucketPolicyInputs]{
		put: func(s site, in bucketPolicyInputs, _ *record) (string, state, error) {
			return in.Bucket, nil, s.S3.PutBucketPolicy(in.Bucket, in.Policy)
		},
		update: func(s site, in bucketPolicyInputs, _ *record) (state, error) {
			return nil, s.S3.PutBucketPolicy(in.Bucket, in.Policy)
		},
		remove: func(s site, in bucketPolicyInputs, _ *record) error { return s.S3.DeleteBucketPolicy(in.Bucket) },
		read:   bucketPart(func(in bucketPolicyInputs) string { return in.Bucket }),
	})
}
