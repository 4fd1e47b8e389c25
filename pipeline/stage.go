package pipeline

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const stageType = "ingest-pipeline:index:Stage"

// stageName is the stage's name and the first segment of the URL's path.
const stageName = "PROD"

// logLevelOff is the execution-log level that writes nothing and costs nothing.
const logLevelOff = "OFF"

// stageArgs describes the stage that serves the API.
type stageArgs struct {
	API *restAPI
	// LoggingRole must be set before a stage can log. It may be nil if there is no log.
	LoggingRole *loggingRole
	// DeliveryStream must exist before the first event is accepted: it reads only what is written after its creation.
	DeliveryStream *deliveryStream
	// Variables reach the mapping templates as $stageVariables. Values: [A-Za-z0-9-._~:/?#&=,] only (AWS).
	Variables pulumi.StringMap
	Logs      LogSettings
	Throttle  ThrottleSettings
}

// stage serves a deployment of the API, with logs and a throttle.
type stage struct {
	pulumi.ResourceState

	// InvokeURL is https://…/<stage>, without a slash at the end.
	InvokeURL         pulumi.StringOutput `pulumi:"invokeUrl"`
	ExecutionLogGroup pulumi.StringOutput `pulumi:"executionLogGroup"`
	// AccessLogGroup is empty without an access log.
	AccessLogGroup pulumi.StringOutput `pulumi:"accessLogGroup"`
	Arn            pulumi.StringOutput `pulumi:"arn"`
	// Name is known once the stage exists.
	Name pulumi.StringOutput `pulumi:"name"`
}

// newStage deploys the API and serves it.
func newStage(ctx *pulumi.Context, name string, args stageArgs, opts ...pulumi.ResourceOption) (*stage, error) {
	s := &stage{}
	if err := ctx.RegisterComponentResource(stageType, name, s, opts...); err != nil {
		return nil, err
	}
	deployment, err := apigateway.NewDeployment(ctx, name, &apigateway.DeploymentArgs{
		RestApi:  args.API.ID,
		Triggers: pulumi.StringMap{"definition": args.API.parts.hash()},
	}, pulumi.Parent(s), pulumi.DependsOn(append([]pulumi.Resource{args.DeliveryStream.resource}, args.API.parts.resources...)))
	if err != nil {
		return nil, err
	}
	// API Gateway would otherwise create this group, under this name, without a retention and beyond destroy.
	executionLog, err := cloudwatch.NewLogGroup(ctx, name+"-execution", &cloudwatch.LogGroupArgs{
		Name:            pulumi.Sprintf("API-Gateway-Execution-Logs_%s/%s", args.API.ID, stageName),
		RetentionInDays: pulumi.Int(args.Logs.RetentionDays),
	}, pulumi.Parent(s))
	if err != nil {
		return nil, err
	}
	stageArgs := &apigateway.StageArgs{
		RestApi:    args.API.ID,
		Deployment: deployment.ID(),
		StageName:  pulumi.String(stageName),
		Variables:  args.Variables,
	}
	if args.LoggingRole != nil {
		stageArgs.RestApi = after(args.API.ID.ToStringOutput(), args.LoggingRole.Arn)
	}
	s.AccessLogGroup = pulumi.String("").ToStringOutput()
	if args.Logs.AccessLog {
		accessLog, err := cloudwatch.NewLogGroup(ctx, name+"-access", &cloudwatch.LogGroupArgs{
			Name:            pulumi.Sprintf("/aws/apigateway/%s/%s/access", args.API.Name, stageName),
			RetentionInDays: pulumi.Int(args.Logs.RetentionDays),
		}, pulumi.Parent(s))
		if err != nil {
			return nil, err
		}
		s.AccessLogGroup = accessLog.Name
		stageArgs.AccessLogSettings = apigateway.StageAccessLogSettingsArgs{
			DestinationArn: accessLog.Arn,
			Format:         pulumi.String(accessLogFormat()),
		}
	}
	stage, err := apigateway.NewStage(ctx, name, stageArgs, pulumi.Parent(s), pulumi.DependsOn([]pulumi.Resource{executionLog}))
	if err != nil {
		return nil, err
	}
	settings, err := apigateway.NewMethodSettings(ctx, name, &apigateway.MethodSettingsArgs{
		RestApi:    args.API.ID,
		StageName:  stage.StageName,
		MethodPath: pulumi.String("*/*"),
		Settings: apigateway.MethodSettingsSettingsArgs{
			LoggingLevel: pulumi.String(args.Logs.Level),
			// Bodies belong in S3, not in a log.
			DataTraceEnabled:     pulumi.Bool(false),
			MetricsEnabled:       pulumi.Bool(true),
			ThrottlingRateLimit:  pulumi.Float64(float64(args.Throttle.RequestsPerSecond)),
			ThrottlingBurstLimit: pulumi.Int(args.Throttle.Burst),
		},
	}, pulumi.Parent(s), pulumi.DeleteBeforeReplace(true))
	if err != nil {
		return nil, err
	}
	// The URL is known only once the throttle is set.
	s.InvokeURL = after(stage.InvokeUrl, settings.ID())
	s.ExecutionLogGroup, s.Arn, s.Name = executionLog.Name, stage.Arn, stage.StageName
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{
		"invokeUrl": s.InvokeURL, "executionLogGroup": s.ExecutionLogGroup, "accessLogGroup": s.AccessLogGroup, "arn": s.Arn, "name": s.Name,
	})
}

// accessLogFields show why an event was not stored. Each value is quoted, since an absent one is written as a bare "-". None
// repeats what the client sent (path, user agent, error message), which could contain a quote and break the line. errorType
// is the type of the gateway response, integrationStatus the status of Kinesis. The format is one line of at most 3 KB.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
var accessLogFields = []struct{ name, variable string }{
	{"requestId", "$context.requestId"},
	{"extendedRequestId", "$context.extendedRequestId"},
	{"requestTime", "$context.requestTime"},
	{"sourceIp", "$context.identity.sourceIp"},
	{"apiKeyId", "$context.identity.apiKeyId"},
	{"httpMethod", "$context.httpMethod"},
	{"resourcePath", "$context.resourcePath"},
	{"status", "$context.status"},
	{"errorType", "$context.error.responseType"},
	{"integrationStatus", "$context.integration.status"},
	{"integrationRequestId", "$context.integration.requestId"},
	{"integrationLatency", "$context.integration.latency"},
	{"responseLatency", "$context.responseLatency"},
	{"responseLength", "$context.responseLength"},
}

func accessLogFormat() string {
	fields := make([]string, len(accessLogFields))
	for i, field := range accessLogFields {
		fields[i] = fmt.Sprintf("%q:%q", field.name, field.variable)
	}
	return "{" + strings.Join(fields, ",") + "}"
}
