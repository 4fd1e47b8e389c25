// Package settings reads the settings of a stack as its program will read them, and reports everything that is wrong with
// them together, with file and line: wrong types and unknown keys, which the Pulumi CLI reports one at a time or not at
// all, and what the program itself refuses.
package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"ingest-pipeline/pipeline"
)

// Settings are the settings of one stack.
type Settings struct {
	// Stack is the stack's name, File its file in the project's folder, such as "Pulumi.dev.yaml".
	Stack, File string
	// Region is the setting aws:region.
	Region string

	folder  string // the project's
	project *workspace.Project
	// values are the stack file's values over the defaults of Pulumi.yaml, by full key. Lists and objects are JSON.
	values map[string]string
	lines  map[string]position
}

// Read reads the stack file and the defaults in Pulumi.yaml. It refuses what the engine would refuse, and keys that
// nothing reads: a misspelt key would otherwise mean its default. The region has to be set. The error is an *Error if the values are wrong.
func Read(project, stack string) (*Settings, error) {
	s, problems, err := read(project, stack)
	if err != nil {
		return nil, err
	}
	return s, s.fail(problems)
}

// Load is Read, and has the program check the values, too: ranges, and settings that do not fit together.
func Load(ctx context.Context, project, stack string) (*Settings, pipeline.PipelineArgs, error) {
	s, problems, err := read(project, stack)
	if err != nil {
		return nil, pipeline.PipelineArgs{}, err
	}
	settings, refused, err := s.check(ctx, problems)
	if err != nil {
		return nil, pipeline.PipelineArgs{}, err
	}
	return s, settings, s.fail(append(problems, refused...))
}

// Get is the value of a setting such as "aws:region", empty if it has none. The project's own settings are named without
// the project.
func (s *Settings) Get(key string) string {
	if !strings.Contains(key, ":") {
		key = s.project.Name.String() + ":" + key
	}
	return s.values[key]
}

// Files are the files that settings name, as they name them.
func (s *Settings) Files() []string {
	var files []string
	if schema := s.Get("eventSchema"); schema != "" {
		files = append(files, schema)
	}
	var types map[string]string
	if json.Unmarshal([]byte(s.Get("eventTypes")), &types) == nil {
		for _, schema := range types {
			files = append(files, schema)
		}
	}
	return files
}

// Equal reports whether all values are the same.
func (s *Settings) Equal(other *Settings) bool { return maps.Equal(s.values, other.values) }

func read(project, stack string) (*Settings, []problem, error) {
	s := &Settings{Stack: stack, File: "Pulumi." + stack + ".yaml", folder: project, values: map[string]string{}}
	var err error
	if s.project, err = workspace.LoadProject(filepath.Join(project, "Pulumi.yaml")); err != nil {
		return nil, nil, fmt.Errorf("reading Pulumi.yaml: %w", err)
	}
	if s.lines, err = readLines(project, s.project.Name.String(), s.File); err != nil {
		return nil, nil, fmt.Errorf("reading the settings of the stack %s: %w", stack, err)
	}
	silent := diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never})
	file, err := workspace.LoadProjectStack(silent, s.project, filepath.Join(project, s.File))
	if err != nil {
		return nil, nil, fmt.Errorf("reading the settings of the stack %s: %s: %w", stack, s.File, err)
	}
	if err := s.defaults(); err != nil {
		return nil, nil, fmt.Errorf("reading Pulumi.yaml: %w", err)
	}
	var problems []problem
	if file.Environment != nil {
		problems = append(problems, problem{key: "environment",
			text: "environment: settings from Pulumi ESC cannot be read without Pulumi Cloud; write the values into the file"})
	}
	for key, value := range file.Config {
		p, ok := s.set(key, value)
		if !ok {
			problems = append(problems, problem{key.String(), p})
		}
	}
	if s.Region = s.Get("aws:region"); s.Region == "" {
		problems = append(problems, problem{"aws:region", "aws:region: must be set (it is part of ARNs and URLs); add a line such as `aws:region: ap-northeast-2`"})
	}
	return s, problems, nil
}

