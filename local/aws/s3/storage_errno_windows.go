package s3

import "syscall"

const (
	errNotDir      = syscall.ENOTDIR
	errNameTooLong = syscall.ERROR_FILENAME_EXCED_RANGE
)
