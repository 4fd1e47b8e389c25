package kinesis

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// CreateStream makes a stream, or opens the one of that name which the folder has from an earlier run and brings its
// settings up to c. A stream that is open already is a ResourceInUseException.
func (s *Service) CreateStream(c StreamConfig) (arn string, err error) {
	c, err = c.checked()
	if err != nil {
		return "", err
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	if s.closed {
		return "", errClosed
	}
	if s.find(c.Name) != nil {
		return "", errInUse(s.options.Account, c.Name)
	}
	st := &stream{
		name: c.Name, arn: s.arn(c.Name), dir: s.dirOf(c.Name),
		fs: s.options.FileSystem, clock: s.options.Clock, metrics: s.metricsOf(c.Name),
	}
	if err := s.openStream(st, c); err != nil {
		return "", err
	}
	s.replace(c.Name, st)
	return st.arn, nil
}

// openStream opens a stream that the folder has, or makes it.
func (s *Service) openStream(st *stream, c StreamConfig) error {
	kept, err := readManifest(st.fs, st.dir)
	if err != nil {
		return err
	}
	if kept == nil {
		if err := s.prepare(st, c); err != nil {
			return err
		}
	} else if kept.Name != c.Name {
		return fmt.Errorf("opening stream %s: %s holds the stream %s", c.Name, st.dir, kept.Name)
	}
	st.log = &log{fs: st.fs, dir: st.dir, clock: st.clock, segmentBytes: s.options.segmentBytes}
	next, err := openLog(st.log, randomNumber(), func(r Repair) {
		if s.options.OnRepair != nil {
			r.Stream = st.name
			s.options.OnRepair(r)
		}
	})
	if err != nil {
		return fmt.Errorf("opening stream %s: %w", st.name, err)
	}
	m, err := s.settle(st, kept, c, next)
	if err != nil {
		return errors.Join(err, st.log.file.Close())
	}
	st.log.expire(m.retention())
	st.start(m, next)
	return nil
}

// settle makes the manifest what c says. It comes after the records, so that a stream that has one is complete.
func (s *Service) settle(st *stream, kept *manifest, c StreamConfig, next uint64) (*manifest, error) {
	at := s.now(next)
	if kept == nil {
		m := &manifest{
			Name: c.Name, Mode: c.Mode, RetentionHours: c.RetentionHours, KMSKeyID: c.KMSKeyID,
			Created: at.millis, Incarnation: uint64(randomNumber())<<32 | uint64(randomNumber()),
			Shards: newShards(c.openShards(), at),
		}
		return m, m.write(st.fs, st.dir)
	}
	m, err := s.changed(kept, c, at)
	if err != nil || m.text() == kept.text() {
		return m, err
	}
	return m, m.write(st.fs, st.dir)
}

// openShards is how many a new stream has.
func (c StreamConfig) openShards() int {
	if c.Mode == ModeOnDemand {
		return onDemandShards
	}
	return c.ShardCount
}

// prepare makes the folder of a new stream.
func (s *Service) prepare(st *stream, c StreamConfig) error {
	if err := s.checkQuota(c.openShards()); err != nil {
		return err
	}
	if err := st.fs.MkdirAll(st.dir, 0o700); err != nil {
		return fmt.Errorf("creating stream %s: %w", c.Name, err)
	}
	// A folder without manifest is one whose stream was never created to the end, and has no records then.
	segments, err := segmentsIn(st.fs, st.dir)
	if err != nil {
		return fmt.Errorf("creating stream %s: %w", c.Name, err)
	}
	for _, old := range segments {
		if err := removeEmpty(st.fs, filepath.Join(st.dir, old.name)); err != nil {
			return fmt.Errorf("creating stream %s: %w", c.Name, err)
		}
	}
	if err := st.fs.SyncDir(s.options.Dir); err != nil {
		return fmt.Errorf("creating stream %s: %w", c.Name, err)
	}
	return nil
}

// removeEmpty removes a segment that holds no records.
func removeEmpty(fs FileSystem, path string) error {
	f, err := fs.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	size, err := f.Size()
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if size > segmentHeader {
		return fmt.Errorf("%s has records but %s is missing beside it", path, manifestName)
	}
	return fs.Remove(path)
}

// randomNumber is a number that nobody can guess.
func randomNumber() uint32 {
	var b [4]byte
	rand.Read(b[:]) // does not fail
	return binary.LittleEndian.Uint32(b[:])
}

func (s *Service) now(index uint64) moment {
	return moment{index: index, millis: s.options.Clock.Now().UnixMilli()}
}

// checkQuota refuses more open shards than an account may have.
//
// recorded (mhart/kinesalite test/createStream.js).
func (s *Service) checkQuota(more int) error {
	current := 0
	for _, st := range *s.streams.Load() {
		_, open := st.settings()
		current += len(open)
	}
	account := s.options.Account
	if limit := shardQuota(account.Region); current+more > limit {
		return limitExceeded("This request would exceed the shard limit for the account %s in %s. "+
			"Current shard count for the account: %d. Limit: %d. "+
			"Number of additional shards that would have resulted from this request: %d. "+
			"Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) "+
			"for current limits and how to request higher limits.", account.ID, account.Region, current, limit, more)
	}
	return nil
}

// UpdateStream changes mode, shard count, retention and encryption of a stream, as UpdateStreamMode, UpdateShardCount,
// Increase- or DecreaseStreamRetentionPeriod and Start- or StopStreamEncryption do, with their limits. Nothing is
// changed if one of them is refused.
func (s *Service) UpdateStream(c StreamConfig) error {
	c, err := c.checked()
	if err != nil {
		return err
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	st := s.find(c.Name)
	if st == nil {
		return errNotFound(s.options.Account, c.Name)
	}
	if s.closed {
		return errClosed
	}
	// Records wait while the manifest is written: one that comes later must not get into a shard that is closed.
	st.mu.Lock()
	defer st.mu.Unlock()
	m, err := s.changed(st.manifest, c, s.now(st.next))
	if err != nil {
		return err
	}
	if err := m.write(st.fs, st.dir); err != nil {
		return err
	}
	st.use(m)
	return nil
}

// changed is m with the settings of c.
func (s *Service) changed(m *manifest, c StreamConfig, at moment) (*manifest, error) {
	m = m.clone()
	m.forget(at.millis)
	if c.Mode != m.Mode {
		if err := countUpdate(&m.ModeUpdates, at.millis, maxModeUpdatesPerDay, "UpdateStreamMode", c.Name); err != nil {
			return nil, err
		}
		m.Mode = c.Mode
	}
	if open := len(openShards(m.Shards)); m.Mode == ModeProvisioned && c.ShardCount != open {
		if err := s.checkShardCount(open, c.ShardCount); err != nil {
			return nil, err
		}
		err := countUpdate(&m.ShardCountUpdates, at.millis, maxShardCountUpdatesPerDay, "UpdateShardCount", c.Name)
		if err != nil {
			return nil, err
		}
		m.Shards = reshard(m.Shards, c.ShardCount, at)
	}
	m.RetentionHours, m.KMSKeyID = c.RetentionHours, c.KMSKeyID
	return m, nil
}

// checkShardCount refuses what UpdateShardCount refuses.
//
// documented (API_UpdateShardCount); the sentences are recorded (mhart/kinesalite test/updateShardCount.js).
func (s *Service) checkShardCount(open, target int) error {
	counts := fmt.Sprintf("Current open shard count: %d, Target shard count: %d", open, target)
	limit := shardQuota(s.options.Account.Region)
	switch {
	case target > limit:
		return limitExceeded("Target shard count or number of open shards cannot be greater than %d. %s", limit, counts)
	case target > 2*open:
		return limitExceeded("UpdateShardCount cannot scale up over double your current open shard count. %s", counts)
	case 2*target < open:
		return limitExceeded("UpdateShardCount cannot scale down below half your current open shard count. %s", counts)
	}
	return nil
}

// countUpdate notes one more update of a kind, unless there were too many in the last 24 hours.
//
// documented (API_UpdateShardCount, API_UpdateStreamMode); the sentence is assumed.
func countUpdate(updates *[]int64, now int64, limit int, operation, name string) error {
	day := (24 * time.Hour).Milliseconds()
	*updates = slices.DeleteFunc(*updates, func(at int64) bool { return at <= now-day })
	if len(*updates) >= limit {
		return limitExceeded("%s was called %d times in 24 hours on stream %s, which is the limit.", operation, limit, name)
	}
	*updates = append(*updates, now)
	return nil
}

// DeleteStream deletes a stream with its records.
func (s *Service) DeleteStream(name string) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	st := s.find(name)
	if st == nil {
		return errNotFound(s.options.Account, name)
	}
	if s.closed {
		return errClosed
	}
	// A log that cannot be closed in good order can still be deleted.
	_ = st.stop(errNotFound(s.options.Account, name))
	s.replace(name, nil)
	// The folder is renamed first, so that a crash leaves either the whole stream or none.
	grave := filepath.Join(s.options.Dir, deletedPrefix+strconv.FormatUint(uint64(randomNumber()), 36))
	if err := st.fs.Rename(st.dir, grave); err != nil {
		return fmt.Errorf("deleting stream %s: %w", name, err)
	}
	if err := st.fs.SyncDir(s.options.Dir); err != nil {
		return fmt.Errorf("deleting stream %s: %w", name, err)
	}
	if err := st.fs.RemoveAll(grave); err != nil {
		return fmt.Errorf("deleting stream %s: %w", name, err)
	}
	return nil
}
