package apigateway

import (
	"context"
	"net"
	"sync"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/iam"
	"ingest-pipeline/local/logs"
)

// Backend is an AWS service that an integration of type AWS can call.
type Backend interface {
	// Call answers one request of the service's JSON API. caller is the session of the integration's role; action is
	// the last part of the integration's URI, such as "PutRecord". body is only valid until Call returns.
	Call(ctx context.Context, caller *iam.Session, action string, body []byte) (status int, response []byte)
}

// Credential is an access key of the account's owner, with which a client may sign a request to a method whose
// authorization is AWS_IAM.
type Credential struct {
	AccessKeyID     string
	SecretAccessKey string
}

// Options says where the service keeps its state and which other services it works with.
type Options struct {
	// Dir keeps the deployments and the counters of usage plans. It is made if it is missing. Required.
	Dir string
	// Account is the account and Region that ARNs are made of.
	Account iam.Account
	// Clock gives the time to throttles, quotas, timeouts and logs. Default: the real clock.
	Clock clockwork.Clock
	// IAM assumes the roles of integrations and the account's CloudWatch role. Required.
	IAM *iam.Service
	// Logs takes execution and access logs. Required.
	Logs *logs.Service
	// Services are the backends of integrations of type AWS, by the service's name in the integration's URI ("kinesis").
	Services map[string]Backend
	// Listen gives the listener of an API; it is called once for each API, and the API closes it.
	// Default: a free port of 127.0.0.1.
	Listen func(apiID string) (net.Listener, error)
	// Credentials are the access keys that AWS_IAM methods accept. Default: none, so that such methods answer 403.
	Credentials []Credential
	// ThrottleRate is what the account may take in all its APIs together, in requests per second, and ThrottleBurst the
	// size of its bucket. Default: 10,000 and 5,000, AWS's own quota; math.Inf(1) is no throttle at all.
	ThrottleRate  float64
	ThrottleBurst int
	// OnRequest is told about every request that reached an integration, after its answer was chosen and before it is
	// written. It runs in the request's goroutine. Default: nobody is told, and nothing is gathered.
	OnRequest func(Hop)
}

// Service is API Gateway in one account and Region.
type Service struct {
	options Options

	mu   sync.Mutex // guards everything of the control plane
	apis map[string]*restAPI
}

// Open reads the deployments kept in options.Dir. It serves nothing before APIs are put.
func Open(options Options) (*Service, error) { return nil, errNotWritten }

// Close stops listening, waits for requests in flight until ctx ends, and writes what is still to be written.
func (s *Service) Close(ctx context.Context) error { return errNotWritten }

// BaseURL is where an API answers, such as "http://127.0.0.1:40001": a stage is below /<stage>/.
// It is empty for an API that does not exist.
func (s *Service) BaseURL(apiID string) string { return "" }

// ExecutionARN is the ARN that IAM policies name an API by: arn:aws:execute-api:<region>:<account>:<api>.
func (s *Service) ExecutionARN(apiID string) string { return "" }
