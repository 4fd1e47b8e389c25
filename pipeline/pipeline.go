package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const pipelineType = "ingest-pipeline:index:Pipeline"

// deliveryStreamSuffix follows the stream's name in that of the delivery stream.
const deliveryStreamSuffix = "-to-s3"

// Pipeline is the path of an event from the endpoint to the bucket, with what monitors and queries it.
type Pipeline struct {
	pulumi.ResourceState

	// URL that accepts one event, with POST.
	URL pulumi.StringOutput `pulumi:"url"`
	// URL that accepts an array of 1–500 events, with POST.
	BatchURL pulumi.StringOutput `pulumi:"batchUrl"`
	// Command that sends a first event. It is a secret when it contains an API key.
	Curl pulumi.StringOutput `pulumi:"curl"`
	// Values of the API keys by their names. Empty unless access is API_KEY.
	APIKeys pulumi.StringMapOutput `pulumi:"apiKeys" provider:"secret"`
	// Value of the first API key. Empty unless access is API_KEY.
	APIKey pulumi.StringOutput `pulumi:"apiKey" provider:"secret"`
	// Name of the Kinesis stream.
	StreamName pulumi.StringOutput `pulumi:"streamName"`
	// Name of the Firehose delivery stream.
	DeliveryStreamName pulumi.StringOutput `pulumi:"deliveryStreamName"`
	// Name of the S3 bucket.
	BucketName pulumi.StringOutput `pulumi:"bucketName"`
	// Folder of the events, as s3://bucket/folder/.
	BucketFolder pulumi.StringOutput `pulumi:"bucketFolder"`
	// Folder of the records that Firehose could not process, as s3://bucket/folder/.
	ErrorFolder pulumi.StringOutput `pulumi:"errorFolder"`
	// Name of the log group of the stage's execution log.
	ExecutionLogGroup pulumi.StringOutput `pulumi:"executionLogGroup"`
	// Name of the log group of the stage's access log. Empty without logs.accessLog.
	AccessLogGroup pulumi.StringOutput `pulumi:"accessLogGroup"`
	// Name of the log group of the delivery stream's errors.
	DeliveryLogGroup pulumi.StringOutput `pulumi:"deliveryLogGroup"`
	// URL of the CloudWatch dashboard. Empty without dashboard.
	DashboardURL pulumi.StringOutput `pulumi:"dashboardUrl"`
	// ARN of the SNS topic of the alarms. Empty without alarms.enabled.
	AlarmTopicArn pulumi.StringOutput `pulumi:"alarmTopicArn"`
	// SQL query that counts the events of the last day by their type, for Athena. Empty without queryTable.
	Query pulumi.StringOutput `pulumi:"query"`
	// Name of the Athena workgroup. Empty without queryTable.
	QueryWorkgroup pulumi.StringOutput `pulumi:"queryWorkgroup"`
	// ID of the EC2 instance that sends sample events. Empty without eventGenerator.
	EventGeneratorInstanceID pulumi.StringOutput `pulumi:"eventGeneratorInstanceId"`

	partition, region, accountID pulumi.StringOutput

	bucket         *Bucket
	stream         *Stream
	deliveryStream *DeliveryStream
	api            *RestAPI
	stage          *Stage
}

