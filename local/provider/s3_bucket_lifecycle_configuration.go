package provider

import "ingest-pipeline/local/aws/s3"

type lifecycleInputs struct {
	Bucket                             string            `json:"bucket"`
	ExpectedBucketOwner                string            `json:"expectedBucketOwner"`
	TransitionDefaultMinimumObjectSize string            `json:"transitionDefaultMinimumObjectSize"`
	Timeouts                           map[string]string `json:"timeouts"`
	Rules                              []struct {
		ID     string `json:"id"`
		Status string `json:"status"`
		Prefix string `json:"prefix"`
		Filter struct {
			Prefix string `json:"prefix"`
		} `json:"filter"`
		Expiration struct {
			Days int `json:"days"`
		} `json:"expiration"`
		AbortIncompleteMultipartUpload struct {
			DaysAfterInitiation int `json:"daysAfterInitiation"`
		} `json:"abortIncompleteMultipartUpload"`
		NoncurrentVersionExpiration struct {
			NoncurrentDays int `json:"noncurrentDays"`
		} `json:"noncurrentVersionExpiration"`
		Transitions []struct {
			Days         int    `json:"days"`
			StorageClass string `json:"storageClass"`
		} `json:"transitions"`
	} `json:"rules"`
}

func s3BucketLifecycleConfiguration() resourceType {
	const (
		onlyDays   = "rules go by days"
		onlyPrefix = "rules choose objects by prefix"
		noVersions = "objects have one version"
	)
	days := func(options ...option) property { return integer(append(options, between(1, 2147483647, "days"))...) }
	return alive(resourceType{
		token:     "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
		persisted: true,
		inputs: properties{
			"bucket":              text(required, replaces),
			"expectedBucketOwner": bucketOwner(),
			"transitionDefaultMinimumObjectSize": text(computed,
				oneOf("all_storage_classes_128K", "varies_by_storage_class"), inert("all objects have one storage class")),
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
					"days":                      days(),
					"date":                      rejected(onlyDays),
					"expiredObjectDeleteMarker": rejected(noVersions),
				}),
				"abortIncompleteMultipartUpload": object(properties{"daysAfterInitiation": days()}),
				"noncurrentVersionExpiration": object(properties{
					"noncurrentDays":          days(required, inert(noVersions)),
					"newerNoncurrentVersions": rejected(noVersions),
				}),
				"noncurrentVersionTransitions": rejected(noVersions),
				"transitions": list(object(properties{
					"days":         integer(between(0, 2147483647, "days"), inert("all objects stay in the storage class they were put in")),
					"storageClass": text(required, inert("all objects stay in the storage class they were put in")),
					"date":         rejected(onlyDays),
				}), unordered),
			}), required, elements(1, 1000)),
		},
		validate: ownsBucket,
	}, lifeOf[lifecycleInputs]{
		put: func(s site, in lifecycleInputs, _ *record) (string, state, error) {
			return bucketSettings(in.Bucket, in.ExpectedBucketOwner), in.filledIn(), s.S3.PutBucketLifecycleConfiguration(in.Bucket, s3.Lifecycle{Rules: in.rules()})
		},
		update: func(s site, in lifecycleInputs, _ *record) (state, error) {
			return in.filledIn(), s.S3.PutBucketLifecycleConfiguration(in.Bucket, s3.Lifecycle{Rules: in.rules()})
		},
		remove: func(s site, in lifecycleInputs, _ *record) error { return s.S3.DeleteBucketLifecycle(in.Bucket) },
		read:   bucketPart(func(in lifecycleInputs) string { return in.Bucket }),
	})
}

// filledIn is what S3 fills in (documented: s3, PutBucketLifecycleConfiguration).
func (in lifecycleInputs) filledIn() state {
	if in.TransitionDefaultMinimumObjectSize != "" {
		return nil
	}
	return state{"transitionDefaultMinimumObjectSize": "all_storage_classes_128K"}
}

func (in lifecycleInputs) rules() []s3.LifecycleRule {
	rules := make([]s3.LifecycleRule, len(in.Rules))
	for i, given := range in.Rules {
		rules[i] = s3.LifecycleRule{
			ID: given.ID, Status: given.Status, Prefix: given.Prefix,
			ExpirationDays:                     given.Expiration.Days,
			AbortIncompleteMultipartUploadDays: given.AbortIncompleteMultipartUpload.DaysAfterInitiation,
			NoncurrentVersionExpirationDays:    given.NoncurrentVersionExpiration.NoncurrentDays,
		}
		if given.Filter.Prefix != "" {
			rules[i].Prefix = given.Filter.Prefix
		}
		for _, t := range given.Transitions {
			rules[i].Transitions = append(rules[i].Transitions, s3.Transition{Days: t.Days, StorageClass: t.StorageClass})
		}
	}
	return rules
}
