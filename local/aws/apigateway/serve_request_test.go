package apigateway

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheContentTypeChoosesTheTemplate(t *testing.T) {
	templates := map[string]string{"application/json": "json $input.body", "Text/CSV": "csv $input.body"}
	for _, c := range []struct {
		name, contentType, passthrough string
		templates                      map[string]string
		status                         int
		want                           string
	}{
		{"JSON", "application/json", passNever, templates, 200, "json {}"},
		{"JSON with a charset", "application/json; charset=utf-8", passNever, templates, 200, "json {}"},
		{"JSON in capitals", "Application/JSON", passNever, templates, 200, "json {}"},
		{"no content type", "", passNever, templates, 200, "json {}"},
		{"a content type that is only parameters", ";charset=utf-8", passNever, templates, 200, "json {}"},
		{"another template", "text/csv", passNever, templates, 200, "csv {}"},
		{"no template, never passed", "text/plain", passNever, templates, 415, ""},
		{"no template, not passed since there are others", "text/plain", passWhenNoTemplates, templates, 415, ""},
		{"no template, passed", "text/plain", passWhenNoMatch, templates, 200, "{}"},
		{"no templates at all, never passed", "application/json", passNever, nil, 415, ""},
		{"no templates at all, passed", "application/json", passWhenNoTemplates, nil, 200, "{}"},
		{"no templates at all, passed by default", "application/json", "", nil, 200, "{}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			r := f.postV1()
			r.integration.RequestTemplates, r.integration.PassthroughBehavior = c.templates, c.passthrough
			f.deploy(r)
			var headers []string
			if c.contentType != "" {
				headers = []string{"Content-Type", c.contentType}
			}
			got := f.send("POST /PROD/v1", "{}", headers...)
			require.Equal(t, c.status, got.status)
			if c.status == 415 {
				got.wantBody(t, `{"message":"Unsupported Media Type"}`)
				require.Empty(t, f.backend.received())
				return
			}
			require.Equal(t, c.want, f.backend.last(t))
		})
	}
}

func TestABodyOverTenMegabytesIsRefused(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.integration.RequestTemplates["application/json"] = "$input.body.length()"
	f.deploy(r)
	for _, c := range []struct {
		name    string
		size    int
		chunked bool
		status  int
	}{
		{"at the limit", 10 << 20, false, 200},
		{"one byte over", 10<<20 + 1, false, 413},
		{"at the limit, of unknown length", 10 << 20, true, 200},
		{"one byte over, of unknown length", 10<<20 + 1, true, 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			var body io.Reader = bytes.NewReader(bytes.Repeat([]byte("x"), c.size))
			if c.chunked {
				body = io.MultiReader(body) // a type that net/http cannot ask for its length
			}
			request, err := http.NewRequest("POST", f.BaseURL(testAPI)+"/PROD/v1", body)
			require.NoError(t, err)
			request.Header.Set("Expect", "100-continue")
			got := f.do(request)
			require.Equal(t, c.status, got.status)
			if c.status == 413 {
				got.wantBody(t, `{"message":"Request Too Long"}`)
				return
			}
			require.Equal(t, "10485760", f.backend.last(t))
		})
	}
}

func TestHeadersOverTenKilobytesAreRefused(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	require.NoError(t, f.PutGatewayResponse(GatewayResponse{
		APIID: testAPI, ResponseType: "DEFAULT_4XX",
		ResponseTemplates: map[string]string{"application/json": `{"error":"$context.error.message"}`},
	}))
	f.deploy()
	require.Equal(t, 200, f.post("{}", "X-Padding", strings.Repeat("x", 9_000)).status)
	got := f.post("{}", "X-Padding", strings.Repeat("x", 10_240))
	require.Equal(t, 431, got.status)
	got.wantBody(t, `{"error":"HTTP header is larger than 10240 bytes."}`)
}

