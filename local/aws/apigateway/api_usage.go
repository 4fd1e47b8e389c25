package apigateway

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/internal/protocol"
)

func (s *Service) usageActions() []protocol.Action {
	const key, plan = "/apikeys/{api_Key}", "/usageplans/{usageplanId}"
	return []protocol.Action{
		handle(s, "CreateApiKey", "POST", "/apikeys", 201, s.apiCreateAPIKey),
		handle(s, "GetApiKeys", "GET", "/apikeys", 200, s.apiGetAPIKeys),
		handle(s, "GetApiKey", "GET", key, 200, s.apiGetAPIKey),
		handle(s, "UpdateApiKey", "PATCH", key, 200, s.apiUpdateAPIKey),
		handle(s, "DeleteApiKey", "DELETE", key, 202, s.apiDeleteAPIKey),
		handle(s, "GetUsagePlans", "GET", "/usageplans", 200, s.apiGetUsagePlans),
		handle(s, "GetUsagePlan", "GET", plan, 200, s.apiGetUsagePlan),
		handle(s, "UpdateUsagePlan", "PATCH", plan, 200, s.apiUpdateUsagePlan),
		handle(s, "CreateUsagePlanKey", "POST", plan+"/keys", 201, s.apiCreateUsagePlanKey),
		handle(s, "GetUsagePlanKeys", "GET", plan+"/keys", 200, s.apiGetUsagePlanKeys),
		handle(s, "GetUsagePlanKey", "GET", plan+"/keys/{keyId}", 200, s.apiGetUsagePlanKey),
		handle(s, "DeleteUsagePlanKey", "DELETE", plan+"/keys/{keyId}", 202, s.apiDeleteUsagePlanKey),
		handle(s, "GetUsage", "GET", plan+"/usage", 200, s.apiGetUsage),
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
		key.LastUpdatedDate = s.options.Clock.Now().UTC()
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

// usagePlanShape is a usage plan as answers show it: recorded (LocalStack, TestUsagePlans).
type usagePlanShape struct {
	ID                string `aws:"id"`
	Name, Description *string
	APIStages         []apiStageShape `aws:"apiStages"`
	Throttle          *throttleShape
	Quota             *quotaShape
	Tags              map[string]string
}

type apiStageShape struct {
	APIID    string `aws:"apiId"`
	Stage    string
	Throttle map[string]throttleShape
}

type throttleShape struct {
	BurstLimit int
	RateLimit  float64
}

type quotaShape struct {
	Limit, Offset int
	Period        string
}

func showUsagePlan(p UsagePlan) usagePlanShape {
	shape := usagePlanShape{
		ID: p.ID, Name: present(p.Name), Description: present(p.Description), APIStages: []apiStageShape{}, Tags: unlessEmpty(p.Tags),
	}
	for _, at := range p.APIStages {
		shown := apiStageShape{APIID: at.APIID, Stage: at.Stage}
		for _, t := range at.Throttles {
			if shown.Throttle == nil {
				shown.Throttle = map[string]throttleShape{}
			}
			shown.Throttle[t.Path] = throttleShape{t.BurstLimit, t.RateLimit}
		}
		shape.APIStages = append(shape.APIStages, shown)
	}
	if p.Throttle != nil {
		shape.Throttle = &throttleShape{p.Throttle.BurstLimit, p.Throttle.RateLimit}
	}
	if p.Quota != nil {
		shape.Quota = &quotaShape{p.Quota.Limit, p.Quota.Offset, p.Quota.Period}
	}
	return shape
}

type usagePlansInput struct {
	paging
	KeyID *string `aws:"keyId,query"`
}

func (*usagePlansInput) resource() string { return "/usageplans" }

type usagePlans struct {
	Item     []usagePlanShape
	Position *string
}

func (s *Service) apiGetUsagePlans(_ *protocol.Call, in *usagePlansInput) (*usagePlans, error) {
	all := s.GetUsagePlans()
	if in.KeyID != nil {
		all = slices.DeleteFunc(all, func(p UsagePlan) bool {
			_, err := s.GetUsagePlanKey(p.ID, *in.KeyID)
			return err != nil
		})
	}
	items, position, err := pageAs(all, func(p UsagePlan) string { return p.ID }, in.paging, showUsagePlan)
	return &usagePlans{items, position}, err
}

type usagePlanInput struct {
	PlanID string `aws:"usageplanId,path"`
}

func (in *usagePlanInput) resource() string { return "/usageplans/" + in.PlanID }

func (s *Service) apiGetUsagePlan(_ *protocol.Call, in *usagePlanInput) (*usagePlanShape, error) {
	plan, err := s.GetUsagePlan(in.PlanID)
	shape := showUsagePlan(plan)
	return &shape, err
}

type usagePlanKeysInput struct {
	usagePlanInput
	paging
	NameQuery *string `aws:"name,query"`
}

func (in *usagePlanKeysInput) resource() string { return in.usagePlanInput.resource() + "/keys" }

type usagePlanKeyInput struct {
	usagePlanInput
	KeyID string `aws:"keyId,path"`
}

func (in *usagePlanKeyInput) resource() string {
	return in.usagePlanInput.resource() + "/keys/" + in.KeyID
}

type usagePlanKeyShape struct {
	ID    string `aws:"id"`
	Type  string
	Name  *string
	Value *string
}

func showUsagePlanKey(k UsagePlanKey) usagePlanKeyShape {
	return usagePlanKeyShape{k.KeyID, k.KeyType, present(k.Name), present(k.Value)}
}

type usagePlanKeys struct {
	Item     []usagePlanKeyShape
	Position *string
}

func (s *Service) apiGetUsagePlanKeys(_ *protocol.Call, in *usagePlanKeysInput) (*usagePlanKeys, error) {
	if _, err := s.GetUsagePlan(in.PlanID); err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(s.GetUsagePlanKeys(), func(k UsagePlanKey) bool {
		return k.UsagePlanID != in.PlanID || !strings.HasPrefix(k.Name, textOf(in.NameQuery))
	})
	slices.SortFunc(all, func(a, b UsagePlanKey) int { return cmp.Compare(a.KeyID, b.KeyID) })
	items, position, err := pageAs(all, func(k UsagePlanKey) string { return k.KeyID }, in.paging, showUsagePlanKey)
	return &usagePlanKeys{items, position}, err
}

func (s *Service) apiGetUsagePlanKey(_ *protocol.Call, in *usagePlanKeyInput) (*usagePlanKeyShape, error) {
	key, err := s.GetUsagePlanKey(in.PlanID, in.KeyID)
	shape := showUsagePlanKey(key)
	return &shape, err
}

type createUsagePlanKeyInput struct {
	usagePlanKeysInput
	KeyID   *string `aws:"keyId"`
	KeyType *string
}

func (s *Service) apiCreateUsagePlanKey(_ *protocol.Call, in *createUsagePlanKeyInput) (*usagePlanKeyShape, error) {
	if kind := textOf(in.KeyType); kind != "API_KEY" {
		return nil, badRequest("Invalid key type specified: %s", kind) // assumed
	}
	if err := s.CreateUsagePlanKey(UsagePlanKey{UsagePlanID: in.PlanID, KeyID: textOf(in.KeyID)}); err != nil {
		return nil, err
	}
	return s.apiGetUsagePlanKey(nil, &usagePlanKeyInput{in.usagePlanInput, textOf(in.KeyID)})
}

func (s *Service) apiDeleteUsagePlanKey(_ *protocol.Call, in *usagePlanKeyInput) (*empty, error) {
	return &empty{}, s.DeleteUsagePlanKey(in.PlanID, in.KeyID)
}

type usageInput struct {
	usagePlanInput
	KeyID     *string `aws:"keyId,query"`
	StartDate *string `aws:"startDate,query"`
	EndDate   *string `aws:"endDate,query"`
	paging
}

func (in *usageInput) resource() string { return in.usagePlanInput.resource() + "/usage" }

type usageShape struct {
	UsagePlanID string `aws:"usagePlanId"`
	StartDate   string
	EndDate     string
	Position    *string
	// Values are, for each key and day, the requests used and those left of the quota.
	Values map[string][][]int
}

// apiGetUsage shows what the keys of a plan have used. Documented: API_GetUsage. Only plans with a quota count requests here.
func (s *Service) apiGetUsage(_ *protocol.Call, in *usageInput) (*usageShape, error) {
	from, err := dateIn("startDate", in.StartDate)
	if err != nil {
		return nil, err
	}
	to, err := dateIn("endDate", in.EndDate)
	if err != nil {
		return nil, err
	}
	if to.Before(from) || to.Sub(from) > keptDays*24*time.Hour { // the sentence is assumed
		return nil, badRequest("Invalid date range specified: startDate must not be after endDate, and %d days before it at most", keptDays)
	}
	plan, err := s.GetUsagePlan(in.PlanID)
	switch {
	case err != nil:
		return nil, err
	case plan.Quota == nil:
		return nil, notEmulated("the usage of a usage plan without a quota")
	}
	keys, err := s.apiGetUsagePlanKeys(nil, &usagePlanKeysInput{usagePlanInput: in.usagePlanInput, paging: in.paging})
	if err != nil {
		return nil, err
	}
	shape := &usageShape{
		UsagePlanID: in.PlanID, StartDate: dateOf(from), EndDate: dateOf(to), Position: keys.Position, Values: map[string][][]int{},
	}
	if today := periodOf(s.options.Clock.Now(), "DAY"); to.After(today) {
		to = today
	}
	for _, key := range keys.Item {
		if in.KeyID == nil || *in.KeyID == key.ID {
			shape.Values[key.ID] = s.usage.dailyUsage(in.PlanID, key.ID, *plan.Quota, from, to)
		}
	}
	return shape, nil
}

func dateIn(name string, text *string) (time.Time, error) {
	date, err := time.Parse(time.DateOnly, textOf(text))
	if err != nil { // the sentence is assumed
		return date, badRequest("Invalid %s specified: '%s'. Must have the form yyyy-MM-dd", name, textOf(text))
	}
	return date, nil
}
