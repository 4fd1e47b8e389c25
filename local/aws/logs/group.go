package logs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"ingest-pipeline/local/aws/awserr"
)

// Group is a log group.
type Group struct {
	// Name is 1 to 512 characters of a-zA-Z0-9_-/.#
	Name string
	// ARN ends without ":*".
	ARN string
	// RetentionDays is how long events are kept; 0 is for ever.
	RetentionDays int
	// Created is when CreateLogGroup made it.
	Created time.Time
	// Streams are the names of the log streams, sorted.
	Streams []string
}

// group is a log group that is open; the service's lock guards it.
type group struct {
	index
	// days is index.RetentionDays for those who do not hold the lock.
	days    atomic.Int64
	folder  string
	streams map[string]*stream
	// adopted is set once CreateLogGroup has been called for the group since Open.
	adopted bool
}

// index is a log group in its group.json.
type index struct {
	Name          string        `json:"name"`
	RetentionDays int           `json:"retentionDays"`
	Created       time.Time     `json:"created"`
	Streams       []indexStream `json:"streams"`
}

type indexStream struct {
	Name    string    `json:"name"`
	File    string    `json:"file"`
	Created time.Time `json:"created"`
}

const indexFile = "group.json"

// CreateLogGroup adds a log group, or takes over the one that an earlier run left in the folder, which then has the
// given retention. retentionDays is 0 (for ever) or one of the values that CloudWatch accepts (1, 3, 5, 7, 14, 30, …
// 3653). Errors: ResourceAlreadyExistsException, InvalidParameterException; a plain error when the folder cannot be
// written.
func (s *Service) CreateLogGroup(name string, retentionDays int) error {
	if err := checkGroupName(name); err != nil {
		return err
	}
	if err := checkRetention(retentionDays); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[name]
	if g != nil && g.adopted {
		return awserr.New("ResourceAlreadyExistsException", 400, "The specified log group already exists")
	}
	if g != nil {
		if err := s.keep(g, func(next *index) { next.RetentionDays = retentionDays }); err != nil {
			return err
		}
		g.adopted = true
		return nil
	}
	g = &group{adopted: true, streams: map[string]*stream{}, folder: fileName(name, func(folder string) bool {
		_, err := s.root.Lstat(folder)
		return err == nil
	})}
	g.Name, g.RetentionDays, g.Created = name, retentionDays, s.clock.Now().UTC().Truncate(time.Millisecond)
	if err := s.root.Mkdir(g.folder, 0o755); err != nil {
		return fmt.Errorf("creating log group %s: %w", name, err)
	}
	if err := s.keep(g, func(*index) {}); err != nil {
		return errors.Join(err, s.root.RemoveAll(g.folder))
	}
	s.groups[name] = g
	return nil
}

// UpdateRetention changes the retention of a log group (PutRetentionPolicy, or DeleteRetentionPolicy for 0). Errors:
// ResourceNotFoundException, InvalidParameterException.
func (s *Service) UpdateRetention(name string, retentionDays int) error {
	if err := checkRetention(retentionDays); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[name]
	if g == nil {
		return noSuchGroup()
	}
	return s.keep(g, func(next *index) { next.RetentionDays = retentionDays })
}

