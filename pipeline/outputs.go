package pipeline

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Pipeline is the path of an event from the endpoint to the bucket, with what monitors and queries it.
type Pipeline struct {
	pulumi.ResourceState

	// URL that accepts one event, with POST.
	URL pulumi.StringOutput `pulumi:"url"`
	// URL that accepts an array of 1–500 events, with POST.
	BatchURL pulumi.StringOutput `pulumi:"batchUrl"`
	// Command that sends a first event; with eventSchema, put one that satisfies it there. It is a secret when it contains an API
	// key.
	Curl pulumi.StringOutput `pulumi:"curl"`
	// Values of the API keys by their names. Empty unless access is API_KEY.
	APIKeys pulumi.StringMapOutput `pulumi:"apiKeys" provider:"secret"`
	// Value of the first API key. Empty unless access is API_KEY.
	APIKey pulumi.StringOutput `pulumi:"apiKey" provider:"secret"`
	// Id of the REST API, for a custom domain or a usage plan.
	APIID pulumi.StringOutput `pulumi:"apiId"`
	// Name of the stage, known once the stage exists.
	StageName pulumi.StringOutput `pulumi:"stageName"`
	// ARN of the stage, for a WAF web ACL.
	StageArn pulumi.StringOutput `pulumi:"stageArn"`

	// Name of the Kinesis stream.
	StreamName pulumi.StringOutput `pulumi:"streamName"`
	// ARN of the Kinesis stream, for further consumers.
	StreamArn pulumi.StringOutput `pulumi:"streamArn"`
	// Name of the Firehose delivery stream.
	DeliveryStreamName pulumi.StringOutput `pulumi:"deliveryStreamName"`
	// ARN of the Firehose delivery stream.
	DeliveryStreamArn pulumi.StringOutput `pulumi:"deliveryStreamArn"`
	// Name of the S3 bucket.
	BucketName pulumi.StringOutput `pulumi:"bucketName"`
	// ARN of the S3 bucket, for policies of readers.
	BucketArn pulumi.StringOutput `pulumi:"bucketArn"`
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

	deliveryStream *deliveryStream
	api            *restAPI
	stage          *stage
}

// outputs are the outputs by name.
func (p *Pipeline) outputs() pulumi.Map {
	outputs := pulumi.Map{}
	for name, field := range taggedFields(reflect.ValueOf(p).Elem()) {
		outputs[name] = field.Interface().(pulumi.Input)
	}
	return outputs
}
