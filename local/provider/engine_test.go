package provider

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/iam"
)

// seed is the random seed of all requests, so that names are the same in each run.
var seed = []byte("seed of the tests")

// unknown is a property that is not known before the update.
var unknown = resource.MakeComputed(resource.NewStringProperty(""))

func secret(v any) resource.PropertyValue { return resource.MakeSecret(resource.NewPropertyValue(v)) }

// props are the inputs of a resource; values may be plain or properties.
type props map[string]any

func (p props) properties() resource.PropertyMap {
	m := resource.PropertyMap{}
	for key, value := range p {
		m[resource.PropertyKey(key)] = propertyOf(value)
	}
	return m
}

func propertyOf(value any) resource.PropertyValue {
	switch v := value.(type) {
	case resource.PropertyValue:
		return v
	case props:
		return resource.NewObjectProperty(v.properties())
	case []any:
		elements := make([]resource.PropertyValue, len(v))
		for i := range v {
			elements[i] = propertyOf(v[i])
		}
		return resource.NewArrayProperty(elements)
	}
	return resource.NewPropertyValue(value)
}

// engine calls a provider over gRPC, as the Pulumi engine does.
type engine struct {
	t      *testing.T
	client pulumirpc.ResourceProviderClient
}

// attach connects an engine to a provider.
func attach(t *testing.T, port int) *engine {
	t.Helper()
	address := net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}
	connection, err := grpc.NewClient(address.String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, connection.Close()) })
	e := &engine{t: t, client: pulumirpc.NewResourceProviderClient(connection)}
	answer, err := e.client.Handshake(context.Background(), &pulumirpc.ProviderHandshakeRequest{ConfigureWithUrn: true})
	require.NoError(t, err)
	require.True(t, answer.GetAcceptSecrets())
	require.True(t, answer.GetSupportsAutonamingConfiguration())
	_, err = e.client.Attach(context.Background(), &pulumirpc.PluginAttach{Address: "127.0.0.1:1"})
	require.NoError(t, err)
	require.NoError(t, e.configure(props{"region": testAccount.Region}))
	return e
}

var testAccount = iam.Account{ID: "123456789012", Region: "eu-west-1", Partition: "aws"}

// tables attaches an engine to a provider without services, for tests of the tables of properties.
func tables(t *testing.T) *engine {
	t.Helper()
	p := &provider{services: services{Cloud: tablesCloud()}, types: newRegistry(), settings: newConnections(), creations: emptyCreations(t)}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	s := listen(p, listener)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return attach(t, s.Port())
}

func emptyCreations(t *testing.T) *creations {
	t.Helper()
	c, err := openCreations(t.TempDir())
	require.NoError(t, err)
	return c
}

func tablesCloud() *aws.Cloud { return &aws.Cloud{Account: testAccount} }

func urn(token, name string) string {
	return string(resource.NewURN("dev", "project", "", tokens.Type(token), name))
}

func (e *engine) marshal(m resource.PropertyMap) *structpb.Struct {
	e.t.Helper()
	s, err := plugin.MarshalProperties(m, plugin.MarshalOptions{
		KeepUnknowns: true, KeepSecrets: true, KeepResources: true, KeepOutputValues: true,
	})
	require.NoError(e.t, err)
	return s
}

