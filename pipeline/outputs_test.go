package pipeline_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryOutputIsDocumented(t *testing.T) {
	t.Parallel()
	program, err := os.ReadFile("program.go")
	require.NoError(t, err)
	documented := readPage(t, filepath.Join("docs", "settings.md"))
	exports := regexp.MustCompile(`ctx\.Export\("(\w+)"`).FindAllStringSubmatch(string(program), -1)
	require.NotEmpty(t, exports)
	for _, export := range exports {
		assert.Regexp(t, "(?m)^\\|.*`"+export[1]+"`.* \\|.*\\|$", documented)
	}
}
