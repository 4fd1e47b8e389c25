package pipeline_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type policyStatement struct {
	Sid, Effect      string
	Principal        any
	Action, Resource []string
	Condition        map[string]map[string]any
}

// policies are all policy documents of a run, by resource and input.
func (r *recorder) policies(t *testing.T) map[string][]policyStatement {
	t.Helper()
	found := map[string][]policyStatement{}
	for _, g := range r.registrations {
		for _, input := range []string{"policy", "assumeRolePolicy"} {
			text, ok := g.Inputs[input].(string)
			if !ok {
				continue
			}
			var document struct {
				Version   string
				Statement []policyStatement
			}
			require.NoError(t, json.Unmarshal([]byte(text), &document), "%s", g.label())
			assert.Equal(t, "2012-10-17", document.Version)
			found[g.label()+" "+input] = document.Statement
		}
	}
	return found
}

func TestNoGrantUsesAWildcard(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "prod"} {
		policies := run(t, stack).policies(t)
		assert.Len(t, policies, 9)
		for name, statements := range policies {
			for _, s := range statements {
				assert.NotEmpty(t, s.Sid, name)
				if s.Effect != "Allow" || stack == "dev" && name == "RestApiPolicy ingest policy" { // open, as access says
					continue
				}
				assert.NotEqual(t, "*", s.Principal, "%s %s", name, s.Sid)
				for _, action := range s.Action {
					assert.NotContains(t, action, "*", "%s %s", name, s.Sid)
				}
				for _, resource := range s.Resource {
					assert.True(t, strings.HasPrefix(resource, "arn:aws:"), "%s %s: %s", name, s.Sid, resource)
					star := strings.Index(resource, "*")
					assert.True(t, star < 0 || strings.HasSuffix(resource, "/raw/*") || strings.HasSuffix(resource, "/errors/*"),
						"%s %s: %s", name, s.Sid, resource)
				}
			}
		}
	}
}

func TestTheEndpointMayPutToItsStreamAndNothingElse(t *testing.T) {
	t.Parallel()
	policies := run(t, "dev").policies(t)
	assert.Equal(t, []policyStatement{{
		Sid: "PutToStream", Effect: "Allow",
		Action:   []string{"kinesis:PutRecord", "kinesis:PutRecords"},
		Resource: []string{"arn:aws:kinesis:ap-northeast-2:" + accountID + ":stream/class-stream"},
	}}, policies["RolePolicy ingest-to-stream policy"])
}

func TestFirehoseIsTrustedForThisAccountOnly(t *testing.T) {
	t.Parallel()
	policies := run(t, "prod").policies(t)
	for _, role := range []string{"source", "destination"} {
		trust := policies["Role ingest-"+role+" assumeRolePolicy"]
		require.Len(t, trust, 1)
		assert.Equal(t, map[string]any{"Service": "firehose.amazonaws.com"}, trust[0].Principal)
		assert.Equal(t, map[string]map[string]any{"StringEquals": {"sts:ExternalId": accountID}}, trust[0].Condition)
	}
}

func TestFirehoseHasEachPermissionItNeeds(t *testing.T) {
	t.Parallel()
	granted := map[string][]string{}
	for _, statements := range run(t, "dev").policies(t) {
		for _, s := range statements {
			for _, action := range s.Action {
				granted[action] = append(granted[action], s.Resource...)
			}
		}
	}
	stream := "arn:aws:kinesis:ap-northeast-2:" + accountID + ":stream/class-stream"
	bucket := "arn:aws:s3:::ingest-1a2b3c4"
	objects := []string{bucket + "/raw/*", bucket + "/errors/*"}
	logStream := "arn:aws:logs:ap-northeast-2:" + accountID + ":log-group:/aws/kinesisfirehose/class-stream-to-s3:log-stream:S3Delivery"
	for action, resources := range map[string][]string{
		"kinesis:DescribeStream":        {stream},
		"kinesis:GetShardIterator":      {stream},
		"kinesis:GetRecords":            {stream},
		"kinesis:ListShards":            {stream},
		"s3:GetBucketLocation":          {bucket},
		"s3:ListBucket":                 {bucket},
		"s3:ListBucketMultipartUploads": {bucket},
		"s3:AbortMultipartUpload":       objects,
		"s3:GetObject":                  objects,
		"s3:PutObject":                  objects,
		"logs:PutLogEvents":             {logStream},
	} {
		assert.Equal(t, resources, granted[action], action)
	}
}

func TestTheBucketRefusesPlainHTTP(t *testing.T) {
	t.Parallel()
	statements := run(t, "prod").policies(t)["BucketPolicy ingest policy"]
	assert.Equal(t, []policyStatement{{
		Sid: "DenyPlainHTTP", Effect: "Deny", Principal: "*", Action: []string{"s3:*"},
		Resource:  []string{"arn:aws:s3:::ingest-1a2b3c4", "arn:aws:s3:::ingest-1a2b3c4/*"},
		Condition: map[string]map[string]any{"Bool": {"aws:SecureTransport": "false"}},
	}}, statements)
}

func TestGrantsFollowTheFoldersOfTheSettings(t *testing.T) {
	t.Parallel()
	policies := run(t, "dev", with("queryTable", "false"), with("delivery.prefix", "lake/events/!{timestamp:yyyy-MM-dd}/"), with("delivery.errorPrefix", "lake/failed/!{firehose:error-output-type}/")).policies(t)
	var folders []string
	for _, s := range policies["RolePolicy ingest-destination policy"] {
		if s.Sid == "DeliverToFolders" {
			folders = s.Resource
		}
	}
	assert.Equal(t, []string{"arn:aws:s3:::ingest-1a2b3c4/lake/events/*", "arn:aws:s3:::ingest-1a2b3c4/lake/failed/*"}, folders)
}
