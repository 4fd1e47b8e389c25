package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// environment is the variable that chooses the mutant, by its id.
const environment = "INGEST_PIPELINE_MUTANT"

func command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	return cmd
}

// compile builds the test binary of a package with files replaced or added, which are named by their path.
func compile(ctx context.Context, dir, pkg, work string, files map[string][]byte) (string, error) {
	overlay := map[string]string{}
	for path, content := range files {
		folder := filepath.Join(work, strconv.Itoa(len(overlay)))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return "", err
		}
		overlay[path] = filepath.Join(folder, filepath.Base(path))
		if err := os.WriteFile(overlay[path], content, 0o600); err != nil {
			return "", err
		}
	}
	encoded, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return "", err
	}
	overlayFile, binary := filepath.Join(work, "overlay.json"), filepath.Join(work, "tests.exe")
	if err := os.WriteFile(overlayFile, encoded, 0o600); err != nil {
		return "", err
	}
	cmd := command(ctx, dir, "go", "test", "-c", "-vet=off", "-gcflags=-e", "-overlay", overlayFile, "-o", binary, pkg)
	if output, err := cmd.CombinedOutput(); err != nil {
		failed := &compileError{output: string(output)}
		for _, match := range errorLine.FindAllStringSubmatch(failed.output, -1) {
			failed.lines = append(failed.lines, match[1])
		}
		if len(failed.lines) == 0 {
			return "", fmt.Errorf("%w\n%s", err, output)
		}
		return "", failed
	}
	return binary, nil
}

// compileError is what the compiler refuses.
type compileError struct {
	output string
	lines  []string // as file.go:1
}

func (e *compileError) Error() string { return e.output }

var errorLine = regexp.MustCompile(`(?m)^.*?([^/\\]+\.go:\d+):\d+: `)
