package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/athena"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kinesis"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sdkType is a resource type as the Go SDK of pulumi-aws declares it.
type sdkType struct {
	args, state interface{ ElementType() reflect.Type }
}

var sdkTypes = map[string]sdkType{
	"aws:cloudwatch/dashboard:Dashboard":                                   {cloudwatch.DashboardArgs{}, cloudwatch.DashboardState{}},
	"aws:cloudwatch/logMetricFilter:LogMetricFilter":                       {cloudwatch.LogMetricFilterArgs{}, cloudwatch.LogMetricFilterState{}},
	"aws:cloudwatch/metricAlarm:MetricAlarm":                               {cloudwatch.MetricAlarmArgs{}, cloudwatch.MetricAlarmState{}},
	"aws:athena/workgroup:Workgroup":                                       {athena.WorkgroupArgs{}, athena.WorkgroupState{}},
	"aws:ec2/instance:Instance":                                            {ec2.InstanceArgs{}, ec2.InstanceState{}},
	"aws:ec2/securityGroup:SecurityGroup":                                  {ec2.SecurityGroupArgs{}, ec2.SecurityGroupState{}},
	"aws:glue/catalogDatabase:CatalogDatabase":                             {glue.CatalogDatabaseArgs{}, glue.CatalogDatabaseState{}},
	"aws:glue/catalogTable:CatalogTable":                                   {glue.CatalogTableArgs{}, glue.CatalogTableState{}},
	"aws:iam/instanceProfile:InstanceProfile":                              {iam.InstanceProfileArgs{}, iam.InstanceProfileState{}},
	"aws:kms/alias:Alias":                                                  {kms.AliasArgs{}, kms.AliasState{}},
	"aws:kms/key:Key":                                                      {kms.KeyArgs{}, kms.KeyState{}},
	"aws:sns/topic:Topic":                                                  {sns.TopicArgs{}, sns.TopicState{}},
	"aws:sns/topicPolicy:TopicPolicy":                                      {sns.TopicPolicyArgs{}, sns.TopicPolicyState{}},
	"aws:sns/topicSubscription:TopicSubscription":                          {sns.TopicSubscriptionArgs{}, sns.TopicSubscriptionState{}},
	"aws:apigateway/account:Account":                                       {apigateway.AccountArgs{}, apigateway.AccountState{}},
	"aws:apigateway/apiKey:ApiKey":                                         {apigateway.ApiKeyArgs{}, apigateway.ApiKeyState{}},
	"aws:apigateway/deployment:Deployment":                                 {apigateway.DeploymentArgs{}, apigateway.DeploymentState{}},
	"aws:apigateway/integration:Integration":                               {apigateway.IntegrationArgs{}, apigateway.IntegrationState{}},
	"aws:apigateway/integrationResponse:IntegrationResponse":               {apigateway.IntegrationResponseArgs{}, apigateway.IntegrationResponseState{}},
	"aws:apigateway/method:Method":                                         {apigateway.MethodArgs{}, apigateway.MethodState{}},
	"aws:apigateway/methodResponse:MethodResponse":                         {apigateway.MethodResponseArgs{}, apigateway.MethodResponseState{}},
	"aws:apigateway/methodSettings:MethodSettings":                         {apigateway.MethodSettingsArgs{}, apigateway.MethodSettingsState{}},
	"aws:apigateway/model:Model":                                           {apigateway.ModelArgs{}, apigateway.ModelState{}},
	"aws:apigateway/requestValidator:RequestValidator":                     {apigateway.RequestValidatorArgs{}, apigateway.RequestValidatorState{}},
	"aws:apigateway/resource:Resource":                                     {apigateway.ResourceArgs{}, apigateway.ResourceState{}},
	"aws:apigateway/response:Response":                                     {apigateway.ResponseArgs{}, apigateway.ResponseState{}},
	"aws:apigateway/restApi:RestApi":                                       {apigateway.RestApiArgs{}, apigateway.RestApiState{}},
	"aws:apigateway/restApiPolicy:RestApiPolicy":                           {apigateway.RestApiPolicyArgs{}, apigateway.RestApiPolicyState{}},
	"aws:apigateway/stage:Stage":                                           {apigateway.StageArgs{}, apigateway.StageState{}},
	"aws:apigateway/usagePlan:UsagePlan":                                   {apigateway.UsagePlanArgs{}, apigateway.UsagePlanState{}},
	"aws:apigateway/usagePlanKey:UsagePlanKey":                             {apigateway.UsagePlanKeyArgs{}, apigateway.UsagePlanKeyState{}},
	"aws:cloudwatch/logGroup:LogGroup":                                     {cloudwatch.LogGroupArgs{}, cloudwatch.LogGroupState{}},
	"aws:cloudwatch/logStream:LogStream":                                   {cloudwatch.LogStreamArgs{}, cloudwatch.LogStreamState{}},
	"aws:iam/role:Role":                                                    {iam.RoleArgs{}, iam.RoleState{}},
	"aws:iam/rolePolicy:RolePolicy":                                        {iam.RolePolicyArgs{}, iam.RolePolicyState{}},
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment":                    {iam.RolePolicyAttachmentArgs{}, iam.RolePolicyAttachmentState{}},
	"aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream":            {kinesis.FirehoseDeliveryStreamArgs{}, kinesis.FirehoseDeliveryStreamState{}},
	"aws:kinesis/stream:Stream":                                            {kinesis.StreamArgs{}, kinesis.StreamState{}},
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {s3.BucketLifecycleConfigurationV2Args{}, s3.BucketLifecycleConfigurationV2State{}},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":               {s3.BucketOwnershipControlsArgs{}, s3.BucketOwnershipControlsState{}},
	"aws:s3/bucketPolicy:BucketPolicy":                                     {s3.BucketPolicyArgs{}, s3.BucketPolicyState{}},
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":               {s3.BucketPublicAccessBlockArgs{}, s3.BucketPublicAccessBlockState{}},
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {s3.BucketServerSideEncryptionConfigurationV2Args{}, s3.BucketServerSideEncryptionConfigurationV2State{}},
	"aws:s3/bucketV2:BucketV2":                     {s3.BucketV2Args{}, s3.BucketV2State{}},
	"aws:s3/bucketVersioningV2:BucketVersioningV2": {s3.BucketVersioningV2Args{}, s3.BucketVersioningV2State{}},
}

