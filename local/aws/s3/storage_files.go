package s3

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"ingest-pipeline/local/internal/durable"
)

// An object or part becomes visible in three steps: it is written to the temp folder, flushed to the disk, and renamed to
// its place, after which the folder is flushed, too. A crash at any moment leaves the old state or the new one.

// tempFile is a file that is being written.
type tempFile struct {
	s    *Service
	path string
	file durable.File
}

func (s *Service) newTemp() (*tempFile, error) {
	name := tempDir + "/" + uuid.NewString()
	file, err := s.fs.Create(name)
	return &tempFile{s: s, path: name, file: file}, err
}

func (t *tempFile) Write(p []byte) (int, error) { return t.file.Write(p) }

// ReadFrom lets io.Copy move whole files within the kernel.
func (t *tempFile) ReadFrom(r io.Reader) (int64, error) { return io.Copy(t.file, r) }

// finish flushes the file to the disk and closes it. A time other than zero becomes its modification time. The result
// describes the file as it will be found later.
func (t *tempFile) finish(modified time.Time) (fs.FileInfo, error) {
	var err error
	if !modified.IsZero() {
		err = t.s.root.Chtimes(t.path, modified, modified) // before Sync, which makes the time durable too
	}
	if err == nil {
		err = t.file.Sync()
	}
	if closing := t.file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return nil, err
	}
	return t.s.root.Lstat(t.path)
}

// moveTo gives the file its name. The folder of target must exist. The temp folder need not be flushed: Open empties it.
func (t *tempFile) moveTo(target string) error {
	if err := t.s.fs.Rename(t.path, target); err != nil {
		return err
	}
	return t.s.fs.SyncDir(path.Dir(target))
}

// discard removes the file if it has not been moved.
func (t *tempFile) discard() {
	if t.file != nil {
		_ = t.file.Close()          // closed already, if all went well
		_ = t.s.root.Remove(t.path) // moved already, if all went well; else Open removes what cannot be removed now
	}
}

// writeJSON replaces a small file.
func (s *Service) writeJSON(target string, value any) error {
	content, err := durable.Encode(value)
	if err != nil {
		return err
	}
	return durable.WriteFileFS(s.fs, target, content)
}

// readJSON reads what writeJSON wrote.
func (s *Service) readJSON(name string, value any) error {
	content, err := s.root.ReadFile(name)
	if err != nil {
		return err
	}
	return durable.Decode(s.path(name), content, value)
}

// path is the full path of a file of the service, for messages.
func (s *Service) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

// makeDirs makes the folders of a path, flushing each folder that gets a new one. clear makes room where a folder is
// to be and something else is.
func (s *Service) makeDirs(base string, folders []string, clear func(dir string) error) (dir string, err error) {
	dir = base
	for _, folder := range folders {
		parent := dir
		dir = path.Join(dir, folder)
		info, err := s.root.Lstat(dir)
		if err == nil && info.IsDir() {
			continue
		}
		if err == nil {
			if err := clear(dir); err != nil {
				return "", err
			}
		}
		if err := s.root.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", err
		}
		if err := s.fs.SyncDir(parent); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// removeEmptyDirs removes folders that have become empty, from the innermost outwards.
func (s *Service) removeEmptyDirs(base string, folders []string) {
	for i := len(folders); i > 0; i-- {
		if s.root.Remove(path.Join(base, path.Join(folders[:i]...))) != nil {
			return // not empty
		}
	}
}
