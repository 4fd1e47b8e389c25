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

	"ingest-pipeline/local/cmd/local/command"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/internal/settings"
)

// destroy tears down what up has deployed to a state folder, and tells what is left.
func (s *session) destroy(ctx context.Context, flags command.Destroy, dir string) (err error) {
	s.verbose = flags.Verbose
	if _, err := os.Stat(filepath.Join(dir, engineFolder)); errors.Is(err, fs.ErrNotExist) {
		s.console.line("nothing to destroy: no stack was deployed to %s", s.relative(dir))
		return nil
	}
	// No client needs the endpoints any more, so a port that is taken must not keep the stack from being destroyed.
	ports := newPorts(command.Listen{})
	ports.anyFree = true
	// The engine reads the settings, too; that the program would refuse one must not keep it from destroying.
	stack, err := settings.Read(s.project, flags.Stack)
	if err != nil {
		return err
	}
	region, err := region(stack)
	if err != nil {
		return err
	}
	t, err := s.openTarget(ctx, targetOptions{dir: dir, stack: flags.Stack, region: region, ports: ports, onStep: s.console.step})
	if err != nil {
		return advise(err)
	}
	nothing, err := s.tearDown(ctx, t, dir)
	closing, cancel := within(ctx, closeGrace)
	defer cancel()
	if err := errors.Join(err, t.close(closing)); err != nil || !nothing {
		return err
	}
	return empty(dir)
}

// tearDown destroys the stack. nothing says that nothing of it is left.
func (s *session) tearDown(ctx context.Context, t *target, dir string) (nothing bool, err error) {
	s.console.line("destroying the stack in %s", s.relative(dir))
	s.console.begin()
	result, err := t.stack.Destroy(ctx)
	if err != nil {
		return false, advise(err)
	}
	s.console.stepLine("%s", summary(result))
	left, err := t.stack.Left(ctx)
	if err != nil {
		return false, err
	}
	created, err := t.created()
	if err != nil {
		return false, err
	}
	kept := map[string]bool{}
	for _, step := range left {
		kept[step.Type+" "+step.ID] = true
		reason := "a protected resource needs it"
		if step.Protected {
			reason = "protected"
		}
		s.console.line("  left: %s %s (%s)", step.ShortType(), step.Name(), reason)
	}
	for _, c := range created {
		if !kept[c.Type+" "+c.ID] {
			s.console.line("  left: %s %s (the program keeps it on destroy)", engine.Step{Type: c.Type}.ShortType(), c.Name)
		}
	}
	objects, err := countObjects(filepath.Join(dir, "s3"))
	if err != nil {
		return false, err
	}
	if objects > 0 {
		s.console.line("  left: %s in %s", plural(objects, "file"), s.relative(filepath.Join(dir, "s3")))
	}
	nothing = len(left) == 0 && len(created) == 0 && objects == 0
	if !nothing {
		s.console.line("to give up what is left, remove the folder %s", s.relative(dir))
	}
	return nothing, nil
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

// empty empties a state folder that nobody uses. Another process may have taken it meanwhile; it is left alone then.
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