func TestEveryTypeIsOneOfTheSDK(t *testing.T) {
	types := newRegistry()
	known := types.tokens()
	sdk := []string{}
	for token := range sdkTypes {
		sdk = append(sdk, token)
	}
	sort.Strings(sdk)
	assert.Equal(t, sdk, known)
	for token, r := range types {
		assert.Equal(t, token, r.token)
	}
}

func TestEveryPropertyOfTheSDKIsKnownOrRefusedByName(t *testing.T) {
	for token, r := range newRegistry() {
		t.Run(token, func(t *testing.T) {
			assertSameProperties(t, token, r.inputs, sdkTypes[token].args.ElementType())
		})
	}
	t.Run("the provider's settings", func(t *testing.T) {
		settings := providerSettings()
		delete(settings, "version") // the engine's, not the SDK's
		assertSameProperties(t, "aws", settings, aws.ProviderArgs{}.ElementType())
	})
}

// assertSameProperties compares a table with the struct of the SDK, down to the innermost object.
func assertSameProperties(t *testing.T, path string, table properties, sdk reflect.Type) {
	t.Helper()
	declared := map[string]reflect.StructField{}
	for i := range sdk.NumField() {
		declared[sdk.Field(i).Tag.Get("pulumi")] = sdk.Field(i)
	}
	for name := range table {
		assert.Contains(t, declared, name, "%s.%s is not in the SDK", path, name)
	}
	for name, field := range declared {
		p, known := table[name]
		if !assert.True(t, known, "%s.%s of the SDK is neither known nor refused", path, name) || p.rejected != "" {
			continue
		}
		assertSameShape(t, path+"."+name, p, field.Type)
	}
}

func assertSameShape(t *testing.T, path string, p property, sdk reflect.Type) {
	t.Helper()
	optional := sdk.Kind() == reflect.Pointer || sdk.Kind() == reflect.Slice || sdk.Kind() == reflect.Map
	// The SDK says what is optional of single values only: a list that is left out is nil all the same.
	if !optional && sdk.Kind() != reflect.Interface {
		assert.True(t, p.required, "%s is required in the SDK", path)
	}
	if sdk.Kind() == reflect.Pointer {
		assert.False(t, p.required, "%s is optional in the SDK", path)
		sdk = sdk.Elem()
	}
	switch sdk.Kind() {
	case reflect.Interface: // a string, or a resource with an id, or an object that is a document
		assert.Contains(t, []kind{kindString, kindJSON}, p.kind, path)
	case reflect.String:
		assert.Contains(t, []kind{kindString, kindJSON}, p.kind, path)
	case reflect.Bool:
		assert.Equal(t, kindBool, p.kind, path)
	case reflect.Int:
		assert.Equal(t, kindInteger, p.kind, path)
	case reflect.Float64:
		assert.Equal(t, kindNumber, p.kind, path)
	case reflect.Slice:
		require.Equal(t, kindList, p.kind, path)
		if sdk.Elem().Kind() == reflect.Struct {
			require.Equal(t, kindObject, p.element.kind, path)
			assertSameProperties(t, path+"[]", p.element.fields, sdk.Elem())
			return
		}
		assert.Contains(t, []kind{kindString}, p.element.kind, path)
	case reflect.Map:
		require.Equal(t, kindMap, p.kind, path)
		want := map[reflect.Kind]kind{reflect.String: kindString, reflect.Bool: kindBool}[sdk.Elem().Kind()]
		assert.Equal(t, want, p.element.kind, path)
	case reflect.Struct:
		require.Equal(t, kindObject, p.kind, path)
		assertSameProperties(t, path, p.fields, sdk)
	default:
		t.Errorf("%s: the SDK has the unexpected type %s", path, sdk)
	}
}

