package pipelinetest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"
)

const project = "ingest-pipeline"

// createTimeout bounds one call of the provider.
const createTimeout = 30 * time.Second

// monitor creates what the program registers.
type monitor struct {
	options    Options
	connection *grpc.ClientConn
	provider   pulumirpc.ResourceProviderClient
}

func newMonitor(port int, options Options) (*monitor, error) {
	connection, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", port),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, fmt.Errorf("connecting to the provider: %w", err)
	}
	return &monitor{options, connection, pulumirpc.NewResourceProviderClient(connection)}, nil
}

func (m *monitor) close() { _ = m.connection.Close() }

var wire = plugin.MarshalOptions{KeepSecrets: true, KeepResources: false}

// NewResource does what the engine does for a resource that is new: check, then create.
func (m *monitor) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if !args.Custom {
		return "", args.Inputs, nil
	}
	typ, inputs := lastPart(args.TypeToken), args.Inputs
	if m.options.Without != nil && m.options.Without(typ, args.Name) {
		// Whoever needs something of it gets what it would have had, as far as it was declared.
		return args.Name + "-left-out", inputs, nil
	}
	if m.options.Change != nil {
		m.options.Change(typ, args.Name, inputs)
	}
	ctx, cancel := context.WithTimeout(context.Background(), createTimeout)
	defer cancel()
	if args.RegisterRPC == nil { // a resource that is read
		read, err := m.provider.Read(ctx, &pulumirpc.ReadRequest{Id: args.ID, Urn: urn(m.options.Stack, args)})
		if err != nil {
			return "", nil, fmt.Errorf("%s %q: %w", typ, args.Name, err)
		}
		outputs, err := unmarshal(read.GetProperties())
		return read.GetId(), outputs, err
	}
	urn := urn(m.options.Stack, args)
	news, err := plugin.MarshalProperties(inputs, wire)
	if err != nil {
		return "", nil, err
	}
	seed := sha256.Sum256([]byte(urn))
	checked, err := m.provider.Check(ctx, &pulumirpc.CheckRequest{Urn: urn, News: news, RandomSeed: seed[:]})
	if err != nil {
		return "", nil, fmt.Errorf("%s %q: %w", typ, args.Name, err)
	}
	if failures := checked.GetFailures(); len(failures) > 0 {
		return "", nil, fmt.Errorf("%s %q: %v", typ, args.Name, failures)
	}
	created, err := m.provider.Create(ctx, &pulumirpc.CreateRequest{Urn: urn, Properties: checked.GetInputs()})
	if err != nil {
		return "", nil, fmt.Errorf("%s %q: %w", typ, args.Name, err)
	}
	outputs, err := unmarshal(created.GetProperties())
	return created.GetId(), outputs, err
}

func urn(stack string, args pulumi.MockResourceArgs) string {
	return fmt.Sprintf("urn:pulumi:%s::%s::%s::%s", stack, project, args.TypeToken, args.Name)
}

// Call asks the provider.
func (m *monitor) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	ctx, cancel := context.WithTimeout(context.Background(), createTimeout)
	defer cancel()
	in, err := plugin.MarshalProperties(args.Args, wire)
	if err != nil {
		return nil, err
	}
	answer, err := m.provider.Invoke(ctx, &pulumirpc.InvokeRequest{Tok: args.Token, Args: in})
	if err != nil {
		return nil, err
	}
	return unmarshal(answer.GetReturn())
}

func unmarshal(properties *structpb.Struct) (resource.PropertyMap, error) {
	return plugin.UnmarshalProperties(properties, wire)
}

// settings are the defaults of Pulumi.yaml, the stack's file and the options, as the engine would merge them.
func settings(t testing.TB, options Options) map[string]string {
	t.Helper()
	proj, err := workspace.LoadProject(filepath.Join(projectDir(), "Pulumi.yaml"))
	require.NoError(t, err)
	conf := map[string]string{}
	for key, declared := range proj.Config {
		if declared.Default != nil {
			text, err := json.Marshal(declared.Default)
			require.NoError(t, err)
			conf[project+":"+key] = strings.Trim(string(text), `"`)
		}
	}
	file, err := workspace.LoadProjectStack(diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never}),
		proj, filepath.Join(projectDir(), "Pulumi."+options.Stack+".yaml"))
	require.NoError(t, err)
	for key, value := range file.Config {
		text, err := value.Value(config.NopDecrypter)
		require.NoError(t, err)
		conf[key.String()] = text
	}
	for path, value := range options.Settings {
		key, field, inGroup := strings.Cut(path, ".")
		if inGroup {
			group := map[string]any{}
			require.NoError(t, json.Unmarshal([]byte(conf[project+":"+key]), &group))
			group[field] = value
			text, err := json.Marshal(group)
			require.NoError(t, err)
			value = string(text)
		}
		conf[project+":"+key] = value
	}
	return conf
}

// lastPart is a type token without its package and module.
func lastPart(token string) string { return token[strings.LastIndex(token, ":")+1:] }