// NewPipeline creates the components from the bucket back to the endpoint: each exists before what writes to it. It returns
// an error that lists all problems if the args are not valid.
func NewPipeline(ctx *pulumi.Context, name string, args PipelineArgs, opts ...pulumi.ResourceOption) (*Pipeline, error) {
	if problems := args.Validate(); len(problems) > 0 {
		return nil, fmt.Errorf("the args of the pipeline %s are not valid; nothing was created:\n%w", name, errors.Join(problems...))
	}
	p := &Pipeline{}
	if err := ctx.RegisterComponentResource(pipelineType, name, p, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(p)
	p.partition = aws.GetPartitionOutput(ctx, aws.GetPartitionOutputArgs{}, child).Partition()
	p.region = aws.GetRegionOutput(ctx, aws.GetRegionOutputArgs{}, child).Name()
	p.accountID = aws.GetCallerIdentityOutput(ctx, aws.GetCallerIdentityOutputArgs{}, child).AccountId()
	for _, add := range []func(*pulumi.Context, string, PipelineArgs) error{
		p.addStorage, p.addEndpoint, p.addMonitoring, p.addQueryTable, p.addEventGenerator,
	} {
		if err := add(ctx, name, args); err != nil {
			return nil, err
		}
	}
	return p, ctx.RegisterResourceOutputs(p, pulumi.Map{
		"url": p.URL, "batchUrl": p.BatchURL, "curl": p.Curl, "apiKeys": p.APIKeys, "apiKey": p.APIKey,
		"streamName": p.StreamName, "deliveryStreamName": p.DeliveryStreamName,
		"bucketName": p.BucketName, "bucketFolder": p.BucketFolder, "errorFolder": p.ErrorFolder,
		"executionLogGroup": p.ExecutionLogGroup, "accessLogGroup": p.AccessLogGroup, "deliveryLogGroup": p.DeliveryLogGroup,
		"dashboardUrl": p.DashboardURL, "alarmTopicArn": p.AlarmTopicArn,
		"query": p.Query, "queryWorkgroup": p.QueryWorkgroup, "eventGeneratorInstanceId": p.EventGeneratorInstanceID,
	})
}

// addStorage creates what an accepted event passes: the stream, the delivery stream and the bucket.
func (p *Pipeline) addStorage(ctx *pulumi.Context, name string, args PipelineArgs) (err error) {
	child := pulumi.Parent(p)
	p.bucket, err = NewBucket(ctx, name, BucketArgs{
		Name:             args.BucketName,
		KMSKeyArn:        args.KMSKeyArn,
		Folder:           literalFolder(args.Delivery.Prefix),
		ArchiveAfterDays: args.Lifecycle.ArchiveAfterDays,
		ExpireAfterDays:  args.Lifecycle.ExpireAfterDays,
		QueryResults:     args.QueryTable,
		Protect:          args.ProtectData,
	}, child)
	if err != nil {
		return err
	}
	p.stream, err = NewStream(ctx, name, StreamArgs{
		Name:           args.StreamName,
		Mode:           args.Stream.Mode,
		ShardCount:     args.Stream.ShardCount,
		RetentionHours: args.Stream.RetentionHours,
		KMSKeyArn:      args.KMSKeyArn,
		Protect:        args.ProtectData,
	}, child)
	if err != nil {
		return err
	}
	p.deliveryStream, err = NewDeliveryStream(ctx, name, DeliveryStreamArgs{
		Name:                  pulumi.Sprintf("%s%s", p.stream.Name, deliveryStreamSuffix),
		AccountID:             p.accountID,
		StreamArn:             p.stream.Arn,
		Region:                p.region,
		KMSKeyArn:             args.KMSKeyArn,
		BucketArn:             p.bucket.Arn,
		Prefix:                args.Delivery.Prefix,
		ErrorPrefix:           args.Delivery.ErrorPrefix,
		BufferSizeMiB:         args.Delivery.BufferSizeMiB,
		BufferIntervalSeconds: args.Delivery.BufferIntervalSeconds,
		Compression:           args.Delivery.Compression,
		LogRetentionDays:      args.Logs.RetentionDays,
		Protect:               args.ProtectData,
	}, child)
	if err != nil {
		return err
	}
	p.StreamName, p.DeliveryStreamName, p.BucketName = p.stream.Name, p.deliveryStream.Name, p.bucket.Name
	p.BucketFolder = pulumi.Sprintf("s3://%s/%s", p.bucket.Name, literalFolder(args.Delivery.Prefix))
	p.ErrorFolder = pulumi.Sprintf("s3://%s/%s", p.bucket.Name, literalFolder(args.Delivery.ErrorPrefix))
	p.DeliveryLogGroup = p.deliveryStream.LogGroup
	return nil
}

// addEndpoint creates what a client sends events to.
func (p *Pipeline) addEndpoint(ctx *pulumi.Context, name string, args PipelineArgs) (err error) {
	child := pulumi.Parent(p)
	p.api, err = NewRestAPI(ctx, name, RestAPIArgs{
		Partition:          p.partition,
		Region:             p.region,
		StreamArn:          p.stream.Arn,
		KMSKeyArn:          args.KMSKeyArn,
		Access:             args.Access,
		Paused:             args.Paused,
		AllowedSourceCIDRs: args.AllowedSourceCIDRs,
		AllowedOrigins:     args.CORSAllowedOrigins,
	}, child)
	if err != nil {
		return err
	}
	var loggingRole *LoggingRole
	if args.Logs.AccessLog || args.Logs.Level != LogLevelOff {
		loggingRole, err = NewLoggingRole(ctx, name+"-apigateway-logging", LoggingRoleArgs{
			Partition: p.partition,
			Source:    args.Logs.Role,
		}, child)
		if err != nil {
			return err
		}
	}
	p.stage, err = NewStage(ctx, name, StageArgs{
		API:               p.api,
		LoggingRole:       loggingRole,
		DeliveryStream:    p.deliveryStream,
		Variables:         stageVariables(args, p.stream),
		AccessLog:         args.Logs.AccessLog,
		LogLevel:          args.Logs.Level,
		LogRetentionDays:  args.Logs.RetentionDays,
		RequestsPerSecond: args.Throttle.RequestsPerSecond,
		Burst:             args.Throttle.Burst,
	}, child)
	if err != nil {
		return err
	}
	p.URL = pulumi.Sprintf("%s/%s", p.stage.InvokeURL, apiVersion)
	p.BatchURL = pulumi.Sprintf("%s/batch", p.URL)
	p.ExecutionLogGroup, p.AccessLogGroup = p.stage.ExecutionLogGroup, p.stage.AccessLogGroup
	if err := p.addAPIKeys(ctx, name, args); err != nil {
		return err
	}
	p.Curl = curl(args.Access, p.URL, p.APIKey, p.region)
	return nil
}

// addAPIKeys creates the API keys, if access requires one.
func (p *Pipeline) addAPIKeys(ctx *pulumi.Context, name string, args PipelineArgs) error {
	p.APIKey = pulumi.String("").ToStringOutput()
	values := pulumi.StringMap{}
	if args.Access == AccessAPIKey {
		for i, key := range args.APIKeys {
			plan, err := NewUsagePlan(ctx, name+"-"+key.Name, UsagePlanArgs{
				API:               p.api,
				StageName:         p.stage.Name,
				RequestsPerDay:    key.RequestsPerDay,
				RequestsPerSecond: cmp.Or(key.RequestsPerSecond, args.Throttle.RequestsPerSecond),
				Burst:             cmp.Or(key.Burst, args.Throttle.Burst),
			}, pulumi.Parent(p))
			if err != nil {
				return err
			}
			values[key.Name] = plan.APIKey
			if i == 0 {
				p.APIKey = plan.APIKey
			}
		}
	}
	p.APIKeys = values.ToStringMapOutput()
	return nil
}

// addQueryTable creates the table over the folder of the events, if it is enabled.
func (p *Pipeline) addQueryTable(ctx *pulumi.Context, name string, args PipelineArgs) error {
	p.Query, p.QueryWorkgroup = pulumi.String("").ToStringOutput(), pulumi.String("").ToStringOutput()
	if !args.QueryTable {
		return nil
	}
	table, err := NewQueryTable(ctx, name, QueryTableArgs{
		DatabaseName: databaseName(uniqueName(ctx, name)), BucketName: p.bucket.Name, Prefix: args.Delivery.Prefix, Envelope: args.Envelope,
	}, pulumi.Parent(p))
	if err != nil {
		return err
	}
	p.Query, p.QueryWorkgroup = table.Query, table.WorkgroupName
	return nil
}

// addEventGenerator creates the EC2 instance that sends sample events, if it is enabled.
func (p *Pipeline) addEventGenerator(ctx *pulumi.Context, name string, args PipelineArgs) error {
	p.EventGeneratorInstanceID = pulumi.String("").ToStringOutput()
	if !args.EventGenerator {
		return nil
	}
	generator, err := NewEventGenerator(ctx, name+"-event-generator", EventGeneratorArgs{
		Partition: p.partition, URL: p.URL,
	}, pulumi.Parent(p))
	if err != nil {
		return err
	}
	p.EventGeneratorInstanceID = generator.InstanceID
	return nil
}

// uniqueName is a name for what Pulumi gives no name to, and which is unique in an account and region.
func uniqueName(ctx *pulumi.Context, name string) string {
	return ctx.Project() + "-" + ctx.Stack() + "-" + name
}

// curl is a command that sends a first event, with the credentials that access requires.
func curl(access string, url, apiKey, region pulumi.StringInput) pulumi.StringOutput {
	const event = `curl -d "{\"value\":\"30\",\"type\":\"Tip 3\"}" -H "Content-Type: application/json"`
	switch access {
	case AccessAPIKey:
		return pulumi.Sprintf(`%s -H "x-api-key: %s" -X POST %s`, event, apiKey, url)
	case AccessIAM:
		// curl omits a header without a value, so this also works without a session token.
		return pulumi.Sprintf(`%s -H "x-amz-security-token: $AWS_SESSION_TOKEN" --aws-sigv4 "aws:amz:%s:execute-api" `+
			`--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -X POST %s`, event, region, url)
	default:
		return pulumi.Sprintf("%s -X POST %s", event, url)
	}
}

// stageVariables pass settings to the mapping templates; templates.go describes each.
func stageVariables(args PipelineArgs, stream *Stream) pulumi.StringMap {
	variables := pulumi.StringMap{
		"streamName":   stream.Name,
		"partitionKey": pulumi.String(args.Stream.PartitionKey),
		"envelope":     pulumi.String(strconv.FormatBool(args.Envelope)),
	}
	if args.Stream.PartitionKey == PartitionKeyEventField {
		variables["partitionKeyField"] = pulumi.String(args.Stream.PartitionKeyField)
	}
	if len(args.CORSAllowedOrigins) > 0 {
		// A stage variable cannot hold an asterisk.
		variables["corsAllowedOrigins"] = pulumi.String(
			strings.ReplaceAll(strings.Join(args.CORSAllowedOrigins, ","), "*", "any"))
	}
	return variables
}
