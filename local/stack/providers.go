package stack

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// providers are the gRPC servers of a stack's resource providers.
type providers struct {
	servers []server
}

type server struct {
	pkg    string
	port   int
	cancel chan bool
	done   <-chan error
}

// serve starts a server on a free port of 127.0.0.1 for each provider.
func serve(implementations map[string]pulumirpc.ResourceProviderServer) (*providers, error) {
	p := &providers{}
	for _, pkg := range slices.Sorted(maps.Keys(implementations)) {
		cancel := make(chan bool)
		handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
			Cancel: cancel,
			Init: func(s *grpc.Server) error {
				pulumirpc.RegisterResourceProviderServer(s, implementations[pkg])
				return nil
			},
		})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("serving the provider %s: %w", pkg, err), p.close())
		}
		p.servers = append(p.servers, server{pkg: pkg, port: handle.Port, cancel: cancel, done: handle.Done})
	}
	return p, nil
}

// attach is what the engine needs to know to use these servers instead of plugins of its own.
func (p *providers) attach() string {
	var pairs []string
	for _, server := range p.servers {
		pairs = append(pairs, fmt.Sprintf("%s:%d", server.pkg, server.port))
	}
	return strings.Join(pairs, ",")
}

func (p *providers) close() error {
	if p == nil {
		return nil
	}
	var failures []error
	for _, server := range p.servers {
		close(server.cancel)
		failures = append(failures, <-server.done)
	}
	p.servers = nil
	return errors.Join(failures...)
}
