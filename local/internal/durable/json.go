package durable

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// WriteJSON replaces a file by value as JSON.
func WriteJSON(name string, value any) error {
	content, err := Encode(value)
	if err == nil {
		err = WriteFile(name, content)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// ReadJSON reads a file that WriteJSON wrote; found is false if there is none. A file that cannot be read, or that has a
// field value has no place for, is a *DamagedError or an error of package os.
func ReadJSON(name string, value any) (found bool, err error) {
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, Decode(name, content, value)
}

// Encode returns the content of a file that holds value as JSON.
func Encode(value any) ([]byte, error) {
	content, err := json.MarshalIndent(value, "", "  ")
	return append(content, '\n'), err
}

// Decode decodes the content of the named file, which Encode returned. Content that is not JSON, or that has a field
// value has no place for, is a *DamagedError.
func Decode(name string, content []byte, value any) error {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		return &DamagedError{Name: name, Err: err}
	}
	return nil
}

// DamagedError is a file whose content is not what was written there.
type DamagedError struct {
	Name string
	Err  error
}

func (e *DamagedError) Error() string { return fmt.Sprintf("%s is damaged: %v", e.Name, e.Err) }

func (e *DamagedError) Unwrap() error { return e.Err }

// Hint says what can be done about it.
func (e *DamagedError) Hint() string {
	return "restore the file from a backup, or delete the state folder to start anew"
}
