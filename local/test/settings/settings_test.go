package settings

import (
	"context"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/engine/build"
	"ingest-pipeline/local/internal/progress"
	"ingest-pipeline/local/provider"
	"ingest-pipeline/pipeline"
)

var update = flag.Bool("update", false, "write the table anew")

// onlyChecked are the settings that describe the expected traffic: the throttle and the shards are compared with them.
var onlyChecked = []string{"expectedEventsPerSecond", "expectedEventBytes", "expectedEventsPerRequest"}

// TestTheTableSaysWhatEachSettingChangesAndWhetherItReplaces changes one setting after another of a stack that is
// deployed, and compares what the engine would do with docs/settings.md and Pulumi.yaml.
func TestTheTableSaysWhatEachSettingChangesAndWhetherItReplaces(t *testing.T) {
	t.Parallel()
	d := start(t)
	described := d.descriptions(t)
	effects := map[string]effect{}
	required := map[string]string{}
	for _, s := range sections {
		for _, c := range s.changes {
			require.NotContains(t, effects, c.setting, "it has two rows")
			effects[c.setting] = effect{}
			maps.Copy(required, c.requires)
		}
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(described)), slices.Collect(maps.Keys(effects)), "every setting of Pulumi.yaml has a row")

	for _, deployed := range []map[string]string{nil, required} {
		_, err := d.open(t, deployed).Up(context.Background())
		require.NoError(t, err)
		for _, s := range sections {
			for _, c := range s.changes {
				if (c.requires == nil) == (deployed == nil) {
					effects[c.setting] = d.preview(t, deployed, c)
				}
			}
		}
	}
	for setting, e := range effects {
		assert.Equal(t, slices.Contains(onlyChecked, setting), e.nothing(), "%s changes nothing", setting)
		replaced := e.replaces["Stream"] != nil || e.replaces["FirehoseDeliveryStream"] != nil || e.replaces["BucketV2"] != nil ||
			e.replaces["Stage"] != nil
		assert.Equal(t, replaced, strings.Contains(described[setting], "replaces"), "%s: %s", setting, described[setting])
	}
	compareTable(t, effects)
}

func TestTheResourcesOfAStackHaveItsDefaultTags(t *testing.T) {
	t.Parallel()
	result, err := start(t).open(t).Up(context.Background())
	require.NoError(t, err)
	var tagged []string
	for _, step := range result.Steps {
		if tags, hasTags := step.Outputs["tagsAll"]; hasTags {
			assert.Equal(t, map[string]any{"project": "ingest-pipeline", "stack": "dev"}, tags, "%s %s", step.ShortType(), step.Name())
			tagged = append(tagged, step.ShortType())
		}
	}
	assert.Subset(t, tagged, []string{
		"aws:apigateway:RestApi", "aws:apigateway:Stage", "aws:kinesis:Stream", "aws:kinesis:FirehoseDeliveryStream", "aws:s3:BucketV2",
		"aws:iam:Role", "aws:cloudwatch:LogGroup", "aws:cloudwatch:MetricAlarm", "aws:sns:Topic", "aws:athena:Workgroup",
	})
}

// deployment is the dev stack on a local target.
type deployment struct {
	// project is a copy of the settings, dev those of the dev stack.
	project, dev string
	dir          string
	pulumi       build.Pulumi
	server       *provider.Server
}

func start(t *testing.T) *deployment {
	t.Helper()
	root, err := build.FindProject(".")
	require.NoError(t, err)
	d := &deployment{project: t.TempDir(), dir: t.TempDir()}
	d.pulumi, err = (&build.Builder{Progress: progress.New(os.Stderr)}).Pulumi(context.Background(), root)
	require.NoError(t, err)
	declared, err := os.ReadFile(filepath.Join(root, "Pulumi.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(d.project, "Pulumi.yaml"), declared, 0o600))
	dev, err := os.ReadFile(filepath.Join(root, "Pulumi.dev.yaml"))
	require.NoError(t, err)
	d.dev = string(dev)
	cloud, err := aws.Open(aws.Options{Dir: d.dir, Account: iam.Account{Region: "ap-northeast-2"}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cloud.Close(context.Background())) })
	d.server, err = provider.Serve(cloud)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.server.Close()) })
	return d
}

// descriptions are those of Pulumi.yaml, by setting.
func (d *deployment) descriptions(t *testing.T) map[string]string {
	t.Helper()
	project, err := workspace.LoadProject(filepath.Join(d.project, "Pulumi.yaml"))
	require.NoError(t, err)
	described := map[string]string{}
	for key, declared := range project.Config {
		if !strings.Contains(key, ":") {
			described[key] = declared.Description
		}
	}
	return described
}

// open opens the stack with the settings of dev but for these.
func (d *deployment) open(t *testing.T, changed ...map[string]string) *engine.Stack {
	t.Helper()
	const prefix = "  ingest-pipeline:"
	merged := map[string]string{}
	for _, settings := range changed {
		maps.Copy(merged, settings)
	}
	lines := slices.DeleteFunc(strings.Split(d.dev, "\n"), func(line string) bool {
		key, _, _ := strings.Cut(strings.TrimPrefix(line, prefix), ":")
		_, isChanged := merged[key]
		return isChanged
	})
	for key, value := range merged {
		lines = append(lines, prefix+key+": "+value)
	}
	require.NoError(t, os.WriteFile(filepath.Join(d.project, "Pulumi.dev.yaml"), []byte(strings.Join(lines, "\n")), 0o600))
	stack, err := engine.Open(context.Background(), engine.Options{
		Project: d.project, Name: "dev", Dir: filepath.Join(d.dir, "engine"), Program: pipeline.Program,
		Providers: map[string]int{"aws": d.server.Port()}, Pulumi: d.pulumi,
	})
	require.NoError(t, err)
	return stack
}

func (d *deployment) preview(t *testing.T, deployed map[string]string, c change) effect {
	t.Helper()
	result, err := d.open(t, deployed, c.together, map[string]string{c.setting: c.value}).Preview(context.Background())
	require.NoError(t, err, c.setting)
	return effectOf(result.Steps)
}

const (
	begin = "<!-- settings: written by go test -C local ./test/settings -update -->\n"
	end   = "<!-- end of settings -->\n"
)

// compareTable compares docs/settings.md with the effects, or writes them to it.
func compareTable(t *testing.T, effects map[string]effect) {
	t.Helper()
	var table strings.Builder
	for _, s := range sections {
		table.WriteString("\n## " + s.title + "\n\n| setting | changed to | updates | replaces | creates | deletes |\n|---|---|---|---|---|---|\n")
		for _, c := range s.changes {
			table.WriteString(c.row(effects[c.setting]))
		}
	}
	table.WriteString("\n")
	file := filepath.Join("..", "..", "..", "docs", "settings.md")
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(content), begin)
	require.True(t, found, "%s has no table", file)
	current, after, found := strings.Cut(rest, end)
	require.True(t, found, "the table of %s does not end", file)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(before+begin+table.String()+end+after), 0o600))
		return
	}
	assert.Equal(t, current, table.String(), "run go test -C local ./test/settings -update, and read what differs")
}
