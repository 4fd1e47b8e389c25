// Package durable replaces files so that whoever reads one, after a crash of the process or of the machine, finds either
// all of its old content or all of the new one.
//
// Replacing is: write a temporary file beside the old one, flush it to the disk, rename it, flush the folder. On Windows
// a folder cannot be flushed; there the rename itself is written through.
package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// TempSuffix ends the name of a temporary file that a crash may leave behind. Nothing reads such a file, and the next
// replacement of the same file overwrites it.
const TempSuffix = ".tmp"

// FS is what replacing a file asks of a file system. OS is the machine's own; a test can inject failures with another.
type FS interface {
	// Create makes an empty file for writing, in place of the one that has the name.
	Create(name string) (File, error)
	// Rename gives a file another name, in place of the one that has it, so that the change survives a crash once
	// SyncDir has returned for the folder.
	Rename(from, to string) error
	Remove(name string) error
	// SyncDir flushes what was created, renamed or removed in a folder to the disk.
	SyncDir(name string) error
}

// File is a file that is being written.
type File interface {
	Write(b []byte) (int, error)
	// Sync flushes what was written to the disk.
	Sync() error
	Close() error
}

// OS is the file system of the machine. Files that it creates can be read and written by their owner only.
var OS FS = machine{}

// WriteFile replaces the content of a file, which need not exist. When it fails, the old content is still there.
//
// Two calls for the same file must not run at the same time.
func WriteFile(name string, content []byte) error { return WriteFileFS(OS, name, content) }

// WriteFileFS is WriteFile on another file system.
func WriteFileFS(fs FS, name string, content []byte) (err error) {
	temp := name + TempSuffix
	file, err := fs.Create(temp)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = fs.Remove(temp) // the failure that matters is err
		}
	}()
	if _, err := file.Write(content); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	return RenameFS(fs, temp, name)
}

// Rename gives a file or folder another name, in place of a file that has it.
func Rename(from, to string) error { return RenameFS(OS, from, to) }

// RenameFS is Rename on another file system.
func RenameFS(fs FS, from, to string) error {
	if err := fs.Rename(from, to); err != nil {
		return err
	}
	into, outOf := filepath.Dir(to), filepath.Dir(from)
	if err := fs.SyncDir(into); err != nil {
		return fmt.Errorf("flushing the folder %s: %w", into, err)
	}
	if outOf == into {
		return nil
	}
	if err := fs.SyncDir(outOf); err != nil {
		return fmt.Errorf("flushing the folder %s: %w", outOf, err)
	}
	return nil
}

// SyncDir flushes what was created or removed in a folder to the disk.
func SyncDir(name string) error { return OS.SyncDir(name) }

// In is the part of the machine's file system below root: no name leads out of it.
func In(root *os.Root) FS { return rooted{root} }

const private = 0o600

type machine struct{}

func (machine) Create(name string) (File, error) {
	return os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, private)
}

func (machine) Rename(from, to string) error { return rename(from, to) }

func (machine) Remove(name string) error { return os.Remove(name) }

func (machine) SyncDir(name string) error { return syncDir(os.Open, name) }

type rooted struct{ root *os.Root }

func (r rooted) Create(name string) (File, error) {
	return r.root.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, private)
}

func (r rooted) Rename(from, to string) error { return r.root.Rename(from, to) }

func (r rooted) Remove(name string) error { return r.root.Remove(name) }

func (r rooted) SyncDir(name string) error { return syncDir(r.root.Open, name) }
