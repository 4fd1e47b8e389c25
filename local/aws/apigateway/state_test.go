package apigateway

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/internal/durable"
)

// describe is everything that the control plane answers about the fixture's API and its account.
func (f *fixture) describe(ids map[string]string) []any {
	f.t.Helper()
	var all []any
	add := func(value any, err error) {
		f.t.Helper()
		require.NoError(f.t, err)
		all = append(all, value)
	}
	post := MethodID{APIID: testAPI, ResourceID: f.v1, HTTPMethod: "POST"}
	add(f.GetRestAPI(testAPI))
	add(f.GetResource(testAPI, f.v1))
	add(f.GetMethod(post))
	add(f.GetMethodResponse(post, "200"))
	add(f.GetIntegration(post))
	add(f.GetIntegrationResponse(post, "200"))
	add(f.GetModel(testAPI, "Event"))
	add(f.GetRequestValidator(testAPI, ids["validator"]))
	add(f.GetGatewayResponse(testAPI, "THROTTLED"))
	add(f.GetDeployment(testAPI, ids["deployment"]))
	add(f.GetStage(testAPI, "PROD"))
	add(f.GetMethodSettings(testAPI, "PROD", "v1/POST"))
	add(f.GetAPIKey(ids["key"]))
	add(f.GetUsagePlan(ids["plan"]))
	add(f.GetUsagePlanKey(ids["plan"], ids["key"]))
	return append(all, f.GetAccount())
}

