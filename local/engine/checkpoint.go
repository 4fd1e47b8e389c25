package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"ingest-pipeline/local/engine/build"
	"ingest-pipeline/local/internal/durable"
)

// checkpointFile is where the engine keeps the state of the stack. Its file backend renames a new checkpoint over the
// old one, whose content it has copied to the file with the ending .bak. Two things can damage it: when the disk is full,
// the backend renames the part that it could write (gocloud.dev/blob v0.46.0, Bucket.WriteAll), and it does not flush
// to the disk before it renames.
func (s *Stack) checkpointFile() string {
	return filepath.Join(s.folders.backend, ".pulumi", "stacks", s.project, s.options.Name+".json")
}

const backupSuffix = ".bak"

// checkCheckpoint reports damage to a checkpoint.
func checkCheckpoint(content []byte) error {
	var versioned apitype.VersionedCheckpoint
	if err := json.Unmarshal(content, &versioned); err != nil {
		return err
	}
	var checkpoint apitype.CheckpointV3
	return json.Unmarshal(versioned.Checkpoint, &checkpoint)
}

// readCheckpoint reads the checkpoint; nil if there is none.
func readCheckpoint(name string) ([]byte, error) {
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := checkCheckpoint(content); err != nil {
		return nil, &damagedError{name, err}
	}
	return content, nil
}

type damagedError struct {
	file  string
	cause error
}

func (e *damagedError) Error() string { return fmt.Sprintf("%s is damaged: %v", e.file, e.cause) }

func (e *damagedError) Unwrap() error { return e.cause }

// restoreCheckpoint replaces a damaged checkpoint by its backup or, if that is damaged as well, by the one from before the
// operation that was cut off. restored says which, and is empty if nothing had to be done.
func (s *Stack) restoreCheckpoint(cutOff *operation) (restored string, err error) {
	name := s.checkpointFile()
	_, err = readCheckpoint(name)
	var damaged *damagedError
	if !errors.As(err, &damaged) {
		return "", err
	}
	content, backupErr := readCheckpoint(name + backupSuffix)
	restored = "its backup"
	if content == nil {
		if cutOff == nil {
			return "", s.lostError(errors.Join(damaged, backupErr))
		}
		content, restored = cutOff.Checkpoint, "the one from before the operation"
	}
	if content == nil { // the stack did not exist yet
		err = os.Remove(name)
	} else {
		err = durable.WriteFile(name, content)
	}
	if err != nil {
		return "", fmt.Errorf("restoring the engine's checkpoint: %w", err)
	}
	return restored, nil
}

func (s *Stack) lostError(cause error) error {
	return &build.Error{
		Doing:  "opening the stack " + s.options.Name,
		Cause:  fmt.Errorf("neither the engine's checkpoint nor its backup can be read: %w", cause),
		Advice: fmt.Sprintf("put a copy of your own in place of %s, or delete the state folder with everything in it", s.checkpointFile()),
	}
}

// flushCheckpoint makes the checkpoint that the engine has written durable, and says whether it is whole.
func (s *Stack) flushCheckpoint() error {
	name := s.checkpointFile()
	content, err := readCheckpoint(name)
	if err != nil || content == nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close(), durable.SyncDir(filepath.Dir(name)))
}
