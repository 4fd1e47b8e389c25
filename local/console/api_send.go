package console

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"ingest-pipeline/local/aws/apigateway"
)

// sendTimeout is longer than API Gateway waits for an integration.
const sendTimeout = 35 * time.Second

// sendRoute is a method that the page can send to.
type sendRoute struct {
	APIID  string `json:"apiId"`
	Stage  string `json:"stage"`
	Method string `json:"method"`
	Path   string `json:"path"`
	URL    string `json:"url"`
	// Access is "none", "API key" or "AWS signature": the page's requests have what is required.
	Access string `json:"access"`
}

func (s *Server) getRoutes(*http.Request) (any, error) {
	routes := []sendRoute{}
	service := s.options.Cloud.APIGateway
	for _, api := range service.GetRestAPIs() {
		stages, err := service.GetStages(api.ID)
		if err != nil {
			continue // deleted a moment ago
		}
		for _, stage := range stages {
			for _, m := range s.methods(api.ID) {
				routes = append(routes, sendRoute{api.ID, stage.Name, m.HTTPMethod, m.path, service.InvokeURL(api.ID, stage.Name) + m.path, s.accessOf(m)})
			}
		}
	}
	return routes, nil
}

const (
	openAccess   = "none"
	keyAccess    = "API key"
	signedAccess = "AWS signature"
)

func (s *Server) accessOf(m method) string {
	described, err := s.options.Cloud.APIGateway.GetMethod(m.MethodID)
	switch {
	case err != nil:
		return openAccess
	case described.Authorization == "AWS_IAM":
		return signedAccess
	case described.APIKeyRequired:
		return keyAccess
	}
	return openAccess
}

// sendRequest is a request that the page sends to the endpoint.
type sendRequest struct {
	APIID   string            `json:"apiId"`
	Stage   string            `json:"stage"`
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	// Bare leaves out the key or signature that the method requires.
	Bare bool `json:"bare"`
}

// sendResponse is the endpoint's answer.
type sendResponse struct {
	RequestID    string      `json:"requestId"`
	Status       int         `json:"status"`
	Headers      http.Header `json:"headers"`
	Body         string      `json:"body"`
	Milliseconds float64     `json:"milliseconds"`
	Follow       follow      `json:"follow"`
}

func (s *Server) postSend(r *http.Request) (any, error) {
	var send sendRequest
	if err := readJSON(r, &send); err != nil {
		return nil, err
	}
	request, err := s.endpointRequest(r.Context(), send)
	if err != nil {
		return nil, err
	}
	hops, stop := s.options.Monitor.collect()
	defer stop()
	clock := s.options.Cloud.Clock
	sent := clock.Now()
	response, err := s.client.Do(request)
	if err != nil {
		return nil, &requestError{http.StatusBadGateway, fmt.Sprintf("sending to the endpoint: %v", cause(err))}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, &requestError{http.StatusBadGateway, fmt.Sprintf("reading the endpoint's answer: %v", err)}
	}
	answer := sendResponse{
		RequestID: response.Header.Get("X-Amzn-Requestid"), Status: response.StatusCode, Headers: response.Header,
		Body: string(body), Milliseconds: milliseconds(clock.Since(sent)),
	}
	answer.Follow = s.follows.start(answer.RequestID, sent, hops.find(answer.RequestID))
	return answer, nil
}

// cause is an error without the URL, which the page shows already.
func cause(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// endpointRequest is the request to the endpoint with the key or signature that its method requires.
func (s *Server) endpointRequest(ctx context.Context, send sendRequest) (*http.Request, error) {
	base := s.options.Cloud.APIGateway.InvokeURL(send.APIID, send.Stage)
	if base == "" {
		return nil, notFoundError("there is no API " + send.APIID)
	}
	if !strings.HasPrefix(send.Path, "/") {
		return nil, badRequest("path: must begin with /")
	}
	request, err := http.NewRequestWithContext(ctx, send.Method, base+send.Path, strings.NewReader(send.Body))
	if err != nil {
		return nil, badRequest("method and path: " + err.Error())
	}
	for name, value := range send.Headers {
		request.Header.Set(name, value)
	}
	if send.Bare {
		return request, nil
	}
	for _, m := range s.methods(send.APIID) {
		if path, _, _ := strings.Cut(send.Path, "?"); m.path == path && (m.HTTPMethod == send.Method || m.HTTPMethod == "ANY") {
			return request, s.authorize(ctx, request, send, s.accessOf(m))
		}
	}
	return request, nil
}

func (s *Server) authorize(ctx context.Context, request *http.Request, send sendRequest, access string) error {
	switch access {
	case keyAccess:
		if key, ok := s.apiKey(send.APIID, send.Stage); ok && request.Header.Get("X-Api-Key") == "" {
			request.Header.Set("X-Api-Key", key)
		}
	case signedAccess:
		hash := sha256.Sum256([]byte(send.Body))
		credentials := awssdk.Credentials{AccessKeyID: s.options.AccessKey.ID, SecretAccessKey: s.options.AccessKey.Secret}
		err := v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(hash[:]), "execute-api", s.options.Cloud.Account.Region, s.options.Cloud.Clock.Now())
		if err != nil {
			return fmt.Errorf("signing the request: %w", err)
		}
	}
	return nil
}

// apiKey is a key that may call a stage.
func (s *Server) apiKey(apiID, stage string) (string, bool) {
	service := s.options.Cloud.APIGateway
	plans := map[string]bool{}
	for _, plan := range service.GetUsagePlans() {
		plans[plan.ID] = slices.ContainsFunc(plan.APIStages, func(at apigateway.UsagePlanStage) bool { return at.APIID == apiID && at.Stage == stage })
	}
	for _, key := range service.GetUsagePlanKeys() {
		if !plans[key.UsagePlanID] {
			continue
		}
		if described, err := service.GetAPIKey(key.KeyID); err == nil && described.Enabled {
			return described.Value, true
		}
	}
	return "", false
}

// collection keeps the newest hops, by request, while one of them is being sent by a page.
type collection struct {
	monitor *Monitor
	newer   map[string]*apigateway.Hop
	older   map[string]*apigateway.Hop
	// bytes is the size of newer, which becomes older when it is full.
	bytes int
}

// collectedBytes is far more than what the endpoint answers between the hop of a page's request and its answer.
const collectedBytes = 16 << 20

// collect keeps hops until stop is called.
func (m *Monitor) collect() (c *collection, stop func()) {
	c = &collection{monitor: m, newer: map[string]*apigateway.Hop{}}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.collecting[c] = struct{}{}
	m.collects.Add(1)
	return c, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.collecting, c)
		m.collects.Add(-1)
	}
}

// add keeps a hop. The caller holds the monitor's mu.
func (c *collection) add(h *apigateway.Hop) {
	if c.bytes > collectedBytes {
		c.newer, c.older, c.bytes = map[string]*apigateway.Hop{}, c.newer, 0
	}
	c.newer[h.RequestID] = h
	c.bytes += len(h.Request) + len(h.BackendResponse) + len(h.Response)
}

// find is the hop of a request; nil if it did not reach its integration.
func (c *collection) find(requestID string) *apigateway.Hop {
	c.monitor.mu.Lock()
	defer c.monitor.mu.Unlock()
	if h := c.newer[requestID]; h != nil {
		return h
	}
	return c.older[requestID]
}

// trimNewline is a record without the newline that separates it from the next one.
func trimNewline(data []byte) []byte { return bytes.TrimSuffix(data, []byte("\n")) }
