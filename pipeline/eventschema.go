package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"ingest-pipeline/templates"
)

// parseSchema reads a JSON object. An error begins with line and column.
func parseSchema(text string) (root map[string]any, err error) {
	// Unmarshal refuses what follows the object; the decoder keeps numbers as they are written.
	if err = json.Unmarshal([]byte(text), &root); err == nil {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		return root, decoder.Decode(&root)
	}
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) || syntax.Offset == 0 {
		return nil, errors.New("1:1: must be a JSON object")
	}
	before := text[:syntax.Offset-1]
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
