package apigateway

import (
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/internal/protocol"
)

func (s *Service) keyActions() []protocol.Action {
	const key = "/apikeys/{api_Key}"
	return []protocol.Action{
		handle(s, "CreateApiKey", "POST", "/apikeys", 201, s.apiCreateAPIKey),
		handle(s, "GetApiKeys", "GET", "/apikeys", 200, s.apiGetAPIKeys),
		handle(s, "GetApiKey", "GET", key, 200, s.apiGetAPIKey),
		handle(s, "UpdateApiKey", "PATCH", key, 200, s.apiUpdateAPIKey),
		handle(s, "DeleteApiKey", "DELETE", key, 202, s.apiDeleteAPIKey),
	}
}

// apiKeyShape is an API key as answers show it: recorded (LocalStack, test_api_key_value and TestUsagePlans). The value is
// there only if it is asked for.
type apiKeyShape struct {
	ID                           string `aws:"id"`
	Value                        *string
	Name, Description            *string
	CustomerID                   *string `aws:"customerId"`
	Enabled                      bool
	CreatedDate, LastUpdatedDate time.Time
	StageKeys                    []string
	Tags                         map[string]string
}

func showAPIKey(k APIKey, withValue bool) apiKeyShape {
	shape := apiKeyShape{
		ID: k.ID, Name: present(k.Name), Description: present(k.Description), CustomerID: present(k.CustomerID), Enabled: k.Enabled,
		CreatedDate: k.CreatedDate, LastUpdatedDate: k.LastUpdatedDate, StageKeys: []string{}, Tags: unlessEmpty(k.Tags),
	}
	if withValue {
		shape.Value = &k.Value
	}
	return shape
}

type apiKeysInput struct {
	paging
	NameQuery     *string `aws:"name,query"`
	CustomerID    *string `aws:"customerId,query"`
	IncludeValues *bool   `aws:"includeValues,query"`
}

func (*apiKeysInput) resource() string { return "/apikeys" }

type apiKeys struct {
	Item     []apiKeyShape
	Position *string
}

// apiGetAPIKeys lists keys whose name begins with the one that is given: assumed, documented is "the name of queried API
// keys".
func (s *Service) apiGetAPIKeys(_ *protocol.Call, in *apiKeysInput) (*apiKeys, error) {
	all := slices.DeleteFunc(s.GetAPIKeys(), func(k APIKey) bool {
		return !strings.HasPrefix(k.Name, textOf(in.NameQuery)) || in.CustomerID != nil && k.CustomerID != *in.CustomerID
	})
	items, position, err := pageAs(all, func(k APIKey) string { return k.ID }, in.paging,
		func(k APIKey) apiKeyShape { return showAPIKey(k, isTrue(in.IncludeValues)) })
	return &apiKeys{items, position}, err
}

type apiKeyInput struct {
	KeyID string `aws:"api_Key,path"`
}

func (in *apiKeyInput) resource() string { return "/apikeys/" + in.KeyID }

type getAPIKeyInput struct {
	apiKeyInput
	IncludeValue *bool `aws:"includeValue,query"`
}

func (s *Service) apiGetAPIKey(_ *protocol.Call, in *getAPIKeyInput) (*apiKeyShape, error) {
	key, err := s.GetAPIKey(in.KeyID)
	shape := showAPIKey(key, isTrue(in.IncludeValue))
	shape.Tags = orEmpty(shape.Tags)
	return &shape, err
}

type createAPIKeyInput struct {
	Name, Description, Value *string
	CustomerID               *string `aws:"customerId"`
	Enabled                  *bool
	GenerateDistinctID       *bool `aws:"generateDistinctId"`
	StageKeys                []any
	Tags                     map[string]string
}

func (*createAPIKeyInput) resource() string { return "/apikeys" }

func (s *Service) apiCreateAPIKey(_ *protocol.Call, in *createAPIKeyInput) (*apiKeyShape, error) {
	if len(in.StageKeys) > 0 {
		return nil, notEmulated("stageKeys, which usage plans replaced,")
	}
	key, err := s.CreateAPIKey(APIKey{
		Name: textOf(in.Name), Description: textOf(in.Description), Value: textOf(in.Value), CustomerID: textOf(in.CustomerID),
		Enabled: isTrue(in.Enabled), Tags: in.Tags,
	})
	shape := showAPIKey(key, true)
	return &shape, err
}

type apiKeyPatch struct {
	apiKeyInput
	PatchOperations []patchOperation
}

var apiKeyPatches = []patch[APIKey]{
	{"/name", "replace", setText(func(k *APIKey) *string { return &k.Name })},
	{"/description", "replace", setText(func(k *APIKey) *string { return &k.Description })},
	{"/customerId", "replace", setText(func(k *APIKey) *string { return &k.CustomerID })},
	{"/enabled", "replace", setBool(func(k *APIKey) *bool { return &k.Enabled })},
	{"/stages", "add remove", refusePatch[APIKey]},
}

func (s *Service) apiUpdateAPIKey(_ *protocol.Call, in *apiKeyPatch) (*apiKeyShape, error) {
	err := s.editAccount(func(account *accountConfig) error {
		key, err := account.apiKey(in.KeyID)
		if err != nil {
			return err
		}
		if err := applyPatches(&key, in.PatchOperations, apiKeyPatches); err != nil {
			return err
		}
		key.LastUpdatedDate = s.now()
		account.APIKeys[in.KeyID] = key
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetAPIKey(nil, &getAPIKeyInput{apiKeyInput: in.apiKeyInput})
}

func (s *Service) apiDeleteAPIKey(_ *protocol.Call, in *apiKeyInput) (*empty, error) {
	return &empty{}, s.DeleteAPIKey(in.KeyID)
}
