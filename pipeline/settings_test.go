package pipeline_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/pipeline"
)

// TestASettingThatCannotBeReadIsOneProblem: what depends on it is not checked with a value that nobody set.
func TestASettingThatCannotBeReadIsOneProblem(t *testing.T) {
	t.Parallel()
	proj, err := declarations()
	require.NoError(t, err)
	for _, path := range settingPaths(t) {
		key, _, inGroup := strings.Cut(path, ".")
		wrong := "x"
		switch {
		case inGroup:
			wrong = "[]" // of no type that a setting in a group has
		case *proj.Config[key].Type == "string":
			continue
		}
		for _, stack := range []string{"dev", "prod"} {
			_, err := tryRun(t, stack, with(path, wrong))
			require.Error(t, err, path)
			_, problems, _ := strings.Cut(err.Error(), "nothing was created:\n")
			assert.Len(t, strings.Split(strings.TrimSpace(problems), "\n"), 1, "%s of %s: %s", path, stack, problems)
		}
	}
}

// settingPaths are the settings of Pulumi.yaml, those of a group by their path.
func settingPaths(t *testing.T) (paths []string) {
	t.Helper()
	proj, err := declarations()
	require.NoError(t, err)
	for key, declared := range proj.Config {
		group, _ := declared.Default.(map[string]any)
		switch {
		case strings.HasPrefix(key, "pulumi:"):
		case len(group) > 0:
			for field := range group {
				paths = append(paths, key+"."+field)
			}
		default:
			paths = append(paths, key)
		}
	}
	slices.Sort(paths)
	return paths
}

func TestAPipelineWithoutCheckedSettingsIsRefused(t *testing.T) {
	t.Parallel()
	r, _ := newRecorder(t, "dev")
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		_, err := pipeline.NewPipeline(ctx, "ingest", pipeline.PipelineArgs{})
		return err
	}, pulumi.WithMocks(project, "dev", r))
	require.ErrorContains(t, err, "access = : must be NONE, API_KEY or AWS_IAM", "it is not open by default")
	_, problems, _ := strings.Cut(err.Error(), "nothing was created:\n")
	var refused []string
	for _, problem := range strings.Split(strings.TrimSpace(problems), "\n") {
		path, _, _ := strings.Cut(problem, " = ")
		refused = append(refused, path)
	}
	assert.Subset(t, refused, []string{
		"access", "throttle.requestsPerSecond", "throttle.burst", "stream.mode", "stream.retentionHours", "stream.partitionKey",
		"delivery.prefix", "delivery.errorPrefix", "delivery.bufferSizeMiB", "delivery.compression",
		"logs.level", "logs.retentionDays", "logs.role", "alarms.iteratorAgeSeconds", "alarms.latencyMilliseconds",
		"expectedTraffic.eventsPerSecond", "expectedTraffic.eventBytes", "expectedTraffic.eventsPerRequest",
	})
	assert.Empty(t, r.registrations, "something was created")
}

func TestASecretSettingIsRefused(t *testing.T) {
	t.Parallel()
	r, conf := newRecorder(t, "dev", with("bucketName", "ops-example"))
	err := pulumi.RunErr(pipeline.Program, pulumi.WithMocks(project, "dev", r), func(info *pulumi.RunInfo) {
		info.Config, info.ConfigSecretKeys = conf, []string{project + ":bucketName"}
	})
	require.ErrorContains(t, err, "bucketName = [secret]: must not be a secret (the stack's state holds settings in clear text); "+
		"set it again without --secret; see Pulumi.dev.yaml")
	assert.NotContains(t, err.Error(), "ops-example")
	assert.Empty(t, r.registrations, "something was created")
}

func TestAStackNameThatAWSWouldRefuseIsRefused(t *testing.T) {
	t.Parallel()
	for name, accepted := range map[string]bool{
		"d": true, strings.Repeat("s", 30): true, strings.Repeat("s", 31): false, "my_stack": false, "Dev": false, "dev-": false,
	} {
		r, err := tryRun(t, "dev", asStack(name))
		if accepted {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, "stack "+name+": must be 1–30 of a–z, 0–9 and -")
		assert.Empty(t, r.registrations, "something was created")
	}
}

