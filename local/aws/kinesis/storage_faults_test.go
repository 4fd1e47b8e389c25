package kinesis

import (
	"os"
	"sync"

	"ingest-pipeline/local/internal/durable"
)

// faults is the machine's file system with hooks; nil hooks do nothing.
type faults struct {
	// File wraps each file that is opened.
	File func(name string, f File) File
	// Fail is asked before each operation: "write", "sync", "truncate", "open", "rename", "syncdir", "remove".
	Fail func(operation, name string) error
	// Short tells how much of a failing write still reaches the file.
	Short func(n int) int

	mu sync.Mutex
}

func (f *faults) fail(operation, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.Fail == nil {
		return nil
	}
	return f.Fail(operation, name)
}

// set changes the hooks while the service runs.
func (f *faults) set(change func(*faults)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *faults) OpenFile(name string, flag int, perm os.FileMode) (File, error) {
	if err := f.fail("open", name); err != nil {
		return nil, err
	}
	file, err := disk.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	file = &faultyFile{File: file, name: name, faults: f}
	if f.File != nil {
		file = f.File(name, file)
	}
	return file, nil
}

func (f *faults) Create(name string) (durable.File, error) {
	if err := f.fail("open", name); err != nil {
		return nil, err
	}
	file, err := disk.Create(name)
	return &faultyNewFile{File: file, name: name, faults: f}, err
}

func (f *faults) ReadDir(name string) ([]string, error)        { return disk.ReadDir(name) }
func (f *faults) MkdirAll(name string, perm os.FileMode) error { return disk.MkdirAll(name, perm) }
func (f *faults) RemoveAll(name string) error                  { return disk.RemoveAll(name) }

func (f *faults) Rename(from, to string) error {
	if err := f.fail("rename", to); err != nil {
		return err
	}
	return disk.Rename(from, to)
}

func (f *faults) SyncDir(name string) error {
	if err := f.fail("syncdir", name); err != nil {
		return err
	}
	return disk.SyncDir(name)
}

func (f *faults) Remove(name string) error {
	if err := f.fail("remove", name); err != nil {
		return err
	}
	return disk.Remove(name)
}

// faultyNewFile is a file that is written from its beginning.
type faultyNewFile struct {
	durable.File
	name   string
	faults *faults
}

func (f *faultyNewFile) Write(b []byte) (int, error) {
	if err := f.faults.fail("write", f.name); err != nil {
		return 0, err
	}
	return f.File.Write(b)
}

func (f *faultyNewFile) Sync() error {
	if err := f.faults.fail("sync", f.name); err != nil {
		return err
	}
	return f.File.Sync()
}

type faultyFile struct {
	File
	name   string
	faults *faults
}

func (f *faultyFile) WriteAt(b []byte, offset int64) (int, error) {
	if err := f.faults.fail("write", f.name); err != nil {
		n := 0
		if f.faults.Short != nil {
			n, _ = f.File.WriteAt(b[:f.faults.Short(len(b))], offset)
		}
		return n, err
	}
	return f.File.WriteAt(b, offset)
}

func (f *faultyFile) Sync() error {
	if err := f.faults.fail("sync", f.name); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f *faultyFile) Truncate(size int64) error {
	if err := f.faults.fail("truncate", f.name); err != nil {
		return err
	}
	return f.File.Truncate(size)
}
