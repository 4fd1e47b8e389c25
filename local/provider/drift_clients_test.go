package provider

import (
	"context"
	"net/http"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
)

// signer signs with the time of the local target.
type signer struct{ now time.Time }

func (s signer) SignHTTP(ctx context.Context, key sdk.Credentials, r *http.Request, hash, service, region string, _ time.Time, options ...func(*v4.SignerOptions)) error {
	return v4.NewSigner().SignHTTP(ctx, key, r, hash, service, region, s.now, options...)
}

func TestAChangeByAClientOfAWSShowsInARefresh(t *testing.T) {
	for token, c := range map[string]struct {
		property string
		before   any
		change   func(t *testing.T, config sdk.Config, signer signer, id string) error
		want     any
	}{
		"aws:cloudwatch/logGroup:LogGroup": {"retentionInDays", 7.0, func(t *testing.T, config sdk.Config, signer signer, id string) error {
			_, err := cloudwatchlogs.NewFromConfig(config, func(o *cloudwatchlogs.Options) { o.HTTPSignerV4 = signer }).PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{
				LogGroupName: &id, RetentionInDays: sdk.Int32(545),
			})
			return err
		}, 545.0},
		metricAlarmToken: {"actionsEnabled", true, func(t *testing.T, config sdk.Config, signer signer, id string) error {
			_, err := cloudwatch.NewFromConfig(config, func(o *cloudwatch.Options) { o.HTTPSignerV4 = signer }).DisableAlarmActions(t.Context(), &cloudwatch.DisableAlarmActionsInput{AlarmNames: []string{id}})
			return err
		}, false},
		topicToken: {"displayName", "Before", func(t *testing.T, config sdk.Config, signer signer, id string) error {
			_, err := sns.NewFromConfig(config, func(o *sns.Options) { o.HTTPSignerV4 = signer }).SetTopicAttributes(t.Context(), &sns.SetTopicAttributesInput{
				TopicArn: &id, AttributeName: sdk.String("DisplayName"), AttributeValue: sdk.String("Changed"),
			})
			return err
		}, "Changed"},
	} {
		t.Run(token, func(t *testing.T) {
			w := newLocalTarget(t)
			inputs := lifecycleCases[token].inputs(w)
			inputs[c.property] = c.before
			created := w.mustCreate(token, "x", inputs)
			key := aws.DefaultAccessKey
			require.NoError(t, c.change(t, sdk.Config{
				Region: w.cloud.Account.Region, BaseEndpoint: sdk.String(w.cloud.URL()),
				Credentials: credentials.NewStaticCredentialsProvider(key.ID, key.Secret, ""),
			}, signer{w.cloud.Clock.Now()}, created.id))
			now := w.mustRead(created)
			assert.Equal(t, c.want, plainValue(now.outputs[resource.PropertyKey(c.property)]))
			assert.Equal(t, pulumirpc.DiffResponse_DIFF_SOME, w.diff(now, created.inputs).GetChanges(), "the program would change it back")
		})
	}
}
