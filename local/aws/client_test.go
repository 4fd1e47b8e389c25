package aws

import (
	"context"
	"net/http"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	kinesissdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	s3sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/apitest"
	"ingest-pipeline/local/aws/kinesis"
)

// clientOf configures an SDK's client for a cloud. It does not try again, so that a test sees the first answer.
func clientOf(c *Cloud, key iam.AccessKey, token string) sdk.Config {
	return sdk.Config{
		Region: c.Account.Region, BaseEndpoint: sdk.String(c.URL()),
		Credentials: credentials.NewStaticCredentialsProvider(key.ID, key.Secret, token),
		HTTPClient:  apitest.HTTPClient,
		Retryer:     func() sdk.Retryer { return sdk.NopRetryer{} },
	}
}

// wantError requires an error of AWS's API.
func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	var refused smithy.APIError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, code, refused.ErrorCode())
	assert.Contains(t, refused.ErrorMessage(), message)
}

const trustsTheAccount = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}`

func TestACallerIsWhoseKeyTheRequestIsSignedWith(t *testing.T) {
	c := mustOpen(t, t.TempDir())
	administrator := stssdk.NewFromConfig(clientOf(c, DefaultAccessKey, ""))
	me, err := administrator.GetCallerIdentity(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:iam::123456789012:user/admin", *me.Arn)
	assert.Equal(t, "123456789012", *me.Account)
	assert.Regexp(t, "^AIDA[A-Z0-9]{17}$", *me.UserId)

	role, err := c.IAM.CreateRole(iam.Role{Name: "reader", TrustPolicy: trustsTheAccount})
	require.NoError(t, err)
	assumed, err := administrator.AssumeRole(t.Context(), &stssdk.AssumeRoleInput{
		RoleArn: &role, RoleSessionName: sdk.String("me"), DurationSeconds: sdk.Int32(900),
	})
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:sts::123456789012:assumed-role/reader/me", *assumed.AssumedRoleUser.Arn)
	assert.WithinDuration(t, time.Now().Add(15*time.Minute), *assumed.Credentials.Expiration, time.Minute)

	key := iam.AccessKey{ID: *assumed.Credentials.AccessKeyId, Secret: *assumed.Credentials.SecretAccessKey}
	session := stssdk.NewFromConfig(clientOf(c, key, *assumed.Credentials.SessionToken))
	me, err = session.GetCallerIdentity(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, *assumed.AssumedRoleUser.Arn, *me.Arn)
	assert.Equal(t, *assumed.AssumedRoleUser.AssumedRoleId, *me.UserId)
}

func TestASessionMayDoWhatItsRoleMay(t *testing.T) {
	options := Options{Dir: t.TempDir(), Account: seoul}
	c, err := Open(options)
	require.NoError(t, err)
	role, err := c.IAM.CreateRole(iam.Role{Name: "producer", TrustPolicy: trustsTheAccount})
	require.NoError(t, err)
	_, err = c.Kinesis.CreateStream(kinesis.StreamConfig{Name: "events", ShardCount: 1})
	require.NoError(t, err)
	assumed, err := stssdk.NewFromConfig(clientOf(c, DefaultAccessKey, "")).AssumeRole(t.Context(), &stssdk.AssumeRoleInput{
		RoleArn: &role, RoleSessionName: sdk.String("me"),
	})
	require.NoError(t, err)
	key := iam.AccessKey{ID: *assumed.Credentials.AccessKeyId, Secret: *assumed.Credentials.SecretAccessKey}
	put := func() error {
		_, err := kinesissdk.NewFromConfig(clientOf(c, key, *assumed.Credentials.SessionToken)).PutRecord(t.Context(),
			&kinesissdk.PutRecordInput{StreamName: sdk.String("events"), PartitionKey: sdk.String("k"), Data: []byte("{}")})
		return err
	}
	wantError(t, put(), "AccessDeniedException", "User: arn:aws:sts::123456789012:assumed-role/producer/me is not authorized to perform: kinesis:PutRecord")
	require.NoError(t, c.IAM.PutRolePolicy("producer", "put",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kinesis:PutRecord","Resource":"*"}]}`))
	require.NoError(t, put())

	require.NoError(t, c.Close(context.Background()))
	c, err = Open(options)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close(context.Background())) })
	require.NoError(t, put(), "after a restart")
}

func TestWhoMayNotAssumeARoleIsRefused(t *testing.T) {
	c := mustOpen(t, t.TempDir())
	client := stssdk.NewFromConfig(clientOf(c, DefaultAccessKey, ""))
	for name, trust := range map[string]string{
		"service": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"firehose.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
		"denied": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"},
			{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::123456789012:user/admin"},"Action":"sts:AssumeRole"}]}`,
		"secret": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole",
			"Condition":{"StringEquals":{"sts:ExternalId":"abc"}}}]}`,
	} {
		_, err := c.IAM.CreateRole(iam.Role{Name: name, TrustPolicy: trust})
		require.NoError(t, err)
	}
	assume := func(name, session string, change func(*stssdk.AssumeRoleInput)) error {
		in := &stssdk.AssumeRoleInput{RoleArn: sdk.String("arn:aws:iam::123456789012:role/" + name), RoleSessionName: &session}
		if change != nil {
			change(in)
		}
		_, err := client.AssumeRole(t.Context(), in)
		return err
	}
	for _, name := range []string{"service", "denied", "secret", "nobody"} {
		wantError(t, assume(name, "me", nil), "AccessDenied",
			"User: arn:aws:iam::123456789012:user/admin is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/"+name)
	}
	require.NoError(t, assume("secret", "me", func(in *stssdk.AssumeRoleInput) { in.ExternalId = sdk.String("abc") }))
	wantError(t, assume("secret", "m", nil), "ValidationError",
		"1 validation error detected: Value 'm' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2")
	wantError(t, assume("secret", "me", func(in *stssdk.AssumeRoleInput) { in.DurationSeconds = sdk.Int32(899) }), "ValidationError",
		"Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900")
	wantError(t, assume("secret", "me", func(in *stssdk.AssumeRoleInput) {
		in.ExternalId, in.DurationSeconds = sdk.String("abc"), sdk.Int32(3601)
	}), "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	wantError(t, assume("secret", "me", func(in *stssdk.AssumeRoleInput) { in.Policy = sdk.String("{}") }), "ValidationError", "Policy")
}

func TestTheBucketsAnswerSignedRequestsOnly(t *testing.T) {
	c := mustOpen(t, t.TempDir())
	_, err := c.S3.CreateBucket("archive")
	require.NoError(t, err)
	list := func(secret string) error {
		client := s3sdk.NewFromConfig(clientOf(c, iam.AccessKey{ID: DefaultAccessKey.ID, Secret: secret}, ""), func(o *s3sdk.Options) { o.UsePathStyle = true })
		_, err := client.ListObjectsV2(t.Context(), &s3sdk.ListObjectsV2Input{Bucket: sdk.String("archive")})
		return err
	}
	require.NoError(t, list(DefaultAccessKey.Secret))
	wantError(t, list("another"), "SignatureDoesNotMatch", "")
	answer, err := http.Get(c.URL() + "/archive?list-type=2")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, http.StatusForbidden, answer.StatusCode)

	require.NoError(t, c.Close(context.Background()))
	require.Error(t, list(DefaultAccessKey.Secret))
	require.NoError(t, c.Close(context.Background()), "closing twice is closing once")
}
