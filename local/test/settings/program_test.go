package settings

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	awssdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/internal/settings"
	"ingest-pipeline/pipeline"
)

// namedAfterStackOrComponent are the types of the resources that have the stack's or the component's name in theirs.
var namedAfterStackOrComponent = []string{"CatalogDatabase", "CatalogTable", "Dashboard"}

func TestARenamedStackReplacesOnlyWhatHasItsNameAndHoldsNothing(t *testing.T) {
	t.Parallel()
	d := start(t)
	_, err := d.open(t).Up(context.Background())
	require.NoError(t, err)

	d.cli(t, "stack", "rename", "renamed", "--stack", "dev")
	require.FileExists(t, filepath.Join(d.project, "Pulumi.renamed.yaml"))

	result, err := d.openProgram(t, "renamed", pipeline.Program).Up(context.Background())
	require.NoError(t, err)
	assert.Equal(t, namedAfterStackOrComponent, replacedTypes(t, result))
}

func TestTheCLISetsOneSettingOfAGroup(t *testing.T) {
	t.Parallel()
	d := start(t)
	d.open(t)
	_, before, err := settings.Load(context.Background(), d.project, "dev")
	require.NoError(t, err)
	d.cli(t, "config", "set", "--stack", "dev", "--path", "throttle.burst", "5")
	d.cli(t, "config", "set", "--stack", "dev", "--path", "alarms.enabled", "false")
	_, after, err := settings.Load(context.Background(), d.project, "dev")
	require.NoError(t, err)
	want := before
	want.Throttle.Burst, want.Alarms.Enabled = 5, false
	assert.NotEqual(t, want, before)
	assert.Equal(t, want, after)
}

// cli runs the CLI on the backend of the engine and the settings of the project.
func (d *deployment) cli(t *testing.T, arguments ...string) {
	t.Helper()
	dir := filepath.Join(d.dir, "engine")
	command := exec.Command(d.pulumi.Path, append(arguments, "--non-interactive")...)
	command.Dir = d.project
	command.Env = append(slices.DeleteFunc(os.Environ(), func(pair string) bool { return strings.HasPrefix(pair, "PULUMI_") }),
		"PULUMI_HOME="+filepath.Join(dir, "home"), "PULUMI_BACKEND_URL="+engine.FileURL(filepath.Join(dir, "backend")),
		"PULUMI_CONFIG_PASSPHRASE=local", "PULUMI_SKIP_UPDATE_CHECK=true")
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
}

// TestAnotherProgramUsesThePipeline deploys what a team's own program may have: two pipelines with a key that the same
// program creates, in the region of an explicit provider: in that of the stack's own provider, the local target would refuse
// every resource. An alias then keeps the resources of one that has another name.
func TestAnotherProgramUsesThePipeline(t *testing.T) {
	t.Parallel()
	d := startIn(t, "ap-northeast-1")
	d.open(t) // writes the settings of dev
	program := func(second string, options ...pulumi.ResourceOption) pulumi.RunFunc {
		return func(ctx *pulumi.Context) error {
			provider, err := awssdk.NewProvider(ctx, "tokyo", &awssdk.ProviderArgs{Region: pulumi.String("ap-northeast-1")})
			if err != nil {
				return err
			}
			key, err := kms.NewKey(ctx, "events", &kms.KeyArgs{}, pulumi.Provider(provider))
			if err != nil {
				return err
			}
			args := pipeline.DefaultArgs()
			args.KMSKeyArn, args.QueryTable, args.ProtectData = key.Arn, true, false
			if _, err := pipeline.NewPipeline(ctx, "alpha", args, pulumi.Providers(provider)); err != nil {
				return err
			}
			_, err = pipeline.NewPipeline(ctx, second, args, append(options, pulumi.Providers(provider))...)
			return err
		}
	}
	result, err := d.openProgram(t, "dev", program("omega")).Up(context.Background())
	require.NoError(t, err)
	streams := map[any]bool{}
	for _, step := range result.Steps {
		if step.ShortType() == "aws:kinesis:Stream" {
			streams[step.Outputs["name"]] = true
			assert.Contains(t, step.Outputs["kmsKeyId"], ":key/")
		}
	}
	assert.Len(t, streams, 2)

	again, err := d.openProgram(t, "dev", program("omega")).Preview(context.Background())
	require.NoError(t, err)
	assert.Empty(t, changedTypes(again))

	alias := pulumi.Aliases([]pulumi.Alias{{Name: pulumi.String("omega")}})
	renamed, err := d.openProgram(t, "dev", program("sigma", alias)).Up(context.Background())
	require.NoError(t, err)
	assert.Equal(t, namedAfterStackOrComponent, replacedTypes(t, renamed))
}

