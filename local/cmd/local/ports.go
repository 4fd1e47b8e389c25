package main

import (
	"errors"
	"fmt"
	"net"
	"sync"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/console"
	"ingest-pipeline/local/provider"
)

// ports chooses the ports of a local target's endpoints: the one of a flag, else the one that the endpoint had last
// time, else any free one. Package aws remembers them.
type ports struct {
	flags commandline.Listen
	// anyFree opens a free port where the one of last time is taken.
	anyFree bool

	mu sync.Mutex
	// api is the listener for the API, opened before an API exists.
	api net.Listener
	// apiPort is the port that --port still has to give to an API.
	apiPort int
	moved   bool
}

func newPorts(flags commandline.Listen) *ports { return &ports{flags: flags, apiPort: flags.Port} }

// listen is aws.Options.Listen.
func (p *ports) listen(endpoint string, last int) (net.Listener, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	listener, err := p.open(endpoint, last)
	if err == nil && last != 0 && endpoint != provider.Endpoint && endpoint != console.Endpoint {
		p.moved = p.moved || listener.Addr().(*net.TCPAddr).Port != last
	}
	return listener, err
}

func (p *ports) open(endpoint string, last int) (net.Listener, error) {
	switch {
	case endpoint == provider.Endpoint, endpoint == console.Endpoint:
		return openPort("", last, true) // the engine gets the port at each start, and so does the person who reads it
	case endpoint == aws.APIEndpoint && p.flags.AWSPort != 0:
		return openPort("--aws-port", p.flags.AWSPort, false)
	case endpoint == aws.APIEndpoint:
		return openPort("--aws-port", last, p.anyFree)
	case p.api != nil:
		listener := p.api
		p.api = nil
		return listener, nil
	case p.apiPort != 0:
		port := p.apiPort
		p.apiPort = 0
		return openPort("--port", port, false)
	}
	return openPort("--port", last, p.anyFree)
}

// reserve opens the port of --port, so that a port that is taken is an error before anything is deployed.
func (p *ports) reserve() (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.apiPort == 0 {
		return nil // the flag is not set, or the API of an earlier run has the port
	}
	p.api, err = openPort("--port", p.apiPort, false)
	p.apiPort = 0
	return err
}

// openPort opens a port of 127.0.0.1; 0 is any free one, and anyFree opens a free one if the port is taken.
func openPort(flag string, port int, anyFree bool) (net.Listener, error) {
	if port == 0 {
		return aws.ListenOnFreePort()
	}
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil && anyFree {
		return aws.ListenOnFreePort()
	}
	if err != nil {
		var cause *net.OpError
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return nil, fmt.Errorf("%s = %d: must be a free port of 127.0.0.1 (%w); end the process that uses it, or choose another port", flag, port, err)
	}
	return listener, nil
}

// hasMoved reports whether an endpoint has another address than the program's outputs of last time say.
func (p *ports) hasMoved() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.moved
}

// close closes a port that was reserved and that no API has.
func (p *ports) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.api == nil {
		return nil
	}
	return p.api.Close()
}
