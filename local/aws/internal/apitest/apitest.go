// Package apitest calls the API of one service as AWS's clients do.
package apitest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/endpoint"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/protocol"
)

// Server is an endpoint with one service.
type Server struct {
	URL     string
	account iam.Account
	iam     *iam.Service
}

// Key is the administrator's: see iam.WithAccessKey.
var Key = iam.AccessKey{ID: "AKIAIOSFODNN7EXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}

// NewIAM is an IAM that knows Key, for a service that has none.
func NewIAM(account iam.Account) *iam.Service { return iam.New(account, iam.WithAccessKey(Key)) }

// Serve starts an endpoint for a service of the account, which is stopped with the test. callers has to know Key.
func Serve(t testing.TB, account iam.Account, callers *iam.Service, service protocol.Service) *Server {
	t.Helper()
	// Clients sign with the machine's time, whatever that of the service is.
	server := httptest.NewServer(endpoint.New(endpoint.Options{
		Account: account, Clock: clockwork.NewRealClock(), IAM: callers, Services: []protocol.Service{service},
	}))
	t.Cleanup(server.Close)
	return &Server{URL: server.URL, account: account, iam: callers}
}

// Config is for a client of the administrator. It does not try again, so that a test sees the first answer.
func (s *Server) Config() aws.Config { return s.config(Key.ID, Key.Secret, "") }

func (s *Server) config(id, secret, token string) aws.Config {
	return aws.Config{
		HTTPClient: HTTPClient, Region: s.account.Region, BaseEndpoint: &s.URL, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: credentials.NewStaticCredentialsProvider(id, secret, token),
	}
}

// HTTPClient is for clients of AWS's SDK that do not try again.
var HTTPClient = &http.Client{Transport: ownBody{}}

// ownBody sends requests with a body of their own. The SDK closes its body as soon as the header of the answer is there;
// net/http, which may not have finished sending then, closes the connection in the middle of the answer.
type ownBody struct{}

func (ownBody) RoundTrip(r *http.Request) (*http.Response, error) {
	own := r.Clone(r.Context())
	if r.Body != nil {
		content, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		own.Body = io.NopCloser(bytes.NewReader(content))
	}
	return http.DefaultTransport.RoundTrip(own)
}

// ConfigOf is for a client of a role with one policy, whose statements are given.
func (s *Server) ConfigOf(t testing.TB, statements string) aws.Config {
	t.Helper()
	const name = "limited"
	arn, err := s.iam.CreateRole(iam.Role{Name: name, TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"AWS":"` + s.account.ID + `"},"Action":"sts:AssumeRole"}]}`})
	require.NoError(t, err)
	require.NoError(t, s.iam.PutRolePolicy(name, "inline", `{"Version":"2012-10-17","Statement":[`+statements+`]}`))
	issued, err := s.iam.IssueCredentials(s.iam.Administrator(), iam.Assumption{RoleARN: arn, SessionName: "test", Duration: time.Hour})
	require.NoError(t, err)
	return s.config(issued.ID, issued.Secret, issued.SessionToken)
}

// RequireError requires an error of AWS's API, with a part of its sentence.
func RequireError(t testing.TB, err error, code, message string) {
	t.Helper()
	var refused smithy.APIError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, code, refused.ErrorCode())
	assert.Contains(t, refused.ErrorMessage(), message)
}
