//go:build !unix

package engine

import (
	"os"
	"os/exec"
)

// ownGroup does nothing: where there are no process groups, Ctrl-C reaches the engine too, and it ends on its own.
func ownGroup(*exec.Cmd) {}

func interrupt(process *os.Process) error { return process.Kill() }

// alive says whether there is a process of that id.
func alive(pid int) bool {
	process, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = process.Release()
	return true
}
