package provider

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Version is the version of pulumi-aws whose types, properties and names the provider has.
const Version = "6.83.0"

// provider answers the engine.
type provider struct {
	plugin.UnimplementedProvider

	services  services
	types     registry
	settings  *connections
	creations *creations
}

var _ plugin.GrpcProvider = (*provider)(nil)

// Handshake says which kinds of values the provider accepts. References to resources arrive as their ids.
func (p *provider) Handshake(context.Context, plugin.ProviderHandshakeRequest) (*plugin.ProviderHandshakeResponse, error) {
	return &plugin.ProviderHandshakeResponse{
		AcceptSecrets:                   true,
		AcceptResources:                 false,
		AcceptOutputs:                   false,
		SupportsAutonamingConfiguration: true,
	}, nil
}

// Attach receives the address of the engine, which the provider never calls.
func (p *provider) Attach(string) error { return nil }

// GetPluginInfo tells the version.
func (p *provider) GetPluginInfo(context.Context) (plugin.PluginInfo, error) {
	version, err := semver.Parse(Version)
	if err != nil {
		return plugin.PluginInfo{}, fmt.Errorf("parsing the version of the provider: %w", err)
	}
	return plugin.PluginInfo{Version: &version}, nil
}

// GetSchema returns a minimal schema: programs are compiled against that of pulumi-aws.
func (p *provider) GetSchema(context.Context, plugin.GetSchemaRequest) (plugin.GetSchemaResponse, error) {
	schema, err := json.Marshal(map[string]any{"name": "aws", "version": Version})
	return plugin.GetSchemaResponse{Schema: schema}, err
}

// SignalCancellation is called when a deployment ends, early or not. No call of the provider lasts, so that there is
// nothing to cancel.
func (p *provider) SignalCancellation(context.Context) error { return nil }

// Close is called when the engine disconnects. The services go on.
func (p *provider) Close() error { return nil }

// Construct refuses components, which pulumi-aws does not have either.
func (p *provider) Construct(_ context.Context, req plugin.ConstructRequest) (plugin.ConstructResponse, error) {
	return plugin.ConstructResponse{}, fmt.Errorf("the local target has no component %s (the program's resource %q)",
		req.Type, req.Name)
}

// Call refuses methods of resources, which the types of the local target do not have.
func (p *provider) Call(_ context.Context, req plugin.CallRequest) (plugin.CallResponse, error) {
	return plugin.CallResponse{}, fmt.Errorf("the local target has no method %s", req.Tok)
}
