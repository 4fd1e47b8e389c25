package aws

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strconv"
	"sync"

	"ingest-pipeline/local/internal/durable"
)

// portsFile is the file of the state folder that ports writes.
const portsFile = "ports.json"

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
	if port == 0 {
		return ListenOnFreePort()
	}
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, fmt.Errorf("%w: it is the port of %s; end the process that uses it, or remove %s", err, endpoint, p.file)
	}
	return listener, nil
}

// ListenOnFreePort opens a free port of 127.0.0.1 below those that outgoing connections get by default: Linux begins with 32768,
// macOS and Windows with 49152. Otherwise a connection of any program could have the port when its endpoint is opened again.
func ListenOnFreePort() (net.Listener, error) {
	const first, end = 20_000, 32_768
	for range 100 {
		listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", first+rand.IntN(end-first)))
		if err == nil {
			return listener, nil
		}
	}
	return net.Listen("tcp4", "127.0.0.1:0")
}

// APIAddress is the host and port of the endpoint for AWS's clients of the last Cloud over a state folder, which may still be
// open; empty if there was none.
func APIAddress(dir string) (string, error) {
	known := map[string]int{}
	if _, err := durable.ReadJSON(filepath.Join(dir, portsFile), &known); err != nil {
		return "", fmt.Errorf("reading the ports of the endpoints: %w", err)
	}
	if known[APIEndpoint] == 0 {
		return "", nil
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(known[APIEndpoint])), nil
}
