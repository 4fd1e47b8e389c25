package send

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// alone hides the machine's AWS settings from a test.
func alone(t *testing.T, settings map[string]string) {
	t.Helper()
	all := map[string]string{
		"AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "none"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(t.TempDir(), "none"),
		"AWS_EC2_METADATA_DISABLED": "true",
	}
	for _, name := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN",
	} {
		all[name] = ""
	}
	for name, value := range settings {
		all[name] = value
	}
	for name, value := range all {
		t.Setenv(name, value)
	}
}

func TestRequestsAreSignedForTheEndpointsRegion(t *testing.T) {
	for _, row := range []struct {
		name    string
		host    string
		options Options
		region  string // of the environment
		want    string
	}{
		{"the region in the URL", "abc.execute-api.ap-northeast-2.amazonaws.com", Options{}, "us-east-1", "ap-northeast-2"},
		{"in China", "abc.execute-api.cn-north-1.amazonaws.com.cn", Options{}, "us-east-1", "cn-north-1"},
		{"of a VPC endpoint", "abc-vpce-0a1b.execute-api.eu-west-1.amazonaws.com", Options{}, "us-east-1", "eu-west-1"},
		{"the region asked for", "abc.execute-api.ap-northeast-2.amazonaws.com", Options{Region: "eu-west-1"}, "us-east-1", "eu-west-1"},
		{"the environment's, with a custom domain", "events.example.com", Options{}, "us-west-2", "us-west-2"},
		{"of something that only looks like it", "execute-api.eu-west-1.amazonaws.com.example.com", Options{}, "us-west-2", "us-west-2"},
	} {
		t.Run(row.name, func(t *testing.T) {
			alone(t, map[string]string{"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token", "AWS_REGION": row.region})
			endpoint := newStub(t, ok)
			// The name is that of the endpoint; the requests go to a loopback address.
			row.options.URL, row.options.Count, row.options.SigV4 = endpoint.URL, 1, true
			clock := newFastClock()
			row.options.Clock = clock
			target := &url.URL{Scheme: "https", Host: row.host, Path: "/PROD/v1"}
			sign, err := signer(t.Context(), target, row.options.complete(target))
			require.NoError(t, err)
			there, err := url.Parse(endpoint.URL)
			require.NoError(t, err)
			e := newEndpoint(there, row.options.complete(there), sign)
			a := e.post(t.Context(), []event{{body: []byte(`{"a":1}`)}}, false)
			require.NoError(t, a.err)
			header := endpoint.seen()[0].header
			assert.Contains(t, header.Get("Authorization"),
				"AWS4-HMAC-SHA256 Credential=AKID/"+clock.Now().UTC().Format("20060102")+"/"+row.want+"/execute-api/aws4_request, SignedHeaders=")
			assert.Equal(t, "token", header.Get("X-Amz-Security-Token"))
			assert.Equal(t, clock.Now().UTC().Format("20060102T150405Z"), header.Get("X-Amz-Date"))
		})
	}
}

// TestTheSignatureIsThatOfTheCompressedBody, because API Gateway checks it before it decompresses the body.
func TestTheSignatureIsThatOfTheCompressedBody(t *testing.T) {
	endpoint := newStub(t, ok)
	there, err := url.Parse(endpoint.URL)
	require.NoError(t, err)
	var signed []byte
	e := newEndpoint(there, Options{Gzip: true}, func(_ context.Context, request *http.Request, body []byte) error {
		assert.Equal(t, "gzip", request.Header.Get("Content-Encoding"), "it is one of the signed headers")
		signed = body
		return nil
	})
	require.NoError(t, e.post(t.Context(), []event{{body: []byte(`{"a":1}`)}}, false).err)
	assert.Equal(t, endpoint.seen()[0].body, signed)
}

func TestWithoutCredentialsNothingIsSent(t *testing.T) {
	endpoint := newStub(t, ok)
	alone(t, map[string]string{"AWS_REGION": "us-east-1"})
	r := run(t, Options{URL: endpoint.URL, Count: 1, SigV4: true})
	require.ErrorContains(t, r.err, "signing requests: finding AWS credentials: ")

	alone(t, map[string]string{"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"})
	r = run(t, Options{URL: endpoint.URL, Count: 1, SigV4: true})
	require.EqualError(t, r.err, "signing requests: the endpoint's region is not known: set --region or AWS_REGION")

	r = run(t, Options{URL: endpoint.URL, Count: 1, SigV4: true, Profile: "nobody"})
	require.ErrorContains(t, r.err, "nobody")
	assert.Empty(t, endpoint.seen())
}

func TestConfiguredCredentialsTakePrecedenceOverTheEnvironment(t *testing.T) {
	alone(t, map[string]string{"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"})
	endpoint := newStub(t, ok)
	r := run(t, Options{URL: endpoint.URL, Count: 1, SigV4: true, Region: "ap-northeast-2",
		Credentials: credentials.NewStaticCredentialsProvider("LOCAL", "LOCAL", "")})
	require.NoError(t, r.err)
	assert.Contains(t, endpoint.seen()[0].header.Get("Authorization"), "Credential=LOCAL/")
}
