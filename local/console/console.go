package console

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/iam"
)

// Endpoint is the name under which the console's port is remembered (aws.Options.Listen).
const Endpoint = "console"

// Options says what the console shows.
type Options struct {
	// Cloud is what is shown. Required.
	Cloud *aws.Cloud
	// Monitor is the one whose Hooks the cloud was opened with. Required.
	Monitor *Monitor
	// Project is the folder of Pulumi.yaml; Stack is the stack's name.
	Project, Stack string
	// MaxBufferInterval is the one that the cloud was opened with.
	MaxBufferInterval time.Duration
	// AccessKey signs what the page sends to methods with the authorization AWS_IAM.
	AccessKey iam.AccessKey
	// Resources lists what exists, for a local target whose deployments are made by another process. May be nil.
	Resources func() ([]Resource, error)
}

// Server serves the console on a port of 127.0.0.1.
type Server struct {
	options Options
	token   string
	host    string
	http    *http.Server
	served  chan error
	ended   context.CancelFunc
	client  *http.Client
	follows *follower

	deployment atomic.Pointer[Deployment]
	objects    sync.Map // by bucket: whether its newest objects were looked up
}

// Serve opens the console's port.
func Serve(options Options) (*Server, error) {
	listener, err := options.Cloud.Listen(Endpoint)
	if err != nil {
		return nil, fmt.Errorf("opening the console: %w", err)
	}
	return serve(options, listener), nil
}

// readHeaderTimeout ends connections that send nothing.
const readHeaderTimeout = 10 * time.Second

func serve(options Options, listener net.Listener) *Server {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		options: options, token: rand.Text(), host: listener.Addr().String(), served: make(chan error, 1), ended: cancel,
		client: &http.Client{Timeout: sendTimeout},
	}
	s.follows = newFollower(options.Cloud, options.Monitor)
	s.http = &http.Server{
		Handler: s.handler(), ReadHeaderTimeout: readHeaderTimeout,
		// Streams of events end with the console.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	go func() { s.served <- s.http.Serve(listener) }()
	return s
}

// URL is the address of the page.
func (s *Server) URL() string { return "http://" + s.host + "/" }

// Close stops serving.
func (s *Server) Close() error {
	s.ended()
	s.follows.close()
	s.client.CloseIdleConnections()
	err := s.http.Close()
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	if err != nil {
		return fmt.Errorf("closing the console: %w", err)
	}
	return nil
}

// SetDeployment shows the result of a deployment. One that failed before it changed anything leaves the resources as they
// are shown.
func (s *Server) SetDeployment(d Deployment) {
	if last := s.deployment.Load(); d.Problem != "" && last != nil && len(d.Resources) == 0 {
		d.Resources, d.Outputs = last.Resources, last.Outputs
	}
	s.deployment.Store(&d)
	s.options.Monitor.publish("deployment", d.summary())
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	mux.Handle("GET /assets/", assets())
	mux.HandleFunc("GET /api/stream", s.stream)
	for pattern, get := range map[string]func(*http.Request) (any, error){
		"/api/state":          s.getState,
		"/api/follow":         s.getFollow,
		"/api/send/routes":    s.getRoutes,
		"/api/records":        s.getRecords,
		"/api/objects":        s.getObjects,
		"/api/object":         s.getObject,
		"/api/logs":           s.getLogGroups,
		"/api/logs/events":    s.getLogEvents,
		"/api/alarms":         s.getAlarms,
		"/api/alarms/history": s.getAlarmHistory,
		"/api/dashboard":      s.getDashboard,
		"/api/templates":      s.getTemplates,
		"/api/faults":         s.getFaults,
		"/api/cost":           s.getCost,
		"/api/resources":      s.getResources,
	} {
		mux.Handle("GET "+pattern, respond(get))
	}
	for pattern, post := range map[string]func(*http.Request) (any, error){
		"/api/send":           s.postSend,
		"/api/templates/test": s.postTemplateTest,
		"/api/faults":         s.postFaults,
	} {
		mux.Handle("POST "+pattern, s.requireToken(respond(post)))
	}
	return s.guard(mux)
}
