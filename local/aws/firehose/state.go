package firehose

import (
	"fmt"
	"path/filepath"
	"time"

	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/internal/durable"
)

// state is the stored state of a delivery stream: its configuration with its version, and the position up to which it has read.
type state struct {
	Version int                  `json:"version"`
	Created time.Time            `json:"created"`
	Updated time.Time            `json:"updated,omitzero"` // zero until the destination changes
	Config  DeliveryStreamConfig `json:"config"`
	// Position is the checkpoint: everything before it is durable in S3.
	Position kinesis.Position `json:"position"`
}

func stateFile(dir string) string { return filepath.Join(dir, "delivery-stream.json") }

// readState returns nil if there is none.
func readState(dir string) (*state, error) {
	st := new(state)
	found, err := durable.ReadJSON(stateFile(dir), st)
	if err != nil {
		return nil, fmt.Errorf("reading the state of a delivery stream: %w", err)
	}
	if !found {
		return nil, nil
	}
	return st, nil
}

func (st *state) write(dir string) error {
	if err := durable.WriteJSON(stateFile(dir), st); err != nil {
		return fmt.Errorf("writing the state of delivery stream %s: %w", st.Config.Name, err)
	}
	return nil
}
