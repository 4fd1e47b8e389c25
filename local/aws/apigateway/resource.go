package apigateway

import (
	"regexp"
	"strings"
)

// Resource is one node of an API's tree of paths.
type Resource struct {
	APIID string
	// ID is six lower-case letters and digits. Empty on PutResource: one is made.
	ID string
	// ParentID is the resource that this one lies below: the API's RootResourceID for the first level.
	ParentID string
	// PathPart is one part of a path ("v1"), a variable of one part ("{id}") or of all the rest ("{proxy+}").
	PathPart string

	// Path is the whole path, from the root: "/v1/batch". Set by the service.
	Path string
}

type resource struct {
	Resource
	methods map[string]*method
}

// A path part is plain text or one variable: documented (API_CreateResource, the refusal's sentence is recorded).
var pathPartPattern = regexp.MustCompile(`^(?:[a-zA-Z0-9._:-]+|\{[a-zA-Z0-9._:-]+\+?\})$`)

// PutResource adds a resource to an API and answers it with its id and path.
func (s *Service) PutResource(add Resource) (Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(add.APIID)
	if err != nil {
		return Resource{}, err
	}
	if add.ID == "" {
		add.ID = newID(6)
	}
	if _, ok := api.resources[add.ID]; ok {
		return Resource{}, conflict("Resource identifier already exists: %s", add.ID)
	}
	if err := api.place(&add); err != nil {
		return Resource{}, err
	}
	api.resources[add.ID] = &resource{Resource: add, methods: map[string]*method{}}
	return add, nil
}

// UpdateResource changes a resource's ParentID or PathPart; its methods and the resources below it come along.
func (s *Service) UpdateResource(change Resource) (Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(change.APIID)
	if err != nil {
		return Resource{}, err
	}
	found, err := api.resource(change.ID)
	if err != nil {
		return Resource{}, err
	}
	if found.ParentID == "" {
		return Resource{}, badRequest("Root resource cannot be updated")
	}
	for above := api.resources[change.ParentID]; above != nil; above = api.resources[above.ParentID] {
		if above.ID == change.ID {
			return Resource{}, badRequest("Resources cannot be cyclical.") // recorded
		}
	}
	if err := api.place(&change); err != nil {
		return Resource{}, err
	}
	found.Resource = change
	api.renamePaths()
	return change, nil
}

// DeleteResource removes a resource, the resources below it, and their methods.
func (s *Service) DeleteResource(apiID, resourceID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(apiID)
	if err != nil {
		return err
	}
	found, err := api.resource(resourceID)
	if err != nil {
		return err
	}
	if found.ParentID == "" {
		return badRequest("Root resource cannot be removed")
	}
	api.removeBelow(resourceID)
	return nil
}

func (a *restAPI) removeBelow(resourceID string) {
	delete(a.resources, resourceID)
	for id, below := range a.resources {
		if below.ParentID == resourceID {
			a.removeBelow(id)
		}
	}
}

// place checks that a resource may lie where it wants to, and gives it its path. The sentences are recorded
// (LocalStack's snapshots of CreateResource).
func (a *restAPI) place(add *Resource) error {
	parent, ok := a.resources[add.ParentID]
	if !ok {
		return notFound("Invalid Resource identifier specified")
	}
	if !pathPartPattern.MatchString(add.PathPart) {
		return badRequest("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.")
	}
	if strings.HasSuffix(parent.PathPart, "+}") {
		return badRequest("Cannot create a child of a resource with a greedy path variable: %s", parent.PathPart)
	}
	for _, sibling := range a.resources {
		if sibling.ParentID != add.ParentID || sibling.ID == add.ID {
			continue
		}
		if sibling.PathPart == add.PathPart {
			return conflict("Another resource with the same parent already has this name: %s", add.PathPart)
		}
		if strings.HasPrefix(sibling.PathPart, "{") && strings.HasPrefix(add.PathPart, "{") {
			return badRequest("A sibling (%s) of this resource already has a variable path part -- only one is allowed", sibling.PathPart)
		}
	}
	add.Path = below(parent.Path, add.PathPart)
	return nil
}

func below(parentPath, part string) string {
	if parentPath == "/" {
		return "/" + part
	}
	return parentPath + "/" + part
}

// renamePaths gives every resource the path that its parents have now.
func (a *restAPI) renamePaths() {
	var path func(*resource) string
	path = func(r *resource) string {
		parent, ok := a.resources[r.ParentID]
		if !ok {
			return "/"
		}
		return below(path(parent), r.PathPart)
	}
	for _, r := range a.resources {
		r.Path = path(r)
	}
}

func (a *restAPI) resource(id string) (*resource, error) {
	if r, ok := a.resources[id]; ok {
		return r, nil
	}
	return nil, notFound("Invalid Resource identifier specified")
}
