package kinesis

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ingest-pipeline/local/internal/durable"
)

// manifest is the configuration and the shards of a stream. It is kept beside the records as stream.json.
type manifest struct {
	Name              string            `json:"name"`
	Mode              string            `json:"mode"`
	RetentionHours    int               `json:"retentionHours"`
	KMSKeyID          string            `json:"kmsKeyId,omitempty"`
	ShardLevelMetrics []string          `json:"shardLevelMetrics,omitempty"`
	Tags              map[string]string `json:"tags,omitempty"`
	Created           int64             `json:"createdMilliseconds"`
	// Incarnation distinguishes this stream from another one of its name, before or after it.
	Incarnation uint64   `json:"incarnation"`
	Shards      []*shard `json:"shards"`
	// When the shard count and the mode were changed in the last 24 hours, in milliseconds.
	ShardCountUpdates []int64 `json:"shardCountUpdates,omitempty"`
	ModeUpdates       []int64 `json:"modeUpdates,omitempty"`
	// Change is what is being done to the stream.
	Change    *change    `json:"change,omitempty"`
	Consumers []consumer `json:"consumers,omitempty"`
}

const (
	manifestName = "stream.json"
	// deletedName is the manifest's name once the stream is deleted, until the rest of its folder is.
	deletedName     = "deleted.json"
	maxManifestSize = 16 << 20
)

func (m *manifest) retention() time.Duration { return time.Duration(m.RetentionHours) * time.Hour }

// set applies what can be changed without limits.
func (m *manifest) set(c StreamConfig) {
	m.RetentionHours, m.KMSKeyID = c.RetentionHours, c.KMSKeyID
	m.ShardLevelMetrics, m.Tags = slices.Clone(c.ShardLevelMetrics), maps.Clone(c.Tags)
}

// config is the configuration that the stream has now.
func (m *manifest) config() StreamConfig {
	c := StreamConfig{
		Name: m.Name, Mode: m.Mode, RetentionHours: m.RetentionHours, KMSKeyID: m.KMSKeyID,
		ShardLevelMetrics: slices.Clone(m.ShardLevelMetrics), Tags: maps.Clone(m.Tags),
	}
	if m.Mode == ModeProvisioned {
		c.ShardCount = len(openShards(m.Shards))
	}
	return c
}

// clone can be changed without the original changing; shards are replaced, never written to.
func (m *manifest) clone() *manifest {
	c := *m
	c.Shards = slices.Clone(m.Shards)
	c.ShardCountUpdates = slices.Clone(m.ShardCountUpdates)
	c.ModeUpdates = slices.Clone(m.ModeUpdates)
	c.Consumers = slices.Clone(m.Consumers)
	return &c
}

// dropExpiredShards leaves out shards whose records have all expired.
//
// documented (kinesis-using-sdk-java-after-resharding): a closed shard is EXPIRED after the retention period, and
// DescribeStream does not return it any more. It is kept an hour longer here, since segments are.
func (m *manifest) dropExpiredShards(now int64) {
	oldest := now - m.retention().Milliseconds() - segmentMillis
	m.Shards = slices.DeleteFunc(m.Shards, func(s *shard) bool { return s.Closed != nil && s.Closed.Millis < oldest })
}

// readManifest returns nil if the folder has none.
func readManifest(fs FileSystem, dir string) (*manifest, error) {
	path := filepath.Join(dir, manifestName)
	f, err := fs.OpenFile(path, os.O_RDONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading stream: %w", err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.NewSectionReader(f, 0, maxManifestSize))
	if err != nil {
		return nil, fmt.Errorf("reading stream: %w", err)
	}
	var m manifest
	if err := durable.Decode(path, text, &m); err != nil {
		return nil, err
	}
	for _, s := range m.Shards {
		s.prepare()
	}
	if len(openShards(m.Shards)) == 0 {
		return nil, &durable.DamagedError{Name: path, Err: errors.New("no open shard")}
	}
	return &m, nil
}

func (m *manifest) write(fs FileSystem, dir string) error {
	text, err := durable.Encode(m)
	if err == nil {
		err = durable.WriteFileFS(fs, filepath.Join(dir, manifestName), text)
	}
	if err != nil {
		return fmt.Errorf("writing stream %s: %w", m.Name, err)
	}
	return nil
}
