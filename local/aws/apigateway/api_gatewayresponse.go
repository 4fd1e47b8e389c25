package apigateway

import (
	"maps"
	"slices"
	"strconv"

	"ingest-pipeline/local/aws/internal/protocol"
)

func (s *Service) gatewayResponseActions() []protocol.Action {
	const responses, response = "/restapis/{restapi_id}/gatewayresponses", "/restapis/{restapi_id}/gatewayresponses/{response_type}"
	return []protocol.Action{
		handle(s, "GetGatewayResponses", "GET", responses, 200, s.apiGetGatewayResponses),
		handle(s, "GetGatewayResponse", "GET", response, 200, s.apiGetGatewayResponse),
		handle(s, "PutGatewayResponse", "PUT", response, 201, s.apiPutGatewayResponse),
		handle(s, "UpdateGatewayResponse", "PATCH", response, 200, s.apiUpdateGatewayResponse),
		handle(s, "DeleteGatewayResponse", "DELETE", response, 202, s.apiDeleteGatewayResponse),
	}
}

// gatewayResponseShape is a gateway response as answers show it: recorded (LocalStack, test_gateway_response_crud), types
// without a response of their own with their default.
type gatewayResponseShape struct {
	ResponseType                          string
	StatusCode                            *string
	ResponseParameters, ResponseTemplates map[string]string
	DefaultResponse                       bool
}

func showGatewayResponse(r GatewayResponse) gatewayResponseShape {
	status := r.StatusCode
	if known := responseTypes[r.ResponseType].status; status == "" && known != 0 {
		status = strconv.Itoa(known)
	}
	shape := gatewayResponseShape{
		ResponseType: r.ResponseType, StatusCode: present(status), ResponseParameters: map[string]string{}, ResponseTemplates: map[string]string{},
	}
	maps.Copy(shape.ResponseParameters, r.ResponseParameters)
	maps.Copy(shape.ResponseTemplates, r.ResponseTemplates)
	return shape
}

// defaultGatewayTemplate is recorded: LocalStack, test_gateway_response_crud.
const defaultGatewayTemplate = `{"message":$context.error.messageString}`

func defaultGatewayResponse(responseType string) gatewayResponseShape {
	shape := showGatewayResponse(GatewayResponse{
		ResponseType: responseType, ResponseTemplates: map[string]string{jsonType: defaultGatewayTemplate},
	})
	shape.DefaultResponse = true
	return shape
}

type gatewayResponsesInput struct{ apiList }

func (in *gatewayResponsesInput) resource() string {
	return in.apiInput.resource() + "/gatewayresponses"
}

type gatewayResponses struct {
	Item     []gatewayResponseShape
	Position *string
}

func (s *Service) apiGetGatewayResponses(_ *protocol.Call, in *gatewayResponsesInput) (*gatewayResponses, error) {
	defined, err := s.GetGatewayResponses(in.APIID)
	if err != nil {
		return nil, err
	}
	shapes := map[string]gatewayResponseShape{}
	for responseType := range responseTypes {
		shapes[responseType] = defaultGatewayResponse(responseType)
	}
	for _, r := range defined {
		shapes[r.ResponseType] = showGatewayResponse(r)
	}
	all := slices.Sorted(maps.Keys(shapes))
	if in.Limit == nil { // recorded (LocalStack, test_gateway_response_crud): all types come at once
		most := len(all)
		in.Limit = &most
	}
	items, position, err := pageAs(all, func(t string) string { return t }, in.paging, func(t string) gatewayResponseShape { return shapes[t] })
	return &gatewayResponses{items, position}, err
}

type gatewayResponseInput struct {
	apiInput
	ResponseType string `aws:"response_type,path"`
}

func (in *gatewayResponseInput) resource() string {
	return in.apiInput.resource() + "/gatewayresponses/" + in.ResponseType
}

func (s *Service) apiGetGatewayResponse(_ *protocol.Call, in *gatewayResponseInput) (*gatewayResponseShape, error) {
	if err := (GatewayResponse{ResponseType: in.ResponseType}).check(); err != nil {
		return nil, err
	}
	shape := defaultGatewayResponse(in.ResponseType)
	defined, err := s.GetGatewayResponses(in.APIID)
	for _, r := range defined {
		if r.ResponseType == in.ResponseType {
			shape = showGatewayResponse(r)
		}
	}
	return &shape, err
}

type putGatewayResponseInput struct {
	gatewayResponseInput
	StatusCode                            *string
	ResponseParameters, ResponseTemplates map[string]string
}

func (s *Service) apiPutGatewayResponse(_ *protocol.Call, in *putGatewayResponseInput) (*gatewayResponseShape, error) {
	err := s.PutGatewayResponse(GatewayResponse{
		APIID: in.APIID, ResponseType: in.ResponseType, StatusCode: textOf(in.StatusCode),
		ResponseParameters: in.ResponseParameters, ResponseTemplates: in.ResponseTemplates,
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetGatewayResponse(nil, &in.gatewayResponseInput)
}

type gatewayResponsePatch struct {
	gatewayResponseInput
	PatchOperations []patchOperation
}

var gatewayResponsePatches = []patch[GatewayResponse]{
	{"/statusCode", "add replace remove", setText(func(r *GatewayResponse) *string { return &r.StatusCode })},
	{"/responseParameters/{parameter}", "add replace remove", setEntry(func(r *GatewayResponse) *map[string]string { return &r.ResponseParameters })},
	{"/responseTemplates/{contentType}", "add replace remove", setEntry(func(r *GatewayResponse) *map[string]string { return &r.ResponseTemplates })},
}

// apiUpdateGatewayResponse changes the response of a type. One that is not defined begins as the default: recorded
// (LocalStack, test_update_gateway_response).
func (s *Service) apiUpdateGatewayResponse(_ *protocol.Call, in *gatewayResponsePatch) (*gatewayResponseShape, error) {
	err := s.editAPI(in.APIID, func(api *restAPI) error {
		response, err := api.gatewayResponse(in.ResponseType)
		if err != nil {
			response = GatewayResponse{
				APIID: in.APIID, ResponseType: in.ResponseType, ResponseTemplates: map[string]string{jsonType: defaultGatewayTemplate},
			}
		}
		response = response.clone()
		if err := applyPatches(&response, in.PatchOperations, gatewayResponsePatches); err != nil {
			return err
		}
		api.GatewayResponses[in.ResponseType] = response
		return response.check()
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetGatewayResponse(nil, &in.gatewayResponseInput)
}

func (s *Service) apiDeleteGatewayResponse(_ *protocol.Call, in *gatewayResponseInput) (*empty, error) {
	if err := (GatewayResponse{ResponseType: in.ResponseType}).check(); err != nil {
		return nil, err
	}
	return &empty{}, s.DeleteGatewayResponse(in.APIID, in.ResponseType)
}
