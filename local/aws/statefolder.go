package aws

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/internal/durable"
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

// claim records whose folder this is, or checks that it is account's: everything in it is named by ARNs.
func claim(dir string, account iam.Account) error {
	name := filepath.Join(dir, "account.json")
	var owner iam.Account
	switch found, err := durable.ReadJSON(name, &owner); {
	case err != nil:
		return fmt.Errorf("reading the state folder: %w", err)
	case !found:
		return durable.WriteJSON(name, account)
	case owner != account:
		return fmt.Errorf("the state folder %s belongs to account %s in %s, not to account %s in %s: "+
			"destroy what is in it with its own settings, or choose another folder",
			dir, owner.ID, owner.Region, account.ID, account.Region)
	}
	return nil
}
