// Package templatefiles has the program use the templates and models in a project's folder in the place of those that
// were embedded when it was compiled.
package templatefiles

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"ingest-pipeline/local/aws/apigateway/vtl"
	"ingest-pipeline/templates"
)

// Folder is the folder of the files in the project's.
const Folder = "templates"

// embedded are the variables of package templates, by file.
var embedded = map[string]*string{
	"put_record.request.vtl":   &templates.PutRecordRequest,
	"put_records.request.vtl":  &templates.PutRecordsRequest,
	"preflight.request.vtl":    &templates.PreflightRequest,
	"put_record.response.vtl":  &templates.PutRecordResponse,
	"put_records.response.vtl": &templates.PutRecordsResponse,
	"error.response.vtl":       &templates.ErrorResponse,
	"paused.request.vtl":       &templates.PausedRequest,
	"paused.response.vtl":      &templates.PausedResponse,
	"unavailable.response.vtl": &templates.UnavailableResponse,
	"event.schema.json":        &templates.EventSchema,
	"batch.schema.json":        &templates.BatchSchema,
}

// Load reads the files of a project and has the program use them from now on; it must not run meanwhile. A file that is
// not valid is an error with its place, such as "templates/error.response.vtl:3:5: …", and nothing has changed then.
func Load(project string) error {
	texts := map[string]string{}
	var problems []error
	for name := range embedded {
		content, err := os.ReadFile(filepath.Join(project, Folder, name))
		if err == nil {
			texts[name] = string(content)
			err = check(Folder+"/"+name, content)
		}
		problems = append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	for name, text := range texts {
		*embedded[name] = text
	}
	return nil
}

func check(name string, content []byte) error {
	if strings.HasSuffix(name, ".vtl") {
		_, err := vtl.Parse(name, string(content))
		return err
	}
	var schema map[string]any
	err := json.Unmarshal(content, &schema)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		before := content[:min(int(syntax.Offset), len(content))]
		line, column := bytes.Count(before, []byte("\n"))+1, len(before)-bytes.LastIndexByte(before, '\n')-1
		return fmt.Errorf("%s:%d:%d: %w", name, line, column, err)
	}
	if err != nil {
		return fmt.Errorf("%s:1:1: %w", name, err)
	}
	return nil
}
