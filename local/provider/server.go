package provider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"

	"ingest-pipeline/local/aws"
)

// largestMessage is the limit of the engine's own messages, in bytes (pulumi, sdk/go/common/util/rpcutil).
const largestMessage = 400 << 20

// Server is the provider on a port of 127.0.0.1.
type Server struct {
	provider *provider
	listener net.Listener
	grpc     *grpc.Server
	// done is closed when the server has stopped; ended is then why.
	done  chan struct{}
	ended error
}

// Serve listens for engines. A store in the state folder that cannot be read is an error that names its file.
func Serve(c *aws.Cloud) (*Server, error) {
	types := newRegistry()
	kept, err := openStore(c.Dir(), types)
	if err != nil {
		return nil, err
	}
	created, err := openCreations(c.Dir())
	if err != nil {
		return nil, err
	}
	listener, err := c.Listen(Endpoint)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listening for the engine: %w", err), created.close())
	}
	return listen(&provider{services: services{c, kept}, types: types, settings: newConnections(), creations: created}, listener), nil
}

// Endpoint is the name under which the provider's port is remembered (aws.Options.Listen).
const Endpoint = "provider"

func listen(p *provider, listener net.Listener) *Server {
	s := &Server{
		provider: p,
		listener: listener,
		grpc: grpc.NewServer(grpc.MaxRecvMsgSize(largestMessage), grpc.MaxSendMsgSize(largestMessage),
			grpc.UnaryInterceptor(serializeSetup())),
		done: make(chan struct{}),
	}
	pulumirpc.RegisterResourceProviderServer(s.grpc, wire{plugin.NewProviderServer(p)})
	go func() {
		defer close(s.done)
		s.ended = s.grpc.Serve(listener)
	}()
	return s
}

// serializeSetup keeps Handshake and Configure apart from all other calls. The engine makes them for each provider of a
// program while it already calls another one, and the sdk's server writes what they settle without a lock.
func serializeSetup() grpc.UnaryServerInterceptor {
	var setup sync.RWMutex
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		switch info.FullMethod {
		case pulumirpc.ResourceProvider_Handshake_FullMethodName, pulumirpc.ResourceProvider_Configure_FullMethodName:
			setup.Lock()
			defer setup.Unlock()
		default:
			setup.RLock()
			defer setup.RUnlock()
		}
		return handler(ctx, req)
	}
}

// Port is the port of 127.0.0.1 that the provider listens on.
func (s *Server) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Attachment is the value of the environment variable PULUMI_DEBUG_PROVIDERS with which an engine attaches to this
// provider instead of starting pulumi-aws: "aws:40003".
func (s *Server) Attachment() string { return fmt.Sprintf("aws:%d", s.Port()) }

// Resource is a resource that a service has.
type Resource struct {
	// Type is its type token, ID the id by which the engine knows it.
	Type, ID string
	// Outputs are all its properties, as plain JSON values. They are the caller's to keep.
	Outputs map[string]any
	// ByEngine says that an engine has created it since the first operation of the last process that had any, or was
	// creating it when that process was killed.
	ByEngine bool
}

// Resources lists the resources that services have, whoever created them. What depends on another resource comes after
// it. Settings of other resources, such as a bucket's policy, are not listed.
func (s *Server) Resources() ([]Resource, error) {
	p := s.provider
	var resources []Resource
	for _, r := range p.types.creationOrder() {
		if r.list == nil {
			continue
		}
		for _, listed := range r.list(p.services) {
			id, keys, err := r.parseID(p.services, listed)
			if err != nil {
				return nil, fmt.Errorf("listing %s: %w", r.token, err)
			}
			out, err := r.read(p.services, id, keys)
			if isGone(err) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("listing %s %s: %w", r.token, id, err)
			}
			resources = append(resources, Resource{
				Type: r.token, ID: id, Outputs: merge(out, r.tagsAll(out)),
				ByEngine: p.creations.include(r.token, r.naming.physicalName(out), id),
			})
		}
	}
	return resources, nil
}

// Close stops listening and ends what engines are doing. The services go on.
func (s *Server) Close() error {
	s.grpc.Stop()
	<-s.done
	err := s.provider.creations.close()
	if s.ended != nil && !errors.Is(s.ended, grpc.ErrServerStopped) {
		err = errors.Join(fmt.Errorf("serving the engine: %w", s.ended), err)
	}
	return err
}

// wire is the provider as gRPC has it. It completes what the sdk's server leaves out of the answers of Diff: that
// there is a detailed diff, which properties are replaced, by their first name as pulumi-aws tells it, and that a
// deletion can replace.
type wire struct {
	pulumirpc.ResourceProviderServer
}

func (w wire) Diff(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	answer, err := w.ResourceProviderServer.Diff(ctx, req)
	return completeDiff(answer), err
}

func (w wire) DiffConfig(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	answer, err := w.ResourceProviderServer.DiffConfig(ctx, req)
	return completeDiff(answer), err
}

func completeDiff(answer *pulumirpc.DiffResponse) *pulumirpc.DiffResponse {
	if answer == nil {
		return nil
	}
	for path, difference := range answer.GetDetailedDiff() {
		if difference.GetKind() == pulumirpc.PropertyDiff_DELETE && slices.Contains(answer.GetReplaces(), path) {
			difference.Kind = pulumirpc.PropertyDiff_DELETE_REPLACE
		}
	}
	answer.HasDetailedDiff = true
	answer.Replaces = topLevelNames(answer.GetReplaces())
	answer.Diffs = topLevelNames(answer.GetDiffs())
	return answer
}

// topLevelNames are the properties that paths begin with.
func topLevelNames(paths []string) []string {
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = path
		if end := strings.IndexAny(path, ".["); end > 0 {
			names[i] = path[:end]
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
