package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"ingest-pipeline/templates"
)

// parseSchema reads a JSON object. An error begins with line and column.
func parseSchema(text string) (map[string]any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var root map[string]any
	err := decoder.Decode(&root)
	if err == nil {
		if _, err = decoder.Token(); errors.Is(err, io.EOF) {
			return root, nil
		}
		err = errors.New("there is more than one JSON value")
	}
	offset := int(decoder.InputOffset())
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = int(syntax.Offset)
	}
	before := text[:min(offset, len(text))]
	return nil, fmt.Errorf("%d:%d: must be a JSON object (%w)",
		strings.Count(before, "\n")+1, len(before)-strings.LastIndexByte(before, '\n'), err)
}

// batchSchema is the schema of a batch of events that have a schema.
func batchSchema(event string) string {
	items, err := parseSchema(event)
	if err != nil {
		return "" // schemaProblems has reported it
	}
	batch, err := parseSchema(templates.BatchSchema)
	if err != nil {
		return ""
	}
	// References are to definitions at the top.
	if definitions, ok := items["definitions"]; ok {
		batch["definitions"] = definitions
	}
	delete(items, "definitions")
	delete(items, "$schema")
	batch["items"] = items
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(batch); err != nil {
		return ""
	}
	return text.String()
}
