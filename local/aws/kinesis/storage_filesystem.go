package kinesis

import (
	"io"
	"os"
	"slices"
)

// FileSystem is what a Service asks of the machine's files. Names are full paths.
type FileSystem interface {
	// OpenFile opens a file as os.OpenFile does.
	OpenFile(name string, flag int, perm os.FileMode) (File, error)
	// ReadDir returns the names in a folder, sorted.
	ReadDir(name string) ([]string, error)
	MkdirAll(name string, perm os.FileMode) error
	Rename(from, to string) error
	Remove(name string) error
	RemoveAll(name string) error
	// SyncDir makes what was created, renamed or removed in a folder durable.
	SyncDir(name string) error
}

// File is an open file of a FileSystem.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Sync makes what was written durable; it need not make the file's times durable.
	Sync() error
	Truncate(size int64) error
	// Size returns the length of the file, in bytes.
	Size() (int64, error)
	// Allocate reserves room up to size, filled with zeros, so that syncing what is written there need not change the
	// file's metadata. It is a hint: a file system that cannot do it does nothing.
	Allocate(size int64) error
}

// machine is the FileSystem of the machine.
type machine struct{}

func (machine) OpenFile(name string, flag int, perm os.FileMode) (File, error) {
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return machineFile{f}, nil
}

func (machine) ReadDir(name string) ([]string, error) {
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	slices.Sort(names)
	return names, nil
}

func (machine) MkdirAll(name string, perm os.FileMode) error { return os.MkdirAll(name, perm) }
func (machine) Rename(from, to string) error                 { return os.Rename(from, to) }
func (machine) Remove(name string) error                     { return os.Remove(name) }
func (machine) RemoveAll(name string) error                  { return os.RemoveAll(name) }

func (machine) SyncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closing := d.Close(); err == nil {
		err = closing
	}
	return err
}

// machineFile adds to an os.File what package os leaves to the operating system; see filesystem_linux.go.
type machineFile struct{ *os.File }

func (f machineFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
