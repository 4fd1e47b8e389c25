package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/cmd/local/command"
)

// ports gives the endpoints of a cloud their listeners: on the port that was asked for, else on the one that the
// endpoint had last time, else on a free one. Which one it was is kept in the state folder, as package aws keeps it.
type ports struct {
	file  string
	asked command.Listen
	// free gives every endpoint a free port and remembers nothing: nobody is told its address.
	free bool

	mu       sync.Mutex
	known    map[string]int
	reserved net.Listener
	// moved says that an endpoint has another address than the program's outputs of last time say.
	moved bool
}

func newPorts(dir string, asked command.Listen) *ports {
	return &ports{file: filepath.Join(dir, "ports.json"), asked: asked}
}

// listen is what the cloud calls: for S3 once the state folder is its own, then for each API.
func (p *ports) listen(endpoint string) (net.Listener, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free {
		return net.Listen("tcp4", "127.0.0.1:0")
	}
	if err := p.load(); err != nil {
		return nil, err
	}
	if endpoint == aws.S3Endpoint {
		// A port of the API that is taken is to be told now, and not when half of the program is deployed.
		if err := p.reserve(); err != nil {
			return nil, err
		}
		return p.remembered(endpoint, p.asked.S3Port, "--s3-port")
	}
	if p.reserved != nil {
		listener := p.reserved
		p.reserved = nil
		return listener, p.remember(endpoint, listener)
	}
	return p.remembered(endpoint, 0, "--port")
}

func (p *ports) load() error {
	if p.known != nil {
		return nil
	}
	content, err := os.ReadFile(p.file)
	if errors.Is(err, fs.ErrNotExist) {
		p.known = map[string]int{}
		return nil
	}
	if err == nil {
		err = json.Unmarshal(content, &p.known)
	}
	if err != nil {
		return fmt.Errorf("reading the ports of last time: %s: %w", p.file, err)
	}
	return nil
}

func (p *ports) reserve() (err error) {
	if p.asked.Port != 0 && p.reserved == nil {
		p.reserved, err = listenOn(p.asked.Port, "--port")
	}
	return err
}

func (p *ports) remembered(endpoint string, asked int, flag string) (net.Listener, error) {
	port := asked
	if port == 0 {
		port = p.known[endpoint]
	}
	listener, err := listenOn(port, flag)
	if err != nil {
		return nil, err
	}
	return listener, p.remember(endpoint, listener)
}

func listenOn(port int, flag string) (net.Listener, error) {
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, fmt.Errorf("%w: end what uses the port, or choose another one with %s", err, flag)
	}
	return listener, nil
}

func (p *ports) remember(endpoint string, listener net.Listener) error {
	port := listener.Addr().(*net.TCPAddr).Port
	if p.known[endpoint] == port {
		return nil
	}
	p.moved = p.moved || p.known[endpoint] != 0
	p.known[endpoint] = port
	content, err := json.Marshal(p.known)
	if err == nil {
		err = os.WriteFile(p.file+".new", content, 0o600)
	}
	if err == nil {
		err = os.Rename(p.file+".new", p.file)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("remembering the port of %s: %w", endpoint, err), listener.Close())
	}
	return nil
}

// hasMoved says whether an endpoint has another address than last time.
func (p *ports) hasMoved() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.moved
}

// close gives back a port that was reserved and that no API wanted.
func (p *ports) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reserved == nil {
		return nil
	}
	return p.reserved.Close()
}
