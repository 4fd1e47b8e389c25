package apigateway

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// secondStage is what putting another stage answers.
func secondStage(change func(*Stage)) func(*fixture) error {
	return func(f *fixture) error {
		deployment := f.deploy(f.postV1())
		put := Stage{APIID: testAPI, Name: "dev", DeploymentID: deployment.ID}
		change(&put)
		err := f.CreateStage(put)
		return err
	}
}

func TestDeploymentsAndStagesAreRefusedInAWSsWords(t *testing.T) {
	stage := secondStage
	runRefusals(t, []refusalCase{
		{"a method without an integration", func(f *fixture) error {
			if err := f.PutMethod(f.postV1().method); err != nil {
				return err
			}
			_, err := f.CreateDeployment(Deployment{APIID: testAPI})
			return err
		}, badRequestCode, 400, "No integration defined for method"},
		{"an API without methods", func(f *fixture) error {
			_, err := f.CreateDeployment(Deployment{APIID: testAPI})
			return err
		}, badRequestCode, 400, "The REST API doesn't contain any methods"},
		{"removing a deployment that a stage serves", func(f *fixture) error {
			return f.DeleteDeployment(testAPI, f.deploy(f.postV1()).ID)
		}, badRequestCode, 400, "Active stages pointing to this deployment must be moved or deleted"},
		{"removing a deployment that is not there", func(f *fixture) error { return f.DeleteDeployment(testAPI, "nowhere") }, notFoundCode, 404, "Invalid Deployment identifier specified"},

		{"a stage that exists", stage(func(s *Stage) { s.Name = "PROD" }), conflictCode, 409, "Stage already exists"},
		{"a stage's name with a dot", stage(func(s *Stage) { s.Name = "v1.0" }), badRequestCode, 400, "Stage name only allows a-zA-Z0-9_-"},
		{"a stage of no deployment", stage(func(s *Stage) { s.DeploymentID = "nowhere" }), badRequestCode, 400, "Deployment id does not exist"},
		{"a variable's name with a hyphen", stage(func(s *Stage) { s.Variables = map[string]string{"a-b": "c"} }), badRequestCode, 400,
			"Invalid stage variable name: a-b. Only alphanumeric characters and underscores are allowed"},
		{"a variable's value with a quote", stage(func(s *Stage) { s.Variables = map[string]string{"a": `b"`} }), badRequestCode, 400,
			`Invalid stage variable value: b". Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','.`},
		{"a cache cluster", stage(func(s *Stage) { s.CacheClusterEnabled = true }), badRequestCode, 400, "a cache cluster is not emulated by the local target"},
		{"a stage that is not there", func(f *fixture) error { return f.DeleteStage(testAPI, "dev") }, notFoundCode, 404, "Invalid stage identifier specified"},
	})
}

func TestLogsAndSettingsAreRefusedInAWSsWords(t *testing.T) {
	settings := func(change func(*MethodSettings)) func(*fixture) error {
		return func(f *fixture) error {
			f.deploy(f.postV1())
			put := MethodSettings{APIID: testAPI, StageName: "PROD", MethodPath: "*/*"}
			change(&put)
			return f.UpdateMethodSettings(put)
		}
	}
	access := func(destination, format string) func(*fixture) error {
		return secondStage(func(s *Stage) {
			s.AccessLogSettings = &AccessLogSettings{DestinationARN: destination, Format: format}
		})
	}
	const group = "arn:aws:logs:eu-west-1:123456789012:log-group:access"
	logged := func(do func(*fixture) error) func(*fixture) error {
		return func(f *fixture) error {
			f.allowLogs()
			return do(f)
		}
	}
	rate := -2.0
	runRefusals(t, []refusalCase{
		{"an access log without the account's role", access(group, "$context.requestId"), badRequestCode, 400, "CloudWatch Logs role ARN must be set in account settings to enable logging"},
		{"an access log of two lines", logged(access(group, "$context.requestId\nx")), badRequestCode, 400, "Access Log format must be single line, new line character is allowed only at end of the format"},
		{"an access log without an id", logged(access(group, "$context.status")), badRequestCode, 400, "Access Log format must contain $context.requestId or $context.extendedRequestId"},
		{"an access log to elsewhere", logged(access("arn:aws:s3:::x", "$context.requestId")), badRequestCode, 400, "Invalid ARN specified in the request: arn:aws:s3:::x"},
		{"an access log to a delivery stream", logged(access("arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-x", "$context.requestId")), badRequestCode, 400,
			"an access log to a delivery stream (arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-x) is not emulated by the local target"},

		{"logging without the account's role", settings(func(m *MethodSettings) { m.LoggingLevel = "INFO" }), badRequestCode, 400, "CloudWatch Logs role ARN must be set in account settings to enable logging"},
		{"a level that there is not", settings(func(m *MethodSettings) { m.LoggingLevel = "DEBUG" }), badRequestCode, 400, "Invalid logging level: DEBUG. Must be one of: [ERROR, INFO, OFF]"},
		{"settings for a path that there is not", settings(func(m *MethodSettings) { m.MethodPath = "v2/POST" }), notFoundCode, 404, "Invalid method setting path: v2/POST"},
		{"settings for no method", settings(func(m *MethodSettings) { m.MethodPath = "v1" }), badRequestCode, 400, "Invalid method setting path: v1"},
		{"a negative rate", settings(func(m *MethodSettings) { m.ThrottlingRateLimit = &rate }), badRequestCode, 400, "Invalid throttling rate limit: -2"},
		{"caching", settings(func(m *MethodSettings) { m.CachingEnabled = true }), badRequestCode, 400, "caching is not emulated by the local target"},
		{"removing settings that there are not", func(f *fixture) error {
			f.deploy(f.postV1())
			return f.DeleteMethodSettings(testAPI, "PROD", "*/*")
		}, badRequestCode, 400, "Cannot remove method setting */* because there is no method setting for this method "},
	})
}

