package kinesis

import (
	"slices"
	"time"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

// The states of a stream.
const (
	statusCreating = "CREATING"
	statusDeleting = "DELETING"
	statusActive   = "ACTIVE"
	statusUpdating = "UPDATING"
)

// changeMillis is how long a change that a client asks for is under way. Assumed: on AWS it is seconds to minutes; clients
// that do not wait fail here, too.
const changeMillis = 500

// change is what is being done to a stream. It takes effect at its end, as on AWS: recorded (mhart/kinesalite
// test/splitShard.js, where a stream that is UPDATING has its old shards only).
type change struct {
	Status string `json:"status"`
	Until  int64  `json:"untilMilliseconds"`
	Mode   string `json:"mode,omitempty"` // the stream's
	// What the shards become: so many of one size, or one split at a key, or two merged.
	ShardCount int          `json:"shardCount,omitempty"`
	Split      *splitChange `json:"split,omitempty"`
	Merge      *mergeChange `json:"merge,omitempty"`
}

type splitChange struct {
	Shard uint32  `json:"shard"`
	At    hashKey `json:"newStartingHashKey"`
}

type mergeChange struct {
	Shard    uint32 `json:"shard"`
	Adjacent uint32 `json:"adjacentShard"`
}

// status is the state of the stream.
func (m *manifest) status() string {
	if m.Change == nil {
		return statusActive
	}
	return m.Change.Status
}

// recorded (mhart/kinesalite test/splitShard.js).
func errNotActive(account iam.Account, stream, status string) error {
	return awserr.New("ResourceInUseException", 400, "Stream %s under account %s not ACTIVE, instead in state %s",
		stream, account.ID, status)
}

// begin starts a change of an active stream, which edit describes in a copy of the manifest. The caller holds changing.
func (s *Service) begin(st *stream, status string, edit func(m *manifest, c *change) error) error {
	if s.closed {
		return errClosed
	}
	m, _ := st.snapshot()
	if m.Change != nil {
		return errNotActive(s.options.Account, st.name, m.Change.Status)
	}
	return s.edit(st, func(m *manifest, at moment) error {
		m.Change = &change{Status: status, Until: at.millis + changeMillis}
		if edit == nil {
			return nil
		}
		return edit(m, m.Change)
	})
}

// edit changes the manifest of a stream. The caller holds changing.
func (s *Service) edit(st *stream, edit func(m *manifest, at moment) error) error {
	// Records wait while the manifest is written: one that comes later must not get into a shard that is closed.
	st.mu.Lock()
	defer st.mu.Unlock()
	m := st.manifest.clone()
	if err := edit(m, s.now(st.next)); err != nil {
		return err
	}
	if err := m.write(st.fs, st.dir); err != nil {
		return err
	}
	st.setManifest(m)
	s.finishLater(st)
	return nil
}

// finishLater has the change of a stream, if there is one, take effect in time.
func (s *Service) finishLater(st *stream) {
	if c := st.manifest.Change; c != nil {
		after := time.Duration(c.Until-s.options.Clock.Now().UnixMilli()) * time.Millisecond
		s.options.Clock.AfterFunc(max(after, 0), func() {
			s.changing.Lock()
			defer s.changing.Unlock()
			_ = s.finish(st) // tried again by the next call that looks at the stream
		})
	}
}

// current finds a stream in the state of this moment; nil if there is none. The caller holds changing.
func (s *Service) current(name string) (*stream, error) {
	if st := s.find(name); st != nil {
		if err := s.finish(st); err != nil {
			return nil, err
		}
	}
	return s.find(name), nil
}

// finish ends the change of a stream whose time has come. The caller holds changing.
func (s *Service) finish(st *stream) error {
	m, _ := st.snapshot()
	if m.Change == nil || s.closed || s.options.Clock.Now().UnixMilli() < m.Change.Until {
		return nil
	}
	return s.finishNow(st)
}

// finishNow ends the change of a stream, if there is one. The caller holds changing.
func (s *Service) finishNow(st *stream) error {
	m, _ := st.snapshot()
	if m.Change == nil || s.find(st.name) != st {
		return nil
	}
	if m.Change.Status == statusDeleting {
		return s.delete(st)
	}
	return s.edit(st, func(m *manifest, at moment) error {
		c := m.Change
		m.Change = nil
		m.dropExpiredShards(at.millis)
		switch {
		case c.Mode != "":
			m.Mode = c.Mode
		case c.ShardCount > 0:
			m.Shards = reshard(m.Shards, c.ShardCount, at)
		case c.Split != nil:
			m.Shards = splitOne(m.Shards, *c.Split, at)
		case c.Merge != nil:
			m.Shards = mergeTwo(m.Shards, *c.Merge, at)
		}
		return nil
	})
}

func splitOne(shards []*shard, c splitChange, at moment) []*shard {
	r := &resharding{shards: slices.Clone(shards), at: at}
	r.split(openShards(shards), c.At)
	return r.shards
}

func mergeTwo(shards []*shard, c mergeChange, at moment) []*shard {
	r := &resharding{shards: slices.Clone(shards), at: at}
	pieces := openShards(shards)
	i := slices.IndexFunc(pieces, func(s *shard) bool { return s.Index == c.Shard })
	r.mergeWithin(pieces, pieces[i].Start, pieces[i+1].End)
	return r.shards
}
