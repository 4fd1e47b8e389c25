package apigateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// drainOnDelete is how long deleting an API waits for its requests in flight: as long as an integration may take.
const drainOnDelete = defaultTimeoutMillis * time.Millisecond

// server answers for one API. What it serves is a table that is replaced as a whole, so that a request never waits for
// the control plane.
type server struct {
	service  *Service
	apiID    string
	baseURL  string
	http     *http.Server
	listener net.Listener
	served   chan error

	stages atomic.Pointer[map[string]*stageRuntime]
	// buckets are the token buckets of the methods that have a limit. The service's mu guards them.
	buckets map[bucketKey]*rate.Limiter

	invocations sync.Pool
}

// listen starts to listen for an API. Nothing is answered before start. The caller holds s.mu.
func (s *Service) listen(apiID string) (*server, error) {
	listener, err := s.options.Listen(apiID)
	if err != nil {
		return nil, fmt.Errorf("listening for API %s: %w", apiID, err)
	}
	srv := &server{
		service: s, apiID: apiID, listener: listener, served: make(chan error, 1), buckets: map[bucketKey]*rate.Limiter{},
		baseURL: "http://" + listener.Addr().String(),
	}
	srv.invocations.New = func() any { return &invocation{} }
	srv.stages.Store(&map[string]*stageRuntime{})
	srv.http = &http.Server{
		Handler:     srv,
		ConnContext: withHeaderNames,
		// Each request reaches ServeHTTP, which expects the names of its headers.
		DisableGeneralOptionsHandler: true,
		// AWS's front end ends connections that are slow or idle; the times are assumed.
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       350 * time.Second,
		// Requests over API Gateway's own limit are answered here up to this size, and by net/http beyond.
		MaxHeaderBytes: 1 << 20,
		ErrorLog:       log.New(io.Discard, "", 0),
	}
	return srv, nil
}

// start starts to answer requests.
func (srv *server) start() {
	go func() { srv.served <- srv.http.Serve(headerNameListener{srv.listener}) }()
}

// close stops listening and waits for requests in flight until ctx ends; those still running are cut off then.
func (srv *server) close(ctx context.Context) error {
	err := srv.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("ending the requests of API %s: %w", srv.apiID, err), srv.http.Close())
	}
	if served := <-srv.served; !errors.Is(served, http.ErrServerClosed) && !errors.Is(served, net.ErrClosed) {
		err = errors.Join(err, fmt.Errorf("serving API %s: %w", srv.apiID, served))
	}
	return err
}

// publish serves a stage from now on; nil: the stage no longer exists. The caller holds the service's mu.
func (srv *server) publish(name string, compiled *stageRuntime) {
	table := maps.Clone(*srv.stages.Load())
	if compiled != nil {
		table[name] = compiled
	} else {
		delete(table, name)
		maps.DeleteFunc(srv.buckets, func(key bucketKey, _ *rate.Limiter) bool { return key.stage == name })
	}
	srv.stages.Store(&table)
}
