package provider

import (
	"maps"
	"slices"
)

// registry is the resource types that the local target knows, by token.
type registry map[string]*resourceType

// newRegistry lists the types. A new one is a line here and a file that is named for it.
func newRegistry() registry {
	r := registry{}
	for _, t := range []resourceType{
		apigatewayAccount(),
		apigatewayAPIKey(),
		apigatewayDeployment(),
		apigatewayGatewayResponse(),
		apigatewayIntegration(),
		apigatewayIntegrationResponse(),
		apigatewayMethod(),
		apigatewayMethodResponse(),
		apigatewayMethodSettings(),
		apigatewayModel(),
		apigatewayRequestValidator(),
		apigatewayResource(),
		apigatewayRestAPI(),
		apigatewayRestAPIPolicy(),
		apigatewayStage(),
		apigatewayUsagePlan(),
		apigatewayUsagePlanKey(),
		athenaWorkgroup(),
		cloudwatchDashboard(),
		cloudwatchLogGroup(),
		cloudwatchLogMetricFilter(),
		cloudwatchLogStream(),
		cloudwatchMetricAlarm(),
		ec2Instance(),
		ec2SecurityGroup(),
		firehoseDeliveryStream(),
		glueCatalogDatabase(),
		glueCatalogTable(),
		iamInstanceProfile(),
		iamRole(),
		iamRolePolicy(),
		iamRolePolicyAttachment(),
		kinesisStream(),
		kmsAlias(),
		kmsKey(),
		s3Bucket(),
		s3BucketLifecycleConfiguration(),
		s3BucketOwnershipControls(),
		s3BucketPolicy(),
		s3BucketPublicAccessBlock(),
		s3BucketServerSideEncryptionConfiguration(),
		s3BucketVersioning(),
		snsTopic(),
		snsTopicPolicy(),
		snsTopicSubscription(),
	} {
		r[t.token] = &t
	}
	return r
}

// tokens are the tokens of all types, sorted.
func (r registry) tokens() []string { return slices.Sorted(maps.Keys(r)) }
