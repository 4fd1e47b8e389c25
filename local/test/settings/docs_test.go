package settings

import (
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/internal/settings"
	"ingest-pipeline/pipeline"
)

var root = filepath.Join("..", "..", "..")

// readmeSettings are those that a newcomer changes first.
var readmeSettings = []string{
	"streamName", "access", "throttle.requestsPerSecond", "stream.mode", "stream.retentionHours", "delivery.bufferIntervalSeconds",
	"lifecycle.expireAfterDays", "logs.level", "alarms.email", "protectData",
}

func TestTheReadmeDescribesSettingsAsTheirDocCommentsDo(t *testing.T) {
	t.Parallel()
	described := descriptions(t)
	_, dev, err := settings.Load(context.Background(), root, "dev")
	require.NoError(t, err)
	_, prod, err := settings.Load(context.Background(), root, "prod")
	require.NoError(t, err)
	var table strings.Builder
	table.WriteString("| setting | default | dev | prod | what it does |\n|---|---|---|---|---|\n")
	for _, path := range readmeSettings {
		require.NotEmpty(t, described[path], "%s is not described", path)
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s | %s |\n", path, cell(pipeline.DefaultArgs(), path), cell(dev, path), cell(prod, path), described[path])
	}
	compare(t, "README.md", table.String())
}

// compare compares the generated part of a page with text, or writes it.
func compare(t *testing.T, page, text string) {
	t.Helper()
	const begin, end = "<!-- settings: written by go test -C local ./test/settings -update -->\n", "<!-- end of settings -->\n"
	file := filepath.Join(root, page)
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(content), begin)
	require.True(t, found, "%s has no settings", page)
	current, after, found := strings.Cut(rest, end)
	require.True(t, found, "the settings of %s do not end", page)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(before+begin+text+end+after), 0o600))
		return
	}
	assert.Equal(t, text, current, "run go test -C local ./test/settings -update, and read what differs")
}

// cell is the value of a setting, for a table.
func cell(args pipeline.PipelineArgs, path string) string {
	value := reflect.ValueOf(args)
	for name := range strings.SplitSeq(path, ".") {
		value = value.FieldByIndex(fieldOf(value.Type(), name).Index)
	}
	text := fmt.Sprint(value.Interface())
	switch v := value.Interface().(type) {
	case pulumi.String:
	case pulumi.StringPtrInput, nil:
		text = ""
	default:
		switch value.Kind() {
		case reflect.Slice:
			text = listOf(v)
		case reflect.Map:
			text = strings.TrimSuffix(strings.TrimPrefix(text, "map["), "]")
		}
	}
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

func listOf(list any) string {
	if reflect.ValueOf(list).Len() == 0 {
		return "[]"
	}
	if keys, ok := list.([]pipeline.APIKeySettings); ok {
		return fmt.Sprintf("{name: %s, requestsPerDay: %d}", keys[0].Name, keys[0].RequestsPerDay)
	}
	text, _ := json.Marshal(list)
	return string(text)
}

func fieldOf(of reflect.Type, name string) reflect.StructField {
	for i := range of.NumField() {
		if nameOf(of.Field(i).Tag) == name {
			return of.Field(i)
		}
	}
	panic("no setting " + name)
}

// nameOf is the name of the setting in a field's tag.
func nameOf(tag reflect.StructTag) string {
	name, _, _ := strings.Cut(tag.Get("pulumi"), ",")
	return name
}

// descriptions are the doc comments of the fields of PipelineArgs and its groups, by path. The settings of an element of
// apiKeys are apiKeys[].name and so on.
func descriptions(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "pipeline", "args.go"), nil, parser.ParseComments)
	require.NoError(t, err)
	structs := map[string]*ast.StructType{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			structs[spec.Name.Name], _ = spec.Type.(*ast.StructType)
		}
		return true
	})
	described := map[string]string{}
	var describe func(typ, group string)
	describe = func(typ, group string) {
		for _, field := range structs[typ].Fields.List {
			path := group + nameOf(reflect.StructTag(strings.Trim(field.Tag.Value, "`")))
			described[path] = strings.ReplaceAll(strings.TrimSpace(field.Doc.Text()), "\n", " ")
			element, separator := field.Type, "."
			if list, isList := element.(*ast.ArrayType); isList {
				element, separator = list.Elt, "[]."
			}
			if nested, ok := element.(*ast.Ident); ok && structs[nested.Name] != nil {
				describe(nested.Name, path+separator)
			}
		}
	}
	describe(reflect.TypeFor[pipeline.PipelineArgs]().Name(), "")
	return described
}

// paths are the settings, those of a group by their path, in order.
func paths(of reflect.Type, group string) (all []string) {
	for i := range of.NumField() {
		path := group + nameOf(of.Field(i).Tag)
		if of.Field(i).Type.Kind() == reflect.Struct {
			all = append(all, paths(of.Field(i).Type, path+".")...)
		} else {
			all = append(all, path)
		}
	}
	return all
}

func TestEverySettingIsDescribed(t *testing.T) {
	t.Parallel()
	described := descriptions(t)
	for path, text := range described {
		assert.Regexp(t, `^[A-Z].*\.$`, text, path)
	}
	for _, path := range slices.Concat(paths(reflect.TypeFor[pipeline.PipelineArgs](), ""), []string{"apiKeys[].name"}) {
		assert.Contains(t, described, path)
	}
}
