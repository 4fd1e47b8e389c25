package logs

import (
	"io"

	"ingest-pipeline/local/internal/durable"
)

// Faults break the disk of a Service under test.
type Faults struct {
	Writer  func(io.Writer) io.Writer
	Flushed func(error)
}

// OpenFaulty is Open with a disk that breaks.
func OpenFaulty(options Options, f Faults) (*Service, error) {
	faults := faults{writer: f.Writer, flushed: f.Flushed}
	if f.Writer != nil {
		faults.fs = func(fs durable.FS) durable.FS { return faultyFS{fs, f.Writer} }
	}
	return open(options, faults)
}

type faultyFS struct {
	durable.FS
	through func(io.Writer) io.Writer
}

func (f faultyFS) Create(name string) (durable.File, error) {
	file, err := f.FS.Create(name)
	return faultyFile{file, f.through}, err
}

type faultyFile struct {
	durable.File
	through func(io.Writer) io.Writer
}

func (f faultyFile) Write(b []byte) (int, error) { return f.through(f.File).Write(b) }

// Waiting is how many bytes wait for the disk.
func (s *Service) Waiting() int64 { return s.waiting.Load() }
