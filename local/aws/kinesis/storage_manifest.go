package kinesis

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// manifest is what a stream is, kept beside its records as stream.json. It is written whole and renamed into place, so
// that it is always either the old one or the new one.
type manifest struct {
	Name           string `json:"name"`
	Mode           string `json:"mode"`
	RetentionHours int    `json:"retentionHours"`
	KMSKeyID       string `json:"kmsKeyId,omitempty"`
	Created        int64  `json:"createdMilliseconds"`
	// Incarnation tells this stream from another one of its name, before or after it.
	Incarnation uint64   `json:"incarnation"`
	Shards      []*shard `json:"shards"`
	// When the shard count and the mode were changed in the last 24 hours, in milliseconds.
	ShardCountUpdates []int64 `json:"shardCountUpdates,omitempty"`
	ModeUpdates       []int64 `json:"modeUpdates,omitempty"`
}

const (
	manifestName    = "stream.json"
	newManifestName = "stream.json.new"
	maxManifestSize = 16 << 20
)

func (m *manifest) retention() time.Duration { return time.Duration(m.RetentionHours) * time.Hour }

// clone can be changed without the original changing; shards are replaced, never written to.
func (m *manifest) clone() *manifest {
	c := *m
	c.Shards = slices.Clone(m.Shards)
	c.ShardCountUpdates = slices.Clone(m.ShardCountUpdates)
	c.ModeUpdates = slices.Clone(m.ModeUpdates)
	return &c
}

// forget leaves out shards whose records have all expired.
//
// documented (kinesis-using-sdk-java-after-resharding): a closed shard is EXPIRED after the retention period, and
// DescribeStream does not return it any more. It is kept an hour longer here, since segments are.
func (m *manifest) forget(now int64) {
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
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("reading stream: %s: %w", path, err)
	}
	for _, s := range m.Shards {
		s.prepare()
	}
	if len(openShards(m.Shards)) == 0 {
		return nil, fmt.Errorf("reading stream: %s: no open shard", path)
	}
	return &m, nil
}

func (m *manifest) text() string {
	text, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		panic(err) // it has only numbers and strings
	}
	return string(text) + "\n"
}

func (m *manifest) write(fs FileSystem, dir string) error {
	path := filepath.Join(dir, newManifestName)
	f, err := fs.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("writing stream: %w", err)
	}
	_, err = f.WriteAt([]byte(m.text()), 0)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = fs.Rename(path, filepath.Join(dir, manifestName))
	}
	if err == nil {
		err = fs.SyncDir(dir)
	}
	if err != nil {
		return fmt.Errorf("writing stream: %s: %w", path, err)
	}
	return nil
}
