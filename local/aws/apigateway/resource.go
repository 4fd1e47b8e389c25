package apigateway

import (
	"regexp"
	"strings"
)

// Resource is one node of an API's tree of paths.
type Resource struct {
	APIID string
	// ID is six lower-case letters and digits. CreateResource generates it.
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
	Methods map[string]*method
}

// A path part is plain text or one variable: documented (API_CreateResource); the refusal's sentence is assumed.
var pathPartPattern = regexp.MustCompile(`^(?:[a-zA-Z0-9._:-]+|\{[a-zA-Z0-9._:-]+\+?\})$`)

// CreateResource adds a resource to an API and returns it with its id and path.
func (s *Service) CreateResource(create Resource) (Resource, error) {
	create.ID = newID(6)
	err := s.editAPI(create.APIID, func(api *restAPI) error {
		if err := api.place(&create); err != nil {
			return err
		}
		api.Resources[create.ID] = &resource{Resource: create, Methods: map[string]*method{}}
		return nil
	})
	return create, err
}

// GetResource describes a resource.
func (s *Service) GetResource(apiID, resourceID string) (Resource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(apiID)
	if err != nil {
		return Resource{}, err
	}
	found, err := api.resource(resourceID)
	if err != nil {
		return Resource{}, err
	}
	return found.Resource, nil
}

// UpdateResource changes a resource's ParentID or PathPart, and the paths of the resources below it.
func (s *Service) UpdateResource(change Resource) error {
	return s.editResource(change.APIID, change.ID, func(r *Resource) error {
		*r = change
		return nil
	})
}

// editResource is editAPI for one of its resources.
func (s *Service) editResource(apiID, resourceID string, edit func(*Resource) error) error {
	return s.editAPI(apiID, func(api *restAPI) error {
		found, err := api.resource(resourceID)
		if err != nil {
			return err
		}
		if found.ParentID == "" {
			return badRequest("Root resource cannot be updated")
		}
		change := found.Resource
		if err := edit(&change); err != nil {
			return err
		}
		for above := api.Resources[change.ParentID]; above != nil; above = api.Resources[above.ParentID] {
			if above.ID == change.ID {
				return badRequest("Resources cannot be cyclical.") // recorded (LocalStack, TestApiGatewayApiResource)
			}
		}
		if err := api.place(&change); err != nil {
			return err
		}
		found.Resource = change
		api.updatePaths()
		return nil
	})
}

// DeleteResource deletes a resource, the resources below it, and their methods.
func (s *Service) DeleteResource(apiID, resourceID string) error {
	return s.editAPI(apiID, func(api *restAPI) error {
		found, err := api.resource(resourceID)
		if err != nil {
			return err
		}
		if found.ParentID == "" {
			return badRequest("Root resource cannot be removed")
		}
		api.removeTree(resourceID)
		return nil
	})
}

func (a *restAPI) removeTree(resourceID string) {
	delete(a.Resources, resourceID)
	for id, below := range a.Resources {
		if below.ParentID == resourceID {
			a.removeTree(id)
		}
	}
}

// place checks that a resource may have its parent and path part, and sets its path. The sentences are recorded
// (LocalStack, test_create_proxy_resource_validation).
func (a *restAPI) place(add *Resource) error {
	parent, ok := a.Resources[add.ParentID]
	if !ok {
		return notFound("Invalid Resource identifier specified")
	}
	if !pathPartPattern.MatchString(add.PathPart) {
		return badRequest("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.")
	}
	if strings.HasSuffix(parent.PathPart, "+}") {
		return badRequest("Cannot create a child of a resource with a greedy path variable: %s", parent.PathPart)
	}
	for _, sibling := range a.Resources {
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

// updatePaths derives every resource's path from its parents.
func (a *restAPI) updatePaths() {
	var path func(*resource) string
	path = func(r *resource) string {
		parent, ok := a.Resources[r.ParentID]
		if !ok {
			return "/"
		}
		return below(path(parent), r.PathPart)
	}
	for _, r := range a.Resources {
		r.Path = path(r)
	}
}

func (a *restAPI) resource(id string) (*resource, error) {
	if r, ok := a.Resources[id]; ok {
		return r, nil
	}
	return nil, notFound("Invalid Resource identifier specified")
}

func (r *resource) clone() *resource {
	cloned := &resource{Resource: r.Resource, Methods: make(map[string]*method, len(r.Methods))}
	for verb, m := range r.Methods {
		cloned.Methods[verb] = m.clone()
	}
	return cloned
}
