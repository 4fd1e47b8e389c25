package aws

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestServicesKnowNeitherPulumiNorEachOther reads the imports of all packages below this one. What services exchange
// apart from the types of iam and kms, which decide for all of them, is listed.
func TestServicesKnowNeitherPulumiNorEachOther(t *testing.T) {
	const here = "ingest-pipeline/local/aws/"
	shared := []string{"iam", "kms", "awserr", "internal"}
	exchanged := map[string][]string{
		"apigateway": {"logs"},                  // writes logs.Event
		"internal":   {"endpoint"},              // of which apitest makes one for the tests of a service
		"firehose":   {"kinesis", "logs", "s3"}, // reads kinesis.Record, writes logs.Event and s3.PutOptions
	}
	files := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		files++
		service, _, inService := strings.Cut(filepath.ToSlash(path), "/")
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			assert.NotContains(t, name, "pulumi", path)
			inside, isOurs := strings.CutPrefix(name, here)
			if !isOurs {
				if strings.HasPrefix(name, "ingest-pipeline") {
					assert.True(t, strings.HasPrefix(name, "ingest-pipeline/local/internal/"), "%s imports %s", path, name)
				}
				continue
			}
			other, _, _ := strings.Cut(inside, "/")
			if inService && other != service && !slices.Contains(shared, other) {
				assert.Contains(t, exchanged[service], other, "%s imports %s", path, name)
			}
		}
		return nil
	})
	require.NoError(t, err)
	assert.Greater(t, files, 100)
}
