package templatefiles

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/templates"
)

func TestEachFileOfTheTemplatesIsKnown(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("..", "..", "..", Folder))
	require.NoError(t, err)
	known := 0
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) == ".go" {
			continue
		}
		variable := embedded[entry.Name()]
		if !assert.NotNil(t, variable, "%s would not be watched", entry.Name()) {
			continue
		}
		content, err := os.ReadFile(filepath.Join("..", "..", "..", Folder, entry.Name()))
		require.NoError(t, err)
		assert.Equal(t, *variable, string(content), entry.Name())
		known++
	}
	assert.Len(t, embedded, known)
}

func TestAMistakeHasItsPlaceAndChangesNothing(t *testing.T) {
	project := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(project, Folder), 0o700))
	write := func(name, content string) {
		require.NoError(t, os.WriteFile(filepath.Join(project, Folder, name), []byte(content), 0o600))
	}
	before := map[string]string{}
	for name, variable := range embedded {
		before[name] = *variable
		write(name, *variable)
	}
	t.Cleanup(func() {
		for name, text := range before {
			*embedded[name] = text
		}
	})
	write("put_record.request.vtl", "changed")
	write("error.response.vtl", "one\n  #if($x)\n")
	write("event.schema.json", "{\n  \"type\" 1\n}")
	err := Load(project)
	assert.ErrorContains(t, err, "templates/error.response.vtl:2:3: ")
	assert.ErrorContains(t, err, "templates/event.schema.json:2:10: ")
	assert.Equal(t, before["put_record.request.vtl"], templates.PutRecordRequest)

	write("error.response.vtl", before["error.response.vtl"])
	write("event.schema.json", before["event.schema.json"])
	require.NoError(t, Load(project))
	assert.Equal(t, "changed", templates.PutRecordRequest)
}
