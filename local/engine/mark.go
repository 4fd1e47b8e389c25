package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ingest-pipeline/local/engine/build"
	"ingest-pipeline/local/internal/durable"
)

// operation is written before an operation that changes the stack begins, and removed when its end is durable. If
// Open finds one, that operation was interrupted.
type operation struct {
	// Resources are the keys of the resources that the providers had before. Others were created during
	// the operation.
	Resources []string `json:"resources"`
	// Checkpoint is the state before; null if the stack did not exist.
	Checkpoint json.RawMessage `json:"checkpoint"`
}

func (s *Stack) operationFile() string { return filepath.Join(s.options.Dir, "operation.json") }

func (s *Stack) beginOperation() error {
	created, err := s.created()
	if err != nil {
		return err
	}
	begun := operation{Resources: []string{}}
	for _, resource := range created {
		begun.Resources = append(begun.Resources, resource.key())
	}
	if begun.Checkpoint, err = readCheckpoint(s.checkpointFile()); err != nil {
		return fmt.Errorf("reading the engine's checkpoint: %w", err)
	}
	content, err := json.Marshal(begun)
	if err == nil {
		err = durable.WriteFile(s.operationFile(), content)
	}
	if err != nil {
		return fmt.Errorf("writing down that an operation begins: %w", err)
	}
	return nil
}

// endOperation keeps the file if the checkpoint is damaged: the next Open restores the checkpoint.
func (s *Stack) endOperation() error {
	var damaged *damagedError
	switch err := s.flushCheckpoint(); {
	case errors.As(err, &damaged):
		return &build.Error{
			Doing:  "ending an operation",
			Cause:  fmt.Errorf("the engine could not write its checkpoint: %w", err),
			Advice: "make room on the disk, then run the same command again: it restores the checkpoint",
		}
	case err != nil:
		return fmt.Errorf("flushing the engine's checkpoint: %w", err)
	}
	if err := os.Remove(s.operationFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing down that an operation has ended: %w", err)
	}
	return nil
}

// interruptedOperation is the operation that was interrupted; nil if none was.
func (s *Stack) interruptedOperation() (*operation, error) {
	content, err := os.ReadFile(s.operationFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	cutOff := &operation{}
	if err == nil {
		err = json.Unmarshal(content, cutOff)
	}
	if err != nil {
		return nil, fmt.Errorf("reading what an earlier run was doing: %s: %w", s.operationFile(), err)
	}
	if string(cutOff.Checkpoint) == "null" {
		cutOff.Checkpoint = nil
	}
	return cutOff, nil
}
