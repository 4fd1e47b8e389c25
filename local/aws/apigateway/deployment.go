package apigateway

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Deployment is an API as it was at one moment.
type Deployment struct {
	APIID string
	// ID is six lower-case letters and digits. CreateDeployment generates it.
	ID          string
	Description string

	// CreatedDate is set by the service.
	CreatedDate time.Time
}

// snapshot is a deployment with the API that it has frozen: what its document has.
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
// integration.
func (s *Service) CreateDeployment(create Deployment) (Deployment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(create.APIID)
	if err != nil {
		return Deployment{}, err
	}
	create.ID, create.CreatedDate = newID(6), s.now()
	frozen, err := api.freeze(create)
	if err != nil {
		return Deployment{}, err
	}
	if err := s.writeDeployment(frozen); err != nil {
		return Deployment{}, err
	}
	api.deployments[create.ID] = frozen
	return create, nil
}

// GetDeployment describes a deployment.
func (s *Service) GetDeployment(apiID, deploymentID string) (Deployment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found, err := s.findDeployment(apiID, deploymentID)
	if err != nil {
		return Deployment{}, err
	}
	return found.Deployment, nil
}

// UpdateDeployment changes a deployment's Description.
func (s *Service) UpdateDeployment(change Deployment) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, found, err := s.findDeployment(change.APIID, change.ID)
	if err != nil {
		return err
	}
	changed := *found
	changed.Deployment.Description = change.Description
	if err := s.writeDeployment(&changed); err != nil {
		return err
	}
	api.deployments[change.ID] = &changed
	return nil
}

// DeleteDeployment deletes a deployment that no stage serves.
func (s *Service) DeleteDeployment(apiID, deploymentID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, _, err := s.findDeployment(apiID, deploymentID)
	if err != nil {
		return err
	}
	for _, st := range api.Stages {
		if st.DeploymentID == deploymentID {
			return badRequest("Active stages pointing to this deployment must be moved or deleted") // assumed: quoted in issue threads
		}
	}
	if err := s.deleteDeployment(apiID, deploymentID); err != nil {
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

// freeze copies the API as it is being edited. Values in its maps are never changed, so copies of the maps are enough.
func (a *restAPI) freeze(deployment Deployment) (*snapshot, error) {
	frozen := &snapshot{Deployment: deployment, API: a.API}
	methods := 0
	for _, at := range a.Resources {
		resource := deployedResource{Resource: at.Resource}
		for _, m := range at.Methods {
			if m.Integration == nil {
				return nil, badRequest("No integration defined for method") // assumed: quoted in issue threads
			}
			methods++
			resource.Methods = append(resource.Methods, deployedMethod{
				Method:      m.Method,
				Responses:   sortedValues(m.Responses, func(r MethodResponse) string { return r.StatusCode }),
				Integration: m.Integration.Integration,
				IntegrationResponses: sortedValues(m.Integration.Responses,
					func(r IntegrationResponse) string { return r.StatusCode }),
			})
		}
		slices.SortFunc(resource.Methods, func(a, b deployedMethod) int {
			return strings.Compare(a.Method.HTTPMethod, b.Method.HTTPMethod)
		})
		frozen.Resources = append(frozen.Resources, resource)
	}
	if methods == 0 {
		return nil, badRequest("The REST API doesn't contain any methods") // documented (CloudFormation, AWS::ApiGateway::Deployment)
	}
	slices.SortFunc(frozen.Resources, func(a, b deployedResource) int {
		return strings.Compare(a.Resource.Path, b.Resource.Path)
	})
	frozen.Models = sortedValues(a.Models, func(m Model) string { return m.Name })
	frozen.Validators = sortedValues(a.Validators, func(v RequestValidator) string { return v.ID })
	frozen.GatewayResponses = sortedValues(a.GatewayResponses, func(r GatewayResponse) string { return r.ResponseType })
	return frozen, nil
}

func sortedValues[K comparable, V any, O cmp.Ordered](values map[K]V, by func(V) O) []V {
	return slices.SortedFunc(maps.Values(values), func(a, b V) int { return cmp.Compare(by(a), by(b)) })
}