func (e *engine) unmarshal(s *structpb.Struct) resource.PropertyMap {
	e.t.Helper()
	m, err := plugin.UnmarshalProperties(s, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
	require.NoError(e.t, err)
	return m
}

func (e *engine) configure(settings props) error {
	_, err := e.client.Configure(context.Background(), &pulumirpc.ConfigureRequest{
		Args: e.marshal(settings.properties()), AcceptSecrets: true, AcceptResources: true,
	})
	return err
}

// check returns the checked inputs, or the failures as "property: reason".
func (e *engine) check(token, name string, olds resource.PropertyMap, news props) (resource.PropertyMap, []string) {
	e.t.Helper()
	answer, err := e.client.Check(context.Background(), &pulumirpc.CheckRequest{
		Urn: urn(token, name), Olds: e.marshal(olds), News: e.marshal(news.properties()), RandomSeed: seed,
	})
	require.NoError(e.t, err)
	var failures []string
	for _, failure := range answer.GetFailures() {
		failures = append(failures, failure.GetProperty()+": "+failure.GetReason())
	}
	if len(failures) > 0 {
		return nil, failures
	}
	return e.unmarshal(answer.GetInputs()), nil
}

// mustCheck checks inputs that must be valid.
func (e *engine) mustCheck(token, name string, olds resource.PropertyMap, news props) resource.PropertyMap {
	e.t.Helper()
	inputs, failures := e.check(token, name, olds, news)
	require.Empty(e.t, failures)
	return inputs
}

// instance is a resource in the engine's state.
type instance struct {
	token, name, id string
	inputs, outputs resource.PropertyMap
}

func (i *instance) output(name string) any { return plainValue(i.outputs[resource.PropertyKey(name)]) }

func (i *instance) text(name string) string {
	value, _ := i.output(name).(string)
	return value
}

func (e *engine) create(token, name string, inputs resource.PropertyMap, preview bool) (*instance, error) {
	answer, err := e.client.Create(context.Background(), &pulumirpc.CreateRequest{
		Urn: urn(token, name), Properties: e.marshal(inputs), Preview: preview,
	})
	if err != nil {
		return nil, err
	}
	return &instance{token, name, answer.GetId(), inputs, e.unmarshal(answer.GetProperties())}, nil
}

func (e *engine) diff(i *instance, news resource.PropertyMap) *pulumirpc.DiffResponse {
	e.t.Helper()
	answer, err := e.client.Diff(context.Background(), &pulumirpc.DiffRequest{
		Id: i.id, Urn: urn(i.token, i.name), Olds: e.marshal(i.outputs), OldInputs: e.marshal(i.inputs),
		News: e.marshal(news),
	})
	require.NoError(e.t, err)
	return answer
}

func (e *engine) update(i *instance, news resource.PropertyMap, preview bool) (*instance, error) {
	answer, err := e.client.Update(context.Background(), &pulumirpc.UpdateRequest{
		Id: i.id, Urn: urn(i.token, i.name), Olds: e.marshal(i.outputs), OldInputs: e.marshal(i.inputs),
		News: e.marshal(news), Preview: preview,
	})
	if err != nil {
		return nil, err
	}
	return &instance{i.token, i.name, i.id, news, e.unmarshal(answer.GetProperties())}, nil
}

func (e *engine) delete(i *instance) error {
	_, err := e.client.Delete(context.Background(), &pulumirpc.DeleteRequest{
		Id: i.id, Urn: urn(i.token, i.name), Properties: e.marshal(i.outputs), OldInputs: e.marshal(i.inputs),
	})
	return err
}

// read returns the resource as it is now; its id is empty if it does not exist.
func (e *engine) read(i *instance) (*instance, error) {
	answer, err := e.client.Read(context.Background(), &pulumirpc.ReadRequest{
		Id: i.id, Urn: urn(i.token, i.name), Properties: e.marshal(i.outputs), Inputs: e.marshal(i.inputs),
	})
	if err != nil {
		return nil, err
	}
	return &instance{
		i.token, i.name, answer.GetId(), e.unmarshal(answer.GetInputs()), e.unmarshal(answer.GetProperties()),
	}, nil
}

// mustCreate checks and creates a resource, which must succeed.
func (e *engine) mustCreate(token, name string, inputs props) *instance {
	e.t.Helper()
	i, err := e.create(token, name, e.mustCheck(token, name, nil, inputs), false)
	require.NoError(e.t, err)
	return i
}

// createError returns the message with which the provider refuses to create a resource whose inputs are valid.
func (e *engine) createError(token, name string, inputs props) string {
	e.t.Helper()
	_, err := e.create(token, name, e.mustCheck(token, name, nil, inputs), false)
	require.Error(e.t, err)
	return message(err)
}

// mustUpdate checks and updates a resource, which must be possible without replacing it.
func (e *engine) mustUpdate(i *instance, inputs props) *instance {
	e.t.Helper()
	news := e.mustCheck(i.token, i.name, i.inputs, inputs)
	diff := e.diff(i, news)
	require.Equal(e.t, pulumirpc.DiffResponse_DIFF_SOME, diff.GetChanges())
	require.Empty(e.t, diff.GetReplaces(), "the change must not replace the resource")
	now, err := e.update(i, news, false)
	require.NoError(e.t, err)
	return now
}

func (e *engine) mustDelete(i *instance) {
	e.t.Helper()
	require.NoError(e.t, e.delete(i))
}

func (e *engine) mustRead(i *instance) *instance {
	e.t.Helper()
	now, err := e.read(i)
	require.NoError(e.t, err)
	return now
}

// message returns the message of an error that came over gRPC.
func message(err error) string {
	_, message, _ := strings.Cut(err.Error(), "desc = ")
	return message
}

func (e *engine) invokeRaw(token string, arguments props) (*pulumirpc.InvokeResponse, error) {
	return e.client.Invoke(context.Background(), &pulumirpc.InvokeRequest{
		Tok: token, Args: e.marshal(arguments.properties()),
	})
}

func (e *engine) invoke(token string, arguments props) (resource.PropertyMap, error) {
	answer, err := e.invokeRaw(token, arguments)
	if err != nil {
		return nil, err
	}
	require.Empty(e.t, answer.GetFailures())
	return e.unmarshal(answer.GetReturn()), nil
}

var nothing = &emptypb.Empty{}
