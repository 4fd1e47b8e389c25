//go:build unix

package engine

import (
	"os"
	"os/exec"
	"syscall"
)

// separate keeps the terminal's Ctrl-C from reaching the command.
func separate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func interrupt(process *os.Process) error { return process.Signal(os.Interrupt) }

// inherit locks the file and gives it to the command: the lock lasts until the command has ended.
func inherit(cmd *exec.Cmd, file *os.File) error {
	// Shared, because a call of the CLI can begin before the system has closed the file of the one before.
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_SH); err != nil {
		return &os.PathError{Op: "lock", Path: file.Name(), Err: err}
	}
	cmd.ExtraFiles = append(cmd.ExtraFiles, file)
	return nil
}
