package pipeline_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	fenced   = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```")
	headings = regexp.MustCompile(`(?m)^(#+) `)
	targets  = regexp.MustCompile(`\]\(([^)]+)\)`)
	// settings are the rows of the table of settings, without what they do.
	settings = regexp.MustCompile("(?m)^\\| `[^`]+` \\|.*?\\|.*?\\|.*?\\|")
)

func readPage(t *testing.T, file string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", file))
	require.NoError(t, err)
	return string(page)
}

func TestBothReadmesHaveTheSameStructureCommandsAndOutput(t *testing.T) {
	t.Parallel()
	english, korean := readPage(t, "README.md"), readPage(t, "README.ko.md")
	korean = strings.Replace(korean, "](README.md)", "", 1) // the only link that the other one has not
	for name, pattern := range map[string]*regexp.Regexp{"blocks": fenced, "links": targets, "settings": settings} {
		found := pattern.FindAllString(english, -1)
		assert.NotEmpty(t, found, name)
		assert.ElementsMatch(t, found, pattern.FindAllString(korean, -1), name)
	}
	withoutBlocks := func(page string) []string { return headings.FindAllString(fenced.ReplaceAllString(page, ""), -1) }
	assert.Equal(t, withoutBlocks(english), withoutBlocks(korean))
}

func TestTheReadmeIsShort(t *testing.T) {
	t.Parallel()
	assert.LessOrEqual(t, strings.Count(readPage(t, "README.md"), "\n"), 120)
}

func TestTheGoCodeOfTheReadmeIsThatOfTheExample(t *testing.T) {
	t.Parallel()
	example := readPage(t, filepath.Join("pipeline", "example_test.go"))
	found := 0
	for _, block := range fenced.FindAllStringSubmatch(readPage(t, "README.md"), -1) {
		if block[1] != "go" {
			continue
		}
		found++
		for line := range strings.SplitSeq(strings.TrimSpace(block[2]), "\n") {
			assert.Contains(t, example, "\t"+line+"\n")
		}
	}
	assert.Equal(t, 1, found)
}
