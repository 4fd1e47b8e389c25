package build

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/internal/progress"
)

// module writes the files of a module without dependencies.
func module(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	files["go.mod"] = "module example.com/m\n\ngo 1.24\n"
	for name, content := range files {
		name = filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(content), 0o644))
	}
	return dir
}

func TestOfPackagesOfTestsOnlyAndOfCommandsTheImportsAreCompiledBeforehand(t *testing.T) {
	t.Setenv("GOCACHE", t.TempDir())
	t.Setenv("GOFLAGS", "")
	b := &Builder{Progress: &progress.Display{Out: &output{}}}
	dir := module(t, map[string]string{
		"lib/lib.go":        "package lib\n",
		"other/other.go":    "package other\n",
		"tests/a_test.go":   "package tests\n\nimport _ \"container/ring\"\n",
		"outer/a_test.go":   "package outer_test\n",
		"cmd/thing/main.go": "package main\n\nfunc main() { undefined() }\n",
	})
	compiled, err := b.compilePackages(t.Context(), dir, nil, b.Progress.Start("building"))
	require.NoError(t, err)
	assert.Equal(t, 3, compiled, "lib, other and container/ring")
}

func TestAModuleOfTestsOnlyHasNothingToCompileBeforehand(t *testing.T) {
	b := &Builder{Progress: &progress.Display{Out: &output{}}}
	dir := module(t, map[string]string{"a_test.go": "package m\n"})
	require.NoError(t, b.Packages(t.Context(), "the packages", dir, nil))
}

func TestAPackageThatDoesNotCompileIsReportedBeforeTheTests(t *testing.T) {
	b := &Builder{Progress: &progress.Display{Out: &output{}}}
	dir := module(t, map[string]string{"lib/lib.go": "package lib\n\nvar _ = undefined\n"})
	var failure *Error
	require.ErrorAs(t, b.Packages(t.Context(), "the packages", dir, nil), &failure)
	assert.Contains(t, failure.Output, "undefined: undefined")
}
