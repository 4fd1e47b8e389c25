package engine

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
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

// loadStackFile reads a stack file and refuses what only the backend it was made for can read.
func loadStackFile(project, stack string) (*workspace.ProjectStack, error) {
	file := stackFile(stack)
	if _, err := os.Stat(filepath.Join(project, file)); err != nil {
		return nil, fmt.Errorf("reading the settings of the stack %s: %w", stack, err)
	}
	loaded, err := workspace.LoadProject(filepath.Join(project, "Pulumi.yaml"))
	if err != nil {
		return nil, fmt.Errorf("reading Pulumi.yaml: %w", err)
	}
	var complaints strings.Builder
	sink := diag.DefaultSink(&complaints, &complaints, diag.FormatOptions{Color: colors.Never})
	settings, err := workspace.LoadProjectStack(sink, loaded, filepath.Join(project, file))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	if settings.Environment != nil {
		return nil, fmt.Errorf("reading %s: environment: settings from Pulumi ESC cannot be read without Pulumi Cloud", file)
	}
	if keys := settings.Config.SecureKeys(); len(keys) > 0 {
		var names []string
		for _, key := range keys {
			names = append(names, key.String())
		}
		slices.Sort(names)
		return nil, fmt.Errorf("reading %s: %s: encrypted settings can only be read by the stack that they were encrypted for",
			file, strings.Join(names, ", "))
	}
	return settings, checkDeclared(loaded, settings, file)
}

// checkDeclared refuses settings of the project that its Pulumi.yaml does not declare: a misspelt key would otherwise
// mean its default. The engine does not check this, and a program that runs in this process cannot.
func checkDeclared(project *workspace.Project, settings *workspace.ProjectStack, file string) error {
	var unknown []string
	for key := range settings.Config {
		if _, declared := project.Config[key.Name()]; !declared && key.Namespace() == project.Name.String() {
			unknown = append(unknown, key.Name())
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	return fmt.Errorf("reading %s: %s: there is no such setting; Pulumi.yaml lists them", file, strings.Join(unknown, ", "))
}

// Setting is one setting of a stack as its program will read it, such as "aws:region": the stack file's, else the
// default that Pulumi.yaml declares. It is empty if there is neither. Lists and objects are told as JSON.
func Setting(project, stack, key string) (string, error) {
	parsed, err := config.ParseKey(key)
	if err != nil {
		return "", fmt.Errorf("reading the setting %s: %w", key, err)
	}
	settings, err := loadStackFile(project, stack)
	if err != nil {
		return "", err
	}
	if value, found := settings.Config[parsed]; found {
		return value.Value(config.NopDecrypter)
	}
	loaded, err := workspace.LoadProject(filepath.Join(project, "Pulumi.yaml"))
	if err != nil {
		return "", fmt.Errorf("reading Pulumi.yaml: %w", err)
	}
	declared, found := loaded.Config[key]
	if !found {
		declared, found = loaded.Config[strings.TrimPrefix(key, loaded.Name.String()+":")]
	}
	if !found {
		return "", nil
	}
	value := declared.Default
	if value == nil {
		value = declared.Value
	}
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	}
	text, err := json.Marshal(value)
	return string(text), err
}

func projectName(dir string) (string, error) {
	project, err := workspace.LoadProject(filepath.Join(dir, "Pulumi.yaml"))
	if err != nil {
		return "", fmt.Errorf("reading Pulumi.yaml: %w", err)
	}
	return project.Name.String(), nil
}
