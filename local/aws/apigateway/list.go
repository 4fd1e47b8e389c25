package apigateway

import (
	"cmp"
	"maps"
	"slices"
)

// GetRestAPIs lists all APIs by id.
func (s *Service) GetRestAPIs() []RestAPI {
	s.mu.Lock()
	defer s.mu.Unlock()
	return describeAll(s.apis, func(api *restAPI) RestAPI { return api.API.clone() })
}

// GetResources lists the resources of an API by id, its root included.
func (s *Service) GetResources(apiID string) ([]Resource, error) {
	return listIn(s, apiID, func(api *restAPI) []Resource {
		return describeAll(api.Resources, func(r *resource) Resource { return r.Resource })
	})
}

// GetMethods lists the methods of all resources of an API with what belongs to them. AWS returns them with GetResources.
func (s *Service) GetMethods(apiID string) ([]MethodParts, error) {
	return listIn(s, apiID, func(api *restAPI) []MethodParts {
		var all []MethodParts
		for _, at := range describeAll(api.Resources, func(r *resource) *resource { return r }) {
			all = append(all, describeAll(at.Methods, (*method).parts)...)
		}
		return all
	})
}

// MethodParts identifies a method and its parts.
type MethodParts struct {
	MethodID
	ResponseStatusCodes            []string
	HasIntegration                 bool
	IntegrationResponseStatusCodes []string
}

func (m *method) parts() MethodParts {
	parts := MethodParts{MethodID: m.MethodID, ResponseStatusCodes: slices.Sorted(maps.Keys(m.Responses))}
	if m.Integration != nil {
		parts.HasIntegration = true
		parts.IntegrationResponseStatusCodes = slices.Sorted(maps.Keys(m.Integration.Responses))
	}
	return parts
}

// GetModels lists the models of an API by name, the default ones included.
func (s *Service) GetModels(apiID string) ([]Model, error) {
	return listIn(s, apiID, func(api *restAPI) []Model { return describeAll(api.Models, itself[Model]) })
}

// GetRequestValidators lists the validators of an API by id.
func (s *Service) GetRequestValidators(apiID string) ([]RequestValidator, error) {
	return listIn(s, apiID, func(api *restAPI) []RequestValidator { return describeAll(api.Validators, itself[RequestValidator]) })
}

// GetGatewayResponses lists the gateway responses that an API defines, by type.
func (s *Service) GetGatewayResponses(apiID string) ([]GatewayResponse, error) {
	return listIn(s, apiID, func(api *restAPI) []GatewayResponse {
		return describeAll(api.GatewayResponses, GatewayResponse.clone)
	})
}

// GetDeployments lists the deployments of an API by id.
func (s *Service) GetDeployments(apiID string) ([]Deployment, error) {
	return listIn(s, apiID, func(api *restAPI) []Deployment {
		return describeAll(api.deployments, func(d *snapshot) Deployment { return d.Deployment })
	})
}

// GetStages lists the stages of an API by name.
func (s *Service) GetStages(apiID string) ([]Stage, error) {
	return listIn(s, apiID, func(api *restAPI) []Stage {
		return describeAll(api.Stages, func(st *stage) Stage { return st.clone() })
	})
}

// GetAPIKeys lists all API keys by id, their values included.
func (s *Service) GetAPIKeys() []APIKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	return describeAll(s.account.APIKeys, APIKey.clone)
}

// GetUsagePlans lists all usage plans by id.
func (s *Service) GetUsagePlans() []UsagePlan {
	s.mu.Lock()
	defer s.mu.Unlock()
	return describeAll(s.account.UsagePlans, func(p usagePlan) UsagePlan { return p.clone() })
}

// GetUsagePlanKeys lists the keys of all usage plans. AWS lists those of one plan.
func (s *Service) GetUsagePlanKeys() []UsagePlanKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []UsagePlanKey
	for _, plan := range describeAll(s.account.UsagePlans, itself[usagePlan]) {
		for _, keyID := range plan.KeyIDs {
			all = append(all, s.account.usagePlanKey(plan.ID, keyID))
		}
	}
	return all
}

// listIn lists what an API has of one kind.
func listIn[T any](s *Service, apiID string, list func(*restAPI) []T) ([]T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(apiID)
	if err != nil {
		return nil, err
	}
	return list(api), nil
}

// describeAll describes the values of a map in the order of their keys.
func describeAll[K cmp.Ordered, V, T any](values map[K]V, describe func(V) T) []T {
	all := make([]T, 0, len(values))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		all = append(all, describe(values[key]))
	}
	return all
}

func itself[T any](value T) T { return value }