// newConfiguredFixture returns a fixture with every setting of the control plane, and the ids in it.
func newConfiguredFixture(t *testing.T) (*fixture, map[string]string) {
	f := newFixture(t)
	f.allowLogs()
	require.NoError(t, f.UpdateRestAPI(RestAPI{
		ID: testAPI, Name: "events", Description: "events", EndpointType: "REGIONAL", IPAddressType: "dualstack",
		Policy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}]}`,
		Tags:   map[string]string{"a": "b"},
	}))
	_, err := f.CreateModel(Model{APIID: testAPI, Name: "Event", ContentType: "application/json", Description: "an event", Schema: `{"type":"object"}`})
	require.NoError(t, err)
	validator, err := f.CreateRequestValidator(RequestValidator{APIID: testAPI, Name: "all", ValidateRequestBody: true, ValidateRequestParameters: true})
	require.NoError(t, err)
	require.NoError(t, f.PutGatewayResponse(GatewayResponse{
		APIID: testAPI, ResponseType: "THROTTLED", StatusCode: "429",
		ResponseTemplates:  map[string]string{"application/json": `{}`},
		ResponseParameters: map[string]string{"gatewayresponse.header.Retry-After": "'1'"},
	}))
	r := f.postV1()
	r.method.OperationName, r.method.APIKeyRequired, r.method.RequestValidatorID = "PutEvent", true, validator.ID
	r.method.RequestModels = map[string]string{"application/json": "Event"}
	r.method.RequestParameters = map[string]bool{"method.request.header.X-Source": true}
	r.responses[0].ResponseParameters = map[string]bool{"method.response.header.X-Shard": true}
	r.responses[0].ResponseModels = map[string]string{"application/json": "Empty"}
	r.integration.TimeoutMillis, r.integration.ContentHandling = 1000, "CONVERT_TO_TEXT"
	r.integration.RequestParameters = map[string]string{"integration.request.header.X-Source": "method.request.header.X-Source"}
	r.mapped[0].SelectionPattern = "2.."
	r.mapped[0].ResponseTemplates = map[string]string{"application/json": `{"stored":true}`}
	r.mapped[0].ResponseParameters = map[string]string{"method.response.header.X-Shard": "'0'"}
	deployment := f.deploy(r)
	require.NoError(t, f.UpdateDeployment(Deployment{APIID: testAPI, ID: deployment.ID, Description: "the first"}))
	f.change(func(s *Stage) {
		s.Description, s.XRayTracingEnabled = "production", true
		s.Variables, s.Tags = map[string]string{"a": "b"}, map[string]string{"c": "d"}
		s.AccessLogSettings = &AccessLogSettings{
			DestinationARN: "arn:aws:logs:eu-west-1:123456789012:log-group:access", Format: "$context.requestId",
		}
	})
	rate, burst := 100.0, 50
	require.NoError(t, f.UpdateMethodSettings(MethodSettings{
		APIID: testAPI, StageName: "PROD", MethodPath: "v1/POST", LoggingLevel: "INFO", DataTraceEnabled: true,
		MetricsEnabled: true, ThrottlingRateLimit: &rate, ThrottlingBurstLimit: &burst,
	}))
	key, err := f.CreateAPIKey(APIKey{Name: "client", Value: testKey, Description: "a client", Enabled: true, CustomerID: "1", Tags: map[string]string{"e": "f"}})
	require.NoError(t, err)
	plan, err := f.CreateUsagePlan(UsagePlan{
		Name: "plan", Description: "a plan", Throttle: &Throttle{RateLimit: 10, BurstLimit: 20}, Quota: &Quota{Limit: 5, Offset: 1, Period: "WEEK"},
		APIStages: []UsagePlanStage{{APIID: testAPI, Stage: "PROD", Throttles: []MethodThrottle{{Path: "/v1/POST", Throttle: Throttle{RateLimit: 1, BurstLimit: 2}}}}},
		Tags:      map[string]string{"g": "h"},
	})
	require.NoError(t, err)
	require.NoError(t, f.CreateUsagePlanKey(UsagePlanKey{UsagePlanID: plan.ID, KeyID: key.ID}))
	return f, map[string]string{"validator": validator.ID, "deployment": deployment.ID, "key": key.ID, "plan": plan.ID}
}

func TestARestartChangesNothing(t *testing.T) {
	f, ids := newConfiguredFixture(t)
	before := f.describe(ids)
	require.NoError(t, f.Close(context.Background()))

	f.open()
	require.Equal(t, before, f.describe(ids))
	got := f.post(`{"a":1}`, "X-API-Key", testKey, "X-Source", "till")
	require.Equal(t, 200, got.status)
	got.wantBody(t, `{"stored":true}`)
	require.Equal(t, "0", got.header.Get("X-Shard"))
	require.Equal(t, 403, f.post(`{}`).status, "a key is still required")
}

func TestADeletionSurvivesARestart(t *testing.T) {
	f, ids := newConfiguredFixture(t)
	post := MethodID{APIID: testAPI, ResourceID: f.v1, HTTPMethod: "POST"}
	plan, err := f.GetUsagePlan(ids["plan"])
	require.NoError(t, err)
	plan.APIStages = nil
	for _, err := range []error{
		f.DeleteUsagePlanKey(ids["plan"], ids["key"]), f.UpdateUsagePlan(plan), f.DeleteUsagePlan(ids["plan"]), f.DeleteAPIKey(ids["key"]),
		f.UpdateAccount(Account{}),
		f.DeleteMethodSettings(testAPI, "PROD", "v1/POST"), f.DeleteStage(testAPI, "PROD"), f.DeleteDeployment(testAPI, ids["deployment"]),
		f.DeleteGatewayResponse(testAPI, "THROTTLED"), f.DeleteIntegrationResponse(post, "200"), f.DeleteMethodResponse(post, "200"),
		f.DeleteIntegration(post), f.DeleteMethod(post), f.DeleteRequestValidator(testAPI, ids["validator"]), f.DeleteModel(testAPI, "Event"),
		f.DeleteResource(testAPI, f.v1),
	} {
		require.NoError(t, err)
	}
	require.NoError(t, f.Close(context.Background()))

	f.open()
	require.Equal(t, Account{}, f.GetAccount())
	_, getStage := f.GetStage(testAPI, "PROD")
	_, getDeployment := f.GetDeployment(testAPI, ids["deployment"])
	_, getResponse := f.GetGatewayResponse(testAPI, "THROTTLED")
	_, getValidator := f.GetRequestValidator(testAPI, ids["validator"])
	_, getModel := f.GetModel(testAPI, "Event")
	_, getResource := f.GetResource(testAPI, f.v1)
	_, getKey := f.GetAPIKey(ids["key"])
	_, getPlan := f.GetUsagePlan(ids["plan"])
	for _, err := range []error{getStage, getDeployment, getResponse, getValidator, getModel, getResource, getKey, getPlan} {
		require.ErrorContains(t, err, notFoundCode)
	}
}

func TestAChangeThatCannotBeWrittenChangesNothing(t *testing.T) {
	f, ids := newConfiguredFixture(t)
	before := f.describe(ids)
	// No file can be created where a folder has the name of the temporary one.
	api := filepath.Join(f.dir, "restapis", testAPI)
	for _, name := range []string{filepath.Join(f.dir, "account.json"), filepath.Join(api, "restapi.json"), filepath.Join(api, "deployments", ids["deployment"]+".json")} {
		require.NoError(t, os.Mkdir(name+durable.TempSuffix, 0o700))
	}
	stage, err := f.GetStage(testAPI, "PROD")
	require.NoError(t, err)
	stage.Variables = nil
	plan, err := f.GetUsagePlan(ids["plan"])
	require.NoError(t, err)
	plan.Throttle = nil
	for name, err := range map[string]error{
		"a stage":      f.UpdateStage(stage),
		"its settings": f.DeleteMethodSettings(testAPI, "PROD", "v1/POST"),
		"a resource":   f.DeleteResource(testAPI, f.v1),
		"a deployment": f.UpdateDeployment(Deployment{APIID: testAPI, ID: ids["deployment"], Description: "another"}),
		"a plan":       f.UpdateUsagePlan(plan),
		"the account":  f.UpdateAccount(Account{}),
	} {
		require.Error(t, err, name)
	}
	require.Equal(t, before, f.describe(ids))
	require.Equal(t, 200, f.post(`{"a":1}`, "X-API-Key", testKey, "X-Source", "till").status)
}

func TestADamagedDocumentIsAnErrorThatNamesIt(t *testing.T) {
	for _, c := range []struct {
		name    string
		file    func(f *fixture, ids map[string]string) string
		content string
		says    string
	}{
		{"of the account", func(f *fixture, _ map[string]string) string { return filepath.Join(f.dir, "account.json") }, `{"APIKeys":`, "unexpected EOF"},
		{"of an API", apiDocument, `{"API":{"ID":"a1b2c3d4e5"}}`, "there is no root resource"},
		{"of another API", apiDocument, `{"API":{"ID":"other"}}`, `it contains the API "other"`},
		{"of an API with half a resource", apiDocument, `{"API":{"ID":"a1b2c3d4e5"},"Resources":{"a":null}}`, `resource "a" is incomplete`},
		{"of an API with half a method", apiDocument, `{"API":{"ID":"a1b2c3d4e5"},"Resources":{"a":{"ID":"a","Methods":{"GET":null}}}}`, `method GET of resource "a" is incomplete`},
		{"of an API with half a stage", apiDocument, `{"API":{"ID":"a1b2c3d4e5"},"Stages":{"PROD":null}}`, `stage "PROD" is incomplete`},
		{"of an API with a stage of no deployment", apiDocument, `{"API":{"ID":"a1b2c3d4e5"},"Stages":{"PROD":{"Name":"PROD","DeploymentID":"gone"}}}`, `stage "PROD" serves deployment "gone", which does not exist`},
		{"of a deployment", deploymentDocument, `{`, "unexpected EOF"},
		{"of another deployment", deploymentDocument, `{"Deployment":{"APIID":"a1b2c3d4e5","ID":"other"}}`, `it contains deployment "other" of API "a1b2c3d4e5"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, ids := newConfiguredFixture(t)
			require.NoError(t, f.Close(context.Background()))
			name := c.file(f, ids)
			require.NoError(t, os.WriteFile(name, []byte(c.content), 0o600))

			_, err := Open(Options{Dir: f.dir, Account: testAccount, IAM: f.iam, Logs: f.logs})
			var damaged *durable.DamagedError
			require.ErrorAs(t, err, &damaged)
			require.Equal(t, name, damaged.Name)
			require.ErrorContains(t, err, c.says)
		})
	}
}

func apiDocument(f *fixture, _ map[string]string) string {
	return filepath.Join(f.dir, "restapis", testAPI, "restapi.json")
}

func deploymentDocument(f *fixture, ids map[string]string) string {
	return filepath.Join(f.dir, "restapis", testAPI, "deployments", ids["deployment"]+".json")
}

func TestWhatACrashLeftOfADeletedAPIIsRemoved(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.Close(context.Background()))
	name := apiDocument(f, nil)
	require.NoError(t, os.Remove(name))

	f.open()
	require.Empty(t, f.BaseURL(testAPI))
	_, err := os.Stat(filepath.Dir(name))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestARequestThatCameBeforeTheRestartIsAnswered(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	require.NoError(t, f.Close(context.Background()))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	conn, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /PROD/v1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}")
	require.NoError(t, err)

	f.open(func(o *Options) { o.Listen = func(string) (net.Listener, error) { return listener, nil } })
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, 200, response.StatusCode)
}
