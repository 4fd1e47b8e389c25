// Package endpointtest lets tests call services with AWS's SDK.
package endpointtest

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/endpoint"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/protocol"
)

// Key is an access key for the administrator of a test's account: see iam.WithAccessKey.
var Key = iam.AccessKey{ID: "AKIAIOSFODNN7EXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}

// Serve serves services until the test ends. It returns the configuration of clients with the administrator's key, which do
// not try again.
func Serve(t testing.TB, account iam.Account, users *iam.Service, key iam.AccessKey, services ...protocol.Service) aws.Config {
	t.Helper()
	server := httptest.NewServer(endpoint.New(endpoint.Options{
		Account: account, Clock: clockwork.NewRealClock(), IAM: users, Services: services,
	}))
	t.Cleanup(server.Close)
	return aws.Config{
		Region: account.Region, BaseEndpoint: aws.String(server.URL), HTTPClient: server.Client(),
		Credentials: credentials.NewStaticCredentialsProvider(key.ID, key.Secret, ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	}
}

// As is the configuration of clients of a role that has one policy. The role is created.
func As(t testing.TB, config aws.Config, account iam.Account, users *iam.Service, policy string) aws.Config {
	t.Helper()
	const name = "limited"
	arn, err := users.CreateRole(iam.Role{Name: name, TrustPolicy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow",` +
		`"Principal":{"AWS":"` + account.ID + `"},"Action":"sts:AssumeRole"}}`})
	require.NoError(t, err)
	require.NoError(t, users.PutRolePolicy(name, "only", policy))
	issued, err := users.IssueCredentials(users.Administrator(), iam.Assumption{
		RoleARN: arn, SessionName: "test", Duration: time.Hour,
	})
	require.NoError(t, err)
	config.Credentials = credentials.NewStaticCredentialsProvider(issued.ID, issued.Secret, issued.SessionToken)
	return config
}
