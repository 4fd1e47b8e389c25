package apigateway

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnknownPathsAndMethodsAnswerMissingAuthenticationToken(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	for _, line := range []string{
		"GET /PROD/v1", "POST /PROD", "POST /PROD/", "POST /PROD/v2", "POST /PROD/v1/more", "DELETE /PROD/v1",
		"POST /PROD/V1",
	} {
		t.Run(line, func(t *testing.T) {
			got := f.send(line, "{}")
			require.Equal(t, 403, got.status)
			got.wantBody(t, `{"message":"Missing Authentication Token"}`)
			require.Equal(t, "MissingAuthenticationTokenException", got.header.Get("X-Amzn-Errortype"))
			require.Equal(t, "application/json", got.header.Get("Content-Type"))
		})
	}
	require.Empty(t, f.backend.received())
}

func TestAnUnknownStageIsForbidden(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	for _, line := range []string{"POST /", "POST /v1", "POST /dev/v1", "POST /prod/v1"} {
		t.Run(line, func(t *testing.T) {
			got := f.send(line, "{}")
			require.Equal(t, 403, got.status)
			got.wantBody(t, `{"message":"Forbidden"}`)
			require.Equal(t, "ForbiddenException", got.header.Get("X-Amzn-Errortype"))
		})
	}
}

func TestAStageThatIsDeletedIsForbidden(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	require.NoError(t, f.DeleteStage(testAPI, "PROD"))
	require.Equal(t, 403, f.post("{}").status)
}

func TestADisabledEndpointIsForbidden(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.UpdateRestAPI(RestAPI{ID: testAPI, Name: "events", EndpointType: "REGIONAL", DisableExecuteAPIEndpoint: true}))
	f.deploy(f.postV1())
	f.post("{}").wantBody(t, `{"message":"Forbidden"}`)
}

func TestTheMostSpecificResourceAnswers(t *testing.T) {
	f := newFixture(t)
	id := f.addResource(f.v1, "{id}")
	one := f.addResource(f.v1, "one")
	deep := f.addResource(id, "deep")
	greedy := f.addResource(f.root, "{proxy+}")
	var routes []route
	for _, resource := range []string{f.v1, id, one, deep, greedy} {
		r := f.route(resource, "ANY")
		r.integration.RequestTemplates = map[string]string{"application/json": "$context.resourcePath|$input.params('id')|$input.params('proxy')"}
		routes = append(routes, r)
	}
	post := f.route(one, "POST")
	post.integration.RequestTemplates = map[string]string{"application/json": "POST $context.resourcePath"}
	f.addResource(f.root, "empty")
	posts := f.route(f.addResource(f.root, "posts"), "POST")
	f.putRoute(posts)
	f.putRoute(f.route(f.addResource(f.v1, "fixed"), "POST"))
	f.deploy(append(routes, post)...)

	for _, c := range []struct{ name, line, want string }{
		{"plain", "PUT /PROD/v1", "/v1||"},
		{"plain with a slash at the end", "PUT /PROD/v1/", "/v1||"},
		{"plain before a variable", "PUT /PROD/v1/one", "/v1/one||"},
		{"a method before ANY", "POST /PROD/v1/one", "POST /v1/one"},
		{"a variable", "PUT /PROD/v1/two", "/v1/{id}|two|"},
		{"a variable that is encoded", "PUT /PROD/v1/a%20b%2Fc", "/v1/{id}|a b/c|"},
		{"a variable with something below", "PUT /PROD/v1/two/deep", "/v1/{id}/deep|two|"},
		{"back from a plain part that leads nowhere", "PUT /PROD/v1/one/deep", "/v1/{id}/deep|one|"},
		{"greedy for the rest", "PUT /PROD/v1/two/other/more", "/{proxy+}||v1/two/other/more"},
		{"past a resource without methods", "PUT /PROD/empty", "/{proxy+}||empty"},
		{"greedy for one part", "PUT /PROD/x", "/{proxy+}||x"},
		{"greedy where the method is missing", "PUT /PROD/posts", "/{proxy+}||posts"},
		{"greedy, not a variable, where the method is missing", "PUT /PROD/v1/fixed", "/{proxy+}||v1/fixed"},
		{"greedy with what is encoded", "PUT /PROD/a%2Bb%20c%2bd/e", "/{proxy+}||a%2Bb c%2bd/e"},
		{"doubled slashes", "PUT /PROD//v1//one//", "/v1/one||"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, 200, f.send(c.line, "{}").status)
			require.Equal(t, c.want, f.backend.last(t))
		})
	}
	require.Equal(t, 403, f.send("PUT /PROD", "{}").status, "a greedy variable is not empty")
}

