// Package objects reads the objects that the pipeline wrote, from a local folder or from S3, one after the other and
// without holding any of them in memory.
package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Object is one object, or one file of a folder.
type Object struct {
	// Name is the whole key, or the path below the local folder.
	Name string
	// Modified is when it became visible.
	Modified time.Time
}

// Location is a folder or a prefix of a bucket with objects in it.
type Location interface {
	// List visits the objects that there are now, in no order that matters. It ends early with visit's error. A location
	// where nothing was written yet has no objects.
	List(ctx context.Context, visit func(Object) error) error
	// Open reads an object from its beginning.
	Open(ctx context.Context, o Object) (io.ReadCloser, error)
	// String is the location as a person writes it.
	String() string
}

// Options are for locations in S3.
type Options struct {
	// Region and Profile stand before what the environment says. Empty: not set.
	Region, Profile string
}

// Open opens a location: s3://bucket/prefix, or a local folder. The folder need not exist yet, since the first object
// creates it, but its parent has to.
func Open(ctx context.Context, location string, options Options) (Location, error) {
	if InS3(location) {
		return openS3(ctx, strings.TrimPrefix(location, "s3://"), options)
	}
	dir, err := filepath.Abs(location)
	if err != nil {
		return nil, fmt.Errorf("opening the folder %s: %w", location, err)
	}
	if _, err := os.Stat(filepath.Dir(dir)); err != nil {
		return nil, fmt.Errorf("opening the folder %s: %w", location, err)
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("opening the folder %s: it is a file", location)
	}
	return folder(dir), nil
}

// folder is a location of plain files, such as the local target's or a copy made with aws s3 sync.
type folder string

func (f folder) String() string { return string(f) }

func (f folder) List(ctx context.Context, visit func(Object) error) error {
	err := filepath.WalkDir(string(f), func(name string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // not there yet, or gone while it was listed
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case strings.HasPrefix(entry.Name(), ".") && name != string(f):
			// What tools keep beside objects; the pipeline writes none that begins with a dot.
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular():
			return nil
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		below, err := filepath.Rel(string(f), name)
		if err != nil {
			return err
		}
		return visit(Object{Name: filepath.ToSlash(below), Modified: info.ModTime()})
	})
	if err != nil {
		return fmt.Errorf("listing the folder %s: %w", f, err)
	}
	return nil
}

func (f folder) Open(_ context.Context, o Object) (io.ReadCloser, error) {
	return os.Open(filepath.Join(string(f), filepath.FromSlash(o.Name)))
}

// InS3 reports whether a location is in S3.
func InS3(location string) bool { return strings.HasPrefix(location, "s3://") }
