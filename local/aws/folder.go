package aws

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"

	"ingest-pipeline/local/aws/iam"
)

// lock locks the folder for this process. The operating system releases the lock when the process ends, however it ends.
func lock(dir string) (release func() error, err error) {
	name := filepath.Join(dir, "lock")
	l := flock.New(name)
	locked, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the state folder %s: %w", dir, err)
	}
	if !locked {
		return nil, fmt.Errorf("the state folder %s is in use by %s: end that process, or choose another folder",
			dir, holder(name))
	}
	// For holder only. Windows refuses it: there a locked file cannot be written through another handle.
	_ = os.WriteFile(name, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600)
	return l.Unlock, nil
}

// holder names the process that holds the lock, which wrote its id into the file; true only while the lock is held.
func holder(name string) string {
	content, err := os.ReadFile(name)
	pid := strings.TrimSpace(string(content))
	if err != nil || pid == "" {
		return "another process"
	}
	return "process " + pid
}

// claim writes down whose folder this is, or checks that it is account's: everything in it is named by ARNs.
func claim(dir string, account iam.Account) error {
	name := filepath.Join(dir, "account.json")
	var owner iam.Account
	switch found, err := readJSON(name, &owner); {
	case err != nil:
		return err
	case !found:
		return writeJSON(name, account)
	case owner != account:
		return fmt.Errorf("the state folder %s belongs to account %s in %s, not to account %s in %s: "+
			"destroy what is in it with its own settings, or choose another folder",
			dir, owner.ID, owner.Region, account.ID, account.Region)
	}
	return nil
}

// Load reads the document that Save kept under that name; found is false if there is none. A document that cannot be
// read, or that holds something value has no place for, is an error that names its file.
func (c *Cloud) Load(name string, value any) (found bool, err error) {
	return readJSON(c.Path(name), value)
}

// Save keeps value, as JSON, under a name in the state folder. The document is whole, old or new, whenever the process
// or the machine stops, and durable when Save returns.
func (c *Cloud) Save(name string, value any) error { return writeJSON(c.Path(name), value) }

// Path is the file of the document that Save keeps under that name.
func (c *Cloud) Path(name string) string { return filepath.Join(c.dir, name+".json") }

// readJSON reads a file that writeJSON wrote; found is false if there is none.
func readJSON(name string, value any) (found bool, err error) {
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading the state folder: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		return false, fmt.Errorf("reading the state folder: %s is damaged: %w", name, err)
	}
	return true, nil
}

// writeJSON puts value in a file in one step.
func writeJSON(name string, value any) error {
	content, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := replace(name, append(content, '\n')); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

func replace(name string, content []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.new")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name()) // the failure that matters is err
		}
	}()
	if _, err := file.Write(content); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), name); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(name))
}

// syncFolder makes a rename in the folder durable.
func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
