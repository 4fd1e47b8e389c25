package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

// Load reads the settings of the stack that ctx runs for over DefaultArgs, and reports everything that is wrong with them
// at once. A group keeps the defaults of what the stack does not set. Files are relative to the project's folder.
func Load(ctx *pulumi.Context) (PipelineArgs, error) { return load(ctx, ctx.RootDirectory()) }

func load(ctx *pulumi.Context, folder string) (PipelineArgs, error) {
	args := DefaultArgs()
	r := &settingsReader{file: fmt.Sprintf("Pulumi.%s.yaml", ctx.Stack()), wrong: map[string]bool{}}
	r.readAll(ctx, reflect.ValueOf(&args).Elem())
	r.readSchemas(folder, &args)
	problems := append(r.unknownKeys(ctx.Project()), r.problems...)
	if !stackNamePattern.MatchString(ctx.Stack()) {
		problems = append(problems, fmt.Errorf("stack %s: must be 1–30 of a–z, 0–9 and - (it is part of the names of buckets and roles); "+
			"rename it with pulumi stack rename", ctx.Stack()))
	}
	problems = append(problems, args.problems(r.wrong)...)
	if len(problems) > 0 {
		return PipelineArgs{}, fmt.Errorf("the settings of stack %s cannot be used; nothing was created:\n%w",
			ctx.Stack(), errors.Join(problems...))
	}
	return args, nil
}

// settingsReader reads settings strictly and collects all problems. The SDK's readers do not: GetInt returns 0 for "abc",
// TryInt reads 010 as 8, and TryObject ignores unknown keys.
type settingsReader struct {
	// file is the settings file of the stack, for messages.
	file     string
	problems []error
	// wrong are the paths whose value cannot be used; their zero value is not checked any further.
	wrong map[string]bool
}

// fail reports the value at a path, and sets the zero value instead.
func (r *settingsReader) fail(path string, to reflect.Value, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s%s; see %s", path, fmt.Sprintf(format, args...), r.file))
	to.SetZero()
	r.markWrong(path, to)
}

func (r *settingsReader) markWrong(path string, value reflect.Value) {
	r.wrong[path] = true
	if value.Kind() == reflect.Struct {
		for key, field := range taggedFields(value) {
			r.markWrong(path+"."+key, field)
		}
	}
}

// taggedFields are the fields of a struct by the names in their tags, in order.
func taggedFields(value reflect.Value) func(yield func(name string, field reflect.Value) bool) {
	return func(yield func(string, reflect.Value) bool) {
		for i := range value.NumField() {
			name, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("pulumi"), ",")
			if name != "" && !yield(name, value.Field(i)) {
				return
			}
		}
	}
}

// readAll reads the settings that the stack or Pulumi.yaml has. The engine passes lists and groups as JSON.
func (r *settingsReader) readAll(ctx *pulumi.Context, args reflect.Value) {
	conf := config.New(ctx, "")
	for key, field := range taggedFields(args) {
		text, err := conf.Try(key)
		switch {
		case errors.Is(err, config.ErrMissingVar):
		case err != nil:
			r.fail(key, field, ": %v", err)
		case ctx.IsConfigSecret(ctx.Project() + ":" + key):
			r.fail(key, field, " = [secret]: must not be a secret (the stack's state holds settings in clear text); set it again without --secret")
		case field.Kind() == reflect.Struct || field.Kind() == reflect.Slice || field.Kind() == reflect.Map:
			var value any
			decoder := json.NewDecoder(strings.NewReader(text))
			decoder.UseNumber()
			if decoder.Decode(&value) != nil {
				value = text
			}
			r.read(key, field, value)
		default:
			r.read(key, field, text)
		}
	}
}

// read sets a field to a value that is text or decoded JSON. Texts are accepted for numbers and booleans, since that is how
// the engine passes those outside of a group.
func (r *settingsReader) read(path string, to reflect.Value, value any) {
	switch to.Kind() {
	case reflect.Struct:
		r.readGroup(path, to, value)
	case reflect.Slice:
		r.readList(path, to, value)
	case reflect.Map:
		r.readMap(path, to, value)
	case reflect.Int:
		n, err := strconv.Atoi(fmt.Sprint(value))
		if err != nil || strconv.Itoa(n) != fmt.Sprint(value) {
			r.fail(path, to, " = %s: must be a whole number, in plain decimal digits", asJSON(value))
			return
		}
		to.SetInt(int64(n))
	case reflect.Bool:
		if text := fmt.Sprint(value); text != "true" && text != "false" {
			r.fail(path, to, " = %s: must be true or false", asJSON(value))
			return
		}
		to.SetBool(fmt.Sprint(value) == "true")
	default:
		text, isText := value.(string)
		if !isText {
			r.fail(path, to, " = %s: must be one text", asJSON(value))
			return
		}
		if to.Kind() == reflect.String {
			to.SetString(text)
		} else if text != "" { // a name or an ARN
			to.Set(reflect.ValueOf(pulumi.String(text)))
		}
	}
}

