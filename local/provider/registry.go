package provider

import (
	"cmp"
	"maps"
	"slices"
)

// registry has the resource types of the local target by token.
type registry map[string]*resourceType

// newRegistry lists the types. What depends on resources of another type comes after it. A new type is a line here and a
// file that is named after it.
func newRegistry() registry {
	r := registry{}
	for i, t := range []resourceType{
		kmsKey(),
		kmsAlias(),
		iamRole(),
		iamRolePolicy(),
		iamRolePolicyAttachment(),
		iamInstanceProfile(),
		kinesisStream(),
		s3Bucket(),
		s3BucketOwnershipControls(),
		s3BucketPublicAccessBlock(),
		s3BucketPolicy(),
		s3BucketServerSideEncryptionConfiguration(),
		s3BucketVersioning(),
		s3BucketLifecycleConfiguration(),
		cloudwatchLogGroup(),
		cloudwatchLogStream(),
		cloudwatchLogMetricFilter(),
		firehoseDeliveryStream(),
		snsTopic(),
		snsTopicPolicy(),
		snsTopicSubscription(),
		cloudwatchMetricAlarm(),
		cloudwatchDashboard(),
		apigatewayAccount(),
		apigatewayRestAPI(),
		apigatewayRestAPIPolicy(),
		apigatewayGatewayResponse(),
		apigatewayModel(),
		apigatewayRequestValidator(),
		apigatewayResource(),
		apigatewayMethod(),
		apigatewayMethodResponse(),
		apigatewayIntegration(),
		apigatewayIntegrationResponse(),
		apigatewayDeployment(),
		apigatewayStage(),
		apigatewayMethodSettings(),
		apigatewayAPIKey(),
		apigatewayUsagePlan(),
		apigatewayUsagePlanKey(),
		glueCatalogDatabase(),
		glueCatalogTable(),
		athenaWorkgroup(),
		ec2SecurityGroup(),
		ec2Instance(),
	} {
		t.order = i
		r[t.token] = &t
	}
	return r
}

// tokens are the tokens of all types, sorted.
func (r registry) tokens() []string { return slices.Sorted(maps.Keys(r)) }

// creationOrder lists the types in the order of newRegistry.
func (r registry) creationOrder() []*resourceType {
	return slices.SortedFunc(maps.Values(r), func(a, b *resourceType) int { return cmp.Compare(a.order, b.order) })
}
