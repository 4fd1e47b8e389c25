package kinesis

import (
	"io"
	"os"
	"slices"

	"ingest-pipeline/local/internal/durable"
)

// FileSystem is what a Service needs of the machine's files. Names are full paths.
type FileSystem interface {
	durable.FS
	// OpenFile opens a file as os.OpenFile does. The file can be renamed and deleted while it is open.
	OpenFile(name string, flag int, perm os.FileMode) (File, error)
	// ReadDir returns the names in a folder, sorted.
	ReadDir(name string) ([]string, error)
	MkdirAll(name string, perm os.FileMode) error
	RemoveAll(name string) error
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
type machine struct{ durable.FS }

var disk = machine{durable.OS}

func (machine) OpenFile(name string, flag int, perm os.FileMode) (File, error) {
	f, err := openFile(name, flag, perm)
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
func (machine) RemoveAll(name string) error                  { return os.RemoveAll(name) }

// machineFile adds to an os.File what differs between operating systems; see storage_filesystem_linux.go.
type machineFile struct{ *os.File }

func (f machineFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
