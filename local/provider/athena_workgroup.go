package provider

import "ingest-pipeline/local/aws/awserr"

type workgroupInputs struct {
	Name          string `json:"name"`
	Description   string `json:"description"`
	ForceDestroy  bool   `json:"forceDestroy"`
	State         string `json:"state"`
	Configuration *struct {
		BytesScannedCutoffPerQuery    int  `json:"bytesScannedCutoffPerQuery"`
		EnforceWorkgroupConfiguration bool `json:"enforceWorkgroupConfiguration"`
		EngineVersion                 *struct {
			SelectedEngineVersion string `json:"selectedEngineVersion"`
		} `json:"engineVersion"`
		ExecutionRole                   string `json:"executionRole"`
		PublishCloudwatchMetricsEnabled bool   `json:"publishCloudwatchMetricsEnabled"`
		RequesterPaysEnabled            bool   `json:"requesterPaysEnabled"`
		ResultConfiguration             *struct {
			ACLConfiguration *struct {
				S3ACLOption string `json:"s3AclOption"`
			} `json:"aclConfiguration"`
			EncryptionConfiguration *struct {
				EncryptionOption string `json:"encryptionOption"`
				KMSKeyARN        string `json:"kmsKeyArn"`
			} `json:"encryptionConfiguration"`
			ExpectedBucketOwner string `json:"expectedBucketOwner"`
			OutputLocation      string `json:"outputLocation"`
		} `json:"resultConfiguration"`
	} `json:"configuration"`
	Tags map[string]string `json:"tags"`
}

const workgroupToken = "aws:athena/workgroup:Workgroup"

func athenaWorkgroup() resourceType {
	return alive(resourceType{
		token: workgroupToken,
		inputs: properties{
			"name":         text(computed, replaces, pattern(`^[0-9A-Za-z_.-]{1,128}$`, "1 to 128 of 0-9 A-Z a-z _ . -")),
			"description":  text(length(0, 1024), inert(nothingThere)),
			"forceDestroy": boolean(byDefault(false), inert("there are no queries that would be in the way")),
			"state":        text(byDefault("ENABLED"), oneOf("ENABLED", "DISABLED"), inert(nothingThere)),
			"configuration": object(properties{
				"bytesScannedCutoffPerQuery":      integer(between(10485760, 1<<53, "bytes")),
				"enforceWorkgroupConfiguration":   boolean(byDefault(true)),
				"publishCloudwatchMetricsEnabled": boolean(byDefault(true)),
				"requesterPaysEnabled":            boolean(),
				"executionRole":                   text(arn),
				"engineVersion": object(properties{
					"selectedEngineVersion":  text(byDefault("AUTO")),
					"effectiveEngineVersion": rejected("AWS makes it"),
				}),
				"resultConfiguration": object(properties{
					"outputLocation": text(pattern(`^s3://[^/]+(/.*)?$`, "a place in a bucket, such as s3://bucket/folder/")),
					"encryptionConfiguration": object(properties{
						"encryptionOption": text(oneOf("SSE_S3", "SSE_KMS", "CSE_KMS")),
						"kmsKeyArn":        text(arn),
					}),
					"aclConfiguration": object(properties{
						"s3AclOption": text(required, oneOf("BUCKET_OWNER_FULL_CONTROL")),
					}),
					"expectedBucketOwner": text(pattern(`^[0-9]{12}$`, "an account id of 12 digits")),
				}),
			}, inert(nothingThere)),
			"tags": tags(),
		},
		outputs: []string{"arn"},
		naming:  &naming{property: "name", longest: 128},
	}, lifeOf[workgroupInputs]{
		put: func(s site, in workgroupInputs, was *record) (string, state, error) {
			return in.Name, state{"arn": s.Account.ARN("athena", "workgroup/"+in.Name)},
				vacant(s, workgroupToken, in.Name, was, awserr.New("InvalidRequestException", 400, "WorkGroup is already created"))
		},
		update: func(site, workgroupInputs, *record) (state, error) { return nil, nil },
		remove: func(site, workgroupInputs, *record) error { return nil },
	})
}
