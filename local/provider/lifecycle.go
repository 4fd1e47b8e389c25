package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"ingest-pipeline/local/aws/awserr"
)

// typeOf finds the table of a resource's type.
func (p *provider) typeOf(urn resource.URN) (*resourceType, error) {
	if r := p.types[string(urn.Type())]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("the local target does not emulate the type %s (the program's resource %q); it knows %s",
		urn.Type(), urn.Name(), strings.Join(p.types.tokens(), ", "))
}

// Check validates the inputs of a resource, reports all that is wrong with them, and fills in defaults and the name.
func (p *provider) Check(ctx context.Context, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	r, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	if _, tagged := r.inputs["tags"]; tagged {
		req.News = p.settings.of(ctx).tag(req.News)
	}
	c := &checker{token: r.token, resource: req.URN.Name()}
	news := req.News
	var filled []string
	if n := r.naming; n != nil && isAbsent(news[resource.PropertyKey(n.property)]) {
		name, err := n.name(req)
		if err != nil {
			c.fail(resource.PropertyPath{n.property}, "%s", err)
		}
		if name != "" {
			news = news.Copy()
			news[resource.PropertyKey(n.property)] = resource.NewStringProperty(name)
			filled = append(filled, n.property)
		}
	}
	checked, defaults := c.object(nil, r.inputs, news)
	if len(c.failures) == 0 && r.agree != nil {
		r.agree(plainMap(checked), p.site.Account, func(path, reason string) {
			c.fail(resource.PropertyPath{path}, "%s", reason)
		})
	}
	if len(c.failures) > 0 {
		return plugin.CheckResponse{Failures: c.sorted()}, nil
	}
	filled = append(filled, defaults...)
	slices.Sort(filled)
	checked[defaultsKey] = resource.NewPropertyValue(filled)
	return plugin.CheckResponse{Properties: checked}, nil
}

// Diff tells what differs between the inputs of the last update and the new ones, and whether that replaces the
// resource.
func (p *provider) Diff(_ context.Context, req plugin.DiffRequest) (plugin.DiffResponse, error) {
	r, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.DiffResponse{}, err
	}
	if p.site.resources.find(r, string(req.ID), plainMap(req.OldOutputs)) == nil {
		return plugin.DiffResponse{}, p.missing(r, req.URN, req.ID)
	}
	differences := compare(r.inputs, plainMap(req.OldInputs), plainMap(req.NewInputs))
	diff := plugin.DiffResult{Changes: plugin.DiffNone}
	if len(differences) > 0 {
		diff.Changes = plugin.DiffSome
		diff.DetailedDiff = differences
	}
	diff.DeleteBeforeReplace = differences.replaces() &&
		(r.deleteBeforeReplace || r.naming.namesItself(req.NewInputs))
	return diff, nil
}

// missing is the error for a resource that the engine's state has and the local target has not.
func (p *provider) missing(r *resourceType, urn resource.URN, id resource.ID) error {
	return fmt.Errorf("%s %q (%s) is in the stack's state but not in the local target's (%s): "+
		"refresh the stack to have it made again", r.token, urn.Name(), id, p.site.Path(tableName))
}

// Create makes a resource. It is in the table of resources before the engine is told.
func (p *provider) Create(_ context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	r, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	in := plainMap(req.Properties)
	if req.Preview {
		return plugin.CreateResponse{
			Properties: keepSecrets(wrapped(r.preview(in)), req.Properties, r.secrets),
			Status:     resource.StatusOK,
		}, nil
	}
	if hasUnknown(in) {
		return plugin.CreateResponse{}, fmt.Errorf("creating %s %q: a property is not known", r.token, req.URN.Name())
	}
	id, out, err := r.life.put(p.site, in, nil)
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
		Properties: keepSecrets(wrapped(made.Outputs), req.Properties, r.secrets),
		Status:     resource.StatusOK,
	}, nil
}

// remember writes a new resource into the table. If that fails it is deleted again, for nobody would know of it.
func (p *provider) remember(r *resourceType, made *record) error {
	if over := p.site.resources.find(r, made.ID, made.Outputs); over != nil && r.takes != nil {
		if err := p.site.resources.dropParts(over); err != nil {
			return errors.Join(err, r.life.remove(p.site, made))
		}
	}
	if err := p.site.resources.put(r, made); err != nil {
		return errors.Join(err, r.life.remove(p.site, made))
	}
	return nil
}

// record is the resource as the table keeps it.
func (r *resourceType) record(name, id string, in, out state) (*record, error) {
	applied, err := normal(carried(r.inputs, in, out))
	if err != nil {
		return nil, err
	}
	outputs, err := normal(merged(applied, out, r.tagsAll(applied)))
	if err != nil {
		return nil, err
	}
	return &record{Type: r.token, Name: name, ID: id, Inputs: applied, Outputs: outputs}, nil
}

// tagsAll is the output of that name: the tags of the resource and of the provider's defaultTags, which Check has put
// together already.
func (r *resourceType) tagsAll(in state) state {
	if _, tagged := r.inputs["tags"]; !tagged {
		return nil
	}
	if tags, set := in["tags"]; set {
		return state{"tagsAll": tags}
	}
	return state{"tagsAll": state{}}
}

// preview is what is known of a resource's properties before it is created.
func (r *resourceType) preview(in state) state {
	out := state{}
	for _, name := range r.outputs {
		out[name] = unknownValue{}
	}
	return merged(out, unsettled(r.inputs, in), r.tagsAll(in))
}

// unsettled adds to inputs the computed properties that AWS is left to fill in, as not known yet.
func unsettled(fields properties, in state) state {
	out := merged(in)
	for name, p := range fields {
		value, set := in[name]
		if inner, isObject := value.(state); isObject && p.kind == kindObject {
			out[name] = unsettled(p.fields, inner)
		}
		if !set && p.computed {
			out[name] = unknownValue{}
		}
	}
	return out
}

