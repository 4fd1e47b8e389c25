package provider

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/logs"
)

func (w *localTarget) byEngine(t *testing.T) map[string]bool {
	t.Helper()
	resources, err := w.server.Resources()
	require.NoError(t, err)
	created := map[string]bool{}
	for _, r := range resources {
		created[r.ID] = r.ByEngine
	}
	return created
}

func TestAfterAKillResourcesOfEnginesAreRecognized(t *testing.T) {
	w := newLocalTarget(t)
	w.logGroup()
	_, err := w.create(logGroupToken, "exists", w.mustCheck(logGroupToken, "exists", nil, props{"name": "/aws/events"}), false)
	require.Error(t, err)
	for _, name := range []string{"of-a-client", "interrupted"} {
		require.NoError(t, w.cloud.Logs.CreateLogGroup(logs.Group{Name: name}))
	}
	require.NoError(t, w.server.provider.creations.add(creation{Type: logGroupToken, Name: "interrupted"}))
	want := map[string]bool{"/aws/events": true, "interrupted": true, "of-a-client": false}
	assert.Equal(t, want, w.byEngine(t))

	again, err := serveLocalTarget(t, w.kill(t), clockwork.NewFakeClockAt(start))
	require.NoError(t, err)
	assert.Equal(t, want, again.byEngine(t))
	again.engine = attach(t, again.server.Port())
	assert.Equal(t, map[string]bool{"/aws/events": false, "interrupted": false, "of-a-client": false}, again.byEngine(t),
		"the next operation begins after the recovery")
}

func TestACreationThatCannotBeRecordedDoesNotHappen(t *testing.T) {
	w := newLocalTarget(t)
	c := w.server.provider.creations
	writable := c.file
	readOnly, err := os.Open(writable.Name())
	require.NoError(t, err)
	c.file = readOnly
	t.Cleanup(func() { require.NoError(t, writable.Close()) })
	assert.Contains(t, w.createError(logGroupToken, "log", props{"name": "/aws/events"}), "recording the creation: ")
	assert.Empty(t, w.cloud.Logs.DescribeLogGroups())
}

func TestALineThatWasCutShortIsSkipped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, creationsName), []byte(`{"type":"a","id":"1","ended":true}`+"\n"+`{"ty`), 0o600))
	c, err := openCreations(dir)
	require.NoError(t, err)
	require.NoError(t, c.add(creation{Type: "b", ID: "2", Ended: true}))
	require.NoError(t, c.close())
	c, err = openCreations(dir)
	require.NoError(t, err)
	defer c.close()
	assert.True(t, c.include("a", "", "1"))
	assert.True(t, c.include("b", "", "2"))
}