func TestEveryOutputOfTheSDKIsDeclared(t *testing.T) {
	for token, r := range newRegistry() {
		t.Run(token, func(t *testing.T) {
			state := sdkTypes[token].state.ElementType()
			outputs := []string{}
			for i := range state.NumField() {
				if name := state.Field(i).Tag.Get("pulumi"); r.inputs[name].kind == 0 && !hasKey(r.inputs, name) {
					outputs = append(outputs, name)
				}
			}
			made := slices.Clone(r.outputs)
			// Inputs of the SDK that AWS makes are outputs too, and refused as inputs.
			made = slices.DeleteFunc(made, func(name string) bool { return r.inputs[name].rejected != "" })
			assert.ElementsMatch(t, outputs, made)
		})
	}
}

func hasKey(p properties, name string) bool {
	_, ok := p[name]
	return ok
}

func TestEveryTableAgreesWithItself(t *testing.T) {
	for token, r := range newRegistry() {
		t.Run(token, func(t *testing.T) {
			if r.naming != nil {
				assert.Equal(t, kindString, r.inputs[r.naming.property].kind, "the named property")
				assert.False(t, r.inputs[r.naming.property].required, "a named property is never missing")
				if r.naming.prefix != "" {
					assert.Contains(t, r.inputs[r.naming.property].without, r.naming.prefix)
				}
			}
			if r.update == nil {
				for name, p := range r.inputs {
					assert.True(t, p.rejected != "" || p.replaces, "%s can change, and there is no update", name)
				}
			}
			walk(r.inputs, "", func(path string, p property) {
				assert.False(t, p.required && (p.byDefault != nil || p.computed), "%s is required and filled in", path)
				for _, other := range p.without {
					assert.Contains(t, r.inputs, other)
				}
			})
		})
	}
}

// walk visits all properties of a table, by path.
func walk(table properties, prefix string, visit func(path string, p property)) {
	names := []string{}
	for name := range table {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		p := table[name]
		visit(prefix+name, p)
		if p.kind == kindObject {
			walk(p.fields, prefix+name+".", visit)
		}
		if p.kind == kindList && p.element != nil && p.element.kind == kindObject {
			walk(p.element.fields, prefix+name+"[].", visit)
		}
	}
}

// TestPropertiesThatAreNotEmulatedAreListed shows a change of what the target refuses, or takes in without any effect, as a
// change of a file.
func TestPropertiesThatAreNotEmulatedAreListed(t *testing.T) {
	var lines []string
	types := newRegistry()
	for _, token := range types.tokens() {
		walk(types[token].inputs, "", func(path string, p property) {
			for _, u := range p.unavailable {
				lines = append(lines, fmt.Sprintf("%s %s = %s: refused: %s", token, path,
					strings.Trim(strings.ReplaceAll(fmt.Sprint(u.values), " ", " or "), "[]"), u.why))
			}
			switch {
			case p.rejected != "":
				lines = append(lines, fmt.Sprintf("%s %s: refused: %s", token, path, p.rejected))
			case p.inert != "":
				lines = append(lines, fmt.Sprintf("%s %s: no effect: %s", token, path, p.inert))
			}
		})
	}
	golden(t, "not_emulated.golden", strings.Join(lines, "\n")+"\n")
}

// TestReplacementsAreListed does the same for which properties replace a resource, which are kept when they are
// left out, and what is filled in.
func TestReplacementsAreListed(t *testing.T) {
	var lines []string
	types := newRegistry()
	for _, token := range types.tokens() {
		r := types[token]
		traits := []string{}
		if r.naming != nil {
			traits = append(traits, fmt.Sprintf("names %s, at most %d", r.naming.property, r.naming.longest))
		}
		if r.deleteBeforeReplace {
			traits = append(traits, "the old one goes before the new one comes")
		}
		lines = append(lines, strings.TrimSpace(token+" "+strings.Join(traits, "; ")))
		walk(r.inputs, "", func(path string, p property) {
			if p.rejected != "" {
				return
			}
			traits := []string{}
			for trait, has := range map[string]bool{
				"required": p.required, "replaces": p.replaces, "computed": p.computed, "set": p.unordered,
			} {
				if has {
					traits = append(traits, trait)
				}
			}
			if p.byDefault != nil {
				traits = append(traits, fmt.Sprintf("default %v", p.byDefault))
			}
			sort.Strings(traits)
			lines = append(lines, strings.TrimRight(fmt.Sprintf("    %s: %s", path, strings.Join(traits, ", ")), " "))
		})
	}
	golden(t, "properties.golden", strings.Join(lines, "\n")+"\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run with -update to write it")
	assert.Equal(t, string(want), got)
}
