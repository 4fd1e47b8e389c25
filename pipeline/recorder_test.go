package pipeline_test

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/pipeline"
)

const (
	accountID = "111122223333"
	project   = "ingest-pipeline"

	existingLoggingRole = "arn:aws:iam::" + accountID + ":role/apigateway-logging"
)

// registration is what the program said about one resource.
type registration struct {
	Type, Name, URN string
	Version         string // of the provider
	Provider        string // a reference, if it is not the default one
	Custom          bool
	Parent          string
	DependsOn       []string // URNs: of DependsOn and of every output among the inputs
	Inputs          map[string]any
	InputsFrom      map[string][]string // URNs of the outputs in each input
	Protect, Retain bool
	ReplaceByDelete bool
	IgnoreChanges   []string
}

// recorder answers every registration as AWS would and remembers it.
type recorder struct {
	t                 *testing.T
	stack             string
	partition, region string
	// loggingRole is the CloudWatch Logs role of API Gateway that the account has.
	loggingRole string
	preview     bool

	mu            sync.Mutex
	registrations []*registration
	callProviders []string // of the functions of providers that were called
}

// runOption changes a run away from the stack's files.
type runOption func(*recorder, map[string]string)

func asPreview(r *recorder, _ map[string]string) { r.preview = true }

// asStack runs the stack's files under another stack name.
func asStack(name string) runOption {
	return func(r *recorder, _ map[string]string) { r.stack = name }
}

func withLoggingRole(arn string) runOption {
	return func(r *recorder, _ map[string]string) { r.loggingRole = arn }
}

func inRegion(partition, region string) runOption {
	return func(r *recorder, _ map[string]string) { r.partition, r.region = partition, region }
}

// with sets a setting, as pulumi config set --path does; an empty value removes it.
func with(path, value string) runOption {
	key, field, inGroup := strings.Cut(path, ".")
	full := project + ":" + key
	return func(r *recorder, conf map[string]string) {
		if inGroup {
			group := map[string]json.RawMessage{}
			if conf[full] != "" {
				require.NoError(r.t, json.Unmarshal([]byte(conf[full]), &group))
			}
			setInGroup(group, field, value)
			text, err := json.Marshal(group)
			require.NoError(r.t, err)
			conf[full] = string(text)
			return
		}
		delete(conf, full)
		if value != "" {
			conf[full] = value
		}
	}
}

func setInGroup(group map[string]json.RawMessage, field, value string) {
	switch {
	case value == "":
		delete(group, field)
	case json.Valid([]byte(value)):
		group[field] = json.RawMessage(value)
	default:
		group[field] = json.RawMessage(strconv.Quote(value))
	}
}

// run runs the program for a stack and fails the test unless it succeeds.
func run(t *testing.T, stack string, options ...runOption) *recorder {
	t.Helper()
	r, err := tryRun(t, stack, options...)
	require.NoError(t, err)
	return r
}

// tryRun runs the program with the settings in Pulumi.yaml and Pulumi.<stack>.yaml, as the engine would hand them over.
func tryRun(t *testing.T, stack string, options ...runOption) (*recorder, error) {
	t.Helper()
	r, conf := newRecorder(t, stack, options...)
	err := pulumi.RunErr(pipeline.Program, pulumi.WithMocks(project, r.stack, r), func(info *pulumi.RunInfo) {
		info.Config, info.DryRun, info.RootDirectory = conf, r.preview, ".."
	})
	return r, err
}

func newRecorder(t *testing.T, stack string, options ...runOption) (*recorder, map[string]string) {
	t.Helper()
	r, conf := &recorder{t: t, stack: stack, loggingRole: existingLoggingRole, partition: "aws", region: "ap-northeast-2"}, stackConfig(t, stack)
	for _, option := range options {
		option(r, conf)
	}
	return r, conf
}

// declarations are those of Pulumi.yaml.
var declarations = sync.OnceValues(func() (*workspace.Project, error) {
	return workspace.LoadProject(filepath.Join("..", "Pulumi.yaml"))
})

// stackFile is Pulumi.<stack>.yaml.
func stackFile(t *testing.T, stack string) *workspace.ProjectStack {
	t.Helper()
	proj, err := declarations()
	require.NoError(t, err)
	file, err := workspace.LoadProjectStack(
		diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never}), proj, filepath.Join("..", "Pulumi."+stack+".yaml"))
	require.NoError(t, err)
	return file
}