func merged(states ...state) state {
	all := state{}
	for _, s := range states {
		for name, value := range s {
			all[name] = value
		}
	}
	return all
}

// Update changes a resource in place.
func (p *provider) Update(_ context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	r, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	was := p.site.resources.find(r, string(req.ID), plainMap(req.OldOutputs))
	if was == nil {
		return plugin.UpdateResponse{}, p.missing(r, req.URN, req.ID)
	}
	in := carried(r.inputs, plainMap(req.NewInputs), was.Outputs)
	if req.Preview {
		out := merged(was.outputsOnly(r), in, r.tagsAll(in))
		return plugin.UpdateResponse{
			Properties: keepSecrets(wrapped(out), req.NewInputs, r.secrets), Status: resource.StatusOK,
		}, nil
	}
	if hasUnknown(in) || r.life.update == nil {
		return plugin.UpdateResponse{}, fmt.Errorf("updating %s %q: it cannot be updated with these inputs",
			r.token, req.URN.Name())
	}
	out, err := r.life.update(p.site, in, was)
	if err != nil {
		return plugin.UpdateResponse{}, fmt.Errorf("updating %s %q: %w", r.token, req.URN.Name(), err)
	}
	updated, err := r.record(req.URN.Name(), was.ID, in, merged(was.outputsOnly(r), out))
	if err == nil {
		err = p.site.resources.put(r, updated)
	}
	if err != nil {
		return plugin.UpdateResponse{}, fmt.Errorf("updating %s %q: %w", r.token, req.URN.Name(), err)
	}
	return plugin.UpdateResponse{
		Properties: keepSecrets(wrapped(updated.Outputs), req.NewInputs, r.secrets), Status: resource.StatusOK,
	}, nil
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

// Delete deletes a resource, if it is still there.
func (p *provider) Delete(_ context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	r, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	was := p.site.resources.find(r, string(req.ID), plainMap(req.Outputs))
	if was == nil {
		return plugin.DeleteResponse{Status: resource.StatusOK}, nil
	}
	settle := p.site.resources.drop
	if err := r.life.remove(p.site, was); errors.Is(err, errKept) {
		settle = p.site.resources.forget
	} else if err != nil && !isGone(err) {
		return plugin.DeleteResponse{}, fmt.Errorf("deleting %s %q: %w", r.token, req.URN.Name(), err)
	}
	if err := settle(was); err != nil {
		return plugin.DeleteResponse{}, fmt.Errorf("deleting %s %q: %w", r.token, req.URN.Name(), err)
	}
	return plugin.DeleteResponse{Status: resource.StatusOK}, nil
}

// errKept is the answer of a remove that leaves the resource in the cloud and only lets go of it.
var errKept = errors.New("left as it is")

// gone are the codes with which AWS says that something does not exist.
var gone = []string{
	"NotFoundException", "NoSuchEntity", "ResourceNotFoundException", "NoSuchBucket", "NoSuchBucketPolicy",
	"ResourceNotFound", "NotFound", // of CloudWatch, of SNS
}

func isGone(err error) bool {
	var refusal *awserr.Error
	return errors.As(err, &refusal) && slices.Contains(gone, refusal.Code)
}

// Read tells how a resource is now; one that is gone has no id.
func (p *provider) Read(_ context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	r, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	was := p.site.resources.find(r, string(req.ID), plainMap(req.State))
	if was == nil {
		return plugin.ReadResponse{Status: resource.StatusOK}, nil
	}
	now := was.Outputs
	if r.life.read != nil {
		out, err := r.life.read(p.site, was)
		if isGone(err) {
			// What is gone must not come back when the local target starts again.
			return plugin.ReadResponse{Status: resource.StatusOK}, p.site.resources.drop(was)
		}
		if err != nil {
			return plugin.ReadResponse{}, fmt.Errorf("reading %s %q: %w", r.token, req.URN.Name(), err)
		}
		if now, err = normal(merged(was.Outputs, out)); err != nil {
			return plugin.ReadResponse{}, fmt.Errorf("reading %s %q: %w", r.token, req.URN.Name(), err)
		}
	}
	inputs := req.Inputs
	if len(inputs) == 0 {
		inputs = wrapped(was.Inputs)
	}
	return plugin.ReadResponse{
		ReadResult: plugin.ReadResult{
			ID:      resource.ID(was.ID),
			Inputs:  refreshed(r, inputs, now),
			Outputs: keepSecrets(wrapped(now), req.State, r.secrets),
		},
		Status: resource.StatusOK,
	}, nil
}

// refreshed are the program's inputs with the values that the resource has now.
func refreshed(r *resourceType, inputs resource.PropertyMap, now state) resource.PropertyMap {
	fresh := resource.PropertyMap{}
	for key, value := range inputs {
		fresh[key] = value
		p, isInput := r.inputs[string(key)]
		if !isInput || isAbsent(value) {
			continue
		}
		is, set := now[string(key)]
		switch {
		case !set || is == nil:
			delete(fresh, key)
		case !same(p, carriedValue(p, plain(value), is), is):
			fresh[key] = wrap(is)
			if value.ContainsSecrets() {
				fresh[key] = resource.MakeSecret(fresh[key])
			}
		}
	}
	return fresh
}

// carriedValue is carried for one value.
func carriedValue(p property, in, has any) any {
	inner, isObject := in.(state)
	outer, hasObject := has.(state)
	if p.kind != kindObject || !isObject || !hasObject {
		return in
	}
	return carried(p.fields, inner, outer)
}
