// Package template checks that `pulumi new` makes a working project of the repository.
package template

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/engine/build"
)

// newProject runs `pulumi new` with the repository as the template. The CLI asks the language host for Go at the end, which may
// not be there; all files are written then.
func newProject(t *testing.T, repository, name string) string {
	t.Helper()
	template, project := filepath.Join(t.TempDir(), "template"), t.TempDir()
	copyTracked(t, repository, template)
	pulumi, err := build.New(os.Stderr).Pulumi(context.Background(), repository)
	require.NoError(t, err)
	cmd := exec.Command(pulumi.Path, "new", template, "--generate-only", "--yes", "--name", name)
	cmd.Dir = project
	cmd.Env = append(os.Environ(), "PULUMI_HOME="+t.TempDir(), "PULUMI_SKIP_UPDATE_CHECK=true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true")
	if output, err := cmd.CombinedOutput(); err != nil {
		require.Contains(t, string(output), "no language plugin 'pulumi-language-go'")
	}
	return project
}

// copyTracked copies the repository without what git and the local target keep in it.
func copyTracked(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); name == ".git" || name == ".local" {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, relative), 0o700)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, relative), content, 0o600)
	}))
}

func TestANewProjectIsTheRepositoryUnderItsOwnName(t *testing.T) {
	t.Parallel()
	repository, err := build.FindProject(".")
	require.NoError(t, err)
	project := newProject(t, repository, "clicks")

	found, err := build.FindProject(filepath.Join(project, "local", "engine"))
	require.NoError(t, err)
	assert.Equal(t, project, found, "the local target runs in it")
	made, err := workspace.LoadProject(filepath.Join(project, "Pulumi.yaml"))
	require.NoError(t, err)
	original, err := workspace.LoadProject(filepath.Join(repository, "Pulumi.yaml"))
	require.NoError(t, err)
	assert.Equal(t, "clicks", made.Name.String())
	assert.Nil(t, made.Template)
	for key, declared := range original.Config {
		assert.Equal(t, declared, made.Config[key], key)
	}
	content, err := os.ReadFile(filepath.Join(project, "Pulumi.yaml"))
	require.NoError(t, err)
	assert.Contains(t, string(content), "# All settings", "the comments are kept")

	build := exec.Command("go", "build", "-o", filepath.Join(t.TempDir(), "program"), ".")
	build.Dir = project
	output, err := build.CombinedOutput()
	assert.NoError(t, err, string(output))
	for _, file := range []string{"main.go", "pipeline/pipeline.go", "templates/put_record.request.vtl", "local/go.mod", "component/go.mod"} {
		want, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(file)))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(project, filepath.FromSlash(file)))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), file)
	}
}

func TestTheQuestionsOfANewProjectAreSettings(t *testing.T) {
	t.Parallel()
	repository, err := build.FindProject(".")
	require.NoError(t, err)
	project, err := workspace.LoadProject(filepath.Join(repository, "Pulumi.yaml"))
	require.NoError(t, err)
	require.NotNil(t, project.Template)
	for name, question := range project.Template.Config {
		assert.NotEmpty(t, question.Description, name)
		if strings.Contains(name, ":") {
			continue
		}
		require.Contains(t, project.Config, name)
		assert.Equal(t, project.Config[name].Default, question.Default, "%s: an answer that is left out is the default", name)
	}
}

func TestThePulumiCLIBuildsTheProgramToAFolderThatGitIgnores(t *testing.T) {
	t.Parallel()
	repository, err := build.FindProject(".")
	require.NoError(t, err)
	project, err := workspace.LoadProject(filepath.Join(repository, "Pulumi.yaml"))
	require.NoError(t, err)
	target, _ := project.Runtime.Options()["buildTarget"].(string)
	assert.Equal(t, filepath.Join(repository, filepath.FromSlash(target)), filepath.Join(build.BinDir(repository), "ingest-pipeline"))
	for _, program := range []build.Program{build.PipelineProgram(repository), build.TargetProgram(repository)} {
		assert.NotEqual(t, filepath.Join(repository, filepath.FromSlash(target)), program.Output, "it is another program")
	}
}