func TestTheInputIsWhatAWSMakesOfTheBody(t *testing.T) {
	for _, c := range []struct{ name, body, template, want string }{
		{"an empty body, as JSON", "", "$input.json('$')", "{}"},
		{"an empty body, as text", "", "$input.body", "{}"},
		{"text, as JSON", "hello", "$input.json('$')", `"hello"`},
		{"a form, as JSON", "a=b&c=d", "$input.json('$')", `"a=b&c=d"`},
		{"half an object, as JSON", `{"a":`, "$input.json('$')", `"{\"a\":"`},
		{"text, a path", "hello", "$input.json('$.x')", `""`},
		{"a path that is not there, as JSON", `{"a":1}`, "$input.json('$.x')", `""`},
		{"a path that is not there", `{"a":1}`, "[$input.path('$.x')]", "[]"},
		{"a path that is null", `{"a":null}`, "[$input.path('$.a')]", "[]"},
		{"a path that is null, as JSON", `{"a":null}`, "$input.json('$.a')", "null"},
		{"white space goes", "{\n \"a\" : [ 1 ,2 ]\n}", "$input.json('$')", `{"a":[1,2]}`},
		{"order stays", `{"b":1,"a":2}`, "$input.json('$')", `{"b":1,"a":2}`},
		{"of two keys the last counts", `{"a":1,"a":2}`, "$input.json('$')", `{"a":2}`},
		{"a member of the body is nothing", `{"foo":1}`, "[$input.body.foo]", "[]"},
		{"the body keeps its spelling", `{"a": 10.00}`, "$input.body", `{"a": 10.00}`},
		{"a member", `{"a":{"b":["x","y"]}}`, "$input.path('$.a.b[1]') $input.json('$.a.b')", `y ["x","y"]`},
		{"a member in brackets", `{"a b":1}`, `$input.json("$['a b']")`, "1"},
		{"an element from the end", `[1,2,3]`, "$input.json('$[-1]')", "3"},
		{"all elements", `{"e":[{"x":1},{"x":2}]}`, "$input.json('$.e[*].x')", "[1,2]"},
		{"all elements as text", `{"e":[{"x":"a"},{"x":"b"}]}`, "$input.path('$.e[*].x')", `["a","b"]`},
		{"at any depth", `{"e":[{"x":1},{"y":{"x":2}}]}`, "$input.json('$..x')", "[1,2]"},
		{"a filter", `{"e":[{"x":1,"n":"a"},{"x":2,"n":"b"}]}`, "$input.json('$.e[?(@.x == 2)].n')", `["b"]`},
		{"a slice", `[1,2,3,4]`, "$input.json('$[1:3]')", "[2,3]"},
		{"a length", `{"e":[1,2,3]}`, "$input.path('$.e.length()')", "3"},
		{"a list", `{"e":[1,2,3]}`, "$input.path('$.e').size()", "3"},
		{"a map as Java prints it", `{"foo":"bar"}`, "$input.path('$')", "{foo=bar}"},
		{"bytes that are no text", "\xff", "$input.body", "\uFFFD"},
		{"a large number", `{"a":123456789012345678901234567890}`, "$input.json('$')", `{"a":123456789012345678901234567890}`},
		{"a dollar in the body is only a dollar", `{"a":"$context.requestId #set($x = 1)"}`, "$input.json('$')", `{"a":"$context.requestId #set($x = 1)"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			r := f.postV1()
			r.integration.RequestTemplates["application/json"] = c.template
			f.deploy(r)
			require.Equal(t, 200, f.post(c.body).status)
			require.Equal(t, c.want, f.backend.last(t))
		})
	}
}

func TestParametersAreFoundInPathThenQueryThenHeaders(t *testing.T) {
	f := newFixture(t)
	id := f.addResource(f.v1, "{id}")
	r := f.route(id, "POST")
	r.integration.RequestTemplates["application/json"] = `$input.params('id') $input.params('q') $input.params('X-H') [$input.params('none')] ` +
		`$input.params().path.id $input.params().querystring.q $input.params().header.get('X-H') $input.params().header.get('Host').length()`
	f.deploy(r)
	host := len(strings.TrimPrefix(f.BaseURL(testAPI), "http://"))
	for _, c := range []struct{ name, line, want string }{
		{"each in its place", "POST /PROD/v1/p?q=x", "p x h [] p x h"},
		{"the path before the query", "POST /PROD/v1/p?id=other&q=x", "p x h [] p x h"},
		{"the query before the headers", "POST /PROD/v1/p?q=x&X-H=other", "p x other [] p x h"},
		{"the last of several", "POST /PROD/v1/p?q=x&q=y", "p y h [] p y h"},
		{"decoded", "POST /PROD/v1/a%2Bb?q=x+%26%20y", "a+b x & y h [] a+b x & y h"},
		{"not decoded where it cannot be", "POST /PROD/v1/p?q=%zz", "p %zz h [] p %zz h"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, 200, f.send(c.line, "{}", "X-h", "h").status)
			require.Equal(t, c.want, strings.TrimSuffix(f.backend.last(t), " "+strconv.Itoa(host)))
		})
	}
}

func TestUtilDoesWhatAWSSays(t *testing.T) {
	for _, c := range []struct{ name, template, want string }{
		{"base64", `$util.base64Encode("añ☃")`, "YcOx4piD"},
		{"base64 back", `$util.base64Decode("YcOx4piD")`, "añ☃"},
		{"url", `$util.urlEncode("a b*~/é")`, "a+b*%7E%2F%C3%A9"},
		{"url back", `$util.urlDecode("a+b*%7E%2F%C3%A9")`, "a b*~/é"},
		{"JavaScript", `$util.escapeJavaScript("'/\é😀` + "\t\n" + `")`, `\'\/\\\u00E9\uD83D\uDE00\t\n`},
		{"JSON", `$util.parseJson('{"a":{"b":[1,2]}}').a.b.get(1)`, "2"},
		{"nothing", `[$util.base64Encode($nothing)]`, "[]"},
		{"a function that there is not", `[$util.uuid()]`, "[]"},
		{"a number", `$util.base64Encode(12)`, "MTI="},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			r := f.postV1()
			r.integration.RequestTemplates["application/json"] = c.template
			f.deploy(r)
			require.Equal(t, 200, f.post("{}").status)
			require.Equal(t, c.want, f.backend.last(t))
		})
	}
}

