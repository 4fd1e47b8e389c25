package apigateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"

	"github.com/jonboulle/clockwork"
	"golang.org/x/time/rate"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/metric"
	"ingest-pipeline/local/aws/logs"
)

// Backend is an AWS service that an integration of type AWS can call.
type Backend interface {
	// Call answers one request of the service's JSON API. caller is the session of the integration's role; action is
	// the last part of the integration's URI, such as "PutRecord". body is only valid until Call returns. ctx ends at
	// the integration's timeout.
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
	// Metrics finds the metrics of the namespace AWS/ApiGateway. Default: nothing is measured.
	Metrics metric.Source
	// OnRequest is told about every request that reached an integration, after its answer was chosen and before it is
	// written. It runs in the request's goroutine. Default: nobody is told, and nothing is gathered.
	OnRequest func(Hop)
}

// AWS's own quota of requests for an account in a Region: documented (limits).
const (
	defaultThrottleRate  = 10_000
	defaultThrottleBurst = 5_000
)

// Service is API Gateway in one account and Region.
type Service struct {
	options  Options
	throttle *rate.Limiter // the account's, for all its APIs
	signers  *verifier
	logs     *logDelivery
	usage    *usage

	mu     sync.Mutex // guards everything of the control plane, which is what follows
	closed bool
	apis   map[string]*restAPI
	keys   map[string]APIKey
	plans  map[string]*usagePlan
	// deployments are those found in Options.Dir of APIs that were not put yet.
	deployments map[string]map[string]*snapshot

	// usageTable is what the data plane reads of keys and plans.
	usageTable atomic.Pointer[usageTable]
}

// Open reads the deployments kept in options.Dir. It serves nothing before APIs are put.
func Open(options Options) (*Service, error) {
	if options.Dir == "" || options.IAM == nil || options.Logs == nil {
		return nil, errors.New("opening apigateway: Dir, IAM and Logs are required")
	}
	if options.Clock == nil {
		options.Clock = clockwork.NewRealClock()
	}
	if options.Listen == nil {
		options.Listen = func(string) (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }
	}
	if options.ThrottleRate == 0 {
		options.ThrottleRate = defaultThrottleRate
	}
	if options.ThrottleBurst == 0 {
		options.ThrottleBurst = defaultThrottleBurst
	}
	if err := os.MkdirAll(options.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("opening apigateway: %w", err)
	}
	deployments, err := readDeployments(options.Dir)
	if err != nil {
		return nil, fmt.Errorf("opening apigateway: %w", err)
	}
	counters, err := openUsage(options.Dir, options.Clock)
	if err != nil {
		return nil, fmt.Errorf("opening apigateway: %w", err)
	}
	s := &Service{
		options:     options,
		throttle:    rate.NewLimiter(rate.Limit(options.ThrottleRate), options.ThrottleBurst),
		signers:     newVerifier(options.Account.Region, "execute-api", options.Credentials),
		logs:        newLogDelivery(options),
		usage:       counters,
		apis:        map[string]*restAPI{},
		keys:        map[string]APIKey{},
		plans:       map[string]*usagePlan{},
		deployments: deployments,
	}
	s.publishUsage()
	return s, nil
}

// Close stops listening, waits for requests in flight until ctx ends, and writes what is still to be written.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	var servers []*server
	for _, api := range s.apis {
		servers = append(servers, api.server)
	}
	s.mu.Unlock()

	failures := make([]error, len(servers)+1)
	var closing sync.WaitGroup
	for i, srv := range servers {
		closing.Go(func() { failures[i] = srv.close(ctx) })
	}
	closing.Wait()
	failures[len(servers)] = s.usage.close()
	if err := errors.Join(failures...); err != nil {
		return fmt.Errorf("closing apigateway: %w", err)
	}
	return nil
}

// BaseURL is where an API answers, such as "http://127.0.0.1:40001": a stage is below /<stage>/.
// It is empty for an API that does not exist.
func (s *Service) BaseURL(apiID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if api, ok := s.apis[apiID]; ok {
		return api.server.baseURL
	}
	return ""
}

// ExecutionARN is the ARN that IAM policies name an API by: arn:aws:execute-api:<region>:<account>:<api>.
func (s *Service) ExecutionARN(apiID string) string {
	return s.options.Account.ARN("execute-api", apiID)
}
