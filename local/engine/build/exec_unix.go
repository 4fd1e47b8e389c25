//go:build unix

package build

import "syscall"

// Exec replaces this process by the program, which thereby gets signals and the terminal as if it had been started
// by itself.
func Exec(path string, argv, environ []string) (code int, err error) {
	return -1, syscall.Exec(path, argv, environ)
}
