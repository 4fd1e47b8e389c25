package apigateway

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

// PutResource adds a resource to an API and answers it with its id and path.
func (s *Service) PutResource(resource Resource) (Resource, error) { return Resource{}, errNotWritten }

// UpdateResource changes a resource's ParentID or PathPart.
func (s *Service) UpdateResource(resource Resource) (Resource, error) {
	return Resource{}, errNotWritten
}

// DeleteResource removes a resource, the resources below it, and their methods.
func (s *Service) DeleteResource(apiID, resourceID string) error { return errNotWritten }
