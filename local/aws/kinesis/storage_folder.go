package kinesis

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/internal/filename"
	"ingest-pipeline/local/internal/durable"
)

// Each stream has a folder with its manifest and its segments.

// openStreams opens the streams that the folder has, and finishes creations and deletions that a crash interrupted.
func (s *Service) openStreams() error {
	folders, err := s.folders()
	if err != nil {
		return err
	}
	for _, folder := range folders {
		dir := filepath.Join(s.options.Dir, folder)
		m, err := readManifest(s.options.fileSystem, dir)
		switch {
		case err != nil:
		case m == nil:
			err = s.removeIncomplete(dir)
		case s.find(m.Name) != nil:
			err = &durable.DamagedError{Name: filepath.Join(dir, manifestName), Err: fmt.Errorf("there are two streams %s", m.Name)}
		default:
			err = s.openStream(folder, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) openStream(folder string, m *manifest) error {
	st := s.newStream(m.Name, folder)
	next, err := st.openLog(s.options.onRepair)
	if err != nil {
		return fmt.Errorf("opening stream %s: %w", m.Name, err)
	}
	st.log.expire(m.retention())
	st.start(m, next)
	s.publish(m.Name, st)
	s.finishLater(st)
	return nil
}

func (s *Service) newStream(name, folder string) *stream {
	st := &stream{
		name: name, arn: s.arn(name), dir: filepath.Join(s.options.Dir, folder),
		fs: s.options.fileSystem, clock: s.options.Clock, metrics: s.metricsOf(name),
		encryption: encryption{keys: s.options.KMS, account: s.options.Account},
	}
	st.log = &log{fs: st.fs, dir: st.dir, clock: st.clock, segmentBytes: s.options.segmentBytes}
	return st
}

// openLog opens the records of a stream. next is above the index of every sequence number that was assigned.
func (st *stream) openLog(onRepair func(Repair)) (next uint64, err error) {
	return openLog(st.log, randomNumber(), func(r Repair) {
		if onRepair != nil {
			r.Stream = st.name
			onRepair(r)
		}
	})
}

// folders lists the folders of streams.
func (s *Service) folders() ([]string, error) {
	names, err := s.options.fileSystem.ReadDir(s.options.Dir)
	// A name with a dot in front is another program's, such as .DS_Store.
	return slices.DeleteFunc(names, func(name string) bool { return name[0] == '.' }), err
}

// newFolder makes the folder of a new stream and returns its name. The manifest says which folder is whose.
func (s *Service) newFolder(stream string) (string, error) {
	folders, err := s.folders()
	if err != nil {
		return "", err
	}
	folder := filename.New(stream, func(name string) bool {
		return slices.ContainsFunc(folders, func(folder string) bool { return strings.EqualFold(name, folder) })
	})
	if err := s.options.fileSystem.MkdirAll(filepath.Join(s.options.Dir, folder), 0o700); err != nil {
		return "", err
	}
	return folder, s.options.fileSystem.SyncDir(s.options.Dir)
}

// removeIncomplete removes the folder of a stream that was not created to the end, or not deleted to the end.
func (s *Service) removeIncomplete(dir string) error {
	fs := s.options.fileSystem
	names, err := fs.ReadDir(dir)
	if err != nil {
		return err
	}
	if !slices.Contains(names, deletedName) {
		segments, err := segmentsIn(fs, dir)
		if err != nil {
			return err
		}
		for _, segment := range segments {
			if err := checkEmpty(fs, filepath.Join(dir, segment.name)); err != nil {
				return err
			}
		}
	}
	return removeStream(fs, dir)
}

// checkEmpty refuses a segment with records. They belong to a stream whose manifest was lost.
func checkEmpty(fs FileSystem, path string) error {
	f, err := fs.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	size, err := f.Size()
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if size > segmentHeader {
		return &durable.DamagedError{Name: filepath.Dir(path), Err: errors.New(manifestName + " is missing beside records")}
	}
	return nil
}

// removeStream removes the folder of a stream, and what says that it is deleted last.
func removeStream(fs FileSystem, dir string) error {
	names, err := fs.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if name == deletedName {
			continue
		}
		if err := fs.Remove(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	if err := fs.SyncDir(dir); err != nil {
		return err
	}
	return fs.RemoveAll(dir)
}
