package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
)

func stackTrace() string { return string(debug.Stack()) }

// markFile is there while an operation runs. If it is there when nobody runs one, somebody was killed.
func (s *Stack) markFile() string { return filepath.Join(s.options.Dir, "operating") }

func (s *Stack) mark() error {
	if err := os.WriteFile(s.markFile(), nil, 0o600); err != nil {
		return fmt.Errorf("marking the beginning of an operation: %w", err)
	}
	return nil
}

func (s *Stack) unmark() error {
	if err := os.Remove(s.markFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("marking the end of an operation: %w", err)
	}
	return nil
}

const (
	// orphanGrace is how long an engine may live on after the process that drove it was killed. It ends by itself when
	// it finds that nobody answers it.
	orphanGrace = 30 * time.Second
	orphanPoll  = 50 * time.Millisecond
)

// waitForOrphans finds the engine's locks on the state that were left behind and waits until the engines that made
// them are gone. It returns the process id in one of them; 0 if there is none.
func waitForOrphans(ctx context.Context, backend string) (pid int, err error) {
	locks, err := findLocks(filepath.Join(backend, ".pulumi", "locks"))
	if err != nil {
		return 0, fmt.Errorf("looking for locks on the stack's state: %w", err)
	}
	deadline := time.Now().Add(orphanGrace)
	for file, lock := range locks {
		pid = lock
		for alive(lock) && isEngine(lock) && exists(file) {
			if time.Now().After(deadline) {
				return 0, fmt.Errorf("taking over the stack's state: the engine of an earlier run, process %d, still works on it; end that process", lock)
			}
			select {
			case <-ctx.Done():
				return 0, ctx.Err()
			case <-time.After(orphanPoll):
			}
		}
	}
	return pid, nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// findLocks reads the engine's lock files: file name to process id.
func findLocks(dir string) (map[string]int, error) {
	locks := map[string]int{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var lock struct {
			Pid int `json:"pid"`
		}
		// A lock that was being written when the power went is a lock all the same.
		_ = json.Unmarshal(content, &lock)
		locks[path] = lock.Pid
		return nil
	})
	return locks, err
}

// isEngine says whether a process may be a Pulumi CLI: its number may have gone to another program meanwhile. Where
// the system does not tell, it may.
func isEngine(pid int) bool {
	target, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	return err != nil || strings.Contains(filepath.Base(target), "pulumi")
}

// recover puts right what a killed run has left: its lock, and operations whose end the engine did not see. lockOf is
// the process whose lock was found.
func (s *Stack) recover(ctx context.Context, lockOf int) error {
	marked := exists(s.markFile())
	if !marked && lockOf == 0 {
		return nil
	}
	if lockOf != 0 {
		if err := s.auto.Cancel(ctx); err != nil {
			return s.explain(ctx, "taking over the state of", err, nil)
		}
		s.recovery.LockOf = lockOf
	}
	pending, err := s.pending(ctx)
	if err != nil {
		return err
	}
	s.recovery.Pending = pending
	if len(pending) > 0 {
		if _, err := s.refresh(ctx, optrefresh.ClearPendingCreates()); err != nil {
			return err
		}
	}
	return s.unmark()
}

// pending are the operations in the state that had begun and not ended.
func (s *Stack) pending(ctx context.Context) ([]string, error) {
	state, err := s.auto.Export(ctx)
	if err != nil {
		return nil, s.explain(ctx, "reading the state of", err, nil)
	}
	var deployment struct {
		PendingOperations []struct {
			Type     string `json:"type"`
			Resource struct {
				URN string `json:"urn"`
			} `json:"resource"`
		} `json:"pending_operations"`
	}
	if err := json.Unmarshal(state.Deployment, &deployment); err != nil {
		return nil, fmt.Errorf("reading the state of the stack %s: %w", s.options.Name, err)
	}
	var pending []string
	for _, operation := range deployment.PendingOperations {
		pending = append(pending, operation.Type+" "+operation.Resource.URN)
	}
	return pending, nil
}
