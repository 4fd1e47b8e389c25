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
	if len(c.failures) == 0 && r.validate != nil {
		r.validate(plainValues(checked), p.services.Account, func(path, reason string) {
			c.fail(resource.PropertyPath{path}, "%s", reason)
		})
	}
	if len(c.failures) > 0 {
		return plugin.CheckResponse{Failures: c.sortedFailures()}, nil
	}
	filled = append(filled, defaults...)
	slices.Sort(filled)
	checked[defaultsKey] = resource.NewPropertyValue(filled)
	return plugin.CheckResponse{Properties: checked}, nil
}

// Diff compares the inputs of the last update with the new ones, and says whether the differences replace the
// resource.
func (p *provider) Diff(_ context.Context, req plugin.DiffRequest) (plugin.DiffResponse, error) {
	r, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.DiffResponse{}, err
	}
	differences := compare(r.inputs, plainValues(req.OldInputs), plainValues(req.NewInputs))
	diff := plugin.DiffResult{Changes: plugin.DiffNone}
	if len(differences) > 0 {
		diff.Changes = plugin.DiffSome
		diff.DetailedDiff = differences
	}
	diff.DeleteBeforeReplace = differences.replaces() &&
		(r.deleteBeforeReplace || r.naming.namesItself(req.NewInputs))
	return diff, nil
}

// Create creates a resource.
func (p *provider) Create(_ context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	r, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	in := plainValues(req.Properties)
	if req.Preview {
		return plugin.CreateResponse{
			Properties: keepSecrets(toProperties(r.preview(in)), req.Properties, r.secrets), Status: resource.StatusOK,
		}, nil
	}
	id, out, err := p.create(r, in)
	if err != nil {
		return plugin.CreateResponse{}, fmt.Errorf("creating %s %q: %w", r.token, req.URN.Name(), err)
	}
	return plugin.CreateResponse{
		ID: resource.ID(id), Properties: keepSecrets(toProperties(out), req.Properties, r.secrets), Status: resource.StatusOK,
	}, nil
}

func (p *provider) create(r *resourceType, in state) (id string, out state, err error) {
	if hasUnknown(in) {
		return "", nil, errors.New("a property is not known")
	}
	in = r.naming.addPrefixed(p.services, in)
	started := creation{Type: r.token, Name: r.naming.physicalName(in)}
	if err := p.creations.add(started); err != nil {
		return "", nil, fmt.Errorf("recording the creation: %w", err)
	}
	// A creation whose end cannot be recorded counts as one that has not ended.
	defer func() { _ = p.creations.add(creation{Type: started.Type, Name: started.Name, Ended: true, ID: id}) }()
	id, err = r.create(p.services, in)
	if err != nil {
		return "", nil, err
	}
	out, err = r.read(p.services, id, in)
	if err != nil {
		// The engine would never hear of the resource.
		return "", nil, errors.Join(err, r.delete(p.services, id, in))
	}
	return id, r.outputsOf(in, out), nil
}

// outputsOf are a resource's outputs: what was read, and of its inputs those that no service has. An input that is empty
// and one that is left out are the same to a service, but not to a program.
func (r *resourceType) outputsOf(in, read state) state {
	out := merge(read)
	for name, p := range r.inputs {
		value, set := in[name]
		if _, has := out[name]; set && !has && (isZero(value) || !r.holds(name, p)) {
			out[name] = value
		}
	}
	return merge(out, r.tagsAll(out))
}

// holds reports whether the configuration that a service returns has a property.
func (i implementation) holds(name string, p property) bool {
	_, held := fieldOf(i.config, name, p)
	return p.flat || held && !p.providerOnly
}

// Update changes a resource in place.
func (p *provider) Update(_ context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	r, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	var out state
	if old := plainValues(req.OldOutputs); req.Preview {
		in := keepComputed(r.inputs, plainValues(req.NewInputs), old)
		out = merge(pick(old, r.outputs), in, r.tagsAll(in))
	} else if out, err = p.update(r, string(req.ID), old, plainValues(req.OldInputs), plainValues(req.NewInputs)); err != nil {
		return plugin.UpdateResponse{}, fmt.Errorf("updating %s %q: %w", r.token, req.URN.Name(), err)
	}
	return plugin.UpdateResponse{
		Properties: keepSecrets(toProperties(out), req.NewInputs, r.secrets), Status: resource.StatusOK,
	}, nil
}

func (p *provider) update(r *resourceType, id string, known, olds, news state) (state, error) {
	if hasUnknown(news) {
		return nil, errors.New("a property is not known")
	}
	if r.update == nil {
		return nil, errors.New("it cannot be updated")
	}
	now, err := r.read(p.services, id, known)
	if isGone(err) {
		err = fmt.Errorf("%w; refresh the stack to have it created again", err)
	}
	if err != nil {
		return nil, err
	}
	in := keepComputed(r.inputs, r.keepUnchanged(olds, news, now), now)
	if err := r.update(p.services, id, in); err != nil {
		return nil, err
	}
	out, err := r.read(p.services, id, in)
	return r.outputsOf(in, out), err
}