func TestEveryAnswerCarriesItsIDs(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	for _, line := range []string{"POST /PROD/v1", "GET /PROD/v1", "GET /dev"} {
		t.Run(line, func(t *testing.T) {
			got := f.send(line, "{}")
			require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, got.header.Get("X-Amzn-Requestid"))
			require.Regexp(t, `^[A-Za-z0-9_-]{15}=$`, got.header.Get("X-Amz-Apigw-Id"))
		})
	}
}

func TestAClientMayChooseTheRequestID(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	const chosen = "11111111-2222-4333-8444-555555555555"
	for _, c := range []struct{ name, given, want string }{
		{"a UUID is kept", chosen, chosen},
		{"anything else is replaced", `x","y":"`, "UUID_REPLACED_INVALID_REQUEST_ID"},
		{"a UUID in braces is replaced", "{" + chosen + "}", "UUID_REPLACED_INVALID_REQUEST_ID"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, f.post("{}", "X-Amzn-RequestId", c.given).header.Get("X-Amzn-Requestid"))
		})
	}
}

func TestTheTraceHeaderIsAddedOrKept(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.integration.RequestTemplates = map[string]string{"application/json": "$input.params('X-Amzn-Trace-Id')"}
	f.deploy(r)
	for _, c := range []struct{ name, given, want string }{
		{"none", "", `^Root=1-69a7bdbf-[0-9a-f]{24}$`},
		{"a whole one", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1", `^Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1$`},
		{"only a root", "Root=1-5759e988-bd862e3fe1be46a994272793", `^Root=1-5759e988-bd862e3fe1be46a994272793$`},
		{"one without a root", "Parent=53995c3f42cd8ad8", `^Root=1-69a7bdbf-[0-9a-f]{24};Parent=53995c3f42cd8ad8$`},
		{"one that is none", `x","StreamName":"other`, `^Root=1-69a7bdbf-[0-9a-f]{24};x","StreamName":"other$`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var headers []string
			if c.given != "" {
				headers = []string{"X-Amzn-Trace-Id", c.given}
			}
			got := f.post("{}", headers...)
			require.Regexp(t, c.want, f.backend.last(t))
			require.Equal(t, f.backend.last(t), got.header.Get("X-Amzn-Trace-Id"))
		})
	}
}

func TestTheQueryStringGoesBeforeTheTraceHeader(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.integration.RequestTemplates = map[string]string{"application/json": "$input.params('X-Amzn-Trace-Id')"}
	f.deploy(r)
	require.Equal(t, 200, f.send("POST /PROD/v1?X-Amzn-Trace-Id=mine", "{}").status)
	require.Equal(t, "mine", f.backend.last(t), "the client can choose what the template takes for the header")
}

func TestAPIsDoNotAnswerForEachOther(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	other, err := f.CreateRestAPI(RestAPI{Name: "other"})
	require.NoError(t, err)
	require.Regexp(t, `^[a-z0-9]{10}$`, other.ID)
	response, err := http.Post(f.BaseURL(other.ID)+"/PROD/v1", "application/json", nil)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, 403, response.StatusCode)
}
