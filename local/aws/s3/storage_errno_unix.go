//go:build !windows

package s3

import "syscall"

const errNameTooLong = syscall.ENAMETOOLONG
