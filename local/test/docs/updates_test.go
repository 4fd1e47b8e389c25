package docs

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestDependabotUpdatesEveryFolderWithDependencies(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(project, ".github", "dependabot.yml"))
	require.NoError(t, err)
	var config struct {
		Updates []struct {
			Ecosystem   string `yaml:"package-ecosystem"`
			Directory   string
			Directories []string
		}
	}
	require.NoError(t, yaml.Unmarshal(content, &config))
	updated := map[string][]string{}
	for _, update := range config.Updates {
		updated[update.Ecosystem] = append(updated[update.Ecosystem], append(update.Directories, update.Directory)...)
	}
	ecosystems := map[string]string{"go.mod": "gomod", "package.json": "npm", "requirements.txt": "pip", "Dockerfile": "docker"}
	found := 0
	err = fs.WalkDir(os.DirFS(project), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if entry.IsDir() && name != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules") {
			return fs.SkipDir
		}
		if ecosystem := ecosystems[base]; ecosystem != "" && !entry.IsDir() {
			found++
			assert.Contains(t, updated[ecosystem], path.Join("/", path.Dir(name)), name)
		}
		return nil
	})
	require.NoError(t, err)
	assert.Greater(t, found, 3)
}
