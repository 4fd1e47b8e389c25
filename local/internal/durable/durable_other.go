//go:build !windows

package durable

import (
	"errors"
	"os"
)

func rename(from, to string) error { return os.Rename(from, to) }

func syncDir(open func(string) (*os.File, error), name string) error {
	dir, err := open(name)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