func TestATemplateThatFailsIsAnInternalError(t *testing.T) {
	for _, c := range []struct{ name, template string }{
		{"bad base64", `$util.base64Decode("%")`},
		{"bad JSON", `$util.parseJson("{")`},
		{"bad URL encoding", `$util.urlDecode("%zz")`},
		{"a bad path", `$input.json('$[')`},
		{"a function of a path that is not there", `$input.json('$.a.sum()')`},
		{"a status overridden twice", `#set($context.responseOverride.status = 201)#set($context.responseOverride.status = 202)`},
		{"a header overridden twice", `#set($context.responseOverride.header.A = "1")#set($context.responseOverride.header.a = "2")`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			r := f.postV1()
			r.integration.RequestTemplates["application/json"] = c.template
			f.deploy(r)
			got := f.post("{}")
			require.Equal(t, 500, got.status)
			got.wantBody(t, `{"message":"Internal server error"}`)
			require.Empty(t, f.backend.received())
		})
	}
}

func TestALoopStopsAfterAThousandRounds(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.integration.RequestTemplates["application/json"] = `#foreach($i in [0..1000])x#end`
	f.deploy(r)
	require.Equal(t, 200, f.post("{}").status)
	require.Len(t, f.backend.last(t), 1000)
}

func TestTheContextIsThatOfTheRequest(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.integration.RequestTemplates["application/json"] = "$context.accountId|$context.apiId|$context.stage|$context.httpMethod|" +
		"$context.path|$context.resourcePath|$context.protocol|$context.requestTime|$context.requestTimeEpoch|" +
		"$context.identity.sourceIp|$context.identity.userAgent|[$context.identity.apiKey]|[$context.nothing]|[$context.error.message]|" +
		"$context.domainName|$context.domainPrefix|$context.resourceId|$context.requestId|$context.extendedRequestId|$context.deploymentId"
	deployment := f.deploy(r)
	got := f.post("{}", "User-Agent", "tester")
	require.Equal(t, strings.Join([]string{
		"123456789012", testAPI, "PROD", "POST", "/PROD/v1", "/v1", "HTTP/1.1", "04/Mar/2026:05:06:07 +0000", "1772600767000",
		"127.0.0.1", "tester", "[]", "[]", "[]", testAPI + ".execute-api.eu-west-1.amazonaws.com", testAPI, f.v1,
		got.header.Get("X-Amzn-Requestid"), got.header.Get("X-Amz-Apigw-Id"), deployment.ID,
	}, "|"), f.backend.last(t))
}

