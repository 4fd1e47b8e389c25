package engine

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

// copySettings copies the project file and one stack file to the engine's work folder. The engine writes into the
// stack file, and the tracked one is none of its business.
func copySettings(project, stack, work string) error {
	content, err := os.ReadFile(filepath.Join(project, "Pulumi.yaml"))
	if err != nil {
		return fmt.Errorf("reading the project's settings: %w", err)
	}
	if err := os.WriteFile(filepath.Join(work, "Pulumi.yaml"), content, 0o600); err != nil {
		return fmt.Errorf("copying the project's settings: %w", err)
	}
	settings, err := loadStackFile(project, stack)
	if err != nil {
		return err
	}
	// Keys and salts belong to the stack of that name in another backend. This backend has its own salt, and it is in
	// the copy.
	target := filepath.Join(work, stackFile(stack))
	settings.SecretsProvider, settings.EncryptedKey, settings.EncryptionSalt = "", "", readSalt(target)
	if err := os.Remove(target); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("copying the stack's settings: %w", err)
	}
	if err := settings.Save(target); err != nil {
		return fmt.Errorf("copying the stack's settings: %w", err)
	}
	return nil
}

var saltLine = regexp.MustCompile(`(?m)^encryptionsalt:\s*(\S+)\s*$`)

// readSalt is the salt in an earlier copy of a stack file; empty if there is none. The engine then makes one.
func readSalt(copied string) string {
	content, err := os.ReadFile(copied)
	if err != nil {
		return ""
	}
	if match := saltLine.FindSubmatch(content); match != nil {
		return string(match[1])
	}
	return ""
}

func stackFile(stack string) string { return "Pulumi." + stack + ".yaml" }

// loadStackFile reads a stack file. Who opens a stack has checked the values: package settings.
func loadStackFile(project, stack string) (*workspace.ProjectStack, error) {
	file := stackFile(stack)
	if _, err := os.Stat(filepath.Join(project, file)); err != nil {
		return nil, fmt.Errorf("reading the settings of the stack %s: %w", stack, err)
	}
	loaded, err := workspace.LoadProject(filepath.Join(project, "Pulumi.yaml"))
	if err != nil {
		return nil, fmt.Errorf("reading Pulumi.yaml: %w", err)
	}
	silent := diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never})
	settings, err := workspace.LoadProjectStack(silent, loaded, filepath.Join(project, file))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	return settings, nil
}

func projectName(dir string) (string, error) {
	project, err := workspace.LoadProject(filepath.Join(dir, "Pulumi.yaml"))
	if err != nil {
		return "", fmt.Errorf("reading Pulumi.yaml: %w", err)
	}
	return project.Name.String(), nil
}
