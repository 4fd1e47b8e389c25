package provider

import "ingest-pipeline/local/aws/s3"

type bucketLifecycleConfig struct {
	bucketKey
	s3.Lifecycle
}

func s3BucketLifecycleConfiguration() resourceType {
	const (
		onlyDays   = "rules go by days"
		onlyPrefix = "rules choose objects by prefix"
		noVersions = "objects have one version"
	)
	days := func(options ...option) property { return integer(append(options, between(1, 2147483647, "days"))...) }
	return define(resourceType{
		token: "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
		inputs: properties{
			"bucket":              text(required, replaces),
			"expectedBucketOwner": bucketOwner(),
			"transitionDefaultMinimumObjectSize": text(computed,
				oneOf(s3.AllStorageClasses128K, s3.VariesByStorageClass)),
			"timeouts": object(properties{"create": text(), "update": text()}, inert("nothing takes long")),
			"rules": list(object(properties{
				"id":     text(required, length(1, 255)),
				"status": text(required, oneOf("Enabled", "Disabled")),
				"prefix": text(),
				"filter": object(properties{
					"prefix":                text(),
					"and":                   rejected(onlyPrefix),
					"tag":                   rejected(onlyPrefix),
					"objectSizeGreaterThan": rejected(onlyPrefix),
					"objectSizeLessThan":    rejected(onlyPrefix),
				}),
				"expiration": object(properties{
					"days":                      days(inField("ExpirationDays")),
					"date":                      rejected(onlyDays),
					"expiredObjectDeleteMarker": rejected(noVersions),
				}, flat),
				"abortIncompleteMultipartUpload": object(properties{
					"daysAfterInitiation": days(inField("AbortIncompleteMultipartUploadDays")),
				}, flat),
				"noncurrentVersionExpiration": object(properties{
					"noncurrentDays":          days(required, inert(noVersions), inField("NoncurrentVersionExpirationDays")),
					"newerNoncurrentVersions": rejected(noVersions),
				}, flat),
				"noncurrentVersionTransitions": rejected(noVersions),
				"transitions": list(object(properties{
					"days":         integer(between(0, 2147483647, "days")),
					"storageClass": text(required),
					"date":         rejected(onlyDays),
				}), unordered),
			}), required, elements(1, 1000)),
		},
		validate: ownsBucket,
	}, bucketPart[bucketLifecycleConfig]{
		key: func(c bucketLifecycleConfig) bucketKey { return c.bucketKey },
		get: func(s *s3.Service, k bucketKey) (bucketLifecycleConfig, error) {
			lifecycle, err := s.GetBucketLifecycleConfiguration(k.Bucket)
			return bucketLifecycleConfig{bucketKey: k, Lifecycle: lifecycle}, err
		},
		put: func(s *s3.Service, c bucketLifecycleConfig) error {
			return s.PutBucketLifecycleConfiguration(c.Bucket, c.Lifecycle)
		},
		delete: (*s3.Service).DeleteBucketLifecycle,
	}.operations())
}
