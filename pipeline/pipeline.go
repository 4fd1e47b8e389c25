package pipeline

import (
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

// NewPipeline creates the components from the bucket back to the endpoint: each exists before what writes to it. It returns
// an error that lists all problems if the args are not valid.
func NewPipeline(ctx *pulumi.Context, name string, args PipelineArgs, opts ...pulumi.ResourceOption) (*Pipeline, error) {
	if problems := args.problems(nil); len(problems) > 0 {
		return nil, fmt.Errorf("the args of the pipeline %s are not valid; nothing was created:\n%w", name, errors.Join(problems...))
	}
	if len(args.Tags) > 0 {
		opts = append(opts, pulumi.Transformations([]pulumi.ResourceTransformation{tagResource(args.Tags)}))
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
		p.addBucket, p.addStream, p.addDeliveryStream, p.addEndpoint, p.addMonitoring, p.addQueryTable, p.addEventGenerator,
	} {
		if err := add(ctx, name, args); err != nil {
			return nil, err
		}
	}
	return p, ctx.RegisterResourceOutputs(p, p.outputs())
}

// addBucket creates the bucket, unless there is one to use.
func (p *Pipeline) addBucket(ctx *pulumi.Context, name string, args PipelineArgs) error {
	if args.BucketArn != nil {
		p.BucketArn = args.BucketArn.ToStringPtrOutput().Elem()
		p.BucketName = afterLast(":", p.BucketArn)
	} else {
		bucket, err := newBucket(ctx, name, bucketArgs{
			LifecycleSettings: args.Lifecycle,
			Name:              args.BucketName,
			KMSKeyArn:         args.KMSKeyArn,
			Folder:            literalFolder(args.Delivery.Prefix),
			QueryResults:      args.QueryTable,
			Protect:           args.ProtectData,
		}, pulumi.Parent(p))
		if err != nil {
			return err
		}
		p.BucketArn, p.BucketName = bucket.Arn, bucket.Name
	}
	p.BucketFolder = pulumi.Sprintf("s3://%s/%s", p.BucketName, literalFolder(args.Delivery.Prefix))
	p.ErrorFolder = pulumi.Sprintf("s3://%s/%s", p.BucketName, literalFolder(args.Delivery.ErrorPrefix))
	return nil
}

// addStream creates the stream, unless there is one to use.
func (p *Pipeline) addStream(ctx *pulumi.Context, name string, args PipelineArgs) error {
	if args.StreamArn != nil {
		p.StreamArn = args.StreamArn.ToStringPtrOutput().Elem()
		p.StreamName = afterLast("/", p.StreamArn)
		return nil
	}
	stream, err := newStream(ctx, name, streamArgs{
		StreamSettings: args.Stream,
		Name:           args.StreamName,
		KMSKeyArn:      args.KMSKeyArn,
		Protect:        args.ProtectData,
	}, pulumi.Parent(p))
	if err != nil {
		return err
	}
	p.StreamArn, p.StreamName = stream.Arn, stream.Name
	return nil
}

// afterLast is the name in an ARN.
func afterLast(separator string, arn pulumi.StringOutput) pulumi.StringOutput {
	return arn.ApplyT(func(arn string) string { return arn[strings.LastIndex(arn, separator)+1:] }).(pulumi.StringOutput)
}

// addDeliveryStream creates what delivers from the stream to the bucket.
func (p *Pipeline) addDeliveryStream(ctx *pulumi.Context, name string, args PipelineArgs) (err error) {
	p.deliveryStream, err = newDeliveryStream(ctx, name, deliveryStreamArgs{
		DeliverySettings: args.Delivery,
		Name:             pulumi.Sprintf("%s%s", p.StreamName, deliveryStreamSuffix),
		AccountID:        p.accountID,
		StreamArn:        p.StreamArn,
		Region:           p.region,
		KMSKeyArn:        args.KMSKeyArn,
		BucketArn:        p.BucketArn,
		LogRetentionDays: args.Logs.RetentionDays,
		Protect:          args.ProtectData,
	}, pulumi.Parent(p))
	if err != nil {
		return err
	}
	p.DeliveryStreamArn, p.DeliveryStreamName = p.deliveryStream.Arn, p.deliveryStream.Name
	p.DeliveryLogGroup = p.deliveryStream.LogGroup
	return nil
}

// addEndpoint creates what a client sends events to.
func (p *Pipeline) addEndpoint(ctx *pulumi.Context, name string, args PipelineArgs) (err error) {
	child := pulumi.Parent(p)
	p.api, err = newRestAPI(ctx, name, restAPIArgs{
		Partition:          p.partition,
		Region:             p.region,
		StreamArn:          p.StreamArn,
		KMSKeyArn:          args.KMSKeyArn,
		Access:             args.Access,
		Paused:             args.Paused,
		AllowedSourceCIDRs: args.AllowedSourceCIDRs,
		AllowedOrigins:     args.CORSAllowedOrigins,
		EventSchema:        args.EventSchema,
		EventTypes:         args.EventTypes,
	}, child)
	if err != nil {
		return err
	}
	var loggingRole *loggingRole
	if args.Logs.AccessLog || args.Logs.Level != logLevelOff {
		loggingRole, err = newLoggingRole(ctx, name+"-apigateway-logging", loggingRoleArgs{
			Partition: p.partition,
			Source:    args.Logs.Role,
		}, child)
		if err != nil {
			return err
		}
	}
	p.stage, err = newStage(ctx, name, stageArgs{
		API:            p.api,
		LoggingRole:    loggingRole,
		DeliveryStream: p.deliveryStream,
		Variables:      stageVariables(args, p.StreamName),
		Logs:           args.Logs,
		Throttle:       args.Throttle,
	}, child)
	if err != nil {
		return err
	}
	p.URL = pulumi.Sprintf("%s/%s", p.stage.InvokeURL, apiVersion)
	p.BatchURL = pulumi.Sprintf("%s/batch", p.URL)
	p.ExecutionLogGroup, p.AccessLogGroup = p.stage.ExecutionLogGroup, p.stage.AccessLogGroup
	p.APIID, p.StageName, p.StageArn = p.api.ID.ToStringOutput(), p.stage.Name, p.stage.Arn
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
			plan, err := newUsagePlan(ctx, name+"-"+key.Name, usagePlanArgs{
				API:       p.api,
				StageName: p.stage.Name,
				Key:       key,
				Throttle:  args.Throttle,
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
	table, err := newQueryTable(ctx, name, queryTableArgs{
		DatabaseName: databaseName(uniqueName(ctx, name)), BucketName: p.BucketName, Prefix: args.Delivery.Prefix,
		Envelope: args.Envelope, EventTypes: len(args.EventTypes) > 0,
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
	generator, err := newEventGenerator(ctx, name+"-event-generator", eventGeneratorArgs{
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
func stageVariables(args PipelineArgs, streamName pulumi.StringInput) pulumi.StringMap {
	variables := pulumi.StringMap{
		"streamName":   streamName,
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