func (r *settingsReader) readGroup(path string, to reflect.Value, value any) {
	group, isGroup := value.(map[string]any)
	if !isGroup {
		r.fail(path, to, " = %s: must be a group of settings, such as {%s: …}", asJSON(value), firstKey(to))
		return
	}
	var known []string
	for key, field := range taggedFields(to) {
		known = append(known, key)
		if element, set := group[key]; set {
			r.read(path+"."+key, field, element)
			delete(group, key)
		}
	}
	for _, key := range sortedKeys(group) {
		r.problems = append(r.problems, fmt.Errorf("%s.%s: there is no such setting; %s has %s; see %s",
			path, key, path, strings.Join(known, ", "), r.file))
	}
}

func firstKey(group reflect.Value) string {
	for key := range taggedFields(group) {
		return key
	}
	return ""
}

func (r *settingsReader) readList(path string, to reflect.Value, value any) {
	list, isList := value.([]any)
	if !isList {
		r.fail(path, to, " = %s: must be a list, such as [one, two]", asJSON(value))
		return
	}
	to.SetZero()
	if len(list) > 0 {
		to.Set(reflect.MakeSlice(to.Type(), len(list), len(list)))
	}
	for i, element := range list {
		r.read(fmt.Sprintf("%s[%d]", path, i), to.Index(i), element)
	}
}

func (r *settingsReader) readMap(path string, to reflect.Value, value any) {
	entries, isMap := value.(map[string]any)
	if !isMap {
		r.fail(path, to, " = %s: must be keys and values, such as {key: value}", asJSON(value))
		return
	}
	to.SetZero()
	if len(entries) > 0 {
		to.Set(reflect.MakeMap(to.Type()))
	}
	for _, key := range sortedKeys(entries) {
		element := reflect.New(to.Type().Elem()).Elem()
		r.read(path+"."+key, element, entries[key])
		to.SetMapIndex(reflect.ValueOf(key), element)
	}
}

// readSchemas replaces the paths of files by the schemas in them.
func (r *settingsReader) readSchemas(folder string, args *PipelineArgs) {
	if args.EventSchema != "" {
		args.EventSchema = r.readSchema("eventSchema", folder, args.EventSchema)
	}
	for _, name := range sortedKeys(args.EventTypes) {
		if path := "eventTypes." + name; !r.wrong[path] {
			args.EventTypes[name] = r.readSchema(path, folder, args.EventTypes[name])
		}
	}
}

func (r *settingsReader) readSchema(path, folder, file string) string {
	name := filepath.FromSlash(file)
	if !filepath.IsAbs(name) {
		name = filepath.Join(folder, name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		r.wrong[path] = true
		r.problems = append(r.problems, fmt.Errorf("%s = %s: must be a file that can be read, relative to Pulumi.yaml (%w); see %s",
			path, file, errors.Unwrap(err), r.file))
		return ""
	}
	for _, problem := range schemaProblems(string(text)) {
		r.wrong[path] = true
		r.problems = append(r.problems, fmt.Errorf("%s = %s:%s", path, file, problem))
	}
	return string(text)
}

// asJSON shows a value of which the type may be what is wrong.
func asJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// unknownKeys reports settings of the project that do not exist, and those of a project with another name, as after
// `pulumi new`: they would silently mean the default. The SDK has no list of the settings, but the engine passes them to the
// program in this variable.
func (r *settingsReader) unknownKeys(project string) []error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(os.Getenv(pulumi.EnvConfig)), &all); err != nil {
		return nil
	}
	known := map[string]bool{}
	for key := range taggedFields(reflect.ValueOf(PipelineArgs{})) {
		known[key] = true
	}
	var problems []error
	for _, full := range sortedKeys(all) {
		key, ours := strings.CutPrefix(full, project+":")
		if other, name, _ := strings.Cut(full, ":"); !ours && other != "pulumi" && known[name] {
			problems = append(problems, fmt.Errorf("%s: must begin with %s:, the name of the project (%s is that of another one); "+
				"correct it; see %s", full, project, other, r.file))
		}
		if ours && !known[key] {
			problems = append(problems, fmt.Errorf("%s: there is no such setting; Pulumi.yaml lists them; see %s", key, r.file))
		}
	}
	return problems
}