// stackConfig merges the defaults of Pulumi.yaml and the stack's file. A stack without one has the defaults only.
func stackConfig(t *testing.T, stack string) map[string]string {
	t.Helper()
	proj, err := declarations()
	require.NoError(t, err)
	conf := map[string]string{}
	for key, declared := range proj.Config {
		if declared.Default != nil { // pulumi:autonaming has none
			text, err := json.Marshal(declared.Default)
			require.NoError(t, err)
			conf[project+":"+key] = strings.Trim(string(text), `"`)
		}
	}
	if stack == "default" {
		return conf
	}
	for key, value := range stackFile(t, stack).Config {
		text, err := value.Value(config.NopDecrypter)
		require.NoError(t, err)
		conf[key.String()] = text
	}
	return conf
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if args.RegisterRPC == nil { // a resource that is read, not created
		require.Equal(r.t, "aws:apigateway/account:Account", args.TypeToken, "the recorder cannot read this")
		return args.ID, resource.PropertyMap{"cloudwatchRoleArn": resource.NewProperty(r.loggingRole)}, nil
	}
	rpc := args.RegisterRPC
	reg := &registration{
		Type: args.TypeToken, Name: args.Name, Version: rpc.GetVersion(), Provider: rpc.GetProvider(), Custom: args.Custom,
		Parent: rpc.GetParent(), DependsOn: rpc.GetDependencies(),
		Inputs: args.Inputs.Mappable(), InputsFrom: map[string][]string{},
		Protect: rpc.GetProtect(), Retain: rpc.GetRetainOnDelete(), ReplaceByDelete: rpc.GetDeleteBeforeReplace(),
		IgnoreChanges: rpc.GetIgnoreChanges(),
	}
	for input, from := range rpc.GetPropertyDependencies() {
		reg.InputsFrom[input] = from.GetUrns()
	}
	reg.URN = urn(rpc.GetParent(), args.TypeToken, args.Name)
	r.mu.Lock()
	r.registrations = append(r.registrations, reg)
	r.mu.Unlock()
	state := args.Inputs.Copy()
	if !args.Custom || r.preview {
		return "", state, nil
	}
	for output, value := range r.outputs(args) {
		if _, given := state[resource.PropertyKey(output)]; !given {
			state[resource.PropertyKey(output)] = resource.NewProperty(value)
		}
	}
	return args.Name + "-id", state, nil
}

// outputs are what AWS makes of a resource: ids and ARNs that look like real ones, so that a mix-up shows.
func (r *recorder) outputs(args pulumi.MockResourceArgs) map[string]string {
	name := args.Name
	for _, key := range []resource.PropertyKey{"name", "bucket", "stageName"} {
		if value, ok := args.Inputs[key]; ok && value.IsString() {
			name = value.StringValue()
		}
	}
	arn := func(service, resource string) string {
		return fmt.Sprintf("arn:%s:%s:%s:%s:%s", r.partition, service, r.region, accountID, resource)
	}
	switch args.TypeToken {
	case "aws:apigateway/restApi:RestApi":
		return map[string]string{"name": name + "-1a2b3c4", "rootResourceId": "root", "executionArn": arn("execute-api", "abc123")}
	case "aws:apigateway/apiKey:ApiKey":
		return map[string]string{"value": "key-of-" + name}
	case "aws:apigateway/stage:Stage":
		return map[string]string{"invokeUrl": "https://abc123.execute-api." + r.region + ".amazonaws.com/" + name,
			"arn": fmt.Sprintf("arn:%s:apigateway:%s::/restapis/abc123/stages/%s", r.partition, r.region, name)}
	case "aws:apigateway/model:Model":
		return map[string]string{"name": name}
	case "aws:kinesis/stream:Stream":
		if args.Inputs["name"].IsNull() {
			name += "-1a2b3c4"
		}
		return map[string]string{"name": name, "arn": arn("kinesis", "stream/"+name)}
	case "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream":
		return map[string]string{"arn": arn("firehose", "deliverystream/"+name)}
	case "aws:s3/bucketV2:BucketV2":
		if args.Inputs["bucket"].IsNull() {
			name += "-1a2b3c4"
		}
		return map[string]string{"bucket": name, "arn": fmt.Sprintf("arn:%s:s3:::%s", r.partition, name)}
	case "aws:iam/role:Role":
		return map[string]string{
			"name": name + "-1a2b3c4",
			"arn":  fmt.Sprintf("arn:%s:iam::%s:role/%s-1a2b3c4", r.partition, accountID, name),
		}
	case "aws:kms/key:Key":
		return map[string]string{"arn": arn("kms", "key/"+name)}
	case "aws:sns/topic:Topic":
		return map[string]string{"arn": arn("sns", name+"-1a2b3c4")}
	case "aws:athena/workgroup:Workgroup", "aws:iam/instanceProfile:InstanceProfile":
		return map[string]string{"name": name + "-1a2b3c4"}
	case "aws:cloudwatch/logGroup:LogGroup":
		return map[string]string{"arn": arn("logs", "log-group:"+name)}
	case "aws:cloudwatch/logStream:LogStream":
		group := args.Inputs["logGroupName"].StringValue()
		return map[string]string{"arn": arn("logs", "log-group:"+group+":log-stream:"+name)}
	}
	return nil
}

