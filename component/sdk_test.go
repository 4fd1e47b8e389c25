package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/stretchr/testify/require"
)

// Where .ci/run installs what the examples in TypeScript and Python need: npm's node_modules and a virtual environment.
const (
	nodeModulesEnv = "INGEST_PIPELINE_NODE_MODULES"
	pythonEnv      = "INGEST_PIPELINE_PYTHON"
)

func TestTheExampleInTypeScriptStoresAnEvent(t *testing.T) {
	t.Parallel()
	modules := installed(t, nodeModulesEnv)
	s, dir := startTarget(t), copyExample(t, "typescript")
	sdk := filepath.Join(dir, "node_modules", "@pulumi", "ingest-pipeline")
	files, err := nodejs.GeneratePackage("test", readPackage(t), nil, nil, true, nil)
	require.NoError(t, err)
	write(t, sdk, files)
	for _, module := range []string{"@pulumi/pulumi", "@types", "typescript"} {
		require.NoError(t, os.Symlink(filepath.Join(modules, module), filepath.Join(dir, "node_modules", module)))
	}
	compiler := filepath.Join(modules, "typescript", "bin", "tsc")
	run(t, s.command(sdk, "node", compiler))
	copyFile(t, filepath.Join(sdk, "package.json"), filepath.Join(sdk, "bin", "package.json"))
	run(t, s.command(dir, "node", compiler))
	runner := filepath.Join(dir, "run.js")
	copyFile(t, filepath.Join("testdata", "run.js"), runner)

	s.acceptsAnEvent(t, readOutputs(t, run(t, s.command(dir, "node", runner, "up", region))))
	run(t, s.command(dir, "node", runner, "destroy"))
	s.isEmpty(t)
}

func TestTheExampleInPythonStoresAnEvent(t *testing.T) {
	t.Parallel()
	interpreter := filepath.Join(installed(t, pythonEnv), "bin", "python")
	s, dir := startTarget(t), copyExample(t, "python")
	files, err := python.GeneratePackage("test", readPackage(t), nil, nil)
	require.NoError(t, err)
	sdk, packages := t.TempDir(), t.TempDir()
	write(t, sdk, files)
	run(t, s.command(sdk, interpreter, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation",
		"--target", packages, sdk))
	s.environment["PYTHONPATH"] = packages
	runner := filepath.Join(dir, "run.py")
	copyFile(t, filepath.Join("testdata", "run.py"), runner)

	s.acceptsAnEvent(t, readOutputs(t, run(t, s.command(dir, interpreter, runner, "up", region))))
	run(t, s.command(dir, interpreter, runner, "destroy"))
	s.isEmpty(t)
}

// installed is the folder in an environment variable that .ci/run sets.
func installed(t *testing.T, variable string) string {
	t.Helper()
	folder := os.Getenv(variable)
	if folder == "" {
		t.Skipf("%s does not say where the packages of the example are installed; .ci/run installs them", variable)
	}
	return folder
}

// readPackage is the package as SDKs are generated from it.
func readPackage(t *testing.T) *schema.Package {
	t.Helper()
	bound, diagnostics, err := schema.BindSpec(readSchema(t), schema.NewNullLoader(), schema.ValidationOptions{})
	require.NoError(t, err)
	require.Empty(t, diagnostics)
	return bound
}

func write(t *testing.T, folder string, files map[string][]byte) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, content, 0o600))
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, content, 0o600))
}

// run returns what a command writes to its standard output.
func run(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()
	output, err := cmd.Output()
	if exit, failed := err.(*exec.ExitError); failed { //nolint:errorlint // Output returns it unwrapped
		require.NoError(t, err, "%s\n%s%s", cmd, output, exit.Stderr)
	}
	require.NoError(t, err)
	return output
}

func readOutputs(t *testing.T, output []byte) outputs {
	t.Helper()
	var values map[string]any
	require.NoError(t, json.Unmarshal(output, &values), string(output))
	return outputsOf(values)
}