// DeleteLogGroup removes a log group with all its events. Errors: ResourceNotFoundException.
func (s *Service) DeleteLogGroup(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[name]
	if g == nil {
		return noSuchGroup()
	}
	delete(s.groups, name)
	s.publish()
	for _, st := range g.streams {
		s.drop(st)
	}
	// Without its index the folder is no log group, so that a crash leaves none that is half gone.
	if err := s.root.Remove(path.Join(g.folder, indexFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("deleting log group %s: %w", name, err)
	}
	if err := s.root.RemoveAll(g.folder); err != nil {
		return fmt.Errorf("deleting log group %s: %w", name, err)
	}
	return nil
}

// CreateLogStream adds a log stream to a group, or takes over the one that an earlier run left. The name is 1 to 512
// characters without : and *. Errors: ResourceAlreadyExistsException, ResourceNotFoundException (the group),
// InvalidParameterException; a plain error when the folder cannot be written.
func (s *Service) CreateLogStream(groupName, streamName string) error {
	if err := checkStreamName(streamName); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[groupName]
	if g == nil {
		return noSuchGroup()
	}
	if st := g.streams[streamName]; st != nil {
		if st.adopted {
			return awserr.New("ResourceAlreadyExistsException", 400, "The specified log stream already exists")
		}
		st.adopted = true
		return nil
	}
	file := fileName(streamName, func(file string) bool {
		return slices.ContainsFunc(g.Streams, func(other indexStream) bool {
			return strings.EqualFold(other.File, file+logSuffix)
		})
	}) + logSuffix
	fresh := indexStream{Name: streamName, File: file, Created: s.clock.Now().UTC().Truncate(time.Millisecond)}
	if err := s.keep(g, func(next *index) { next.Streams = append(slices.Clone(next.Streams), fresh) }); err != nil {
		return err
	}
	g.streams[streamName] = s.newStream(g, fresh)
	g.streams[streamName].adopted = true
	s.publish()
	return nil
}

// DeleteLogStream removes a log stream with its events. Errors: ResourceNotFoundException.
func (s *Service) DeleteLogStream(groupName, streamName string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[groupName]
	if g == nil {
		return noSuchGroup()
	}
	st := g.streams[streamName]
	if st == nil {
		return noSuchStream()
	}
	err := s.keep(g, func(next *index) {
		next.Streams = slices.DeleteFunc(slices.Clone(next.Streams), func(other indexStream) bool { return other.Name == streamName })
	})
	if err != nil {
		return err
	}
	delete(g.streams, streamName)
	s.publish()
	s.drop(st)
	if err := s.root.Remove(st.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("deleting log stream %s: %w", streamName, err)
	}
	return nil
}

// Groups are all log groups, sorted by name.
func (s *Service) Groups() []Group {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []Group
	for _, name := range slices.Sorted(maps.Keys(s.groups)) {
		g := s.groups[name]
		all = append(all, Group{
			Name: name, ARN: s.GroupARN(name), RetentionDays: g.RetentionDays, Created: g.Created,
			Streams: slices.Sorted(maps.Keys(g.streams)),
		})
	}
	return all
}

// GroupARN is the ARN that a log group of this name has or would have, without ":*".
func (s *Service) GroupARN(name string) string { return s.account.ARN("logs", "log-group:"+name) }

// StreamARN is the ARN that a log stream of these names has or would have.
func (s *Service) StreamARN(group, stream string) string {
	return s.GroupARN(group) + ":log-stream:" + stream
}

// keep changes a group's index in memory and in its file, or neither; the caller holds the lock.
func (s *Service) keep(g *group, change func(*index)) error {
	next := g.index
	change(&next)
	text, err := json.MarshalIndent(next, "", "  ")
	if err == nil {
		err = s.replace(path.Join(g.folder, indexFile), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("keeping log group %s: %w", next.Name, err)
	}
	g.index = next
	g.days.Store(int64(next.RetentionDays))
	return nil
}

// retention is how many days events are kept; 0 is for ever.
func (g *group) retention() int { return int(g.days.Load()) }

// replace writes a small file as a whole: to another name, flushed, then renamed.
func (s *Service) replace(name string, text []byte) error {
	temp := name + ".new"
	file, err := s.root.OpenFile(temp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = s.through(file).Write(text)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = s.root.Rename(temp, name)
	}
	if err != nil {
		return errors.Join(err, s.root.Remove(temp))
	}
	return nil
}

// readGroups opens the log groups that are in the folder.
func (s *Service) readGroups() error {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := path.Join(entry.Name(), indexFile)
		text, err := s.root.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) || !entry.IsDir() {
			continue // not a log group
		}
		g := &group{folder: entry.Name(), streams: map[string]*stream{}}
		if err == nil {
			err = json.Unmarshal(text, &g.index)
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		g.days.Store(int64(g.RetentionDays))
		for _, kept := range g.Streams {
			g.streams[kept.Name] = s.newStream(g, kept)
		}
		s.groups[g.Name] = g
	}
	return nil
}

// publish makes the log streams known to Put; the caller holds the lock, or is alone.
func (s *Service) publish() {
	streams := map[streamKey]*stream{}
	for _, g := range s.groups {
		for name, st := range g.streams {
			streams[streamKey{g.Name, name}] = st
		}
	}
	s.streams.Store(&streams)
}
