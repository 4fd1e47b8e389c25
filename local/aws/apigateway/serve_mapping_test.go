package apigateway

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHeadersThatBelongToAPIGatewayGetAnotherName(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.mapped[0].ResponseTemplates = map[string]string{"application/json": "{}"}
	names := []string{"Content-MD5", "Expect", "Host", "Max-Forwards", "Proxy-Authenticate", "Transfer-Encoding"}
	for _, name := range names {
		r.mapped[0].ResponseTemplates["application/json"] += "#set($context.responseOverride.header." + name + ` = "x")`
	}
	f.deploy(r)
	got := f.post("{}")
	require.Equal(t, 200, got.status)
	for _, name := range names[:5] {
		require.NotContains(t, got.header, http.CanonicalHeaderKey(name))
		require.Equal(t, "x", got.header.Get("x-amzn-Remapped-"+name), name)
	}
	require.NotContains(t, got.header, "X-Amzn-Remapped-Transfer-Encoding")
}

func TestAnIntegrationResponseWithoutAMethodResponseIsAnInternalError(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.mapped = append(r.mapped, IntegrationResponse{MethodID: r.method.MethodID, StatusCode: "400", SelectionPattern: `4\d{2}`})
	f.deploy(r)
	require.Equal(t, 200, f.post("{}").status)
	f.backend.answers(400, "{}")
	got := f.post("{}")
	require.Equal(t, 500, got.status)
	got.wantBody(t, `{"message":"Internal server error"}`)
}

func TestSomeMappedHeadersBreakEveryCall(t *testing.T) {
	for name, want := range map[string]int{
		"Content-Length": 500, "Transfer-Encoding": 500, "Authorization": 500, "Connection": 500, "Expect": 500,
		"Proxy-Authenticate": 500, "TE": 500,
		"Host": 200, "Max-Forwards": 200, "Trailer": 200, "Upgrade": 200,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			r := f.postV1()
			r.integration.RequestParameters = map[string]string{"integration.request.header." + name: "'1'"}
			f.deploy(r)
			require.Equal(t, want, f.post("{}").status)
		})
	}
}