// defaults sets the values that Pulumi.yaml declares, as the engine does.
func (s *Settings) defaults() error {
	for name, declared := range s.project.Config {
		value := declared.Default
		if value == nil {
			value = declared.Value
		}
		switch v := value.(type) {
		case nil:
			continue
		case string:
			s.values[s.fullKey(name)] = v
		default:
			text, err := json.Marshal(v)
			if err != nil {
				return fmt.Errorf("the default of %s: %w", name, err)
			}
			s.values[s.fullKey(name)] = string(text)
		}
	}
	return nil
}

func (s *Settings) fullKey(name string) string {
	if strings.Contains(name, ":") {
		return name
	}
	return s.project.Name.String() + ":" + name
}

// set sets a value of the stack file, or says what is wrong with it.
func (s *Settings) set(key config.Key, value config.Value) (problem string, ok bool) {
	if value.Secure() || value.Object() && containsSecure(value) {
		return key.Name() + ": must not be encrypted (only the stack that a value was encrypted for can read it); " +
			"write it in plain text, or set it on AWS only", false
	}
	declared, known := s.declared(key)
	if !known {
		return s.unknown(key), false
	}
	text, err := value.Value(config.NopDecrypter)
	if err != nil {
		return fmt.Sprintf("%s: %v", key.Name(), err), false
	}
	s.values[key.String()] = text
	if declared == nil || !declared.IsExplicitlyTyped() {
		return "", true
	}
	var content any = text
	if value.Object() {
		if err := json.Unmarshal([]byte(text), &content); err != nil {
			return fmt.Sprintf("%s = %s: %v", key.Name(), text, err), false
		}
	}
	if workspace.ValidateConfigValue(*declared.Type, declared.Items, content) {
		return "", true
	}
	return fmt.Sprintf("%s = %s: must be of type %s (Pulumi.yaml declares it); %s", key.Name(), text,
		workspace.InferFullTypeName(*declared.Type, declared.Items), howToWrite[*declared.Type]), false
}

func containsSecure(value config.Value) bool {
	keys := config.Map{config.MustMakeKey("settings", "value"): value}.SecureKeys()
	return len(keys) > 0
}

var howToWrite = map[string]string{
	"integer": "write a whole number, such as 10",
	"boolean": "write true or false",
	"string":  "write one text",
	"array":   "write a list, such as [one, two]",
	"object":  "write keys and values",
}

// declared is a setting in Pulumi.yaml. Those of Pulumi itself and of the aws provider need not be declared there.
func (s *Settings) declared(key config.Key) (declared *workspace.ProjectConfigType, known bool) {
	for name, d := range s.project.Config {
		if s.fullKey(name) == key.String() {
			return &d, true
		}
	}
	return nil, key.Namespace() == "aws" || key.Namespace() == "pulumi"
}

// check has the program read the values. Of a value that is among the problems already, it does not repeat what is wrong.
func (s *Settings) check(ctx context.Context, problems []problem) (settings pipeline.PipelineArgs, refused []problem, err error) {
	// A context without an engine: reading settings needs none.
	reading, err := pulumi.NewContext(ctx, pulumi.RunInfo{
		Project: s.project.Name.String(), Stack: s.Stack, Config: s.values, RootDirectory: s.folder,
	})
	if err != nil {
		return settings, nil, fmt.Errorf("reading the settings of the stack %s: %w", s.Stack, err)
	}
	defer reading.Close()
	args, err := pipeline.Load(reading)
	for _, refusal := range joined(err) {
		text := strings.TrimSuffix(refusal.Error(), "; see "+s.File)
		p := problem{s.keyOf(text), text}
		if !slices.ContainsFunc(problems, func(known problem) bool { return known.key == p.key && p.key != "" }) {
			refused = append(refused, p)
		}
	}
	return args, refused, nil
}

// keyOf is the full key of the setting that a problem begins with, as in "stream.shardCount = 0: …", or of the group or list
// that it is in; empty if it is none.
func (s *Settings) keyOf(text string) string {
	for name := text; name != ""; name = name[:max(strings.LastIndexAny(name, ".[ :"), 0)] {
		if _, known := s.lines[s.fullKey(name)]; known && !strings.ContainsAny(name, " :") {
			return s.fullKey(name)
		}
	}
	return ""
}

// joined are the errors that an error was joined from.
func joined(err error) []error {
	var all interface{ Unwrap() []error }
	switch {
	case err == nil:
		return nil
	case errors.As(err, &all):
		return all.Unwrap()
	}
	return []error{err}
}
