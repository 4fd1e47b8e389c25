package cloudwatch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// statesFile holds the states of the alarms, so that a restart is no change of state.
const statesFile = "alarms.json"

// stateRecord is the state of an alarm as it is kept.
type stateRecord struct {
	State      string    `json:"state"`
	Reason     string    `json:"reason"`
	ReasonData string    `json:"reasonData,omitempty"`
	Updated    time.Time `json:"updated"`
	Changed    time.Time `json:"changed"`
}

func (a *alarm) record() stateRecord {
	return stateRecord{
		State: a.State, Reason: a.Reason, ReasonData: a.ReasonData, Updated: a.StateUpdated, Changed: a.StateChanged,
	}
}

func (a *alarm) restore(r stateRecord) {
	a.State, a.Reason, a.ReasonData = r.State, r.Reason, r.ReasonData
	a.StateUpdated, a.StateChanged = r.Updated, r.Changed
}

func readStates(dir string) (map[string]stateRecord, error) {
	states := map[string]stateRecord{}
	name := filepath.Join(dir, statesFile)
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return states, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the alarms' states: %w", err)
	}
	if err := json.Unmarshal(content, &states); err != nil {
		return nil, fmt.Errorf("reading the alarms' states: %s is damaged: %w", name, err)
	}
	return states, nil
}

// writeStates replaces the file in one step, or removes it when there is nothing to keep. It is not synced: after a power cut an older state is as good.
func (s *Service) writeStates() error {
	content, err := json.MarshalIndent(s.states, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the alarms' states: %w", err)
	}
	name := filepath.Join(s.options.Dir, statesFile)
	if len(s.states) == 0 {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing the alarms' states: %w", err)
		}
		_ = os.Remove(s.options.Dir) // the history is gone already; whatever else is in it is not the alarms'
		return nil
	}
	if err := os.MkdirAll(s.options.Dir, 0o700); err != nil {
		return fmt.Errorf("writing the alarms' states: %w", err)
	}
	if err := os.WriteFile(name+".new", append(content, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing the alarms' states: %w", err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		return fmt.Errorf("writing the alarms' states: %w", err)
	}
	return nil
}
