package kinesis

import (
	"errors"
	"os"
	"syscall"
)

// Sync is fdatasync: it leaves out the file's times, which are not needed.
func (f machineFile) Sync() error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if !errors.Is(err, syscall.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}

// Allocate halves the time of a Sync on ext4 (0.22 ms instead of 0.47 ms where it was measured): without it each
// Sync has to commit a new file length to the journal.
func (f machineFile) Allocate(size int64) error {
	length, err := f.Size()
	if err != nil || size <= length {
		return err
	}
	return os.NewSyscallError("fallocate", syscall.Fallocate(int(f.Fd()), 0, length, size-length))
}
