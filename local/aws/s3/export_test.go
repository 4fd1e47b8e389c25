package s3

import (
	"io"

	"ingest-pipeline/local/internal/durable"
)

// Faults break the disk of a Service under test.
type Faults struct {
	// Writer stands between a file and what is written to it.
	Writer func(io.Writer) io.Writer
	// BeforeRename runs before a file or folder gets the name target.
	BeforeRename func(target string) error
	// LifecycleApplied runs after each round of the lifecycle rules.
	LifecycleApplied func(error)
}

// OpenFaulty is Open with a disk that breaks.
func OpenFaulty(options Options, f Faults) (*Service, error) {
	return open(options, faults{
		fs:               func(fs durable.FS) durable.FS { return faultyFS{fs, f} },
		lifecycleApplied: f.LifecycleApplied,
	})
}

type faultyFS struct {
	durable.FS
	faults Faults
}

func (f faultyFS) Create(name string) (durable.File, error) {
	file, err := f.FS.Create(name)
	if err != nil || f.faults.Writer == nil {
		return file, err
	}
	return faultyFile{file, f.faults.Writer(file)}, nil
}

func (f faultyFS) Rename(from, to string) error {
	if f.faults.BeforeRename != nil {
		if err := f.faults.BeforeRename(to); err != nil {
			return err
		}
	}
	return f.FS.Rename(from, to)
}

type faultyFile struct {
	durable.File
	writer io.Writer
}

func (f faultyFile) Write(b []byte) (int, error) { return f.writer.Write(b) }

// PathOf gives the file of a key as a path below the bucket, and ReadName the segment that a file name stands for.
func PathOf(foldCase bool, key string) (folders []string, file string) {
	return naming{foldCase: foldCase}.path(key)
}

func ReadName(name string) (string, bool) { return naming{}.unescape(name) }

// SetFoldCase makes a service write keys as on a file system that ignores the case.
func (s *Service) SetFoldCase() { s.names.foldCase = true }
