package aws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// endpoint is an HTTP server of the cloud's own.
type endpoint struct {
	url    string
	server *http.Server
	done   chan error
}

// serve starts to answer with handler on the listener of that name.
func serve(name string, listen func(string) (net.Listener, error), handler http.Handler) (*endpoint, error) {
	listener, err := listen(name)
	if err != nil {
		return nil, fmt.Errorf("opening the %s endpoint: %w", name, err)
	}
	e := &endpoint{
		url: "http://" + listener.Addr().String(),
		// A client that connects and says nothing must not hold a goroutine for ever.
		server: &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second},
		done:   make(chan error, 1),
	}
	go func() { e.done <- e.server.Serve(listener) }()
	return e, nil
}

func (e *endpoint) close(ctx context.Context) error {
	err := e.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, e.server.Close())
	}
	if served := <-e.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// ports remembers which port of 127.0.0.1 each endpoint has, in a file of the state folder.
type ports struct {
	file string

	mu    sync.Mutex
	known map[string]int
}

func openPorts(file string) (*ports, error) {
	p := &ports{file: file, known: map[string]int{}}
	if _, err := readJSON(file, &p.known); err != nil {
		return nil, err
	}
	return p, nil
}

// listen opens the port that the endpoint had before, or a free one. A port that was the endpoint's before and is now
// somebody else's is an error: producers were told that address.
func (p *ports) listen(endpoint string) (net.Listener, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	port, had := p.known[endpoint]
	address := fmt.Sprintf("127.0.0.1:%d", port)
	listener, err := net.Listen("tcp4", address)
	if err != nil && had {
		return nil, fmt.Errorf("listening on %s, the address that %s had before (end what uses it now, or forget the "+
			"address by removing %s): %w", address, endpoint, p.file, err)
	}
	if err != nil {
		return nil, fmt.Errorf("listening on a free port of 127.0.0.1 for %s: %w", endpoint, err)
	}
	if had {
		return listener, nil
	}
	p.known[endpoint] = listener.Addr().(*net.TCPAddr).Port
	if err := writeJSON(p.file, p.known); err != nil {
		delete(p.known, endpoint)
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}
