package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"
)

// Recovery is what Open found of an interrupted run and has repaired.
type Recovery struct {
	// Lock says that the engine's lock on the state was left behind. It was removed.
	Lock bool
	// Checkpoint says what a damaged checkpoint was replaced by; empty if it was whole.
	Checkpoint string
	// Pending are the operations that the engine had begun and not finished; their Op is "creating", "updating",
	// …. The stack was refreshed to find out what became of them.
	Pending []Step
	// Unknown are the resources that the engine created and did not record in its state. They were deleted.
	Unknown []Created
}

// Needed says whether there was anything to repair.
func (r Recovery) Needed() bool {
	return r.Lock || r.Checkpoint != "" || len(r.Pending) > 0 || len(r.Unknown) > 0
}

// Created is a resource that a provider has.
type Created struct {
	// Type is its type token, Name its name in the program, ID the provider's id.
	Type, Name, ID string
	// Outputs are its properties.
	Outputs map[string]any
	// ByEngine says that the engine created it, or was creating it when the provider was killed.
	ByEngine bool
}

func (c Created) key() string { return c.Type + " " + c.ID }

// created lists the resources that the providers have.
func (s *Stack) created() ([]Created, error) {
	if s.options.Created == nil {
		return nil, nil
	}
	created, err := s.options.Created()
	if err != nil {
		return nil, fmt.Errorf("listing the resources that the providers have: %w", err)
	}
	return created, nil
}

// recover repairs the state after an interrupted run: unfinished operations, and resources that are not in the
// state. Locks and the checkpoint were repaired before.
func (s *Stack) recover(ctx context.Context, cutOff *operation) error {
	if cutOff == nil && !s.recovery.Needed() {
		return s.endOperation() // the stack may have been created
	}
	state, err := s.deployment()
	if err != nil {
		return err
	}
	for _, operation := range state.PendingOperations {
		s.recovery.Pending = append(s.recovery.Pending, Step{URN: operation.Resource.URN, Type: operation.Resource.Type, Op: operation.Type})
	}
	if cutOff != nil {
		if err := s.deleteUnknown(ctx, cutOff.Resources, state); err != nil {
			return err
		}
	}
	// An older checkpoint does not know what was updated or deleted since.
	if len(s.recovery.Pending) > 0 || s.recovery.Checkpoint != "" {
		if _, err := s.refresh(ctx, optrefresh.ClearPendingCreates()); err != nil {
			return err
		}
	}
	return s.endOperation()
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

// deployment reads the state from the engine's checkpoint.
func (s *Stack) deployment() (deployment, error) {
	var versioned struct {
		Checkpoint struct {
			Latest deployment `json:"latest"`
		} `json:"checkpoint"`
	}
	content, err := readCheckpoint(s.checkpointFile())
	if err == nil && content != nil {
		err = json.Unmarshal(content, &versioned)
	}
	if err != nil {
		return deployment{}, fmt.Errorf("reading the state of the stack %s: %w", s.options.Name, err)
	}
	return versioned.Checkpoint.Latest, nil
}

// deleteUnknown deletes what a provider created in the interrupted operation and the engine did not record. On AWS
// such a resource stays, and the next of its name cannot be created. What the providers had before, such as data that an
// earlier stack has retained, is not touched, nor is what others than the engine have created.
func (s *Stack) deleteUnknown(ctx context.Context, before []string, state deployment) error {
	created, err := s.created()
	if err != nil {
		return err
	}
	for _, resource := range slices.Backward(created) {
		known := slices.ContainsFunc(state.Resources, func(d deployed) bool { return d.Type == resource.Type && d.ID == resource.ID })
		if known || !resource.ByEngine || slices.Contains(before, resource.key()) {
			continue
		}
		if err := s.delete(ctx, resource); err != nil {
			return fmt.Errorf("deleting %s %s, which an earlier run created and could not write down: %w", resource.Type, resource.Name, err)
		}
		s.recovery.Unknown = append(s.recovery.Unknown, resource)
	}
	return nil
}

// delete calls the resource's provider as the engine would.
func (s *Stack) delete(ctx context.Context, resource Created) error {
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
