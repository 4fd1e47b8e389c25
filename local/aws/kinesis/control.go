package kinesis

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"ingest-pipeline/local/internal/durable"
)

// CreateStream creates a stream that is active at once. The name of one that exists is a ResourceInUseException.
func (s *Service) CreateStream(c StreamConfig) (arn string, err error) { return s.create(c, nil) }

// create creates a stream that is under a change, if any.
func (s *Service) create(c StreamConfig, under *change) (arn string, err error) {
	c, err = c.complete()
	if err != nil {
		return "", err
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	if s.closed {
		return "", errClosed
	}
	if existing, err := s.current(c.Name); err != nil || existing != nil {
		return "", cmp.Or(err, errInUse(s.options.Account, c.Name))
	}
	if err := errors.Join(s.checkQuota(c.openShards()), s.checkKey(c.KMSKeyID)); err != nil {
		return "", err
	}
	folder, err := s.newFolder(c.Name)
	if err != nil {
		return "", fmt.Errorf("creating stream %s: %w", c.Name, err)
	}
	st := s.newStream(c.Name, folder)
	next, err := st.openLog(s.options.onRepair)
	if err != nil {
		return "", fmt.Errorf("creating stream %s: %w", c.Name, err)
	}
	at := s.now(next)
	m := &manifest{
		Name: c.Name, Mode: c.Mode, Created: at.millis, Incarnation: uint64(randomNumber())<<32 | uint64(randomNumber()),
		Shards: newShards(c.openShards(), at), Change: under,
	}
	m.set(c)
	// The manifest comes last, so that a stream that has one is complete.
	if err := m.write(st.fs, st.dir); err != nil {
		return "", errors.Join(err, st.log.file.Close())
	}
	st.start(m, next)
	s.publish(c.Name, st)
	s.finishLater(st)
	return st.arn, nil
}

// openShards is how many a new stream has.
func (c StreamConfig) openShards() int {
	if c.Mode == ModeOnDemand {
		return onDemandShards
	}
	return c.ShardCount
}

// randomNumber returns an unpredictable number.
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
		_, open := st.snapshot()
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

// UpdateStream changes the configuration of a stream, as UpdateStreamMode, UpdateShardCount, Increase- or
// DecreaseStreamRetentionPeriod, Start- or StopStreamEncryption, Enable- or DisableEnhancedMonitoring and AddTags- or
// RemoveTagsFromStream do, with their limits, but at once. Nothing is changed if one of them is refused. What a client has
// asked for takes effect before.
func (s *Service) UpdateStream(c StreamConfig) error {
	c, err := c.complete()
	if err != nil {
		return err
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	if s.closed {
		return errClosed
	}
	st, err := s.unchanged(c.Name)
	if err != nil {
		return err
	}
	return s.edit(st, func(m *manifest, at moment) error { return s.configure(m, c, at) })
}

// unchanged finds a stream whose change, if there was one, has taken effect. The caller holds changing.
func (s *Service) unchanged(name string) (*stream, error) {
	if st := s.find(name); st != nil {
		if err := s.finishNow(st); err != nil {
			return nil, err
		}
	}
	if st := s.find(name); st != nil {
		return st, nil
	}
	return nil, errNotFound(s.options.Account, name)
}

// configure gives m the configuration c.
func (s *Service) configure(m *manifest, c StreamConfig, at moment) error {
	if c.KMSKeyID != m.KMSKeyID {
		if err := s.checkKey(c.KMSKeyID); err != nil {
			return err
		}
	}
	m.dropExpiredShards(at.millis)
	if c.Mode != m.Mode {
		if err := countUpdate(&m.ModeUpdates, at.millis, maxModeUpdatesPerDay, "UpdateStreamMode", c.Name); err != nil {
			return err
		}
		m.Mode = c.Mode
	}
	if open := len(openShards(m.Shards)); m.Mode == ModeProvisioned && c.ShardCount != open {
		if err := s.countShardUpdate(m, open, c.ShardCount, at); err != nil {
			return err
		}
		m.Shards = reshard(m.Shards, c.ShardCount, at)
	}
	m.set(c)
	return nil
}

// countShardUpdate counts an UpdateShardCount, unless it is refused.
func (s *Service) countShardUpdate(m *manifest, open, target int, at moment) error {
	if err := s.checkShardCount(open, target); err != nil {
		return err
	}
	return countUpdate(&m.ShardCountUpdates, at.millis, maxShardCountUpdatesPerDay, "UpdateShardCount", m.Name)
}

// checkShardCount refuses what UpdateShardCount refuses.
//
// documented (API_UpdateShardCount): the limits; assumed: the sentences, which are those of mhart/kinesalite
// (actions/updateShardCount.js).
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

// countUpdate counts an update of a kind, unless there were too many in the last 24 hours.
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
	return s.delete(st)
}

// delete deletes a stream. The caller holds changing.
func (s *Service) delete(st *stream) error {
	name := st.name
	// This deletes the stream. A crash leaves either the whole stream or a folder that the next Open removes.
	if err := durable.RenameFS(st.fs, filepath.Join(st.dir, manifestName), filepath.Join(st.dir, deletedName)); err != nil {
		return fmt.Errorf("deleting stream %s: %w", name, err)
	}
	s.publish(name, nil)
	_ = st.stop(errNotFound(s.options.Account, name)) // a log that cannot be closed in good order can be deleted
	if err := removeStream(st.fs, st.dir); err != nil {
		return fmt.Errorf("deleting stream %s: %w", name, err)
	}
	return nil
}
