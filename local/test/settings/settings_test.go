package settings

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/engine/build"
	"ingest-pipeline/local/provider"
	"ingest-pipeline/pipeline"
)

var update = flag.Bool("update", false, "write the table anew")

// onlyChecked are the settings that describe the expected traffic: the throttle and the shards are compared with them.
var onlyChecked = []string{"expectedTraffic.eventsPerSecond", "expectedTraffic.eventBytes", "expectedTraffic.eventsPerRequest"}

// TestTheTableSaysWhatEachSettingChangesAndWhetherItReplaces changes one setting after another of a stack that is
// deployed, and compares what the engine would do with docs/settings.md and the doc comments.
func TestTheTableSaysWhatEachSettingChangesAndWhetherItReplaces(t *testing.T) {
	t.Parallel()
	described := descriptions(t)
	effects := map[string]effect{}
	required := map[string]string{}
	for _, s := range sections {
		for _, c := range s.changes {
			require.NotContains(t, effects, c.setting, "it has two rows")
			effects[c.setting] = effect{}
			maps.Copy(required, c.requires)
		}
	}
	require.ElementsMatch(t, paths(reflect.TypeFor[pipeline.PipelineArgs](), ""), slices.Collect(maps.Keys(effects)), "every setting has a row")

	var mu sync.Mutex // guards effects
	t.Run("each of", func(t *testing.T) {
		for name, deployed := range map[string]map[string]string{"those of dev": nil, "those that require others": required} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				d := start(t)
				_, err := d.open(t, deployed).Up(context.Background())
				require.NoError(t, err)
				for _, s := range sections {
					for _, c := range s.changes {
						if (c.requires == nil) == (deployed == nil) {
							changed := d.preview(t, deployed, c)
							mu.Lock()
							effects[c.setting] = changed
							mu.Unlock()
						}
					}
				}
			})
		}
	})
	for setting, e := range effects {
		assert.Equal(t, slices.Contains(onlyChecked, setting), e.nothing(), "%s changes nothing", setting)
		replaced := e.replaces["Stream"] != nil || e.replaces["FirehoseDeliveryStream"] != nil || e.replaces["BucketV2"] != nil ||
			e.replaces["Stage"] != nil
		assert.Equal(t, replaced, strings.Contains(described[setting], "replaces"), "%s: %s", setting, described[setting])
	}
	compareTables(t, described, effects)
}

func TestTheResourcesOfAStackHaveItsDefaultTagsAndTheirOwnWhichOverrideThem(t *testing.T) {
	t.Parallel()
	result, err := start(t).open(t, map[string]string{"tags": `{"team":"shop","stack":"mine"}`}).Up(context.Background())
	require.NoError(t, err)
	var tagged []string
	for _, step := range result.Steps {
		if tags, hasTags := step.Outputs["tagsAll"]; hasTags {
			assert.Equal(t, map[string]any{"project": "ingest-pipeline", "stack": "mine", "team": "shop"}, tags, "%s %s", step.ShortType(), step.Name())
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
	return startIn(t, "ap-northeast-2")
}

// startIn starts a local target of another region than dev's.
func startIn(t *testing.T, region string) *deployment {
	t.Helper()
	root, err := build.FindProject(".")
	require.NoError(t, err)
	d := &deployment{project: t.TempDir(), dir: t.TempDir()}
	d.pulumi, err = build.New(os.Stderr).Pulumi(context.Background(), root)
	require.NoError(t, err)
	declared, err := os.ReadFile(filepath.Join(root, "Pulumi.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(d.project, "Pulumi.yaml"), declared, 0o600))
	schema := filepath.Join(d.project, filepath.FromSlash(orderSchema))
	require.NoError(t, os.Mkdir(filepath.Dir(schema), 0o700))
	require.NoError(t, os.WriteFile(schema, []byte(`{"type":"object","required":["order"]}`), 0o600))
	dev, err := os.ReadFile(filepath.Join(root, "Pulumi.dev.yaml"))
	require.NoError(t, err)
	d.dev = string(dev)
	cloud, err := aws.Open(aws.Options{Dir: d.dir, Account: iam.Account{Region: region}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cloud.Close(context.Background())) })
	d.server, err = provider.Serve(cloud)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.server.Close()) })
	return d
}

// open opens the stack with the settings of dev but for these.
func (d *deployment) open(t *testing.T, changed ...map[string]string) *engine.Stack {
	t.Helper()
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(d.dev), &file))
	for _, settings := range changed {
		for path, text := range settings {
			var value any
			require.NoError(t, yaml.Unmarshal([]byte(text), &value))
			key, field, inGroup := strings.Cut("ingest-pipeline:"+path, ".")
			if !inGroup {
				file.Config[key] = value
				continue
			}
			group, _ := file.Config[key].(map[string]any)
			if group == nil {
				group = map[string]any{}
			}
			group[field] = value
			file.Config[key] = group
		}
	}
	content, err := yaml.Marshal(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(d.project, "Pulumi.dev.yaml"), content, 0o600))
	return d.openProgram(t, "dev", pipeline.ProgramIn(d.project))
}

func (d *deployment) preview(t *testing.T, deployed map[string]string, c change) effect {
	t.Helper()
	result, err := d.open(t, deployed, c.together, map[string]string{c.setting: c.value}).Preview(context.Background())
	require.NoError(t, err, c.setting)
	return effectOf(result.Steps)
}

// compareTables compares docs/settings.md with the doc comments, defaults and effects, or writes them to it.
func compareTables(t *testing.T, described map[string]string, effects map[string]effect) {
	t.Helper()
	var text strings.Builder
	for _, s := range sections {
		text.WriteString("\n## " + s.title + "\n\n| setting | default | |\n|---|---|---|\n")
		for _, c := range s.changes {
			fmt.Fprintf(&text, "| `%s` | %s | %s |\n", c.setting, cell(pipeline.DefaultArgs(), c.setting), described[c.setting])
			for _, field := range slices.Sorted(maps.Keys(described)) {
				if strings.HasPrefix(field, c.setting+"[].") {
					fmt.Fprintf(&text, "| `%s` | | %s |\n", field, described[field])
				}
			}
		}
		text.WriteString("\n| setting | changed to | updates | replaces | creates | deletes |\n|---|---|---|---|---|---|\n")
		for _, c := range s.changes {
			text.WriteString(c.row(effects[c.setting]))
		}
	}
	text.WriteString("\n")
	compare(t, filepath.Join("docs", "settings.md"), text.String())
}
