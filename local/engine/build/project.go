package build

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// projectName is the name that Pulumi.yaml gives to the project.
const projectName = "ingest-pipeline"

var nameLine = regexp.MustCompile(`^name:\s*["']?([^"'#\s]+)["']?\s*(#.*)?$`)

// FindProject finds the project's folder: from or the nearest folder above it with a Pulumi.yaml of this project's
// name.
func FindProject(from string) (string, error) {
	from, err := filepath.Abs(from)
	if err != nil {
		return "", fmt.Errorf("finding the project: %w", err)
	}
	for dir := from; ; dir = filepath.Dir(dir) {
		name, err := readProjectName(filepath.Join(dir, "Pulumi.yaml"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("finding the project: %w", err)
		}
		if name == projectName {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", &Error{
				Doing:  "finding the project",
				Cause:  fmt.Errorf("neither %s nor a folder above it has a Pulumi.yaml with the name %s", from, projectName),
				Advice: "run it in the project's folder or in the folder local/ of it",
			}
		}
	}
}

// readProjectName is the name in a Pulumi.yaml. It looks at that one line only, because a YAML parser would
// have to be compiled with the launcher.
func readProjectName(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if match := nameLine.FindStringSubmatch(lines.Text()); match != nil {
			return match[1], nil
		}
	}
	return "", lines.Err()
}

// BinDir is where the programs of a project are kept.
func BinDir(project string) string { return filepath.Join(project, ".local", "bin") }
