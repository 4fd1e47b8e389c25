package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// creationsName is the file of creations in the state folder.
const creationsName = "creations.jsonl"

// creations records what engines create. After a kill, it tells those resources from the ones that AWS's clients and the
// services themselves have created. The file is not flushed to the disk: it survives the process, not the machine.
type creations struct {
	file *os.File

	mu sync.Mutex
	// earlier says that the file has creations of earlier processes.
	earlier bool
	// started are how many creations of a type and physical name have not ended.
	started map[string]int
	// created are the resources by type and id.
	created map[string]bool
}

// creation is a line of the file: a creation starts or, with Ended, has ended.
type creation struct {
	Type string `json:"type"`
	// Name is the physical name; empty if the type has none.
	Name  string `json:"name,omitempty"`
	Ended bool   `json:"ended,omitempty"`
	// ID is empty if the resource could not be created.
	ID string `json:"id,omitempty"`
}

// openCreations reads the creations of earlier processes in the state folder dir.
func openCreations(dir string) (*creations, error) {
	c := &creations{started: map[string]int{}, created: map[string]bool{}}
	name := filepath.Join(dir, creationsName)
	content, err := os.ReadFile(name)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		c.file, err = os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the list of creations: %w", err)
	}
	for line := range bytes.Lines(content) {
		var read creation
		if json.Unmarshal(line, &read) == nil {
			c.apply(read)
			c.earlier = true
		}
	}
	return c, nil
}

// forgetEarlier removes the creations of earlier processes. It is called when an engine begins an operation: by then the
// stack has been recovered.
func (c *creations) forgetEarlier() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.earlier {
		return nil
	}
	c.earlier = false
	clear(c.started)
	clear(c.created)
	return os.Truncate(c.file.Name(), 0)
}

func (c *creations) add(line creation) error {
	content, err := json.Marshal(line)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// A line that a full disk cut short must not swallow the next one.
	if _, err := c.file.Write(append([]byte{'\n'}, content...)); err != nil {
		return err
	}
	c.apply(line)
	return nil
}

func (c *creations) apply(line creation) {
	change := 1
	if line.Ended {
		change = -1
	}
	c.started[line.Type+" "+line.Name] += change
	if line.ID != "" {
		c.created[line.Type+" "+line.ID] = true
	}
}

// include reports whether an engine created the resource, or was about to when the process was killed.
func (c *creations) include(token, name, id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.created[token+" "+id] || c.started[token+" "+name] > 0
}

func (c *creations) close() error { return c.file.Close() }
