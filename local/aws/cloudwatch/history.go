package cloudwatch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"ingest-pipeline/local/internal/durable"
)

// historyFile holds the history of all alarms, one JSON document a line, so that a person can read it.
const historyFile = "history.jsonl"

// historyKept is how long CloudWatch keeps an alarm's history (documented: DescribeAlarmHistory, 30 days).
const historyKept = 30 * 24 * time.Hour

// HistoryItem is something that happened to an alarm (DescribeAlarmHistory).
type HistoryItem struct {
	Time  time.Time `json:"time"`
	Alarm string    `json:"alarm"`
	// Type is ConfigurationUpdate, StateUpdate or Action.
	Type string `json:"type"`
	// Summary is CloudWatch's sentence, such as "Alarm updated from OK to ALARM".
	Summary string `json:"summary"`
	// Reason is why, for a StateUpdate and an Action that failed.
	Reason string `json:"reason,omitempty"`
	// Data is CloudWatch's JSON document about it.
	Data string `json:"data,omitempty"`
}

// maxHistoryData is how long HistoryData is, in bytes (documented: AlarmHistoryItem).
const maxHistoryData = 4095

// historyData is a document for an item of the history; one that would be too long is left out.
func historyData(document any) string {
	content, err := encode(document)
	if err != nil || len(content) > maxHistoryData {
		return ""
	}
	return string(content)
}

// stateUpdate is HistoryData of a change of state (recorded: test_put_metric_alarm).
type stateUpdate struct {
	Version string          `json:"version"`
	Old     stateOfDocument `json:"oldState"`
	New     stateOfDocument `json:"newState"`
}

type stateOfDocument struct {
	Value      string          `json:"stateValue"`
	Reason     string          `json:"stateReason"`
	ReasonData json.RawMessage `json:"stateReasonData,omitempty"`
}

func (a AlarmState) document() stateOfDocument {
	d := stateOfDocument{Value: a.State, Reason: a.Reason}
	if json.Valid([]byte(a.ReasonData)) {
		d.ReasonData = json.RawMessage(a.ReasonData)
	}
	return d
}

// history is the file. It is made when there is something to write.
type history struct {
	name string

	mu   sync.Mutex
	file *os.File
}

// openHistory leaves the items out that are older than CloudWatch keeps them.
func openHistory(name string, now time.Time) (*history, error) {
	content, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("opening the alarms' history: %w", err)
	}
	var kept []byte
	for line := range bytes.Lines(content) {
		// A torn last line is what a kill can leave behind; it is dropped.
		if item, err := readItem(line); err == nil && now.Sub(item.Time) <= historyKept {
			kept = append(append(kept, bytes.TrimSpace(line)...), '\n')
		}
	}
	if !bytes.Equal(kept, content) {
		if err := durable.WriteFile(name, kept); err != nil {
			return nil, fmt.Errorf("opening the alarms' history: %w", err)
		}
	}
	return &history{name: name}, nil
}

func readItem(line []byte) (item HistoryItem, err error) {
	err = json.Unmarshal(line, &item)
	return item, err
}

func (h *history) add(item HistoryItem) error {
	line, err := encode(item)
	if err != nil {
		return fmt.Errorf("writing the alarms' history: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file == nil {
		h.file, err = os.OpenFile(h.name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("opening the alarms' history: %w", err)
		}
	}
	if _, err := h.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("writing the alarms' history: %w", err)
	}
	return nil
}

func (h *history) close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file == nil {
		return nil
	}
	err := h.file.Close()
	h.file = nil
	if err != nil {
		return fmt.Errorf("closing the alarms' history: %w", err)
	}
	return nil
}

// DescribeAlarmHistory returns what happened to an alarm, or to all of them ("" as the name), oldest first.
func (s *Service) DescribeAlarmHistory(alarm string) ([]HistoryItem, error) {
	content, err := os.ReadFile(s.history.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the alarms' history: %w", err)
	}
	var items []HistoryItem
	for line := range bytes.Lines(content) {
		if item, err := readItem(line); err == nil && (alarm == "" || item.Alarm == alarm) {
			items = append(items, item)
		}
	}
	return items, nil
}
