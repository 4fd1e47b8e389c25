package pipeline_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var fenced = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```")

// blocks are the fenced blocks of a page: pictures, commands and their output.
func blocks(t *testing.T, file string) []string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", file))
	require.NoError(t, err)
	return fenced.FindAllString(string(page), -1)
}

func TestBothReadmesHaveTheSameCommandsAndOutput(t *testing.T) {
	t.Parallel()
	english := blocks(t, "README.md")
	assert.NotEmpty(t, english)
	assert.Equal(t, english, blocks(t, "README.ko.md"))
}
