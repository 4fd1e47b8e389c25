//go:build !windows

package s3

import "syscall"

const (
	errNotDir      = syscall.ENOTDIR
	errNameTooLong = syscall.ENAMETOOLONG
)
