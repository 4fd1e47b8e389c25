package s3

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"time"

	"github.com/google/uuid"
)

// A file becomes visible in three steps: it is written to the temp folder, flushed to the disk, and renamed to its
// place, after which the folder is flushed too. A crash at any moment leaves the old state or the new one.

// tempFile is a file that is being written.
type tempFile struct {
	s    *Service
	path string
	file *os.File
}

func (s *Service) newTemp() (*tempFile, error) {
	name := tempDir + "/" + uuid.NewString()
	file, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	return &tempFile{s: s, path: name, file: file}, err
}

// Write writes to the file, through the fault injection of tests.
func (t *tempFile) Write(p []byte) (int, error) {
	if t.s.faults.writer != nil {
		return t.s.faults.writer(t.file).Write(p)
	}
	return t.file.Write(p)
}

// ReadFrom lets io.Copy move whole files within the kernel.
func (t *tempFile) ReadFrom(r io.Reader) (int64, error) {
	if t.s.faults.writer != nil {
		return io.Copy(struct{ io.Writer }{t}, r)
	}
	return t.file.ReadFrom(r)
}

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

// moveTo gives the file its name. The folder of target must exist.
func (t *tempFile) moveTo(target string) error {
	if t.s.faults.beforeRename != nil {
		if err := t.s.faults.beforeRename(target); err != nil {
			return err
		}
	}
	if err := t.s.root.Rename(t.path, target); err != nil {
		return err
	}
	return t.s.syncDir(path.Dir(target))
}

// discard removes the file if it has not been moved.
func (t *tempFile) discard() {
	if t.file != nil {
		_ = t.file.Close()          // closed already, if all went well
		_ = t.s.root.Remove(t.path) // moved already, if all went well; else Open removes what cannot be removed now
	}
}

// writeJSON replaces a small file as a whole.
func (s *Service) writeJSON(target string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	t, err := s.newTemp()
	if err != nil {
		return err
	}
	defer t.discard()
	if _, err := t.Write(append(text, '\n')); err != nil {
		return err
	}
	if _, err := t.finish(time.Time{}); err != nil {
		return err
	}
	return t.moveTo(target)
}

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
		if err := s.syncDir(parent); err != nil {
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

// syncDir makes new names in a folder durable.
func (s *Service) syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // which has no such operation
	}
	folder, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	err = folder.Sync()
	if closing := folder.Close(); err == nil {
		err = closing
	}
	return err
}
