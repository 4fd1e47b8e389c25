package apigateway

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
	"golang.org/x/time/rate"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/metric"
	"ingest-pipeline/local/aws/logs"
	"ingest-pipeline/local/internal/durable"
)

// Backend is an AWS service that an integration of type AWS can call.
type Backend interface {
	// Call answers one request of the service's JSON API. caller is the session of the integration's role; action is
	// the last part of the integration's URI, such as "PutRecord". body is only valid until Call returns. ctx ends at
	// the integration's timeout.
	Call(ctx context.Context, caller *iam.Session, action string, body []byte) (status int, response []byte)
}

// Options says where the service keeps its state and which other services it works with.
type Options struct {
	// Dir has the configuration and the counters of usage plans. It is created if it is missing. Required.
	Dir string
	// Account is the account and Region that ARNs are made of.
	Account iam.Account
	// Clock is the clock of throttles, quotas, timeouts and logs. Default: the real clock.
	Clock clockwork.Clock
	// IAM assumes the roles of integrations and the account's CloudWatch role, and knows the access keys with which a
	// request to a method with the authorization AWS_IAM may be signed. Required.
	IAM *iam.Service
	// Logs stores execution and access logs. Required.
	Logs *logs.Service
	// Services are the backends of integrations of type AWS, by the service's name in the integration's URI ("kinesis").
	Services map[string]Backend
	// Listen returns the listener of an API, which closes it. It is called once for each API.
	// Default: a free port of 127.0.0.1.
	Listen func(apiID string) (net.Listener, error)
	// ThrottleRate limits the requests to all APIs of the account together, per second, and ThrottleBurst is the size of
	// the token bucket. Default: 10,000 and 5,000, AWS's own quota; math.Inf(1) is no throttle at all.
	ThrottleRate  float64
	ThrottleBurst int
	// Metrics finds the metrics of the namespace AWS/ApiGateway. Default: nothing is measured.
	Metrics metric.Source
	// OnRequest is called for every request that reached an integration, after its answer was chosen and before it is
	// written, in the request's goroutine. Default: nothing is called or collected.
	OnRequest func(Hop)
	// OnResponse is called for every request to a stage after it was answered, in the request's goroutine. Default: nothing
	// is called.
	OnResponse func(Response)
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
	logs     *logDelivery
	usage    *usage

	mu      sync.Mutex // guards everything of the control plane, which is what follows
	closed  bool
	account *accountConfig
	apis    map[string]*restAPI

	// usageTable is what the data plane reads of keys and plans.
	usageTable atomic.Pointer[usageTable]
}

// accountConfig is what all APIs share. It is replaced as a whole: see editAccount.
type accountConfig struct {
	LoggingRoleARN string
	APIKeys        map[string]APIKey
	UsagePlans     map[string]usagePlan
}

// Open reads the configuration kept in options.Dir and serves every stage of it.
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
	s := &Service{
		options:  options,
		throttle: rate.NewLimiter(rate.Limit(options.ThrottleRate), options.ThrottleBurst),
		logs:     newLogDelivery(options),
		account:  &accountConfig{APIKeys: map[string]APIKey{}, UsagePlans: map[string]usagePlan{}},
		apis:     map[string]*restAPI{},
	}
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("opening apigateway: %w", err)
	}
	return s, nil
}

func (s *Service) open() error {
	if err := os.MkdirAll(filepath.Join(s.options.Dir, apisDir), 0o700); err != nil {
		return err
	}
	if err := durable.SyncDir(s.options.Dir); err != nil {
		return err
	}
	if err := s.readState(); err != nil {
		return err
	}
	var err error
	if s.usage, err = openUsage(s.options.Dir, s.options.Clock); err != nil {
		return err
	}
	s.publishAccount()
	for _, api := range s.apis {
		if err := s.serveAPI(api); err != nil {
			return errors.Join(err, s.Close(context.Background()))
		}
	}
	return nil
}

// serveAPI listens for an API and serves its stages.
func (s *Service) serveAPI(api *restAPI) error {
	server, err := s.listen(api.API.ID)
	if err != nil {
		return err
	}
	api.server = server
	defer server.start() // and not earlier, when a request would be refused because its stage is not there
	for name, st := range api.Stages {
		compiled, err := s.compile(api, st)
		if err != nil {
			return fmt.Errorf("serving stage %s of API %s (%s): %w", name, api.API.ID, s.apiDir(api.API.ID), err)
		}
		server.publish(name, compiled)
	}
	return nil
}

// editAccount changes what all APIs share. The change is durable when editAccount returns, or nothing has changed.
func (s *Service) editAccount(change func(*accountConfig) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	edited := *s.account
	edited.APIKeys, edited.UsagePlans = maps.Clone(edited.APIKeys), maps.Clone(edited.UsagePlans)
	if err := change(&edited); err != nil {
		return err
	}
	if err := s.writeAccount(&edited); err != nil {
		return err
	}
	s.account = &edited
	s.publishAccount()
	return nil
}

// publishAccount shows the data plane what all APIs share.
func (s *Service) publishAccount() {
	s.logs.setRole(s.account.LoggingRoleARN)
	s.publishUsage()
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
		if api.server != nil { // nil: Open failed before it was this API's turn
			servers = append(servers, api.server)
		}
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

// now is the time of creations and changes, which AWS keeps in whole seconds.
func (s *Service) now() time.Time { return s.options.Clock.Now().UTC().Truncate(time.Second) }

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
