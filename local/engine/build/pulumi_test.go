package build

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakePulumi is a program that tells this version.
func fakePulumi(t *testing.T, version string) (dir string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell to stand in for the Pulumi CLI")
	}
	dir = t.TempDir()
	script := "#!/bin/sh\n[ \"$1\" = version ] && echo '" + version + "'\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pulumi"), []byte(script), 0o755))
	return dir
}

func TestAPulumiOnPathIsUsedIfItIsRecentEnough(t *testing.T) {
	for _, test := range []struct {
		name, version string
		used          bool
	}{
		{"the oldest that will do", "v3.181.0", true},
		{"a newer one", "v3.300.1", true},
		{"one that was built from sources", "3.190.0-alpha.1+dirty", true},
		{"the last that is too old", "v3.180.9", false},
		{"another major version", "v4.0.0", false},
		{"no version at all", "hello", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t, "works")
			dir := fakePulumi(t, test.version)
			t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
			t.Setenv(PulumiEnv, "")
			project := t.TempDir()
			require.NoError(t, os.MkdirAll(filepath.Join(project, "local", "engine", "build", "pulumi"), 0o755))
			pulumi, err := f.Pulumi(context.Background(), project)
			require.NoError(t, err)
			if test.used {
				assert.Equal(t, Pulumi{Path: filepath.Join(dir, "pulumi"), Version: test.version, Origin: "PATH"}, pulumi)
				assert.Empty(t, f.calls(t))
				return
			}
			assert.Equal(t, Pulumi{Path: filepath.Join(project, ".local", "bin", "pulumi-v3.250.0"), Version: "v3.250.0", Origin: "built from Go modules"}, pulumi)
			assert.Len(t, f.calls(t), 1)
			assert.Contains(t, f.out.String(), "not using the pulumi on PATH: ")
		})
	}
}

func TestAPulumiThatHangsIsReplacedByTheBuiltOne(t *testing.T) {
	f := newFake(t, "works")
	dir := t.TempDir()
	// The shell's child keeps the output open when the shell has been killed.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pulumi"), []byte("#!/bin/sh\nsleep 600\n"), 0o755))
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell to stand in for the Pulumi CLI")
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv(PulumiEnv, "")
	project := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(project, "local", "engine", "build", "pulumi"), 0o755))
	defer func(d time.Duration) { pathTimeout = d }(pathTimeout)
	pathTimeout = 50 * time.Millisecond
	pulumi, err := f.Pulumi(context.Background(), project)
	require.NoError(t, err)
	assert.Equal(t, "built from Go modules", pulumi.Origin)
	assert.Contains(t, f.out.String(), "not using the pulumi on PATH: "+filepath.Join(dir, "pulumi")+" version: no answer within 50ms")
}

func TestThePulumiOfTheEnvironmentIsUsedOrRefused(t *testing.T) {
	f := newFake(t, "works")
	t.Setenv(PulumiEnv, filepath.Join(fakePulumi(t, "v3.200.0"), "pulumi"))
	pulumi, err := f.Pulumi(context.Background(), t.TempDir())
	require.NoError(t, err)
	assert.Equal(t, "v3.200.0", pulumi.Version)
	assert.Equal(t, PulumiEnv, pulumi.Origin)

	t.Setenv(PulumiEnv, filepath.Join(fakePulumi(t, "v3.100.0"), "pulumi"))
	_, err = f.Pulumi(context.Background(), t.TempDir())
	assert.EqualError(t, err, "using the Pulumi CLI that INGEST_PIPELINE_PULUMI names: it is v3.100.0, and v3.181.0 to v3 is needed")

	t.Setenv(PulumiEnv, "/no/such/pulumi")
	_, err = f.Pulumi(context.Background(), t.TempDir())
	assert.ErrorContains(t, err, "finding the Pulumi CLI that INGEST_PIPELINE_PULUMI names: ")
	assert.Empty(t, f.calls(t), "nothing is built instead")
}

func TestWithoutACheckoutAPulumiOnPathIsNeeded(t *testing.T) {
	f := newFake(t, "works")
	t.Setenv("PATH", t.TempDir())
	t.Setenv(PulumiEnv, "")
	_, err := f.Pulumi(context.Background(), t.TempDir())
	var failure *Error
	require.ErrorAs(t, err, &failure)
	assert.EqualError(t, failure, "finding the Pulumi CLI: there is none on PATH that can be used")
	assert.Equal(t, "install it, v3.181.0 or newer: https://www.pulumi.com/docs/install/", failure.Hint())
	assert.Empty(t, f.calls(t))
}

func TestThePinnedPulumiIsTheOneOfTheModule(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("pulumi", "go.mod"))
	require.NoError(t, err)
	assert.Contains(t, string(content), "github.com/pulumi/pulumi/pkg/v3 "+PulumiVersion)
	assert.Contains(t, string(content), "tool "+PulumiProgram("").Package)
	assert.Contains(t, PulumiProgram("").LDFlags, PulumiVersion)
	assert.True(t, usable(PulumiVersion))
	for file, names := range map[string]string{"Dockerfile": "pulumi/pulumi-base:", ".github/workflows/ci.yml": "pulumi-version: "} {
		content, err := os.ReadFile(filepath.Join("..", "..", "..", file))
		require.NoError(t, err)
		assert.Contains(t, string(content), names+strings.TrimPrefix(PulumiVersion, "v")+"\n", file)
	}
}

func TestTheModulesOfTheCLIAreDownloadedWhileTheTargetIsBuilt(t *testing.T) {
	f := newFake(t, "downloads")
	t.Setenv("PATH", t.TempDir())
	t.Setenv(PulumiEnv, "")
	project := t.TempDir()
	require.NoError(t, os.MkdirAll(PulumiProgram(project).Module, 0o755))
	stop := f.DownloadPulumi(context.Background(), project)
	require.Eventually(t, func() bool { return len(f.calls(t)) == 2 }, 20*time.Second, 5*time.Millisecond)
	stop() // returns although the download would take longer
	assert.Equal(t, []string{"list -deps -tags disable_grpc_modules github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", "waiting"}, f.calls(t))

	t.Setenv(PulumiEnv, "/a/pulumi")
	f.DownloadPulumi(context.Background(), project)()
	assert.Len(t, f.calls(t), 2, "no CLI will be built")
}
