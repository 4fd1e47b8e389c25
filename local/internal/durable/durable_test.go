package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// failing is the machine's file system until its nth call, which fails and does nothing.
type failing struct {
	FS
	calls []string
	nth   int
}

var errDisk = errors.New("the disk is full")

func (f *failing) call(format string, args ...any) error {
	f.calls = append(f.calls, fmt.Sprintf(format, args...))
	if len(f.calls) == f.nth {
		return errDisk
	}
	return nil
}

func (f *failing) Create(name string) (File, error) {
	if err := f.call("create %s", filepath.Base(name)); err != nil {
		return nil, err
	}
	file, err := f.FS.Create(name)
	return failingFile{file, f}, err
}

func (f *failing) Rename(from, to string) error {
	if err := f.call("rename %s %s", filepath.Base(from), filepath.Base(to)); err != nil {
		return err
	}
	return f.FS.Rename(from, to)
}

func (f *failing) SyncDir(name string) error {
	if err := f.call("sync folder"); err != nil {
		return err
	}
	return f.FS.SyncDir(name)
}

type failingFile struct {
	File
	f *failing
}

func (f failingFile) Write(b []byte) (int, error) {
	if err := f.f.call("write"); err != nil {
		return 0, err
	}
	return f.File.Write(b)
}

func (f failingFile) Sync() error {
	if err := f.f.call("sync"); err != nil {
		return err
	}
	return f.File.Sync()
}

func TestAFileIsFlushedBeforeItIsRenamedAndTheFolderAfterwards(t *testing.T) {
	fs := &failing{FS: OS}
	name := filepath.Join(t.TempDir(), "settings.json")
	require.NoError(t, WriteFileFS(fs, name, []byte("new")))
	assert.Equal(t, []string{"create settings.json.tmp", "write", "sync", "rename settings.json.tmp settings.json", "sync folder"}, fs.calls)
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, "new", string(content))
}

func TestAFailureBeforeTheRenameLeavesTheOldContentAndNothingElse(t *testing.T) {
	for nth, call := range []string{"create", "write", "sync", "rename"} {
		t.Run(call, func(t *testing.T) {
			dir := t.TempDir()
			name := filepath.Join(dir, "settings.json")
			require.NoError(t, WriteFile(name, []byte("old")))
			require.ErrorIs(t, WriteFileFS(&failing{FS: OS, nth: nth + 1}, name, []byte("new")), errDisk)
			content, err := os.ReadFile(name)
			require.NoError(t, err)
			assert.Equal(t, "old", string(content))
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			assert.Len(t, entries, 1)
		})
	}
}

func TestAFolderThatCannotBeFlushedIsReported(t *testing.T) {
	name := filepath.Join(t.TempDir(), "settings.json")
	require.ErrorIs(t, WriteFileFS(&failing{FS: OS, nth: 5}, name, []byte("new")), errDisk)
}

func TestWhatACrashLeftOfATemporaryFileIsOverwritten(t *testing.T) {
	name := filepath.Join(t.TempDir(), "settings.json")
	require.NoError(t, os.WriteFile(name+TempSuffix, []byte("half of something much longer"), 0o600))
	require.NoError(t, WriteFile(name, []byte("new")))
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, "new", string(content))
	assert.NoFileExists(t, name+TempSuffix)
}

func TestNoNameLeadsOutOfARoot(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "inside"), 0o700))
	root, err := os.OpenRoot(filepath.Join(dir, "inside"))
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, WriteFileFS(In(root), "a", []byte("a")))
	assert.FileExists(t, filepath.Join(dir, "inside", "a"))
	require.Error(t, WriteFileFS(In(root), "../b", []byte("b")))
	assert.NoFileExists(t, filepath.Join(dir, "b"))
}

func TestADamagedDocumentIsNamedWithAHint(t *testing.T) {
	name := filepath.Join(t.TempDir(), "settings.json")
	var got map[string]int
	found, err := ReadJSON(name, &got)
	require.NoError(t, err)
	assert.False(t, found)
	require.NoError(t, WriteJSON(name, map[string]int{"a": 1}))
	found, err = ReadJSON(name, &got)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, map[string]int{"a": 1}, got)

	require.NoError(t, os.WriteFile(name, []byte(`{"a`), 0o600))
	_, err = ReadJSON(name, &got)
	var damaged *DamagedError
	require.ErrorAs(t, err, &damaged)
	assert.Contains(t, err.Error(), name+" is damaged: ")
	assert.NotEmpty(t, damaged.Hint())
}