func TestStageVariablesReachTemplatesAndTheIntegration(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.integration.URI = "arn:aws:apigateway:eu-west-1:kinesis:action/${stageVariables.action}"
	r.integration.Credentials = "arn:aws:iam::123456789012:role/${stageVariables.role}"
	r.integration.RequestTemplates["application/json"] = "$stageVariables.streamName $stageVariables.get('action') [$stageVariables.nothing]"
	f.deploy(r)
	require.Equal(t, 500, f.post("{}").status, "without its variables the integration calls nothing")

	f.change(func(s *Stage) {
		s.Variables = map[string]string{"action": "PutRecords", "role": "apigatewayToKinesis", "streamName": "class-stream"}
	})
	require.Equal(t, 200, f.post("{}").status)
	require.Equal(t, []backendCall{{testRole, "PutRecords", "class-stream PutRecords []"}}, f.backend.received())
}

func TestTheTemplateOfTheExerciseMakesTheCallOfTheExercise(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.integration.RequestTemplates["application/json"] = naiveTemplate
	f.deploy(r)
	require.Equal(t, 200, f.post(`{"value":"30","type":"Tip 3"}`, "X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793").status)
	require.Equal(t, []backendCall{{testRole, "PutRecord", "{\n" +
		`"Data": "eyJ2YWx1ZSI6IjMwIiwidHlwZSI6IlRpcCAzIn0K",` + "\n" +
		`"PartitionKey": "Root=1-5759e988-bd862e3fe1be46a994272793",` + "\n" +
		`"StreamName": "class-stream"` + "\n}"}}, f.backend.received())
}

func TestTheContextIsAMap(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.integration.RequestTemplates["application/json"] = `$context.get('identity')|$context.get('stage')|$context.containsKey('apiId')|` +
		`$context.identity.sourceIp|#foreach($k in $context.keySet())$k #end`
	f.deploy(r)
	require.Equal(t, 200, f.post("{}").status)
	require.Equal(t, "|PROD|true|127.0.0.1|accountId apiId deploymentId domainName domainPrefix extendedRequestId httpMethod identity path protocol "+
		"requestId requestOverride requestTime requestTimeEpoch resourceId resourcePath responseOverride stage ", f.backend.last(t))
}

func TestWhatTheRequestTemplateSetsCanBeReadInTheResponseTemplate(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.integration.RequestTemplates["application/json"] = `#set($context.responseOverride.custom = $input.path('$.a'))#set($context.own = "b"){}`
	r.mapped[0].ResponseTemplates = map[string]string{"application/json": `$context.responseOverride.custom $context.own`}
	f.deploy(r)
	f.post(`{"a":"one"}`).wantBody(t, "one b")
	f.post(`{}`).wantBody(t, " b")
}
