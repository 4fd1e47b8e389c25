package apigateway

import (
	"ingest-pipeline/local/aws/internal/protocol"
)

func (s *Service) modelActions() []protocol.Action {
	const models = "/restapis/{restapi_id}/models"
	return []protocol.Action{
		handle(s, "CreateModel", "POST", models, 201, s.apiCreateModel),
		handle(s, "GetModels", "GET", models, 200, s.apiGetModels),
		handle(s, "GetModel", "GET", models+"/{model_name}", 200, s.apiGetModel),
		handle(s, "UpdateModel", "PATCH", models+"/{model_name}", 200, s.apiUpdateModel),
		handle(s, "DeleteModel", "DELETE", models+"/{model_name}", 202, s.apiDeleteModel),
	}
}

// modelShape is a model as answers show it: recorded (LocalStack, test_model_lifecycle).
type modelShape struct {
	ID                  string `aws:"id"`
	Name                string
	Description, Schema *string
	ContentType         string
}

func showModel(m Model) modelShape {
	return modelShape{ID: m.ID, Name: m.Name, Description: present(m.Description), Schema: present(m.Schema), ContentType: m.ContentType}
}

type modelsInput struct{ apiList }

func (in *modelsInput) resource() string { return in.apiInput.resource() + "/models" }

type modelInput struct {
	apiInput
	ModelName string `aws:"model_name,path"`
}

func (in *modelInput) resource() string { return in.apiInput.resource() + "/models/" + in.ModelName }

type models struct {
	Item     []modelShape
	Position *string
}

func (s *Service) apiGetModels(_ *protocol.Call, in *modelsInput) (*models, error) {
	all, err := s.GetModels(in.APIID)
	if err != nil {
		return nil, err
	}
	items, position, err := pageAs(all, func(m Model) string { return m.Name }, in.paging, showModel)
	return &models{items, position}, err
}

func (s *Service) apiGetModel(_ *protocol.Call, in *modelInput) (*modelShape, error) {
	model, err := s.GetModel(in.APIID, in.ModelName)
	shape := showModel(model)
	return &shape, err
}

type modelPatch struct {
	modelInput
	PatchOperations []patchOperation
}

var modelPatches = []patch[Model]{
	{"/description", "replace", setText(func(m *Model) *string { return &m.Description })},
	{"/schema", "replace", setText(func(m *Model) *string { return &m.Schema })},
}

// checkModelPatches refuses operations in the words that AWS has for models: recorded (LocalStack, test_update_model).
func checkModelPatches(operations []patchOperation) error {
	for _, o := range operations {
		path, op := textOf(o.Path), textOf(o.Op)
		p, _ := findPatch(modelPatches, path)
		switch {
		case op != "replace":
			return badRequest("Invalid patch path  '%s' specified for op '%s'. Please choose supported operations", path, op)
		case p == nil:
			return badRequest("Invalid patch path  '%s' specified for op 'replace'. Must be one of: [/description, /schema]", path)
		}
	}
	return nil
}

func (s *Service) apiUpdateModel(_ *protocol.Call, in *modelPatch) (*modelShape, error) {
	err := s.editAPI(in.APIID, func(api *restAPI) error {
		model, err := api.model(in.ModelName)
		if err != nil {
			return err
		}
		if err := checkModelPatches(in.PatchOperations); err != nil {
			return err
		}
		if err := applyPatches(&model, in.PatchOperations, modelPatches); err != nil {
			return err
		}
		return api.setModel(model)
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetModel(nil, &in.modelInput)
}

type createModelInput struct {
	modelsInput
	Name, Description, Schema, ContentType *string
}

func (s *Service) apiCreateModel(_ *protocol.Call, in *createModelInput) (*modelShape, error) {
	created, err := s.CreateModel(Model{
		APIID: in.APIID, Name: textOf(in.Name), Description: textOf(in.Description), Schema: textOf(in.Schema), ContentType: textOf(in.ContentType),
	})
	shape := showModel(created)
	return &shape, err
}

func (s *Service) apiDeleteModel(_ *protocol.Call, in *modelInput) (*empty, error) {
	return &empty{}, s.DeleteModel(in.APIID, in.ModelName)
}
