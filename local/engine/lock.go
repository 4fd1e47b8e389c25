package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"ingest-pipeline/local/engine/build"
)

// An engine whose driver was killed runs on until a call to it fails. Its own lock on the state, a file with a process id
// that another program may have by now, does not show whether it still runs. So every engine holds a lock of the operating
// system on lockFile, which is released when it ends.

// lockFile is the file that engines of the folder lock. It holds the process id of the last one.
func (f folders) lockFile() string { return filepath.Join(filepath.Dir(f.backend), "lock") }

// stateLocks is the folder of the engine's own locks on the state.
func (f folders) stateLocks() string { return filepath.Join(f.backend, ".pulumi", "locks") }

const (
	// orphanGrace is how long an engine may run on after the process that drove it was killed.
	orphanGrace = time.Minute
	orphanPoll  = 50 * time.Millisecond
)

// waitForEngines returns when no engine of the folder runs.
func waitForEngines(ctx context.Context, f folders, onWait func()) error {
	lock := flock.New(f.lockFile())
	locked, err := lock.TryLock()
	if err == nil && !locked {
		onWait()
		limited, cancel := context.WithTimeout(ctx, orphanGrace)
		defer cancel()
		_, err = lock.TryLockContext(limited, orphanPoll)
	}
	switch {
	case err == nil:
		return lock.Close()
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return &build.Error{
			Doing:  "taking over the stack's state",
			Cause:  fmt.Errorf("the engine of an earlier run, %s, is still using it after %s", holder(f.lockFile()), orphanGrace),
			Advice: "end that process, then run the same command again",
		}
	}
	return fmt.Errorf("taking over the stack's state: locking %s: %w", f.lockFile(), err)
}

// holder names the process that holds a lock; true only while the lock is held.
func holder(lockFile string) string {
	content, err := os.ReadFile(lockFile)
	if pid := strings.TrimSpace(string(content)); err == nil && pid != "" {
		return "process " + pid
	}
	return "a process"
}

// hold gives a command that is about to be started the lock on the folder, for as long as it runs. release is called when
// the command was started, or could not be.
func hold(cmd *exec.Cmd, f folders) (release func() error, err error) {
	file, err := os.OpenFile(f.lockFile(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := inherit(cmd, file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() error {
		if cmd.Process == nil {
			return file.Close()
		}
		content := fmt.Appendf(nil, "%d\n", cmd.Process.Pid)
		_, err := file.WriteAt(content, 0)
		return errors.Join(err, file.Truncate(int64(len(content))), file.Close())
	}, nil
}

// removeStateLocks removes the engine's own locks that killed engines left. No engine must run.
func removeStateLocks(f folders) (found bool, err error) {
	err = filepath.WalkDir(f.stateLocks(), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil || entry.IsDir():
			return err
		}
		found = true
		return os.Remove(path)
	})
	if err != nil {
		return false, fmt.Errorf("removing the lock of an earlier run: %w", err)
	}
	return found, nil
}
