package s3

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"
)

// properties are what S3 keeps about an object besides its bytes, as they are in the sidecar.
type properties struct {
	// Size and ModTime (nanoseconds since 1970) identify the file they describe.
	Size    int64 `json:"size"`
	ModTime int64 `json:"modTime"`
	// LastModified has whole seconds, as S3 shows it.
	LastModified time.Time `json:"lastModified"`
	// ETag has no quotes.
	ETag string `json:"etag"`
	// Headers are the system metadata that S3 returns with the object, by canonical header name.
	Headers map[string]string `json:"headers,omitempty"`
	// Metadata is the user metadata by lower-case name, without "x-amz-meta-".
	Metadata map[string]string `json:"metadata,omitempty"`
	Checksum checksum          `json:"checksum,omitzero"`
}

// sidecar is the file beside an object. It is written before the object is renamed into its place, and so has up to
// two descriptions: whichever file a crash leaves in place, its own description is there too.
type sidecar struct {
	Key      string       `json:"key"`
	Versions []properties `json:"versions"`
}

const defaultContentType = "binary/octet-stream"

// location is where an object and its sidecar are.
type location struct {
	bucket, key string
	folders     []string
	file        string
}

func (s *Service) locate(bucket, key string) location {
	folders, file := s.names.path(key)
	return location{bucket: bucket, key: key, folders: folders, file: file}
}

func (p location) dir() string     { return path.Join(p.bucket, path.Join(p.folders...)) }
func (p location) sidecar() string { return path.Join(metaDir, p.dir(), p.file+asMeta) }

// find returns the file of an object. It has its plain name unless that belongs to a folder.
func (s *Service) find(p location) (name string, info fs.FileInfo, err error) {
	for _, suffix := range []string{"", asFile} {
		name = path.Join(p.dir(), p.file+suffix)
		info, err = s.root.Lstat(name)
		if err == nil && info.Mode().IsRegular() {
			return name, info, nil
		}
		if err != nil && !isAbsent(err) {
			return "", nil, internalError("looking for an object", err)
		}
	}
	return "", nil, noSuchKey(p.key)
}

// isAbsent reports whether a path leads to nothing, also because one of its folders is a file or it is too long.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, errNameTooLong)
}

// readProperties reads the properties of the file that was found. A file that another program put into the folder has none:
// it gets S3's defaults, and an ETag that changes when the file does.
func (s *Service) readProperties(p location, info fs.FileInfo) (properties, error) {
	kept, err := s.readSidecar(p)
	if err != nil {
		return properties{}, err
	}
	for _, candidate := range kept.Versions {
		if candidate.Size == info.Size() && candidate.ModTime == info.ModTime().UnixNano() {
			return candidate, nil
		}
	}
	sum := md5.Sum(fmt.Appendf(nil, "%s %d %d", p.key, info.Size(), info.ModTime().UnixNano()))
	return properties{
		Size: info.Size(), ModTime: info.ModTime().UnixNano(), LastModified: info.ModTime().UTC().Truncate(time.Second),
		ETag: hex.EncodeToString(sum[:]) + "-1", Headers: map[string]string{"Content-Type": defaultContentType},
	}, nil
}

func (s *Service) readSidecar(p location) (kept sidecar, err error) {
	if err := s.readJSON(p.sidecar(), &kept); err != nil && !isAbsent(err) {
		return kept, internalError("reading the metadata of an object", err)
	}
	return kept, nil
}

// replaceObject puts a finished temp file and its properties in the place of an object. The caller holds the bucket's lock.
func (s *Service) replaceObject(p location, t *tempFile, fresh properties) error {
	versions := []properties{fresh}
	if _, info, err := s.find(p); err == nil {
		old, err := s.readProperties(p, info)
		if err != nil {
			return err
		}
		versions = append(versions, old)
	} else if !isNoSuchKey(err) {
		return err
	}
	if _, err := s.makeDirs(path.Join(metaDir, p.bucket), p.folders, s.root.Remove); err != nil {
		return err
	}
	if err := s.writeJSON(p.sidecar(), sidecar{Key: p.key, Versions: versions}); err != nil {
		return err
	}
	dir, err := s.makeDirs(p.bucket, p.folders, func(dir string) error {
		// The folder "a" of the key "a/b" takes the name of the object "a".
		return s.fs.Rename(dir, dir+asFile)
	})
	if err != nil {
		return err
	}
	target := path.Join(dir, p.file)
	if info, err := s.root.Lstat(target); err == nil && info.IsDir() {
		target += asFile
	} else if _, err := s.root.Lstat(target + asFile); err == nil {
		target += asFile
	}
	return t.moveTo(target)
}

// remove deletes an object, if it is there. The caller holds the bucket's lock.
func (s *Service) remove(p location) error {
	name, _, err := s.find(p)
	if isNoSuchKey(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.fs.Remove(name); err != nil {
		return internalError("deleting an object", err)
	}
	if err := s.fs.SyncDir(path.Dir(name)); err != nil {
		return internalError("deleting an object", err)
	}
	// The object is deleted; the remaining files do no harm.
	if err := s.root.Remove(p.sidecar()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil
	}
	s.removeEmptyDirs(p.bucket, p.folders)
	s.removeEmptyDirs(path.Join(metaDir, p.bucket), p.folders)
	return nil
}
