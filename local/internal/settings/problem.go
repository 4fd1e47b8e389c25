package settings

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"go.yaml.in/yaml/v3"
)

// Error is all that is wrong with the settings of a stack.
type Error struct {
	Stack string
	// Problems are such as "Pulumi.dev.yaml:6: shardCount = two: must be …", in the order of the lines.
	Problems []string
}

func (e *Error) Error() string {
	return fmt.Sprintf("the settings of the stack %s cannot be used:\n  %s", e.Stack, strings.Join(e.Problems, "\n  "))
}

// Hint says where every setting is described.
func (e *Error) Hint() string { return "Pulumi.yaml describes every setting" }

// problem is something that is wrong with the setting of a full key; key is empty if no single one is wrong.
type problem struct{ key, text string }

// position is a line of a file.
type position struct {
	file string
	line int
}

// fail is the error for problems, nil if there are none.
func (s *Settings) fail(problems []problem) error {
	if len(problems) == 0 {
		return nil
	}
	slices.SortStableFunc(problems, func(a, b problem) int {
		one, other := s.lines[a.key], s.lines[b.key]
		return cmp.Or(cmp.Compare(one.file, other.file), cmp.Compare(one.line, other.line), cmp.Compare(a.text, b.text))
	})
	e := &Error{Stack: s.Stack}
	for _, p := range problems {
		if at, known := s.lines[p.key]; known {
			p.text = fmt.Sprintf("%s:%d: %s", at.file, at.line, p.text)
		} else {
			p.text = s.File + ": " + p.text
		}
		e.Problems = append(e.Problems, p.text)
	}
	return e
}

// unknown says that nothing reads a key, and which one may be meant.
func (s *Settings) unknown(key config.Key) string {
	project := s.project.Name.String()
	if key.Namespace() != project {
		return fmt.Sprintf("%s: must begin with %s: or aws: (nothing reads it otherwise); correct the name", key, project)
	}
	nearest, distance := "", len(key.Name())/3+1
	for name := range s.project.Config {
		name = strings.TrimPrefix(name, project+":")
		d := levenshtein.Distance(strings.ToLower(key.Name()), strings.ToLower(name), nil)
		if d < distance || d == distance && nearest != "" && name < nearest {
			nearest, distance = name, d
		}
	}
	if nearest == "" {
		return key.Name() + ": must be a setting that Pulumi.yaml declares (nothing reads it otherwise); remove it"
	}
	return fmt.Sprintf("%s: must be a setting that Pulumi.yaml declares (nothing reads it otherwise); did you mean %s?", key.Name(), nearest)
}

// readLines finds the lines of the settings: those of the stack file, and of Pulumi.yaml for the defaults.
func readLines(project, name, stackFile string) (map[string]position, error) {
	lines := map[string]position{}
	for _, file := range []string{"Pulumi.yaml", stackFile} {
		content, err := os.ReadFile(filepath.Join(project, file))
		if err != nil {
			return nil, &readError{err}
		}
		var document yaml.Node
		if err := yaml.Unmarshal(content, &document); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for key, value := range pairs(&document) {
			lines[key.Value] = position{file, key.Line}
			if key.Value != "config" {
				continue
			}
			for setting, value := range pairs(value) {
				full := setting.Value
				if !strings.Contains(full, ":") {
					full = name + ":" + full
				}
				lines[full] = position{file, setting.Line}
				if file == "Pulumi.yaml" {
					value = defaultOf(value)
				}
				for field := range pairs(value) { // of a group
					lines[full+"."+field.Value] = position{file, field.Line}
				}
			}
		}
	}
	return lines, nil
}

// defaultOf is the default in the declaration of a setting.
func defaultOf(declaration *yaml.Node) *yaml.Node {
	for key, value := range pairs(declaration) {
		if key.Value == "default" {
			return value
		}
	}
	return &yaml.Node{}
}

// pairs are the keys and values of a mapping; none if the node is none.
func pairs(node *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if node.Kind == yaml.DocumentNode {
			node = node.Content[0]
		}
		if node.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i], node.Content[i+1]) {
				return
			}
		}
	}
}

// readError is a file that cannot be read.
type readError struct{ error }

func (e *readError) Unwrap() error { return e.error }

func (e *readError) Hint() string {
	if errors.Is(e.error, fs.ErrNotExist) {
		return "create the file, or choose another stack with --stack"
	}
	return ""
}
