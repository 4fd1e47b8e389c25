package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestThePageShowsTheExamples(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(repository(t), "docs", "component.md"))
	require.NoError(t, err)
	for language, example := range map[string]string{
		"go": "go/main.go", "typescript": "typescript/index.ts", "python": "python/__main__.py", "yaml": "yaml/Pulumi.yaml",
	} {
		content, err := os.ReadFile(filepath.Join(repository(t), "examples", filepath.FromSlash(example)))
		require.NoError(t, err)
		assert.Contains(t, string(page), "```"+language+"\n"+string(content)+"```\n", "examples/%s", example)
	}
}
