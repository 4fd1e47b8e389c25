package apigateway

import (
	"ingest-pipeline/local/aws/internal/protocol"
)

func (s *Service) resourceActions() []protocol.Action {
	const resources = "/restapis/{restapi_id}/resources"
	return []protocol.Action{
		handle(s, "CreateResource", "POST", resources+"/{parent_id}", 201, s.apiCreateResource),
		handle(s, "GetResources", "GET", resources, 200, s.apiGetResources),
		handle(s, "GetResource", "GET", resources+"/{resource_id}", 200, s.apiGetResource),
		handle(s, "UpdateResource", "PATCH", resources+"/{resource_id}", 200, s.apiUpdateResource),
		handle(s, "DeleteResource", "DELETE", resources+"/{resource_id}", 202, s.apiDeleteResource),
	}
}

type embeddable struct {
	Embed []string `aws:"embed,query"`
}

type resourceInput struct {
	apiInput
	ResourceID string `aws:"resource_id,path"`
}

func (in *resourceInput) resource() string {
	return in.apiInput.resource() + "/resources/" + in.ResourceID
}

type resourcesInput struct {
	apiList
	embeddable
}

func (in *resourcesInput) resource() string { return in.apiInput.resource() + "/resources" }

type getResourceInput struct {
	resourceInput
	embeddable
}

// resourceShape is a resource as answers show it: recorded (LocalStack, TestApiGatewayApiResource). Methods are empty
// unless they are asked for with embed=methods.
type resourceShape struct {
	ID              string  `aws:"id"`
	ParentID        *string `aws:"parentId"`
	PathPart        *string
	Path            string
	ResourceMethods map[string]*methodShape
}

func showResource(r *resource, embed []string) resourceShape {
	shape := resourceShape{ID: r.ID, ParentID: present(r.ParentID), PathPart: present(r.PathPart), Path: r.Path}
	for verb, m := range r.Methods {
		if shape.ResourceMethods == nil {
			shape.ResourceMethods = map[string]*methodShape{}
		}
		shape.ResourceMethods[verb] = &methodShape{}
		for _, what := range embed {
			if what == "methods" {
				shown := showMethod(m)
				shape.ResourceMethods[verb] = &shown
			}
		}
	}
	return shape
}

type resources struct {
	Item     []resourceShape
	Position *string
}

func (s *Service) apiGetResources(_ *protocol.Call, in *resourcesInput) (*resources, error) {
	all, err := listIn(s, in.APIID, func(api *restAPI) []*resource { return describeAll(api.Resources, (*resource).clone) })
	if err != nil {
		return nil, err
	}
	items, position, err := pageAs(all, func(r *resource) string { return r.ID }, in.paging,
		func(r *resource) resourceShape { return showResource(r, in.Embed) })
	return &resources{items, position}, err
}

func (s *Service) apiGetResource(_ *protocol.Call, in *getResourceInput) (*resourceShape, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(in.APIID)
	if err != nil {
		return nil, err
	}
	found, err := api.resource(in.ResourceID)
	if err != nil {
		return nil, err
	}
	shape := showResource(found.clone(), in.Embed)
	return &shape, nil
}

type createResourceInput struct {
	apiInput
	ParentID string `aws:"parent_id,path"`
	PathPart *string
}

func (in *createResourceInput) resource() string {
	return in.apiInput.resource() + "/resources/" + in.ParentID
}

func (s *Service) apiCreateResource(_ *protocol.Call, in *createResourceInput) (*resourceShape, error) {
	created, err := s.CreateResource(Resource{APIID: in.APIID, ParentID: in.ParentID, PathPart: textOf(in.PathPart)})
	shape := showResource(&resource{Resource: created}, nil)
	return &shape, err
}

type resourcePatch struct {
	resourceInput
	PatchOperations []patchOperation
}

var resourcePatches = []patch[Resource]{
	{"/pathPart", "replace", setText(func(r *Resource) *string { return &r.PathPart })},
	{"/parentId", "replace", setText(func(r *Resource) *string { return &r.ParentID })},
}

func (s *Service) apiUpdateResource(_ *protocol.Call, in *resourcePatch) (*resourceShape, error) {
	err := s.editResource(in.APIID, in.ResourceID, func(r *Resource) error {
		return applyPatches(r, in.PatchOperations, resourcePatches)
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetResource(nil, &getResourceInput{resourceInput: in.resourceInput})
}

func (s *Service) apiDeleteResource(_ *protocol.Call, in *resourceInput) (*empty, error) {
	return &empty{}, s.DeleteResource(in.APIID, in.ResourceID)
}
