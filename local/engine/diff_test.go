package engine

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
)

func TestADifferenceReadsAsOneLine(t *testing.T) {
	policy := `{"Version":"2012-10-17","Statement":[{"Sid":"PutToStream","Effect":"Allow","Action":["kinesis:PutRecord"],"Resource":"x"}]}`
	for _, test := range []struct {
		name  string
		given Diff
		want  string
	}{
		{"a number", Diff{Path: "shardCount", Kind: "update", Old: 1.0, New: 2.0}, "shardCount: 1 => 2"},
		{"a reason to replace", Diff{Path: "name", Kind: "update", Replaces: true, Old: "a", New: "b"}, `name: "a" => "b" (replaces)`},
		{"something new", Diff{Path: "tags.team", Kind: "add", New: "data"}, `tags.team: "data"`},
		{"something gone", Diff{Path: "tags.team", Kind: "delete", Old: "data"}, `tags.team: "data" => nothing`},
		{"known only later", Diff{Path: "uri", Kind: "update", Old: "x", New: Unknown}, `uri: "x" => known later`},
		{"a secret", Diff{Path: "value", Kind: "update", Old: "x", New: map[string]any{resource.SigKey: resource.SecretSig, "ciphertext": "[secret]"}}, `value: "x" => [secret]`},
		{"a text of many lines", Diff{Path: "template", Kind: "update",
			Old: strings.Repeat("## the same line\n", 9) + "#set($a = 1)\nend", New: strings.Repeat("## the same line\n", 9) + "#set($a = 2)\nend"},
			"template: line 10: #set($a = 1) => #set($a = 2)"},
		{"a long line", Diff{Path: "policy", Kind: "update", Old: policy, New: strings.Replace(policy, "PutRecord\"", "PutRecords\"", 1)},
			`policy: line 1: …"kinesis:PutRecord"],"Resource":"x"}]} => …"kinesis:PutRecords"],"Resource":"x"}]}`},
		{"a long value", Diff{Path: "list", Kind: "add", New: strings.Repeat("ä", 100)}, `list: "` + strings.Repeat("ä", 71) + "…"},
	} {
		t.Run(test.name, func(t *testing.T) { assert.Equal(t, test.want, test.given.String()) })
	}
}

func TestDifferencesAreFoundInWhatTheProgramGave(t *testing.T) {
	step := apitype.StepEventMetadata{
		Old: &apitype.StepEventStateMetadata{Inputs: map[string]any{"nested": map[string]any{"list": []any{"a", "b"}}, "tags": map[string]any{"a.b": "1"}}},
		New: &apitype.StepEventStateMetadata{Inputs: map[string]any{"nested": map[string]any{"list": []any{"a", "c"}}, "tags": map[string]any{}}},
		DetailedDiff: map[string]apitype.PropertyDiff{
			"nested.list[1]": {Kind: apitype.DiffUpdateReplace}, `tags["a.b"]`: {Kind: apitype.DiffDelete},
		},
	}
	assert.Equal(t, []Diff{
		{Path: "nested.list[1]", Kind: "update", Replaces: true, Old: "b", New: "c"},
		{Path: `tags["a.b"]`, Kind: "delete", Old: "1"},
	}, diffsOf(step))

	step.DetailedDiff = nil
	step.Diffs, step.Keys = []string{"tags", "nested"}, []string{"nested"}
	var paths []string
	for _, d := range diffsOf(step) {
		paths = append(paths, d.String())
	}
	assert.Equal(t, []string{`nested: {"list":["a","b"]} => {"list":["a","c"]} (replaces)`, `tags: {"a.b":"1"} => {}`}, paths)

	assert.Empty(t, diffsOf(apitype.StepEventMetadata{New: step.New}), "a new resource differs from nothing")
}

func TestATypeIsShownWithoutItsModulesFile(t *testing.T) {
	for given, want := range map[string]string{
		"aws:kinesis/stream:Stream": "aws:kinesis:Stream", "test:index:Thing": "test:index:Thing", "pipeline:Pipeline": "pipeline:Pipeline",
	} {
		assert.Equal(t, want, Step{Type: given}.ShortType())
	}
}
