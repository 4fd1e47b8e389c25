package aws

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"sync"

	"ingest-pipeline/local/internal/durable"
)

// ports remembers in a file of the state folder which port of 127.0.0.1 each endpoint has, so that it has the same
// address after a restart: the program's outputs and its producers have that address.
type ports struct {
	file string
	open func(endpoint string, port int) (net.Listener, error)

	mu    sync.Mutex
	known map[string]int
}

func openPorts(file string, open func(endpoint string, port int) (net.Listener, error)) (*ports, error) {
	p := &ports{file: file, open: open, known: map[string]int{}}
	if p.open == nil {
		p.open = p.listenOn
	}
	if _, err := durable.ReadJSON(file, &p.known); err != nil {
		return nil, fmt.Errorf("reading the ports of the endpoints: %w", err)
	}
	return p, nil
}

// listen opens the listener of an endpoint and remembers its port.
func (p *ports) listen(endpoint string) (net.Listener, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	listener, err := p.open(endpoint, p.known[endpoint])
	if err != nil {
		return nil, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if port == p.known[endpoint] {
		return listener, nil
	}
	known := maps.Clone(p.known)
	known[endpoint] = port
	if err := durable.WriteJSON(p.file, known); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	p.known = known
	return listener, nil
}

// listenOn opens a port, or a free one if port is 0.
func (p *ports) listenOn(endpoint string, port int) (net.Listener, error) {
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil && port != 0 {
		return nil, fmt.Errorf("%w: it is the port of %s; end the process that uses it, or remove %s", err, endpoint, p.file)
	}
	return listener, err
}
