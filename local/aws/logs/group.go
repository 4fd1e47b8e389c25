package logs

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/filename"
	"ingest-pipeline/local/internal/durable"
)

// Group is the configuration of a log group.
type Group struct {
	// Name is 1 to 512 characters of a-zA-Z0-9_-/.#
	Name string `json:"name"`
	// RetentionInDays is how long events are kept: 0 (for ever) or one of the values that CloudWatch accepts (1, 3, 5, 7,
	// 14, 30, … 3653).
	RetentionInDays int `json:"retentionInDays"`
	// LogGroupClass is STANDARD (the default), INFREQUENT_ACCESS or DELIVERY. Kept; events are in plain files in each.
	LogGroupClass string `json:"logGroupClass"`
	// KMSKeyID is the customer managed key that encrypts events. Kept; nothing is encrypted here.
	KMSKeyID string            `json:"kmsKeyId,omitempty"`
	Tags     map[string]string `json:"tags,omitempty"`
}

// GroupDescription is a log group as DescribeLogGroups shows it.
type GroupDescription struct {
	Group
	// ARN ends without ":*".
	ARN     string
	Created time.Time
	// Streams are the names of the log streams, sorted.
	Streams []string
}

// group is a log group that is open; the service's lock guards it.
type group struct {
	record
	// days is record.RetentionInDays for those who do not hold the lock.
	days    atomic.Int64
	filters atomic.Pointer[[]*filter]
	folder  string
	streams map[string]*stream
}

// record is a log group in its group.json.
type record struct {
	Group
	Created       time.Time                 `json:"created"`
	Streams       []streamRecord            `json:"streams"`
	MetricFilters []MetricFilterDescription `json:"metricFilters,omitempty"`
}

type streamRecord struct {
	Name    string    `json:"name"`
	File    string    `json:"file"`
	Created time.Time `json:"created"`
}

const recordFile = "group.json"

// CreateLogGroup creates a log group. Errors: ResourceAlreadyExistsException, InvalidParameterException.
func (s *Service) CreateLogGroup(config Group) error {
	if err := checkGroupName(config.Name); err != nil {
		return err
	}
	if err := checkRetention(config.RetentionInDays); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.groups[config.Name] != nil {
		return awserr.New("ResourceAlreadyExistsException", 400, "The specified log group already exists")
	}
	folder := filename.New(config.Name, func(folder string) bool {
		_, err := s.root.Lstat(folder)
		return err == nil
	})
	g := &group{folder: folder, streams: map[string]*stream{}}
	g.filters.Store(&[]*filter{})
	config.Tags, config.LogGroupClass = maps.Clone(config.Tags), cmp.Or(config.LogGroupClass, "STANDARD")
	if err := s.root.Mkdir(g.folder, 0o755); err != nil {
		return fmt.Errorf("creating log group %s: %w", config.Name, err)
	}
	err := s.update(g, func(next *record) { next.Group, next.Created = config, s.clock.Now().UTC().Truncate(time.Millisecond) })
	if err == nil {
		err = s.fs.SyncDir(".")
	}
	if err != nil {
		return errors.Join(err, s.root.RemoveAll(g.folder))
	}
	s.groups[config.Name] = g
	return nil
}

// UpdateLogGroup changes the retention, key and tags of a log group (PutRetentionPolicy, DeleteRetentionPolicy,
// AssociateKmsKey, DisassociateKmsKey, TagResource and UntagResource in AWS). Errors: ResourceNotFoundException, InvalidParameterException.
func (s *Service) UpdateLogGroup(config Group) error {
	if err := checkRetention(config.RetentionInDays); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[config.Name]
	if g == nil {
		return noSuchGroup()
	}
	config.Tags, config.LogGroupClass = maps.Clone(config.Tags), g.LogGroupClass
	return s.update(g, func(next *record) { next.Group = config })
}

// DeleteLogGroup deletes a log group with its log streams, events and metric filters. Errors: ResourceNotFoundException.
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
		s.discard(st)
	}
	// Without its record the folder is no log group, so that a crash leaves none that is deleted in part.
	if err := s.root.Remove(path.Join(g.folder, recordFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("deleting log group %s: %w", name, err)
	}
	if err := s.root.RemoveAll(g.folder); err != nil {
		return fmt.Errorf("deleting log group %s: %w", name, err)
	}
	return nil
}

