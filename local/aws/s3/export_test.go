package s3

import "io"

// Faults break the disk of a Service under test.
type Faults struct {
	Writer       func(io.Writer) io.Writer
	BeforeRename func(target string) error
	Swept        func(error)
}

// OpenFaulty is Open with a disk that breaks.
func OpenFaulty(options Options, f Faults) (*Service, error) {
	return open(options, faults{writer: f.Writer, beforeRename: f.BeforeRename, swept: f.Swept})
}

// PathOf gives the file of a key as a path below the bucket, and ReadName the segment that a file name stands for.
func PathOf(foldCase bool, key string) (folders []string, file string) {
	return naming{foldCase: foldCase}.path(key)
}

func ReadName(name string) (string, bool) { return naming{}.unescape(name) }

// SetFoldCase makes a service write keys as on a file system that takes a for A.
func (s *Service) SetFoldCase() { s.names.foldCase = true }
