package apigateway

import (
	"errors"
	"time"

	"ingest-pipeline/local/aws/internal/protocol"
)

func (s *Service) deploymentActions() []protocol.Action {
	const deployments, deployment = "/restapis/{restapi_id}/deployments", "/restapis/{restapi_id}/deployments/{deployment_id}"
	return []protocol.Action{
		handle(s, "CreateDeployment", "POST", deployments, 201, s.apiCreateDeployment),
		handle(s, "GetDeployments", "GET", deployments, 200, s.apiGetDeployments),
		handle(s, "GetDeployment", "GET", deployment, 200, s.apiGetDeployment),
		handle(s, "UpdateDeployment", "PATCH", deployment, 200, s.apiUpdateDeployment),
		handle(s, "DeleteDeployment", "DELETE", deployment, 202, s.apiDeleteDeployment),
	}
}

type deploymentsInput struct{ apiList }

func (in *deploymentsInput) resource() string { return in.apiInput.resource() + "/deployments" }

type deploymentInput struct {
	apiInput
	DeploymentID string `aws:"deployment_id,path"`
	embeddable
}

func (in *deploymentInput) resource() string {
	return in.apiInput.resource() + "/deployments/" + in.DeploymentID
}

// deploymentShape is a deployment as answers show it. Documented (API_GetDeployment): the summary comes with
// embed=apisummary.
type deploymentShape struct {
	ID          string `aws:"id"`
	Description *string
	CreatedDate time.Time
	APISummary  map[string]map[string]methodSummary `aws:"apiSummary"`
}

type methodSummary struct {
	AuthorizationType string
	APIKeyRequired    bool `aws:"apiKeyRequired"`
}

func showDeployment(d Deployment) deploymentShape {
	return deploymentShape{ID: d.ID, Description: present(d.Description), CreatedDate: d.CreatedDate}
}

type deployments struct {
	Item     []deploymentShape
	Position *string
}

func (s *Service) apiGetDeployments(_ *protocol.Call, in *deploymentsInput) (*deployments, error) {
	all, err := s.GetDeployments(in.APIID)
	if err != nil {
		return nil, err
	}
	items, position, err := pageAs(all, func(d Deployment) string { return d.ID }, in.paging, showDeployment)
	return &deployments{items, position}, err
}

func (s *Service) apiGetDeployment(_ *protocol.Call, in *deploymentInput) (*deploymentShape, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found, err := s.findDeployment(in.APIID, in.DeploymentID)
	if err != nil {
		return nil, err
	}
	shape := showDeployment(found.Deployment)
	for _, what := range in.Embed {
		if what == "apisummary" {
			shape.APISummary = found.summary()
		}
	}
	return &shape, nil
}

func (d *snapshot) summary() map[string]map[string]methodSummary {
	summary := map[string]map[string]methodSummary{}
	for _, at := range d.Resources {
		for _, m := range at.Methods {
			if summary[at.Resource.Path] == nil {
				summary[at.Resource.Path] = map[string]methodSummary{}
			}
			summary[at.Resource.Path][m.Method.HTTPMethod] = methodSummary{m.Method.Authorization, m.Method.APIKeyRequired}
		}
	}
	return summary
}

type createDeploymentInput struct {
	deploymentsInput
	StageName, StageDescription, Description *string
	Variables                                map[string]string
	TracingEnabled                           *bool
	CacheClusterEnabled                      *bool
	CanarySettings                           any
}

// apiCreateDeployment freezes an API and has a stage serve it, if the request names one: the stage is created if it does
// not exist. Documented: API_CreateDeployment.
func (s *Service) apiCreateDeployment(_ *protocol.Call, in *createDeploymentInput) (*deploymentShape, error) {
	switch {
	case isTrue(in.CacheClusterEnabled):
		return nil, notEmulated("a cache cluster")
	case in.CanarySettings != nil:
		return nil, notEmulated("a canary")
	}
	created, err := s.CreateDeployment(Deployment{APIID: in.APIID, Description: textOf(in.Description)})
	if err != nil {
		return nil, err
	}
	shape := showDeployment(created)
	name := textOf(in.StageName)
	if name == "" {
		return &shape, nil
	}
	err = s.editAPI(in.APIID, func(api *restAPI) error {
		now := s.now()
		st := api.Stages[name]
		if st == nil {
			st = &stage{
				Stage:          Stage{APIID: in.APIID, Name: name, Description: textOf(in.StageDescription), CreatedDate: now},
				MethodSettings: map[string]MethodSettings{},
			}
			api.Stages[name] = st
		}
		st.DeploymentID, st.LastUpdatedDate = created.ID, now
		if in.Variables != nil {
			st.Variables = in.Variables
		}
		if in.TracingEnabled != nil {
			st.XRayTracingEnabled = *in.TracingEnabled
		}
		return s.checkStage(api, st.Stage)
	}, name)
	if err != nil {
		return nil, errors.Join(err, s.DeleteDeployment(in.APIID, created.ID))
	}
	return &shape, nil
}

type deploymentPatch struct {
	deploymentInput
	PatchOperations []patchOperation
}

var deploymentPatches = []patch[Deployment]{
	{"/description", "replace", setText(func(d *Deployment) *string { return &d.Description })},
}

func (s *Service) apiUpdateDeployment(_ *protocol.Call, in *deploymentPatch) (*deploymentShape, error) {
	deployment, err := s.GetDeployment(in.APIID, in.DeploymentID)
	if err != nil {
		return nil, err
	}
	if err := applyPatches(&deployment, in.PatchOperations, deploymentPatches); err != nil {
		return nil, err
	}
	shape := showDeployment(deployment)
	return &shape, s.UpdateDeployment(deployment)
}

func (s *Service) apiDeleteDeployment(_ *protocol.Call, in *deploymentInput) (*empty, error) {
	return &empty{}, s.DeleteDeployment(in.APIID, in.DeploymentID)
}