// CreateLogStream adds a log stream to a group. The name is 1 to 512 characters without : and *. Errors:
// ResourceAlreadyExistsException, ResourceNotFoundException (the group), InvalidParameterException.
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
	if g.streams[streamName] != nil {
		return awserr.New("ResourceAlreadyExistsException", 400, "The specified log stream already exists")
	}
	file := filename.New(streamName, func(file string) bool {
		return slices.ContainsFunc(g.Streams, func(other streamRecord) bool {
			return strings.EqualFold(other.File, file+logSuffix)
		})
	}) + logSuffix
	fresh := streamRecord{Name: streamName, File: file, Created: s.clock.Now().UTC().Truncate(time.Millisecond)}
	if err := s.update(g, func(next *record) { next.Streams = append(slices.Clone(next.Streams), fresh) }); err != nil {
		return err
	}
	g.streams[streamName] = s.newStream(g, fresh)
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
	err := s.update(g, func(next *record) {
		next.Streams = slices.DeleteFunc(slices.Clone(next.Streams), func(other streamRecord) bool { return other.Name == streamName })
	})
	if err != nil {
		return err
	}
	delete(g.streams, streamName)
	s.publish()
	s.discard(st)
	if err := s.root.Remove(st.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("deleting log stream %s: %w", streamName, err)
	}
	return nil
}

// DescribeLogGroups returns all log groups, sorted by name.
func (s *Service) DescribeLogGroups() []GroupDescription {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []GroupDescription
	for _, name := range slices.Sorted(maps.Keys(s.groups)) {
		all = append(all, s.describe(s.groups[name]))
	}
	return all
}

// DescribeLogGroup describes a log group. Errors: ResourceNotFoundException.
func (s *Service) DescribeLogGroup(name string) (GroupDescription, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	g := s.groups[name]
	if g == nil {
		return GroupDescription{}, noSuchGroup()
	}
	return s.describe(g), nil
}

func (s *Service) describe(g *group) GroupDescription {
	d := GroupDescription{
		Group: g.Group, ARN: s.GroupARN(g.Name), Created: g.Created, Streams: slices.Sorted(maps.Keys(g.streams)),
	}
	d.Tags = maps.Clone(d.Tags)
	return d
}

// GroupARN is the ARN that a log group of this name has or would have, without ":*".
func (s *Service) GroupARN(name string) string { return s.account.ARN("logs", "log-group:"+name) }

// StreamARN is the ARN that a log stream of these names has or would have.
func (s *Service) StreamARN(group, stream string) string {
	return s.GroupARN(group) + ":log-stream:" + stream
}

// update changes a group's record in its file and then in memory, or in neither; the caller holds the lock.
func (s *Service) update(g *group, change func(*record)) error {
	next := g.record
	change(&next)
	content, err := durable.Encode(next)
	if err == nil {
		err = durable.WriteFileFS(s.fs, path.Join(g.folder, recordFile), content)
	}
	if err != nil {
		return fmt.Errorf("keeping log group %s: %w", next.Name, err)
	}
	g.record = next
	g.days.Store(int64(next.RetentionInDays))
	return nil
}

// retention is how many days events are kept; 0 is for ever.
func (g *group) retention() int { return int(g.days.Load()) }

// readGroups opens the log groups that are in the folder.
func (s *Service) readGroups() error {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		g := &group{folder: entry.Name(), streams: map[string]*stream{}}
		name := path.Join(s.root.Name(), entry.Name(), recordFile)
		found, err := durable.ReadJSON(name, &g.record)
		if err != nil {
			return err
		}
		if !found {
			continue // not a log group
		}
		filters := []*filter{}
		for i := range g.MetricFilters {
			f, err := s.compileFilter(g.MetricFilters[i].MetricFilter)
			if err != nil {
				return &durable.DamagedError{Name: name, Err: err}
			}
			filters = append(filters, f)
		}
		g.filters.Store(&filters)
		g.days.Store(int64(g.RetentionInDays))
		for _, stream := range g.Streams {
			g.streams[stream.Name] = s.newStream(g, stream)
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