func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	answers := map[string]map[string]any{
		"aws:index/getPartition:getPartition":           {"partition": r.partition},
		"aws:index/getRegion:getRegion":                 {"name": r.region, "region": r.region},
		"aws:index/getCallerIdentity:getCallerIdentity": {"accountId": accountID},
		"aws:ssm/getParameter:getParameter":             {"value": "ami-0123456789abcdef0"},
	}
	r.mu.Lock()
	r.callProviders = append(r.callProviders, args.Provider)
	r.mu.Unlock()
	answer, ok := answers[args.Token]
	if !ok {
		return nil, fmt.Errorf("the recorder has no answer to %s", args.Token)
	}
	return resource.NewPropertyMapFromMap(answer), nil
}

// urn is as the engine makes it.
func urn(parent, typ, name string) string {
	parentType := ""
	if p := resource.URN(parent); parent != "" && p.QualifiedType() != resource.RootStackType {
		parentType = string(p.QualifiedType()) + "$"
	}
	stack := "stack"
	if parent != "" {
		stack = string(resource.URN(parent).Stack())
	}
	return fmt.Sprintf("urn:pulumi:%s::%s::%s%s::%s", stack, project, parentType, typ, name)
}

// label names a resource for a person: the last parts of its type and its name.
func label(resourceURN string) string {
	u := resource.URN(resourceURN)
	typ := string(u.Type())
	return typ[strings.LastIndex(typ, ":")+1:] + " " + u.Name()
}

func (g *registration) label() string { return label(g.URN) }

// of gives the resources of a type, by the last part of its token ("Stage", "RolePolicy").
func (r *recorder) of(typ string) []*registration {
	var found []*registration
	for _, reg := range r.registrations {
		if reg.Custom && strings.HasSuffix(reg.Type, ":"+typ) {
			found = append(found, reg)
		}
	}
	slices.SortFunc(found, func(a, b *registration) int { return strings.Compare(a.Name, b.Name) })
	return found
}

// one is the only resource of a type, or the one of that name.
func (r *recorder) one(t *testing.T, typ string, name ...string) *registration {
	t.Helper()
	found := r.of(typ)
	if len(name) > 0 {
		found = slices.DeleteFunc(found, func(g *registration) bool { return g.Name != name[0] })
	}
	require.Len(t, found, 1, "resources of type %s %v", typ, name)
	return found[0]
}

// input follows a dotted path into the inputs.
func (g *registration) input(path string) any {
	var value any = g.Inputs
	for _, part := range strings.Split(path, ".") {
		m, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = m[part]
	}
	return value
}

// wants asserts that an input, by its dotted path, has a value.
func (g *registration) wants(t *testing.T, path string, value any) {
	t.Helper()
	assert.EqualValues(t, value, g.input(path), "%s: %s", g.label(), path)
}

// reaches says whether g depends on other, directly or through resources in between.
func (r *recorder) reaches(g, other *registration) bool {
	seen := map[string]bool{}
	var visit func(string) bool
	visit = func(from string) bool {
		if seen[from] {
			return false
		}
		seen[from] = true
		for _, reg := range r.registrations {
			if reg.URN != from {
				continue
			}
			for _, dep := range reg.DependsOn {
				if dep == other.URN || visit(dep) {
					return true
				}
			}
		}
		return false
	}
	return visit(g.URN)
}
