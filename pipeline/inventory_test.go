package pipeline_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/templates"
)

var (
	update       = flag.Bool("update", false, "rewrite golden files and generated tables")
	checkGoldens = flag.Bool("golden", true, "compare with the golden files; without them, local/test/mutate sees what the other tests find")
)

// golden compares text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if !*checkGoldens {
		return
	}
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run go test ./pipeline -update once")
	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(wantLines), len(gotLines)) {
		if i >= len(wantLines) || i >= len(gotLines) || wantLines[i] != gotLines[i] {
			from := max(0, i-6)
			t.Fatalf("%s:%d differs; if the change is meant, run go test ./pipeline -update\nwant:\n%s\ngot:\n%s", file, i+1,
				strings.Join(wantLines[from:min(len(wantLines), i+4)], "\n"), strings.Join(gotLines[from:min(len(gotLines), i+4)], "\n"))
		}
	}
}

// inventoryEntry is one resource as a reviewer wants to see it.
type inventoryEntry struct {
	Resource  string         `json:"resource"`
	Parent    string         `json:"parent"`
	DependsOn []string       `json:"dependsOn,omitempty"`
	Options   []string       `json:"options,omitempty"`
	Inputs    map[string]any `json:"inputs,omitempty"`
}

func (r *recorder) inventory(t *testing.T) string {
	t.Helper()
	var entries []inventoryEntry
	for _, g := range r.registrations {
		entry := inventoryEntry{Resource: g.label(), Parent: label(g.Parent)}
		for _, dep := range g.DependsOn {
			entry.DependsOn = append(entry.DependsOn, label(dep))
		}
		slices.Sort(entry.DependsOn)
		for option, on := range map[string]bool{
			"protect": g.Protect, "retainOnDelete": g.Retain, "deleteBeforeReplace": g.ReplaceByDelete,
		} {
			if on {
				entry.Options = append(entry.Options, option)
			}
		}
		slices.Sort(entry.Options)
		if g.Custom {
			entry.Inputs = readable(g.Inputs).(map[string]any)
		}
		entries = append(entries, entry)
	}
	slices.SortFunc(entries, func(a, b inventoryEntry) int { return strings.Compare(a.Resource+a.Parent, b.Resource+b.Parent) })
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(entries))
	return text.String()
}

// readable puts a file's name in place of its contents, and policies as JSON instead of JSON in a string.
func readable(value any) any {
	files := map[string]string{
		templates.PutRecordRequest:    "<put_record.request.vtl>",
		templates.PutRecordsRequest:   "<put_records.request.vtl>",
		templates.PreflightRequest:    "<preflight.request.vtl>",
		templates.PutRecordResponse:   "<put_record.response.vtl>",
		templates.PutRecordsResponse:  "<put_records.response.vtl>",
		templates.ErrorResponse:       "<error.response.vtl>",
		templates.UnavailableResponse: "<unavailable.response.vtl>",
		templates.EventSchema:         "<event.schema.json>",
		templates.BatchSchema:         "<batch.schema.json>",
	}
	switch v := value.(type) {
	case string:
		if file, ok := files[v]; ok {
			return file
		}
		var document map[string]any
		if strings.HasPrefix(v, `{"Version"`) && json.Unmarshal([]byte(v), &document) == nil {
			return document
		}
	case map[string]any:
		out := map[string]any{}
		for key, element := range v {
			out[key] = readable(element)
			if key == "definition" {
				out[key] = "<hash of the definition>"
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			out[i] = readable(element)
		}
		return out
	}
	return value
}

func TestInventory(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "prod"} {
		t.Run(stack, func(t *testing.T) {
			t.Parallel()
			golden(t, stack+".inventory.golden", run(t, stack).inventory(t))
		})
	}
}

func TestAPreviewShowsTheResourcesThatAnUpdateCreates(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "prod"} {
		urns := func(r *recorder) []string {
			var all []string
			for _, g := range r.registrations {
				all = append(all, g.URN)
			}
			slices.Sort(all)
			return all
		}
		assert.Equal(t, urns(run(t, stack)), urns(run(t, stack, asPreview)), stack)
	}
}
