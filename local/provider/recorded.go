package provider

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// The types that are not defined by operations yet are kept in the table of resources.

// missing is the error for a resource that the engine's state has and the local target has not.
func (p *provider) missing(r *resourceType, urn resource.URN, id resource.ID) error {
	return fmt.Errorf("%s %q (%s) is in the stack's state but not in the local target's (%s): "+
		"refresh the stack to have it made again", r.token, urn.Name(), id, p.services.Path(tableName))
}

// remember writes a new resource into the table. If that fails it is deleted again, for nobody would know of it.
func (p *provider) remember(r *resourceType, made *record) error {
	if over := p.services.resources.find(r, made.ID, made.Outputs); over != nil && r.takes != nil {
		if err := p.services.resources.dropParts(over); err != nil {
			return errors.Join(err, r.life.remove(p.services, made))
		}
	}
	if err := p.services.resources.put(r, made); err != nil {
		return errors.Join(err, r.life.remove(p.services, made))
	}
	return nil
}

// record is the resource as the table keeps it.
func (r *resourceType) record(name, id string, in, out state) (*record, error) {
	applied, err := jsonValues(keepComputed(r.inputs, in, out))
	if err != nil {
		return nil, err
	}
	outputs, err := jsonValues(merged(applied, out, r.tagsAll(applied)))
	if err != nil {
		return nil, err
	}
	return &record{Type: r.token, Name: name, ID: id, Inputs: applied, Outputs: outputs}, nil
}

// outputsOnly are the properties of a resource that the program cannot set.
func (was *record) outputsOnly(r *resourceType) state {
	out := state{}
	for _, name := range r.outputs {
		if value, set := was.Outputs[name]; set {
			out[name] = value
		}
	}
	return out
}

// createRecorded makes a resource. It is in the table of resources before the engine is told.
func (p *provider) createRecorded(r *resourceType, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	in := plainValues(req.Properties)
	if req.Preview {
		return plugin.CreateResponse{
			Properties: keepSecrets(toProperties(r.preview(in)), req.Properties, r.secrets),
			Status:     resource.StatusOK,
		}, nil
	}
	if hasUnknown(in) {
		return plugin.CreateResponse{}, fmt.Errorf("creating %s %q: a property is not known", r.token, req.URN.Name())
	}
	id, out, err := r.life.put(p.services, in, nil)
	if err != nil {
		return plugin.CreateResponse{}, fmt.Errorf("creating %s %q: %w", r.token, req.URN.Name(), err)
	}
	made, err := r.record(req.URN.Name(), id, in, out)
	if err == nil {
		err = p.remember(r, made)
	}
	if err != nil {
		return plugin.CreateResponse{}, fmt.Errorf("creating %s %q: %w", r.token, req.URN.Name(), err)
	}
	return plugin.CreateResponse{
		ID:         resource.ID(id),
		Properties: keepSecrets(toProperties(made.Outputs), req.Properties, r.secrets),
		Status:     resource.StatusOK,
	}, nil
}

// updateRecorded changes a resource in place.
func (p *provider) updateRecorded(r *resourceType, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	was := p.services.resources.find(r, string(req.ID), plainValues(req.OldOutputs))
	if was == nil {
		return plugin.UpdateResponse{}, p.missing(r, req.URN, req.ID)
	}
	in := keepComputed(r.inputs, plainValues(req.NewInputs), was.Outputs)
	if req.Preview {
		out := merged(was.outputsOnly(r), in, r.tagsAll(in))
		return plugin.UpdateResponse{
			Properties: keepSecrets(toProperties(out), req.NewInputs, r.secrets), Status: resource.StatusOK,
		}, nil
	}
	if hasUnknown(in) || r.life.update == nil {
		return plugin.UpdateResponse{}, fmt.Errorf("updating %s %q: it cannot be updated with these inputs",
			r.token, req.URN.Name())
	}
	out, err := r.life.update(p.services, in, was)
	if err != nil {
		return plugin.UpdateResponse{}, fmt.Errorf("updating %s %q: %w", r.token, req.URN.Name(), err)
	}
	updated, err := r.record(req.URN.Name(), was.ID, in, merged(was.outputsOnly(r), out))
	if err == nil {
		err = p.services.resources.put(r, updated)
	}
	if err != nil {
		return plugin.UpdateResponse{}, fmt.Errorf("updating %s %q: %w", r.token, req.URN.Name(), err)
	}
	return plugin.UpdateResponse{
		Properties: keepSecrets(toProperties(updated.Outputs), req.NewInputs, r.secrets), Status: resource.StatusOK,
	}, nil
}

// deleteRecorded deletes a resource, if it is still there.
func (p *provider) deleteRecorded(r *resourceType, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	was := p.services.resources.find(r, string(req.ID), plainValues(req.Outputs))
	if was == nil {
		return plugin.DeleteResponse{Status: resource.StatusOK}, nil
	}
	settle := p.services.resources.drop
	if err := r.life.remove(p.services, was); errors.Is(err, errKept) {
		settle = p.services.resources.forget
	} else if err != nil && !isGone(err) {
		return plugin.DeleteResponse{}, fmt.Errorf("deleting %s %q: %w", r.token, req.URN.Name(), err)
	}
	if err := settle(was); err != nil {
		return plugin.DeleteResponse{}, fmt.Errorf("deleting %s %q: %w", r.token, req.URN.Name(), err)
	}
	return plugin.DeleteResponse{Status: resource.StatusOK}, nil
}

// readRecorded tells how a resource is now; one that is gone has no id.
func (p *provider) readRecorded(r *resourceType, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	was := p.services.resources.find(r, string(req.ID), plainValues(req.State))
	if was == nil {
		return plugin.ReadResponse{Status: resource.StatusOK}, nil
	}
	now := was.Outputs
	if r.life.read != nil {
		out, err := r.life.read(p.services, was)
		if isGone(err) {
			// What is gone must not come back when the local target starts again.
			return plugin.ReadResponse{Status: resource.StatusOK}, p.services.resources.drop(was)
		}
		if err != nil {
			return plugin.ReadResponse{}, fmt.Errorf("reading %s %q: %w", r.token, req.URN.Name(), err)
		}
		if now, err = jsonValues(merged(was.Outputs, out)); err != nil {
			return plugin.ReadResponse{}, fmt.Errorf("reading %s %q: %w", r.token, req.URN.Name(), err)
		}
	}
	inputs := req.Inputs
	if len(inputs) == 0 {
		inputs = toProperties(was.Inputs)
	}
	return plugin.ReadResponse{
		ReadResult: plugin.ReadResult{
			ID:      resource.ID(was.ID),
			Inputs:  refreshed(r, inputs, now),
			Outputs: keepSecrets(toProperties(now), req.State, r.secrets),
		},
		Status: resource.StatusOK,
	}, nil
}

// errKept is the answer of a remove that leaves the resource in the cloud and only lets go of it.
var errKept = errors.New("left as it is")

// recorded are the resources in the table.
func (p *provider) recorded() ([]Resource, error) {
	var resources []Resource
	for _, r := range p.services.resources.all() {
		if r.Forgotten {
			continue
		}
		outputs, err := jsonValues(r.Outputs)
		if err != nil {
			return nil, err
		}
		resources = append(resources, Resource{Type: r.Type, Name: r.Name, ID: r.ID, Outputs: outputs})
	}
	return resources, nil
}
