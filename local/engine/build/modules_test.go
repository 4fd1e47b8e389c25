package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var requirement = regexp.MustCompile(`(?m)^\s+(\S+) (v\S+)`)

// required are the modules and versions that a go.mod requires.
func required(t *testing.T, folder string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	require.NoError(t, err)
	versions := map[string]string{}
	for _, match := range requirement.FindAllStringSubmatch(string(content), -1) {
		versions[match[1]] = match[2]
	}
	return versions
}

func TestTheCLITheLocalTargetAndTheComponentAreCompiledFromTheSameVersions(t *testing.T) {
	cli := required(t, "pulumi")
	for _, folder := range []string{"local", "component"} {
		shared := 0
		for module, version := range required(t, filepath.Join("..", "..", "..", folder)) {
			if theirs, both := cli[module]; both {
				shared++
				assert.Equal(t, theirs, version, "%s: with two versions, it and whatever imports it is compiled twice: "+
					"`go get %s@%s` in %s/, or the other way around in local/engine/build/pulumi/", module, module, theirs, folder)
			}
		}
		assert.Greater(t, shared, 50, folder)
	}
}

// The component needs Pulumi's code generators, which are many times the program and the local target.
func TestNeitherTheProgramNorTheLocalTargetContainsTheComponent(t *testing.T) {
	for _, folder := range []string{"../../..", "../.."} {
		content, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		require.NoError(t, err)
		assert.NotRegexp(t, `pulumi-go-provider|github.com/pulumi/pulumi/pkg/v3|ingest-pipeline/component`, string(content))
	}
}

func TestTheCLIDoesNotContainWhatItsBuildTagLeavesOut(t *testing.T) {
	cli := PulumiProgram(filepath.Join("..", "..", ".."))
	cmd := exec.Command("go", "list", "-deps", "-tags", cli.Tags, cli.Package)
	cmd.Dir = cli.Module
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off")
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "disabled by GOPROXY=off") {
		t.Skip("the CLI was not built here, so its modules are missing")
	}
	require.NoError(t, err, "%s", out)
	assert.NotContains(t, string(out), "github.com/envoyproxy/", "a version of cloud.google.com/go/storage ignores the tag")
}

func TestPackagesOfTwoProgramsAreCompiledOnce(t *testing.T) {
	for _, programs := range []struct {
		plain []string
		other string // contains none of them
	}{
		{unusedByStacks, "ingest-pipeline/local/..."},
		{awsClients, "ingest-pipeline"}, // as Pulumi's language host for Go compiles it
	} {
		out, err := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}}", programs.other).Output()
		require.NoError(t, err)
		packages := strings.Fields(string(out))
		require.Greater(t, len(packages), 500)
		for _, pattern := range programs.plain {
			root, recursive := strings.CutSuffix(pattern, "/...")
			require.True(t, recursive, pattern)
			for _, path := range packages {
				assert.False(t, path == root || strings.HasPrefix(path, root+"/"), "%s is compiled twice because of %s", path, pattern)
			}
		}
	}
}
