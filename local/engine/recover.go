package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"
)

func stackTrace() string { return string(debug.Stack()) }

// markFile is there while an operation runs. If it is there when nobody runs one, somebody was killed. It holds the
// resources that the providers had before: what they have besides was made by the operation.
func (s *Stack) markFile() string { return filepath.Join(s.options.Dir, "operating.json") }

func (s *Stack) mark() error {
	made, err := s.made()
	if err != nil {
		return err
	}
	before := []string{}
	for _, resource := range made {
		before = append(before, resource.key())
	}
	content, err := json.Marshal(before)
	if err == nil {
		err = os.WriteFile(s.markFile(), content, 0o600)
	}
	if err != nil {
		return fmt.Errorf("marking the beginning of an operation: %w", err)
	}
	return nil
}

// marked reads the mark. One that was cut off while it was written stands for an operation that had not begun.
func (s *Stack) marked() (before map[string]bool, found bool) {
	content, err := os.ReadFile(s.markFile())
	if err != nil {
		return nil, false
	}
	var keys []string
	if err := json.Unmarshal(content, &keys); err != nil {
		return nil, false
	}
	before = map[string]bool{}
	for _, key := range keys {
		before[key] = true
	}
	return before, true
}

func (s *Stack) made() ([]Made, error) {
	if s.options.Made == nil {
		return nil, nil
	}
	made, err := s.options.Made()
	if err != nil {
		return nil, fmt.Errorf("listing the resources that the providers have: %w", err)
	}
	return made, nil
}

func (s *Stack) unmark() error {
	if err := os.Remove(s.markFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("marking the end of an operation: %w", err)
	}
	return nil
}

const (
	// orphanGrace is how long an engine may live on after the process that drove it was killed. It ends by itself when
	// it finds that nobody answers it.
	orphanGrace = 30 * time.Second
	orphanPoll  = 50 * time.Millisecond
)

// waitForOrphans finds the engine's locks on the state that were left behind and waits until the engines that made
// them are gone. It returns the process id in one of them; 0 if there is none.
func waitForOrphans(ctx context.Context, backend string) (pid int, err error) {
	locks, err := findLocks(filepath.Join(backend, ".pulumi", "locks"))
	if err != nil {
		return 0, fmt.Errorf("looking for locks on the stack's state: %w", err)
	}
	deadline := time.Now().Add(orphanGrace)
	for file, lock := range locks {
		pid = lock
		for alive(lock) && isEngine(lock) && exists(file) {
			if time.Now().After(deadline) {
				return 0, fmt.Errorf("taking over the stack's state: the engine of an earlier run, process %d, still works on it; end that process", lock)
			}
			select {
			case <-ctx.Done():
				return 0, ctx.Err()
			case <-time.After(orphanPoll):
			}
		}
	}
	return pid, nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// findLocks reads the engine's lock files: file name to process id.
func findLocks(dir string) (map[string]int, error) {
	locks := map[string]int{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var lock struct {
			Pid int `json:"pid"`
		}
		// A lock that was being written when the power went is a lock all the same.
		_ = json.Unmarshal(content, &lock)
		locks[path] = lock.Pid
		return nil
	})
	return locks, err
}

// isEngine says whether a process may be a Pulumi CLI: its number may have gone to another program meanwhile. Where
// the system does not tell, it may.
func isEngine(pid int) bool {
	target, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	return err != nil || strings.Contains(filepath.Base(target), "pulumi")
}

// Recovery is what Open found of a run that had been cut off, and has put right.
type Recovery struct {
	// LockOf is the process whose lock on the state was left behind; 0 if there was none.
	LockOf int
	// Pending are the operations that had begun and whose end nobody saw; their Op is "creating", "updating", …. The
	// providers were asked what became of them.
	Pending []Step
	// Unknown are the resources that had been made and that the engine did not know of. They were deleted.
	Unknown []Made
}

// Needed says whether there was anything to put right.
func (r Recovery) Needed() bool { return r.LockOf != 0 || len(r.Pending) > 0 || len(r.Unknown) > 0 }

