package apigateway

import (
	"fmt"
	"slices"
)

// Model is a JSON schema that request bodies can be validated with.
type Model struct {
	APIID string
	// ID is six lower-case letters and digits. Empty on PutModel: one is made. Other operations go by Name.
	ID string
	// Name is letters and digits. Methods name a model by it.
	Name string
	// ContentType is the media type that the model is for: "application/json".
	ContentType string
	Description string
	// Schema is a JSON schema of draft 4, at most 400 KB. It may refer to other models of the API by
	// https://apigateway.amazonaws.com/restapis/<api>/models/<name>.
	Schema string
}

const mostSchemaBytes = 400 * 1024 // documented (limits)

// defaultModels are those that AWS makes with every REST API: documented (models-mappings), the schemas recorded.
func defaultModels(apiID string) map[string]Model {
	const schema = `{"$schema":"http://json-schema.org/draft-04/schema#",%s}`
	return map[string]Model{
		"Empty": {
			APIID: apiID, ID: newID(6), Name: "Empty", ContentType: "application/json",
			Description: "This is a default empty schema model",
			Schema:      fmt.Sprintf(schema, `"title":"Empty Schema","type":"object"`),
		},
		"Error": {
			APIID: apiID, ID: newID(6), Name: "Error", ContentType: "application/json",
			Description: "This is a default error schema model",
			Schema:      fmt.Sprintf(schema, `"title":"Error Schema","type":"object","properties":{"message":{"type":"string"}}`),
		},
	}
}

// PutModel adds a model to an API and answers it with its id.
func (s *Service) PutModel(put Model) (Model, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(put.APIID)
	if err != nil {
		return Model{}, err
	}
	if !namePattern.MatchString(put.Name) {
		return Model{}, badRequest("Model name must be alphanumeric: %s", put.Name)
	}
	if put.ContentType == "" {
		return Model{}, badRequest("No content type specified for model: %s", put.Name)
	}
	if _, ok := api.models[put.Name]; ok {
		return Model{}, conflict("Model name already exists for this REST API")
	}
	if err := api.checkSchema(put); err != nil {
		return Model{}, err
	}
	if put.ID == "" {
		put.ID = newID(6)
	}
	api.models[put.Name] = put
	return put, nil
}

// UpdateModel changes a model's Description and Schema.
func (s *Service) UpdateModel(change Model) (Model, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, found, err := s.findModel(change.APIID, change.Name)
	if err != nil {
		return Model{}, err
	}
	found.Description, found.Schema = change.Description, change.Schema
	if err := api.checkSchema(found); err != nil {
		return Model{}, err
	}
	api.models[found.Name] = found
	return found, nil
}

// DeleteModel removes a model that no method refers to.
func (s *Service) DeleteModel(apiID, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, _, err := s.findModel(apiID, name)
	if err != nil {
		return err
	}
	for _, at := range api.resources {
		for verb, m := range at.methods {
			for _, used := range m.RequestModels {
				if used == name {
					return conflict("Cannot delete model '%s', is referenced in method request: %s/%s", name, at.Path, verb)
				}
			}
			for code, response := range m.responses {
				for _, used := range response.ResponseModels {
					if used == name {
						return conflict("Cannot delete model '%s', is referenced in method response: %s/%s/%s", name, at.Path, verb, code)
					}
				}
			}
		}
	}
	delete(api.models, name)
	return nil
}

func (s *Service) findModel(apiID, name string) (*restAPI, Model, error) {
	api, err := s.find(apiID)
	if err != nil {
		return nil, Model{}, err
	}
	found, ok := api.models[name]
	if !ok {
		return nil, Model{}, notFound("Invalid model name specified: %s", name)
	}
	return api, found, nil
}

// checkSchema refuses a model whose schema is not one of draft 4. Its sentence is recorded in issue threads; the
// problem that follows is ours.
func (a *restAPI) checkSchema(m Model) error {
	if len(m.Schema) > mostSchemaBytes {
		return badRequest("Model schema is over the limit of 400 KB")
	}
	all := make([]Model, 0, len(a.models)+1)
	for _, other := range a.models {
		if other.Name != m.Name {
			all = append(all, other)
		}
	}
	if _, err := compileSchema(a.api.ID, m.Name, slices.Concat(all, []Model{m})); err != nil {
		return badRequest("Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified: %v]", err)
	}
	return nil
}
