package logs

import "io"

// Faults break the disk of a Service under test.
type Faults struct {
	Writer  func(io.Writer) io.Writer
	Flushed func(error)
}

// OpenFaulty is Open with a disk that breaks.
func OpenFaulty(options Options, f Faults) (*Service, error) {
	return open(options, faults{writer: f.Writer, flushed: f.Flushed})
}

// FileName is the file name of a log group or stream.
func FileName(name string, taken func(string) bool) string { return fileName(name, taken) }

// Waiting is how many bytes wait for the disk.
func (s *Service) Waiting() int64 { return s.waiting.Load() }
