package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/internal/durable"
)

func TestADamagedStoreIsAnErrorAndStaysAsItIs(t *testing.T) {
	w := newLocalTarget(t)
	w.database()
	dir := w.kill(t)
	file := filepath.Join(dir, storeName)
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	for name, content := range map[string]string{
		"cut off":         string(whole[:len(whole)/2]),
		"empty":           "",
		"of another form": strings.Replace(string(whole), `"CatalogID"`, `"Catalog"`, 1),
		"an unknown type": strings.Replace(string(whole), catalogDatabaseToken, "aws:sqs/queue:Queue", 1),
	} {
		t.Run(name, func(t *testing.T) {
			require.NotEqual(t, string(whole), content)
			require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
			_, err := tryOpenLocalTarget(t, dir)
			var damage *durable.DamagedError
			require.ErrorAs(t, err, &damage)
			assert.Equal(t, file, damage.Name)
			now, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, content, string(now))
		})
	}
	t.Run("and whole again it is read", func(t *testing.T) {
		require.NoError(t, os.WriteFile(file, whole, 0o600))
		again := openLocalTarget(t, dir)
		assert.NotEmpty(t, again.mustRead(w.database()).id)
	})
}

func TestAStoreThatCannotBeReadIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), storeName)
	require.NoError(t, os.MkdirAll(filepath.Join(file, "x"), 0o700))
	_, err := tryOpenLocalTarget(t, filepath.Dir(file))
	require.ErrorContains(t, err, file)
}

func TestAResourceThatCannotBeStoredIsNotCreated(t *testing.T) {
	w := newLocalTarget(t)
	file := filepath.Join(w.cloud.Dir(), storeName)
	require.NoError(t, os.MkdirAll(filepath.Join(file, "x"), 0o700)) // nothing can be put in its place
	message := w.createError(workgroupToken, "queries", props{"name": "queries"})
	assert.Contains(t, message, file)
	require.NoError(t, os.RemoveAll(file))
	w.mustCreate(workgroupToken, "queries", props{"name": "queries"})
}

func TestANameThatExistsIsRefused(t *testing.T) {
	w := newLocalTarget(t)
	w.mustCreate(workgroupToken, "queries", props{"name": "queries"})
	assert.Contains(t, w.createError(workgroupToken, "other", props{"name": "queries"}), "InvalidRequestException: WorkGroup is already created")
}
