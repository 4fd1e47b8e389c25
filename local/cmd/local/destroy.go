package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/internal/settings"
)

// destroy deletes what up has deployed to a state folder, and lists what remains.
func (a *app) destroy(ctx context.Context, flags commandline.Destroy, dir string) (err error) {
	a.verbose = flags.Verbose
	if _, err := os.Stat(filepath.Join(dir, engineFolder)); errors.Is(err, fs.ErrNotExist) {
		a.terminal.printf("nothing to destroy: no stack was deployed to %s", a.relative(dir))
		return nil
	}
	// Read, not Load: a value that the program would refuse must not keep the stack from being destroyed.
	stack, err := settings.Read(a.project, flags.Stack)
	if err != nil {
		return err
	}
	// No client needs the endpoints any more, so a port that is taken must not keep the stack from being destroyed.
	ports := newPorts(commandline.Listen{})
	ports.anyFree = true
	t, err := a.open(ctx, targetOptions{dir: dir, stack: flags.Stack, region: stack.Region, ports: ports, onStep: a.terminal.step})
	if err != nil {
		return addHint(err)
	}
	left, err := a.destroyStack(ctx, t)
	if err := errors.Join(err, t.close(ctx)); err != nil {
		return err
	}
	if left {
		a.terminal.printf("to delete what is left, remove the folder %s", a.relative(dir))
		return nil
	}
	return empty(dir)
}

// destroyStack destroys the stack and prints what remains of it.
func (a *app) destroyStack(ctx context.Context, t *localTarget) (left bool, err error) {
	dir := t.options.dir
	a.terminal.printf("destroying the stack in %s", a.relative(dir))
	a.terminal.beginOperation()
	result, err := t.stack.Destroy(ctx)
	if err != nil {
		return false, addHint(err)
	}
	a.terminal.timedf("%s", summary(result))
	inState, err := t.stack.Left()
	if err != nil {
		return false, err
	}
	existing, err := t.resources()
	if err != nil {
		return false, err
	}
	known := map[string]bool{}
	for _, step := range inState {
		known[step.Type+" "+step.ID] = true
		reason := "a protected resource depends on it"
		if step.Protected {
			reason = "protected"
		}
		a.terminal.printf("  left: %s %s (%s)", step.ShortType(), step.Name(), reason)
	}
	for _, resource := range existing {
		if !known[resource.Type+" "+resource.ID] {
			a.terminal.printf("  left: %s %s (retained)", engine.Step{Type: resource.Type}.ShortType(), resource.Name)
		}
	}
	objects, err := countObjects(filepath.Join(dir, "s3"))
	if err != nil {
		return false, err
	}
	if objects > 0 {
		a.terminal.printf("  left: %s in %s", plural(objects, "file"), a.relative(filepath.Join(dir, "s3")))
	}
	return len(inState) > 0 || len(existing) > 0 || objects > 0, nil
}

// countObjects counts the objects in the buckets below a folder.
func countObjects(dir string) (count int, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if strings.HasPrefix(entry.Name(), ".") && path != dir {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if entry.Type().IsRegular() {
			count++
		}
		return nil
	})
	return count, err
}

// empty deletes what is in a state folder, unless another process has locked it meanwhile.
func empty(dir string) error {
	lock := flock.New(filepath.Join(dir, "lock"))
	locked, err := lock.TryLock()
	if err != nil || !locked {
		return err
	}
	defer lock.Close()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("emptying the state folder: %w", err)
	}
	for _, entry := range entries {
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return fmt.Errorf("emptying the state folder: %w", err)
		}
	}
	return nil
}
