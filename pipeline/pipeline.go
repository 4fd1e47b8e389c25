package pipeline

import (
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const pipelineType = "ingest-pipeline:index:Pipeline"

// PipelineArgs describes the whole.
type PipelineArgs struct {
	// Config is what Load returned: checked settings.
	Config Config
}

// Pipeline is the way of an event from the endpoint to the bucket.
type Pipeline struct {
	pulumi.ResourceState

	// URL takes one event, BatchURL an array of them.
	URL      pulumi.StringOutput `pulumi:"url"`
	BatchURL pulumi.StringOutput `pulumi:"batchUrl"`
	// Curl sends a first event, ready to paste. It is a secret when it holds the API key.
	Curl pulumi.StringOutput `pulumi:"curl"`
	// APIKey is a secret, and empty unless access is API_KEY.
	APIKey             pulumi.StringOutput `pulumi:"apiKey"`
	StreamName         pulumi.StringOutput `pulumi:"streamName"`
	DeliveryStreamName pulumi.StringOutput `pulumi:"deliveryStreamName"`
	BucketName         pulumi.StringOutput `pulumi:"bucketName"`
	// BucketFolder is where the events land, as s3://bucket/folder/.
	BucketFolder      pulumi.StringOutput `pulumi:"bucketFolder"`
	ExecutionLogGroup pulumi.StringOutput `pulumi:"executionLogGroup"`
	AccessLogGroup    pulumi.StringOutput `pulumi:"accessLogGroup"`
	DeliveryLogGroup  pulumi.StringOutput `pulumi:"deliveryLogGroup"`
	// DashboardURL, AlarmTopicArn, Query, QueryWorkgroup and EventGeneratorInstanceID are empty when the setting is off.
	DashboardURL             pulumi.StringOutput `pulumi:"dashboardUrl"`
	AlarmTopicArn            pulumi.StringOutput `pulumi:"alarmTopicArn"`
	Query                    pulumi.StringOutput `pulumi:"query"`
	QueryWorkgroup           pulumi.StringOutput `pulumi:"queryWorkgroup"`
	EventGeneratorInstanceID pulumi.StringOutput `pulumi:"eventGeneratorInstanceId"`
}

// NewPipeline puts the components together, from the bucket back to the endpoint: each exists before what writes to it.
func NewPipeline(ctx *pulumi.Context, name string, args PipelineArgs, opts ...pulumi.ResourceOption) (*Pipeline, error) {
	p := &Pipeline{}
	if err := ctx.RegisterComponentResource(pipelineType, name, p, opts...); err != nil {
		return nil, err
	}
	cfg, child := args.Config, pulumi.Parent(p)
	partition := aws.GetPartitionOutput(ctx, aws.GetPartitionOutputArgs{}, child).Partition()
	region := aws.GetRegionOutput(ctx, aws.GetRegionOutputArgs{}, child).Name()
	accountID := aws.GetCallerIdentityOutput(ctx, aws.GetCallerIdentityOutputArgs{}, child).AccountId()

	bucket, err := NewBucket(ctx, name, BucketArgs{
		Name:             cfg.BucketName,
		KMSKeyArn:        cfg.KMSKeyArn,
		Folder:           literalFolder(cfg.Prefix),
		ArchiveAfterDays: cfg.ArchiveAfterDays,
		ExpireAfterDays:  cfg.ExpireAfterDays,
		Protect:          cfg.ProtectData,
	}, child)
	if err != nil {
		return nil, err
	}
	stream, err := NewStream(ctx, name, StreamArgs{
		Name:           cfg.StreamName,
		Mode:           cfg.StreamMode,
		ShardCount:     cfg.ShardCount,
		RetentionHours: cfg.RetentionHours,
		KMSKeyArn:      cfg.KMSKeyArn,
		Protect:        cfg.ProtectData,
	}, child)
	if err != nil {
		return nil, err
	}
	delivery, err := NewDeliveryStream(ctx, name, DeliveryStreamArgs{
		Name:                  cfg.DeliveryStreamName,
		AccountID:             accountID,
		StreamArn:             stream.Arn,
		Region:                region,
		KMSKeyArn:             cfg.KMSKeyArn,
		BucketArn:             bucket.Arn,
		Prefix:                cfg.Prefix,
		ErrorPrefix:           cfg.ErrorPrefix,
		BufferSizeMiB:         cfg.BufferSizeMiB,
		BufferIntervalSeconds: cfg.BufferIntervalSeconds,
		Compression:           cfg.Compression,
		LogRetentionDays:      cfg.LogRetentionDays,
	}, child)
	if err != nil {
		return nil, err
	}
	api, err := NewRestAPI(ctx, name, RestAPIArgs{
		Partition:          partition,
		Region:             region,
		StreamArn:          stream.Arn,
		KMSKeyArn:          cfg.KMSKeyArn,
		Access:             cfg.Access,
		AllowedSourceCIDRs: cfg.AllowedSourceCIDRs,
		AllowedOrigins:     cfg.CORSAllowedOrigins,
	}, child)
	if err != nil {
		return nil, err
	}
	var loggingRole *LoggingRole
	if cfg.APIGatewayLoggingRole != LoggingRoleExisting {
		loggingRole, err = NewLoggingRole(ctx, name+"-apigateway-logging", LoggingRoleArgs{
			Partition: partition,
			Retain:    cfg.APIGatewayLoggingRole == LoggingRoleRetained,
		}, child)
		if err != nil {
			return nil, err
		}
	}
	stage, err := NewStage(ctx, name, StageArgs{
		Name:              cfg.StageName,
		API:               api,
		LoggingRole:       loggingRole,
		Reader:            delivery,
		Variables:         stageVariables(cfg, stream),
		AccessLog:         cfg.AccessLog,
		LogLevel:          cfg.LogLevel,
		LogRetentionDays:  cfg.LogRetentionDays,
		RequestsPerSecond: cfg.ThrottleRequestsPerSecond,
		Burst:             cfg.ThrottleBurst,
	}, child)
	if err != nil {
		return nil, err
	}
	p.URL = pulumi.Sprintf("%s/%s", stage.InvokeURL, apiVersion)
	p.BatchURL = pulumi.Sprintf("%s/batch", p.URL)
	p.APIKey = pulumi.String("").ToStringOutput()
	if cfg.Access == AccessAPIKey {
		plan, err := NewUsagePlan(ctx, name, UsagePlanArgs{
			API:               api,
			StageName:         stage.Name,
			RequestsPerDay:    cfg.APIKeyRequestsPerDay,
			RequestsPerSecond: cfg.ThrottleRequestsPerSecond,
			Burst:             cfg.ThrottleBurst,
		}, child)
		if err != nil {
			return nil, err
		}
		p.APIKey = plan.APIKey
	}
	p.Curl = curl(cfg.Access, p.URL, p.APIKey, region)
	if err := p.addOperation(ctx, name, cfg, operation{
		partition: partition, region: region,
		bucket: bucket, stream: stream, delivery: delivery, api: api, stage: stage,
	}); err != nil {
		return nil, err
	}
	p.StreamName, p.DeliveryStreamName, p.BucketName = stream.Name, delivery.Name, bucket.Name
	p.BucketFolder = pulumi.Sprintf("s3://%s/%s", bucket.Name, literalFolder(cfg.Prefix))
	p.ExecutionLogGroup, p.AccessLogGroup, p.DeliveryLogGroup = stage.ExecutionLog, stage.AccessLog, delivery.LogGroup
	return p, ctx.RegisterResourceOutputs(p, pulumi.Map{
		"url": p.URL, "batchUrl": p.BatchURL, "curl": p.Curl, "apiKey": p.APIKey,
		"streamName": p.StreamName, "deliveryStreamName": p.DeliveryStreamName,
		"bucketName": p.BucketName, "bucketFolder": p.BucketFolder,
		"executionLogGroup": p.ExecutionLogGroup, "accessLogGroup": p.AccessLogGroup, "deliveryLogGroup": p.DeliveryLogGroup,
		"dashboardUrl": p.DashboardURL, "alarmTopicArn": p.AlarmTopicArn,
		"query": p.Query, "queryWorkgroup": p.QueryWorkgroup, "eventGeneratorInstanceId": p.EventGeneratorInstanceID,
	})
}

// curl is the exercise's first event, sent the way that access asks for.
func curl(access string, url, apiKey, region pulumi.StringInput) pulumi.StringOutput {
	const event = `curl -d "{\"value\":\"30\",\"type\":\"Tip 3\"}" -H "Content-Type: application/json"`
	switch access {
	case AccessAPIKey:
		return pulumi.Sprintf(`%s -H "x-api-key: %s" -X POST %s`, event, apiKey, url)
	case AccessIAM:
		// curl leaves out a header without a value, so this also works without a session token.
		return pulumi.Sprintf(`%s -H "x-amz-security-token: $AWS_SESSION_TOKEN" --aws-sigv4 "aws:amz:%s:execute-api" `+
			`--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -X POST %s`, event, region, url)
	default:
		return pulumi.Sprintf("%s -X POST %s", event, url)
	}
}

// stageVariables is how settings reach the mapping templates; templates.go says what each means.
func stageVariables(cfg Config, stream *Stream) pulumi.StringMap {
	variables := pulumi.StringMap{
		"streamName":   stream.Name,
		"partitionKey": pulumi.String(cfg.PartitionKey),
		"envelope":     pulumi.String(strconv.FormatBool(cfg.Envelope)),
	}
	if cfg.PartitionKey == PartitionKeyEventField {
		variables["partitionKeyField"] = pulumi.String(cfg.PartitionKeyField)
	}
	if len(cfg.CORSAllowedOrigins) > 0 {
		// A stage variable cannot hold an asterisk.
		variables["corsAllowedOrigins"] = pulumi.String(
			strings.ReplaceAll(strings.Join(cfg.CORSAllowedOrigins, ","), "*", "any"))
	}
	return variables
}
