//go:build !unix

package build

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
)

// Exec runs the program until it ends. An interrupt reaches the program by itself, and is not for the launcher.
func Exec(path string, argv, environ []string) (code int, err error) {
	signal.Ignore(os.Interrupt)
	cmd := exec.Command(path, argv[1:]...)
	cmd.Env = environ
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return -1, err
}
