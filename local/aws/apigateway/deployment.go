package apigateway

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Deployment is an API as it was at one moment. It never changes.
type Deployment struct {
	APIID string
	// ID is six lower-case letters and digits. Empty on CreateDeployment: one is made. The id of a deployment that was
	// kept in Options.Dir from an earlier run takes that one up again, as it was then.
	ID          string
	Description string

	// CreatedDate is when the snapshot was taken.
	CreatedDate time.Time
}

// snapshot is what a deployment holds, and how it is kept on disk.
type snapshot struct {
	Deployment       Deployment
	API              RestAPI
	Resources        []deployedResource
	Models           []Model
	Validators       []RequestValidator
	GatewayResponses []GatewayResponse
}

type deployedResource struct {
	Resource Resource
	Methods  []deployedMethod
}

type deployedMethod struct {
	Method               Method
	Responses            []MethodResponse
	Integration          Integration
	IntegrationResponses []IntegrationResponse
}

// CreateDeployment freezes the API as it is. It refuses an API without methods, and one with a method that has no
// integration. The snapshot is on disk when it returns.
func (s *Service) CreateDeployment(create Deployment) (Deployment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(create.APIID)
	if err != nil {
		return Deployment{}, err
	}
	if kept, ok := api.deployments[create.ID]; ok {
		return kept.Deployment, nil
	}
	if create.ID == "" {
		create.ID = newID(6)
	}
	if !apiIDPattern.MatchString(create.ID) {
		return Deployment{}, badRequest("Invalid Deployment identifier specified")
	}
	create.CreatedDate = s.options.Clock.Now()
	frozen, err := api.freeze(create)
	if err != nil {
		return Deployment{}, err
	}
	if err := writeDeployment(s.options.Dir, frozen); err != nil {
		return Deployment{}, err
	}
	api.deployments[create.ID] = frozen
	return create, nil
}

// UpdateDeployment changes a deployment's Description.
func (s *Service) UpdateDeployment(change Deployment) (Deployment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found, err := s.findDeployment(change.APIID, change.ID)
	if err != nil {
		return Deployment{}, err
	}
	described := *found
	described.Deployment.Description = change.Description
	if err := writeDeployment(s.options.Dir, &described); err != nil {
		return Deployment{}, err
	}
	found.Deployment.Description = change.Description
	return found.Deployment, nil
}

// DeleteDeployment removes a deployment that no stage serves.
func (s *Service) DeleteDeployment(apiID, deploymentID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, _, err := s.findDeployment(apiID, deploymentID)
	if err != nil {
		return err
	}
	for _, st := range api.stages {
		if st.DeploymentID == deploymentID {
			return badRequest("Active stages pointing to this deployment must be moved or deleted") // recorded in issue threads
		}
	}
	if err := removeDeployment(s.options.Dir, apiID, deploymentID); err != nil {
		return err
	}
	delete(api.deployments, deploymentID)
	return nil
}

func (s *Service) findDeployment(apiID, deploymentID string) (*restAPI, *snapshot, error) {
	api, err := s.find(apiID)
	if err != nil {
		return nil, nil, err
	}
	found, ok := api.deployments[deploymentID]
	if !ok {
		return nil, nil, notFound("Invalid Deployment identifier specified")
	}
	return api, found, nil
}

// freeze copies the API as it is being edited. What is put never changes afterwards, only the maps that hold it do: a
// copy of those is enough.
func (a *restAPI) freeze(deployment Deployment) (*snapshot, error) {
	frozen := &snapshot{Deployment: deployment, API: a.api}
	methods := 0
	for _, at := range a.resources {
		resource := deployedResource{Resource: at.Resource}
		for _, m := range at.methods {
			if m.integration == nil {
				return nil, badRequest("No integration defined for method") // recorded in issue threads
			}
			methods++
			resource.Methods = append(resource.Methods, deployedMethod{
				Method:      m.Method,
				Responses:   sorted(m.responses, func(r MethodResponse) string { return r.StatusCode }),
				Integration: m.integration.Integration,
				IntegrationResponses: sorted(m.integration.responses,
					func(r IntegrationResponse) string { return r.StatusCode }),
			})
		}
		slices.SortFunc(resource.Methods, func(a, b deployedMethod) int {
			return strings.Compare(a.Method.HTTPMethod, b.Method.HTTPMethod)
		})
		frozen.Resources = append(frozen.Resources, resource)
	}
	if methods == 0 {
		return nil, badRequest("The REST API doesn't contain any methods") // recorded (LocalStack, moto)
	}
	slices.SortFunc(frozen.Resources, func(a, b deployedResource) int {
		return strings.Compare(a.Resource.Path, b.Resource.Path)
	})
	frozen.Models = sorted(a.models, func(m Model) string { return m.Name })
	frozen.Validators = sorted(a.validators, func(v RequestValidator) string { return v.ID })
	frozen.GatewayResponses = sorted(a.gatewayResponses, func(r GatewayResponse) string { return r.ResponseType })
	return frozen, nil
}

func sorted[K comparable, V any, O cmp.Ordered](values map[K]V, by func(V) O) []V {
	return slices.SortedFunc(maps.Values(values), func(a, b V) int { return cmp.Compare(by(a), by(b)) })
}
