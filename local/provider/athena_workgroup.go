package provider

import "ingest-pipeline/local/aws/awserr"

type workgroup struct {
	Name          string
	Description   string
	State         string
	Configuration *struct {
		BytesScannedCutoffPerQuery    int
		EnforceWorkgroupConfiguration bool
		EngineVersion                 *struct {
			SelectedEngineVersion string
		}
		ExecutionRole                   string
		PublishCloudwatchMetricsEnabled bool
		RequesterPaysEnabled            bool
		ResultConfiguration             *struct {
			ACLConfiguration *struct {
				S3ACLOption string
			}
			EncryptionConfiguration *struct {
				EncryptionOption string
				KMSKeyARN        string
			}
			ExpectedBucketOwner string
			OutputLocation      string
		}
	}
	Tags map[string]string
}

const workgroupToken = "aws:athena/workgroup:Workgroup"

func athenaWorkgroup() resourceType {
	return define(resourceType{
		token: workgroupToken,
		inputs: properties{
			"name":         text(computed, replaces, pattern(`^[0-9A-Za-z_.-]{1,128}$`, "1 to 128 of 0-9 A-Z a-z _ . -")),
			"description":  text(length(0, 1024), inert(nothingThere)),
			"forceDestroy": boolean(byDefault(false), providerOnly, inert("there are no queries that would be in the way")),
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
	}, stored[workgroup]{
		token: workgroupToken, notFound: "ResourceNotFoundException",
		create: func(_ services, w workgroup) (string, workgroup, error) { return w.Name, w, nil },
		taken: func(services, string) error {
			return awserr.New("InvalidRequestException", 400, "WorkGroup is already created")
		},
		attributes: func(s services, name string, _ workgroup) (state, error) {
			return state{"arn": s.Account.ARN("athena", "workgroup/"+name)}, nil
		},
	}.operations())
}