func TestTheAccountsRoleMustBeAbleToWriteLogs(t *testing.T) {
	const refusal = "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy."
	f := newFixture(t)
	requireRefusal(t, f.UpdateAccount(Account{CloudWatchRoleARN: testLogRole}), badRequestCode, 400, refusal)
	requireRefusal(t, f.UpdateAccount(Account{CloudWatchRoleARN: testRole}), badRequestCode, 400, refusal)
	f.allowLogs()
	require.Equal(t, Account{CloudWatchRoleARN: testLogRole}, f.GetAccount())
	require.NoError(t, f.UpdateAccount(Account{}))
	require.Equal(t, Account{}, f.GetAccount())
}

func TestADeploymentNeverChanges(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	first := f.deploy(r)
	require.Equal(t, 200, f.post(`{"a":1}`).status)
	require.Equal(t, `{"a":1}`, f.backend.last(t))

	r.integration.RequestTemplates = map[string]string{"application/json": `second`}
	require.NoError(t, f.UpdateIntegration(r.integration))
	f.post(`{"a":1}`)
	require.Equal(t, `{"a":1}`, f.backend.last(t), "what is edited is not served before it is deployed")

	second, err := f.CreateDeployment(Deployment{APIID: testAPI})
	require.NoError(t, err)
	f.change(func(s *Stage) { s.DeploymentID = second.ID })
	f.post(`{"a":1}`)
	require.Equal(t, `second`, f.backend.last(t))

	f.change(func(s *Stage) { s.DeploymentID = first.ID })
	f.post(`{"a":1}`)
	require.Equal(t, `{"a":1}`, f.backend.last(t), "an old deployment can be served again")
}

func TestDeletingAnAPILeavesNothingOnDisk(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	address := f.BaseURL(testAPI)
	require.NoError(t, f.DeleteRestAPI(testAPI))
	left, err := filepath.Glob(filepath.Join(f.dir, "restapis", "*"))
	require.NoError(t, err)
	require.Empty(t, left)
	_, err = net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	require.Error(t, err, "nobody listens there any more")
	require.Empty(t, f.BaseURL(testAPI))
}

func TestDeletingAnIntegrationRemovesItsResponses(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	f.putRoute(r)
	require.NoError(t, f.DeleteIntegration(r.method.MethodID))
	requireRefusal(t, f.UpdateIntegration(r.integration), notFoundCode, 404, "Invalid Integration identifier specified")
	require.NoError(t, f.PutIntegration(r.integration))
	requireRefusal(t, f.DeleteIntegrationResponse(r.method.MethodID, "200"), notFoundCode, 404, "Invalid Response status code specified")

	f.deploy()
	require.Equal(t, 500, f.post(`{}`).status, "an integration without responses cannot answer")
}

func TestUpdatingAnIntegrationKeepsItsResponses(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	f.putRoute(r)
	r.integration.TimeoutMillis = 1000
	require.NoError(t, f.UpdateIntegration(r.integration))
	f.deploy()
	require.Equal(t, 200, f.post(`{}`).status)
}

func TestDeletingAResourceDeletesThoseBelowIt(t *testing.T) {
	f := newFixture(t)
	below := f.addResource(f.v1, "batch")
	require.NoError(t, f.UpdateResource(Resource{APIID: testAPI, ID: f.v1, ParentID: f.root, PathPart: "v2"}))
	moved, err := f.GetResource(testAPI, f.v1)
	require.NoError(t, err)
	require.Equal(t, "/v2", moved.Path)
	f.deploy(f.route(below, "POST"))
	require.Equal(t, 200, f.send("POST /PROD/v2/batch", "{}").status)

	require.NoError(t, f.DeleteResource(testAPI, f.v1))
	requireRefusal(t, f.DeleteMethod(MethodID{testAPI, below, "POST"}), notFoundCode, 404, "Invalid Resource identifier specified")
}
