package engine

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/engine/build"
)

func TestADamagedCheckpointIsReplacedByItsBackup(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(whole []byte) []byte{
		"empty":     func([]byte) []byte { return nil },
		"truncated": func(whole []byte) []byte { return whole[:len(whole)/2] },
		"zeros":     func(whole []byte) []byte { return make([]byte, len(whole)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			things := newThings()
			o := Options{Project: writeProject(t, "count: 3"), Dir: t.TempDir(), Providers: provide(t, things), Created: things.list}
			s := open(t, o)
			_, err := s.Up(context.Background())
			require.NoError(t, err)
			whole, err := os.ReadFile(s.checkpointFile())
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(s.checkpointFile(), damage(whole), 0o600))

			s = open(t, o)
			assert.Equal(t, Recovery{Checkpoint: "its backup"}, s.Recovered())
			_, err = s.Up(context.Background())
			require.NoError(t, err)
			assert.Equal(t, 3, things.count())
			result, err := s.Preview(context.Background())
			require.NoError(t, err)
			assert.True(t, result.Unchanged(), "%v", result.Changes)
			assert.False(t, open(t, o).Recovered().Needed(), "it is repaired once")
		})
	}
}

func TestWhenTheBackupIsDamagedTooTheStateFromBeforeTheOperationIsRestored(t *testing.T) {
	t.Parallel()
	things := newThings()
	project := writeProject(t, "count: 1")
	o := Options{Project: project, Dir: t.TempDir(), Providers: provide(t, things), Created: things.list}
	s := open(t, o)
	_, err := s.Up(context.Background())
	require.NoError(t, err)
	changeSettings(t, project, "count: 3", "note: changed")
	s = open(t, o)
	require.NoError(t, s.beginOperation())
	_, err = s.operate(context.Background(), "deploying", s.up(context.Background()))
	require.NoError(t, err)
	require.Equal(t, 3, things.count())
	for _, file := range []string{s.checkpointFile(), s.checkpointFile() + backupSuffix} {
		require.NoError(t, os.WriteFile(file, []byte(`{"version":3,"checkp`), 0o600))
	}
	var failure *build.Error
	require.ErrorAs(t, s.endOperation(), &failure)
	assert.Contains(t, failure.Hint(), "make room on the disk")

	s = open(t, o)
	recovered := s.Recovered()
	assert.Equal(t, "the one from before the operation", recovered.Checkpoint)
	assert.Len(t, recovered.Unknown, 2, "what the old state does not know is deleted")
	assert.Equal(t, 1, things.count())
	result, err := s.Up(context.Background())
	require.NoError(t, err)
	assert.Equal(t, []string{"b", "c"}, names(result, "create"))
	assert.Equal(t, 3, things.count())
	result, err = s.Preview(context.Background())
	require.NoError(t, err)
	assert.True(t, result.Unchanged(), "%v", result.Changes)
}

func TestAFirstCheckpointThatIsDamagedIsWrittenAnew(t *testing.T) {
	t.Parallel()
	things := newThings()
	o := Options{Project: writeProject(t), Dir: t.TempDir(), Providers: provide(t, things), Created: things.list}
	s := open(t, o)
	// As if the disk had been full when the stack was created.
	require.NoError(t, os.Remove(s.checkpointFile()))
	require.NoError(t, os.Remove(s.checkpointFile()+backupSuffix))
	require.NoError(t, s.beginOperation())
	require.NoError(t, os.WriteFile(s.checkpointFile(), nil, 0o600))
	things.make("unwritten", true)

	s = open(t, o)
	assert.Equal(t, "the one from before the operation", s.Recovered().Checkpoint)
	assert.Zero(t, things.count())
	_, err := s.Up(context.Background())
	require.NoError(t, err)
	assert.Equal(t, 2, things.count())
}

func TestACheckpointThatIsLostIsAnErrorWithAHint(t *testing.T) {
	t.Parallel()
	o := Options{Project: writeProject(t), Dir: t.TempDir(), Providers: provide(t, newThings())}
	s := open(t, o)
	_, err := s.Up(context.Background())
	require.NoError(t, err)
	for _, file := range []string{s.checkpointFile(), s.checkpointFile() + backupSuffix} {
		require.NoError(t, os.WriteFile(file, nil, 0o600))
	}
	_, err = tryOpen(t, o)
	var failure *build.Error
	require.ErrorAs(t, err, &failure)
	assert.Contains(t, err.Error(), "neither the engine's checkpoint nor its backup can be read: ")
	assert.Contains(t, failure.Hint(), "put a copy of your own in place of "+s.checkpointFile())
}

// TestADiskThatIsFullDuringUp has the engine run into a limit on the size of its files, which fails as a full disk does:
// in the middle of a write.
func TestADiskThatIsFullDuringUpIsRepairedByTheNext(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell that limits the size of files")
	}
	things := newThings()
	project := writeProject(t, "count: 1")
	o := Options{Project: project, Dir: t.TempDir(), Providers: provide(t, things), Created: things.list}
	s := open(t, o)
	_, err := s.Up(context.Background())
	require.NoError(t, err)

	changeSettings(t, project, "count: 3", "note: "+strings.Repeat("long", 20_000))
	limited := filepath.Join(t.TempDir(), "pulumi")
	script := fmt.Sprintf("#!/bin/sh\nulimit -f 100\nexec '%s' \"$@\"\n", testPulumi(t).Path)
	require.NoError(t, os.WriteFile(limited, []byte(script), 0o755))
	s = open(t, o)
	s.engine.path = limited
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := s.Up(ctx)
		ended <- err
	}()
	require.Eventually(t, func() bool {
		_, err := readCheckpoint(s.checkpointFile())
		return err != nil
	}, time.Minute, time.Millisecond, "the checkpoint is damaged")
	s.Kill() // it would try to write for half a minute
	err = <-ended
	require.Error(t, err)
	t.Log(err)

	s = open(t, o)
	t.Logf("%+v", s.Recovered())
	assert.NotEmpty(t, s.Recovered().Checkpoint)
	_, err = s.Up(context.Background())
	require.NoError(t, err)
	assert.Equal(t, 3, things.count(), "nothing was created twice, and nothing is lost")
	result, err := s.Preview(context.Background())
	require.NoError(t, err)
	assert.True(t, result.Unchanged(), "%v", result.Changes)
}

func TestAStateFolderCanHaveAnyName(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "50% of #1, a+b & c's")
	if runtime.GOOS != "windows" {
		dir += " why?"
	}
	parsed, err := url.Parse(FileURL(dir))
	require.NoError(t, err)
	assert.Equal(t, "skip", parsed.Query().Get("metadata"))
	o := Options{Project: writeProject(t), Dir: dir, Providers: provide(t, newThings())}
	s := open(t, o)
	_, err = s.Up(context.Background())
	require.NoError(t, err)
	assert.FileExists(t, s.checkpointFile(), "the state is in the folder of that name")
	assert.NoFileExists(t, s.checkpointFile()+".attrs")
	_, err = open(t, o).Destroy(context.Background())
	require.NoError(t, err)
}