// keepUnchanged are the new inputs, with the values of now where the program has changed nothing: pulumi-aws sends only
// what has changed.
func (r *resourceType) keepUnchanged(olds, news, now state) state {
	in := merge(news)
	for name, p := range r.inputs {
		before, had := olds[name]
		after, has := news[name]
		if !r.holds(name, p) || had != has || has && !same(p, before, after) {
			continue
		}
		delete(in, name)
		if value, set := now[name]; set {
			in[name] = value
		}
	}
	return in
}

// Delete deletes a resource if it exists.
func (p *provider) Delete(_ context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	r, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	err = r.delete(p.services, string(req.ID), plainValues(req.Outputs))
	if err != nil && !isGone(err) {
		return plugin.DeleteResponse{}, fmt.Errorf("deleting %s %q: %w", r.token, req.URN.Name(), err)
	}
	return plugin.DeleteResponse{Status: resource.StatusOK}, nil
}

// Read returns a resource as it is now; one that does not exist has no id. Without inputs, the engine imports the
// resource: its id is then one that pulumi-aws documents, and its inputs are those that its service has.
func (p *provider) Read(_ context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	r, err := p.typeOf(req.URN)
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	id, known := string(req.ID), plainValues(req.State)
	isImport := len(req.Inputs) == 0
	if isImport {
		if id, known, err = r.parseID(p.services, id); err != nil {
			return plugin.ReadResponse{}, fmt.Errorf("importing %s %q: %w", r.token, req.URN.Name(), err)
		}
	}
	now, err := r.read(p.services, id, known)
	if isGone(err) {
		return plugin.ReadResponse{Status: resource.StatusOK}, nil
	}
	if err != nil {
		return plugin.ReadResponse{}, fmt.Errorf("reading %s %q: %w", r.token, req.URN.Name(), err)
	}
	result := plugin.ReadResult{ID: resource.ID(id)}
	if isImport {
		known = importedInputs(r.inputs, now)
		result.Inputs = toProperties(known)
		result.Inputs[defaultsKey] = resource.NewArrayProperty(nil)
	}
	now = r.outputsOf(known, now)
	if !isImport {
		result.Inputs = refreshInputs(r, req.Inputs, now)
	}
	result.Outputs = keepSecrets(toProperties(now), req.State, r.secrets)
	return plugin.ReadResponse{ReadResult: result, Status: resource.StatusOK}, nil
}

// importedInputs are the inputs of a program that declares a resource as it is.
func importedInputs(fields properties, now state) state {
	in := state{}
	for name, p := range fields {
		value, set := now[name]
		_, isNumber := value.(float64) // fromConfig leaves 0 out, unless it is not the same as none
		switch {
		case p.rejected != "":
		case set && (p.required || p.byDefault != nil || isNumber || !isZero(value)):
			in[name] = importedInput(p, value)
		case p.byDefault != nil:
			in[name] = p.byDefault
		}
	}
	return in
}

func importedInput(p property, value any) any {
	switch v := value.(type) {
	case state:
		if p.kind == kindObject {
			return importedInputs(p.fields, v)
		}
	case []any:
		elements := make([]any, len(v))
		for i, element := range v {
			elements[i] = importedInput(*p.element, element)
		}
		return elements
	}
	return value
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

// preview is the known properties of a resource before it is created.
func (r *resourceType) preview(in state) state {
	out := state{}
	for _, name := range r.outputs {
		out[name] = unknownValue{}
	}
	return merge(out, addUnknowns(r.inputs, in), r.tagsAll(in))
}

// addUnknowns adds to inputs the computed properties that AWS is left to fill in, as not known yet.
func addUnknowns(fields properties, in state) state {
	out := merge(in)
	for name, p := range fields {
		value, set := in[name]
		if inner, isObject := value.(state); isObject && p.kind == kindObject {
			out[name] = addUnknowns(p.fields, inner)
		}
		if !set && p.computed {
			out[name] = unknownValue{}
		}
	}
	return out
}

func merge(states ...state) state {
	all := state{}
	for _, s := range states {
		for name, value := range s {
			all[name] = value
		}
	}
	return all
}

// notFoundCodes are the codes with which AWS says that something does not exist.
var notFoundCodes = []string{
	"NotFoundException", "NoSuchEntity", "ResourceNotFoundException", "NoSuchBucket", "NoSuchBucketPolicy",
	"NoSuchPublicAccessBlockConfiguration", "OwnershipControlsNotFoundError", "NoSuchLifecycleConfiguration",
	"ResourceNotFound", "DashboardNotFoundError", "NotFound", // of CloudWatch, of SNS
	"EntityNotFoundException", "InvalidGroup.NotFound", "InvalidInstanceID.NotFound",
}

func isGone(err error) bool {
	var refusal *awserr.Error
	return errors.As(err, &refusal) && slices.Contains(notFoundCodes, refusal.Code)
}

// refreshInputs are the program's inputs with the values that the resource has now.
func refreshInputs(r *resourceType, inputs resource.PropertyMap, now state) resource.PropertyMap {
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
		case !satisfies(p, plainValue(value), is):
			fresh[key] = toProperty(is)
			if value.ContainsSecrets() {
				fresh[key] = resource.MakeSecret(fresh[key])
			}
		}
	}
	return fresh
}