func TestARenamedStackKeepsItsResources(t *testing.T) {
	t.Parallel()
	names := func(r *recorder) (names []string) {
		for _, g := range r.registrations {
			names = append(names, g.Type+" "+g.Name)
		}
		slices.Sort(names)
		return names
	}
	// What has the stack in its name is replaced, but holds nothing that could be lost.
	for stack, replaced := range map[string][]string{"dev": {"CatalogDatabase", "CatalogTable", "Dashboard"}, "default": {"Dashboard"}} {
		before, after := run(t, stack), run(t, stack, asStack("renamed"))
		assert.Equal(t, names(before), names(after))
		assert.Equal(t, replaced, changedTypes(t, before, after), stack)
	}
}

// TestTheCLIChangesNothingInAStackFileThatNobodySet keeps the files in the form in which the CLI writes them, numbers as
// texts: stack init and config set write the whole file.
func TestTheCLIChangesNothingInAStackFileThatNobodySet(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "prod"} {
		tracked, err := os.ReadFile(filepath.Join("..", "Pulumi."+stack+".yaml"))
		require.NoError(t, err)
		written := filepath.Join(t.TempDir(), "Pulumi.yaml")
		require.NoError(t, stackFile(t, stack).Save(written))
		content, err := os.ReadFile(written)
		require.NoError(t, err)
		assert.Equal(t, string(tracked), string(content))
	}
}

func TestAMisspeltSettingIsRefused(t *testing.T) {
	t.Setenv("PULUMI_CONFIG", `{"ingest-pipeline:queryTables":"true","aws:region":"eu-west-1"}`)
	_, err := tryRun(t, "dev")
	require.ErrorContains(t, err, "queryTables: there is no such setting; Pulumi.yaml lists them; see Pulumi.dev.yaml")
	assert.NotContains(t, err.Error(), "region")
}

func TestSettingsOfAProjectWithAnotherNameAreRefused(t *testing.T) {
	t.Setenv("PULUMI_CONFIG", `{"clicks:access":"NONE","aws:region":"eu-west-1","pulumi:tags":"{}"}`)
	_, err := tryRun(t, "dev")
	require.ErrorContains(t, err, "clicks:access: must begin with ingest-pipeline:, the name of the project "+
		"(clicks is that of another one); correct it; see Pulumi.dev.yaml")
	assert.NotContains(t, err.Error(), "pulumi:tags")
	assert.NotContains(t, err.Error(), "region")
}

func TestAStackWithoutSettingsUsesTheSafeDefaults(t *testing.T) {
	t.Parallel()
	r := run(t, "default")
	stream, bucket := r.one(t, "Stream"), r.one(t, "BucketV2")
	assert.Nil(t, stream.input("name"), "Pulumi generates it")
	stream.wants(t, "streamModeDetails.streamMode", "ON_DEMAND")
	assert.True(t, stream.Protect)
	assert.True(t, bucket.Protect)
	r.one(t, "FirehoseDeliveryStream").wants(t, "name", "ingest-1a2b3c4-to-s3")
}

// TestPulumiYamlAndTheProgramKnowTheSameSettings compares the declarations with the fields of PipelineArgs.
func TestPulumiYamlAndTheProgramKnowTheSameSettings(t *testing.T) {
	t.Parallel()
	proj, err := declarations()
	require.NoError(t, err)
	for key, setting := range proj.Config {
		if !strings.HasPrefix(key, "pulumi:") {
			assert.NotNil(t, setting.Type, "%s has no type", key)
			assert.NotEmpty(t, setting.Description, "%s has no description", key)
			assert.NotNil(t, setting.Default, "%s has no default: the engine would ask for it in every stack", key)
		}
	}
	assert.ElementsMatch(t, fieldPaths(reflect.TypeFor[pipeline.PipelineArgs](), ""), settingPaths(t))
}

// fieldPaths are the paths of the fields of a struct, by their tags.
func fieldPaths(of reflect.Type, group string) (paths []string) {
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("pulumi"), ",")
		if of.Field(i).Type.Kind() == reflect.Struct {
			paths = append(paths, fieldPaths(of.Field(i).Type, name+".")...)
			continue
		}
		paths = append(paths, group+name)
	}
	return paths
}

// TestStackFilesSetOnlyDeclaredSettings catches a misspelt key in a file of ours.
func TestStackFilesSetOnlyDeclaredSettings(t *testing.T) {
	t.Parallel()
	proj, err := declarations()
	require.NoError(t, err)
	for _, stack := range []string{"dev", "prod"} {
		for key := range stackConfig(t, stack) {
			name, ours := strings.CutPrefix(key, project+":")
			_, declared := proj.Config[name]
			assert.True(t, !ours || declared, "Pulumi.%s.yaml: %s", stack, key)
		}
	}
}
