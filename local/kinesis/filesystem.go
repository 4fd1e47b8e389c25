package kinesis

import (
	"io"
	"os"
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
}
