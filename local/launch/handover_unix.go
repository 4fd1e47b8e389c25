//go:build unix

package launch

import "syscall"

// handOver replaces this process by the program, which thereby gets signals and the terminal as if it had been started
// by itself.
func handOver(path string, argv, environ []string) (code int, err error) {
	return Failed, syscall.Exec(path, argv, environ)
}
