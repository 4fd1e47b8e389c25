package firehose

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ingest-pipeline/local/aws/kinesis"
)

// state is what a delivery stream keeps: how far it got, its version and the configuration it is the version of.
type state struct {
	Version int                  `json:"version"`
	Created time.Time            `json:"created"`
	Config  DeliveryStreamConfig `json:"config"`
	// Position is the checkpoint: everything before it is durable in S3.
	Position kinesis.Position `json:"position"`
}

const stateName = "delivery-stream.json"

// readState returns nil if there is none.
func readState(dir string) (*state, error) {
	path := filepath.Join(dir, stateName)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading checkpoint: %w", err)
	}
	st := new(state)
	if err := json.Unmarshal(text, st); err != nil {
		return nil, fmt.Errorf("reading checkpoint: %s: %w", path, err)
	}
	return st, nil
}

// write replaces the file by a whole and durable one.
func (st *state) write(dir string) error {
	text, err := json.MarshalIndent(st, "", "\t")
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = replaceFile(filepath.Join(dir, stateName), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("writing checkpoint: %w", err)
	}
	return nil
}

// replaceFile puts a file in the place of another one so that there is always one of the two, whole.
func replaceFile(path string, content []byte) (err error) {
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	err = dir.Sync()
	if closing := dir.Close(); err == nil {
		err = closing
	}
	return err
}