// Made is a resource that a provider has.
type Made struct {
	// Type is its type token, Name its name in the program, ID the provider's id.
	Type, Name, ID string
	// Outputs are its properties.
	Outputs map[string]any
}

func (m Made) key() string { return m.Type + " " + m.ID }

// recover puts right what a killed run has left: its lock, operations whose end the engine did not see, and resources
// that it did not hear of. lockOf is the process whose lock was found.
func (s *Stack) recover(ctx context.Context, lockOf int) error {
	before, marked := s.marked()
	if !marked && lockOf == 0 {
		return s.unmark()
	}
	if lockOf != 0 {
		if err := s.auto.Cancel(ctx); err != nil {
			return s.explain(ctx, "taking over the state of", err, nil)
		}
		s.recovery.LockOf = lockOf
	}
	state, err := s.export(ctx)
	if err != nil {
		return err
	}
	for _, operation := range state.PendingOperations {
		s.recovery.Pending = append(s.recovery.Pending, Step{URN: operation.Resource.URN, Type: operation.Resource.Type, Op: operation.Type})
	}
	if marked {
		if err := s.deleteUnknown(ctx, before, state); err != nil {
			return err
		}
	}
	if len(s.recovery.Pending) > 0 {
		if _, err := s.refresh(ctx, optrefresh.ClearPendingCreates()); err != nil {
			return err
		}
	}
	return s.unmark()
}

// deployment is what matters here of the engine's state.
type deployment struct {
	Resources         []deployed `json:"resources"`
	PendingOperations []struct {
		Type     string   `json:"type"`
		Resource deployed `json:"resource"`
	} `json:"pending_operations"`
}

type deployed struct {
	URN            string `json:"urn"`
	Type           string `json:"type"`
	ID             string `json:"id"`
	Custom         bool   `json:"custom"`
	Protect        bool   `json:"protect"`
	RetainOnDelete bool   `json:"retainOnDelete"`
}

func (s *Stack) export(ctx context.Context) (deployment, error) {
	var d deployment
	state, err := s.auto.Export(ctx)
	if err != nil {
		return d, s.explain(ctx, "reading the state of", err, nil)
	}
	if err := json.Unmarshal(state.Deployment, &d); err != nil {
		return d, fmt.Errorf("reading the state of the stack %s: %w", s.options.Name, err)
	}
	return d, nil
}

// deleteUnknown deletes what a provider made in the operation that was cut off and the engine does not know of. On AWS
// such a resource stays until somebody finds it, and stands in the way of the next of its name. What the providers had
// before, such as data that an earlier stack has retained, is not touched.
func (s *Stack) deleteUnknown(ctx context.Context, before map[string]bool, state deployment) error {
	made, err := s.made()
	if err != nil {
		return err
	}
	for _, resource := range slices.Backward(made) {
		known := slices.ContainsFunc(state.Resources, func(d deployed) bool { return d.Type == resource.Type && d.ID == resource.ID })
		if known || before[resource.key()] {
			continue
		}
		if err := s.delete(ctx, resource); err != nil {
			return fmt.Errorf("deleting %s %s, which an earlier run made and could not write down: %w", resource.Type, resource.Name, err)
		}
		s.recovery.Unknown = append(s.recovery.Unknown, resource)
	}
	return nil
}

// delete asks a resource's provider, as the engine would, to delete it.
func (s *Stack) delete(ctx context.Context, resource Made) error {
	pkg, _, _ := strings.Cut(resource.Type, ":")
	outputs, err := structpb.NewStruct(resource.Outputs)
	if err != nil {
		return err
	}
	connection, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", s.options.Providers[pkg]), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	_, err = pulumirpc.NewResourceProviderClient(connection).Delete(ctx, &pulumirpc.DeleteRequest{
		Id:         resource.ID,
		Urn:        fmt.Sprintf("urn:pulumi:%s::%s::%s::%s", s.options.Name, s.project, resource.Type, resource.Name),
		Type:       resource.Type,
		Name:       resource.Name,
		Properties: outputs,
	})
	return err
}
