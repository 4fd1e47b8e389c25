package build

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// setting is a line that declares a setting of the pipeline, by which its project is found, whatever its name.
var setting = regexp.MustCompile(`(?m)^\s+protectData:\s*$`)

// FindProject finds the project's folder: from or the nearest folder above it whose Pulumi.yaml declares the settings of the
// pipeline.
func FindProject(from string) (string, error) {
	from, err := filepath.Abs(from)
	if err != nil {
		return "", fmt.Errorf("finding the project: %w", err)
	}
	for dir := from; ; dir = filepath.Dir(dir) {
		// A YAML parser would have to be compiled with the launcher.
		content, err := os.ReadFile(filepath.Join(dir, "Pulumi.yaml"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("finding the project: %w", err)
		}
		if setting.Match(content) {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", &Error{
				Doing:  "finding the project",
				Cause:  fmt.Errorf("neither %s nor a folder above it has a Pulumi.yaml with the settings of the pipeline", from),
				Advice: "run it in the project's folder or in the folder local/ of it",
			}
		}
	}
}

// BinDir is where the programs of a project are kept.
func BinDir(project string) string { return filepath.Join(project, ".local", "bin") }
