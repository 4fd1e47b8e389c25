package pipeline_test

import (
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"ingest-pipeline/pipeline"
)

func TestEveryOutputIsDocumented(t *testing.T) {
	t.Parallel()
	documented := readPage(t, filepath.Join("docs", "settings.md"))
	outputs := 0
	component := reflect.TypeFor[pipeline.Pipeline]()
	for i := range component.NumField() {
		if name := component.Field(i).Tag.Get("pulumi"); name != "" {
			outputs++
			assert.Regexp(t, "(?m)^\\|.*`"+name+"`.* \\|.*\\|$", documented)
		}
	}
	assert.Greater(t, outputs, 10)
}
