package engine

import (
	"context"
	"fmt"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// things is a resource provider for tests: a resource has the properties of its inputs, and a changed "kind" replaces it.
type things struct {
	pulumirpc.UnimplementedResourceProviderServer

	// onCreate is called in the middle of each Create; nil: nothing is.
	onCreate func(ctx context.Context, name string) error
	// onCancel is called by Cancel; may be nil.
	onCancel func()

	mu      sync.Mutex
	last    int
	created map[string]*structpb.Struct
	// byClient are the ids of those that no engine created.
	byClient map[string]bool
}

func newThings() *things {
	return &things{created: map[string]*structpb.Struct{}, byClient: map[string]bool{}}
}

func (t *things) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.created)
}

// make creates a thing that no engine knows of, although one may have created it.
func (t *things) make(name string, byEngine bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	id := fmt.Sprintf("thing-%d", t.last)
	t.byClient[id] = !byEngine
	t.created[id] = &structpb.Struct{Fields: map[string]*structpb.Value{"name": structpb.NewStringValue(name)}}
}

// list lists the things in the order in which they were created.
func (t *things) list() ([]Created, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []Created
	for i := 1; i <= t.last; i++ {
		id := fmt.Sprintf("thing-%d", i)
		if properties, found := t.created[id]; found {
			outputs := properties.AsMap()
			all = append(all, Created{Type: "test:index:Thing", Name: outputs["name"].(string), ID: id, Outputs: outputs, ByEngine: !t.byClient[id]})
		}
	}
	return all, nil
}

func (t *things) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "1.0.0"}, nil
}

func (t *things) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (t *things) CheckConfig(_ context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: r.GetNews()}, nil
}

func (t *things) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{}, nil
}

func (t *things) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, SupportsPreview: true}, nil
}

func (t *things) Check(_ context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: r.GetNews()}, nil
}

func (t *things) Diff(_ context.Context, r *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	response := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE, HasDetailedDiff: true, DetailedDiff: map[string]*pulumirpc.PropertyDiff{}}
	for key, value := range r.GetNews().GetFields() {
		if old := r.GetOldInputs().GetFields()[key]; old.String() != value.String() {
			response.Changes = pulumirpc.DiffResponse_DIFF_SOME
			response.Diffs = append(response.Diffs, key)
			diff := &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_UPDATE, InputDiff: true}
			if key == "kind" {
				diff.Kind = pulumirpc.PropertyDiff_UPDATE_REPLACE
				response.Replaces = append(response.Replaces, key)
			}
			response.DetailedDiff[key] = diff
		}
	}
	return response, nil
}

func (t *things) Create(ctx context.Context, r *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	if r.GetPreview() {
		return &pulumirpc.CreateResponse{Properties: r.GetProperties()}, nil
	}
	name := r.GetProperties().GetFields()["name"].GetStringValue()
	if t.onCreate != nil {
		if err := t.onCreate(ctx, name); err != nil {
			return nil, err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	id := fmt.Sprintf("thing-%d", t.last)
	t.created[id] = r.GetProperties()
	return &pulumirpc.CreateResponse{Id: id, Properties: r.GetProperties()}, nil
}

func (t *things) Read(_ context.Context, r *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	properties, found := t.created[r.GetId()]
	if !found {
		return &pulumirpc.ReadResponse{}, nil
	}
	return &pulumirpc.ReadResponse{Id: r.GetId(), Properties: properties, Inputs: r.GetInputs()}, nil
}

func (t *things) Update(_ context.Context, r *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	if r.GetPreview() {
		return &pulumirpc.UpdateResponse{Properties: r.GetNews()}, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.created[r.GetId()] = r.GetNews()
	return &pulumirpc.UpdateResponse{Properties: r.GetNews()}, nil
}

func (t *things) Delete(_ context.Context, r *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, found := t.created[r.GetId()]; !found {
		return nil, status.Errorf(codes.NotFound, "no thing %s", r.GetId())
	}
	delete(t.created, r.GetId())
	return &emptypb.Empty{}, nil
}

// Cancel is called by an engine that was interrupted.
func (t *things) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	if t.onCancel != nil {
		t.onCancel()
	}
	return &emptypb.Empty{}, nil
}