// openProgram opens a stack whose settings have been written.
func (d *deployment) openProgram(t *testing.T, stack string, program pulumi.RunFunc) *engine.Stack {
	t.Helper()
	opened, err := engine.Open(context.Background(), engine.Options{
		Project: d.project, Name: stack, Dir: filepath.Join(d.dir, "engine"), Program: program,
		Providers: map[string]int{"aws": d.server.Port()}, Pulumi: d.pulumi, Temporary: true,
	})
	require.NoError(t, err)
	return opened
}

// replacedTypes are the types of the resources that are replaced, in order. None may be created or deleted.
func replacedTypes(t *testing.T, result engine.Result) []string {
	t.Helper()
	var types []string
	for _, step := range result.Steps {
		if strings.HasPrefix(step.Type, "pulumi:providers:") {
			continue
		}
		assert.NotContains(t, []string{"create", "delete"}, step.Op, "%s %s", step.ShortType(), step.Name())
		if step.Op == "replace" {
			types = append(types, step.Type[strings.LastIndex(step.Type, ":")+1:])
		}
	}
	slices.Sort(types)
	return slices.Compact(types)
}

func changedTypes(result engine.Result) (types []string) {
	for _, step := range result.Steps {
		if step.Op != "same" && step.Op != "read" {
			types = append(types, step.Op+" "+step.ShortType()+" "+step.Name())
		}
	}
	return types
}

func TestTheStackHasTheOutputsOfWhatIsEnabled(t *testing.T) {
	t.Parallel()
	always := []string{
		"apiId", "batchUrl", "bucketArn", "bucketFolder", "bucketName", "curl", "deliveryLogGroup", "deliveryStreamArn", "deliveryStreamName",
		"errorFolder", "accessLogGroup", "executionLogGroup", "stageArn", "stageName", "streamArn", "streamName", "url",
	}
	for _, row := range []struct {
		name     string
		settings map[string]string
		more     []string
	}{
		{"nothing", map[string]string{"dashboard": "false", "alarms.enabled": "false", "queryTable": "false"}, nil},
		{"all", map[string]string{"eventGenerator": "true"}, []string{
			"alarmTopicArn", "dashboardUrl", "eventGeneratorInstanceId", "query", "queryWorkgroup",
		}},
		{"keys", map[string]string{"access": "API_KEY", "dashboard": "false", "alarms.enabled": "false", "queryTable": "false"}, []string{"apiKey", "apiKeys"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			result, err := start(t).open(t, row.settings).Up(context.Background())
			require.NoError(t, err)
			assert.ElementsMatch(t, slices.Concat(always, row.more), slices.Collect(maps.Keys(result.Outputs)))
			for _, name := range []string{"apiKey", "apiKeys", "curl"} {
				assert.Equal(t, row.settings["access"] == "API_KEY", result.Secret[name], "%s is a secret", name)
			}
			component := slices.IndexFunc(result.Steps, func(step engine.Step) bool { return step.Type == "ingest-pipeline:index:Pipeline" })
			for name, value := range result.Outputs {
				assert.NotEmpty(t, value, name)
				if !result.Secret[name] {
					assert.Equal(t, result.Steps[component].Outputs[name], value, "the component has the same output %s", name)
				}
			}
		})
	}
}
