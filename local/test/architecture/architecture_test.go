// Package architecture checks which packages of the local target import which.
package architecture

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "ingest-pipeline/local"

// node is a package as go list describes it, without its tests.
type node struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// name is the path below the module; empty for its root.
func (p node) name() string { return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/") }

func packages(t *testing.T) []node {
	t.Helper()
	all, err := load()
	require.NoError(t, err)
	require.Greater(t, len(all), 15)
	return all
}

var load = sync.OnceValues(func() (all []node, err error) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", module+"/...").Output()
	if err != nil {
		return nil, err
	}
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var p node
		if err := decoder.Decode(&p); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
})

// below says whether an import path is one of these packages or below one.
func below(path string, roots ...string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return path == root || strings.HasPrefix(path, root+"/") })
}

const pulumi = "github.com/pulumi"

func TestTheServicesImportNeitherPulumiNorTheProgram(t *testing.T) {
	for _, p := range packages(t) {
		if !below(p.name(), "aws") {
			continue
		}
		for _, dep := range p.Deps {
			assert.False(t, below(dep, pulumi, "ingest-pipeline/pipeline", module+"/provider", module+"/engine", module+"/cmd"),
				"%s depends on %s", p.name(), dep)
		}
	}
}

func TestOnlyTheProviderTheEngineAndTheCommandsImportPulumi(t *testing.T) {
	for _, p := range packages(t) {
		if slices.ContainsFunc(p.Imports, func(path string) bool { return below(path, pulumi) }) {
			assert.True(t, below(p.name(), "provider", "engine", "cmd", "test", "internal/settings"), "%s imports Pulumi", p.name())
		}
	}
}

// types are the services whose types another service may import; aws.go connects the instances.
var types = map[string][]string{
	"aws/apigateway": {"aws/iam", "aws/logs"},
	"aws/cloudwatch": {"aws/iam"},
	"aws/firehose":   {"aws/iam", "aws/kinesis", "aws/logs", "aws/s3"},
	"aws/iam":        {},
	"aws/kinesis":    {"aws/iam"},
	"aws/logs":       {"aws/iam"},
	"aws/s3":         {"aws/iam"},
	"aws/sns":        {"aws/iam"},
	"aws/sts":        {"aws/iam"},
}

// service is the folder of the service that a package belongs to; empty if it belongs to none.
func service(path string) string {
	for service := range types {
		if below(path, module+"/"+service) {
			return service
		}
	}
	return ""
}

func TestServicesDoNotImportEachOther(t *testing.T) {
	for _, p := range packages(t) {
		importer := service(p.ImportPath)
		if importer == "" {
			continue
		}
		for _, path := range p.Imports {
			if imported := service(path); imported != "" && imported != importer {
				assert.Contains(t, types[importer], imported, "%s imports %s: let aws.go connect them through an interface", p.name(), path)
			}
		}
	}
}

// The launcher is compiled before it can show any progress.
func TestTheLauncherCompilesInSeconds(t *testing.T) {
	for _, p := range packages(t) {
		if p.name() != "" {
			continue
		}
		for _, dep := range p.Deps {
			if strings.Contains(dep, ".") && !strings.HasPrefix(dep, "vendor/") {
				assert.True(t, below(dep, "github.com/alecthomas/kong", "github.com/gofrs/flock", "golang.org/x/sys"), "the launcher depends on %s", dep)
			}
		}
		assert.NotContains(t, p.Deps, "net/http")
		return
	}
	require.FailNow(t, "the launcher was not found")
}
