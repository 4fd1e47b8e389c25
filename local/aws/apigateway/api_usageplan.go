package apigateway

import (
	"maps"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/internal/protocol"
)

func (s *Service) usagePlanActions() []protocol.Action {
	const plan = "/usageplans/{usageplanId}"
	return []protocol.Action{
		handle(s, "CreateUsagePlan", "POST", "/usageplans", 201, s.apiCreateUsagePlan),
		handle(s, "GetUsagePlans", "GET", "/usageplans", 200, s.apiGetUsagePlans),
		handle(s, "GetUsagePlan", "GET", plan, 200, s.apiGetUsagePlan),
		handle(s, "UpdateUsagePlan", "PATCH", plan, 200, s.apiUpdateUsagePlan),
		handle(s, "DeleteUsagePlan", "DELETE", plan, 202, s.apiDeleteUsagePlan),
		handle(s, "CreateUsagePlanKey", "POST", plan+"/keys", 201, s.apiCreateUsagePlanKey),
		handle(s, "GetUsagePlanKeys", "GET", plan+"/keys", 200, s.apiGetUsagePlanKeys),
		handle(s, "GetUsagePlanKey", "GET", plan+"/keys/{keyId}", 200, s.apiGetUsagePlanKey),
		handle(s, "DeleteUsagePlanKey", "DELETE", plan+"/keys/{keyId}", 202, s.apiDeleteUsagePlanKey),
		handle(s, "GetUsage", "GET", plan+"/usage", 200, s.apiGetUsage),
	}
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
	shape.Tags = orEmpty(shape.Tags)
	return &shape, err
}

type usagePlanPatch struct {
	usagePlanInput
	PatchOperations []patchOperation
}

// usagePlanPatches are documented: patch-operations.html of the API reference.
var usagePlanPatches = []patch[UsagePlan]{
	{"/name", "replace", setText(func(p *UsagePlan) *string { return &p.Name })},
	{"/description", "replace remove", setText(func(p *UsagePlan) *string { return &p.Description })},
	{"/productCode", "replace remove", refusePatch[UsagePlan]},
	{"/throttle", "remove", func(p *UsagePlan, _ patchValue) error { p.Throttle = nil; return nil }},
	{"/throttle/rateLimit", "add replace", func(p *UsagePlan, v patchValue) (err error) {
		p.throttle().RateLimit, err = v.float()
		return err
	}},
	{"/throttle/burstLimit", "add replace", func(p *UsagePlan, v patchValue) (err error) {
		p.throttle().BurstLimit, err = v.int()
		return err
	}},
	{"/quota", "remove", func(p *UsagePlan, _ patchValue) error { p.Quota = nil; return nil }},
	{"/quota/limit", "add replace", func(p *UsagePlan, v patchValue) (err error) {
		p.quota().Limit, err = v.int()
		return err
	}},
	{"/quota/offset", "add replace", func(p *UsagePlan, v patchValue) (err error) {
		p.quota().Offset, err = v.int()
		return err
	}},
	{"/quota/period", "add replace", func(p *UsagePlan, v patchValue) error { p.quota().Period = v.text; return nil }},
	{"/apiStages", "add remove", (*UsagePlan).patchStages},
	{"/apiStages/{stage}/throttle/{method}", "remove", (*UsagePlan).removeMethodThrottle},
	{"/apiStages/{stage}/throttle/{method}/rateLimit", "add replace", methodThrottle(func(t *Throttle, v patchValue) (err error) {
		t.RateLimit, err = v.float()
		return err
	})},
	{"/apiStages/{stage}/throttle/{method}/burstLimit", "add replace", methodThrottle(func(t *Throttle, v patchValue) (err error) {
		t.BurstLimit, err = v.int()
		return err
	})},
}

func (p *UsagePlan) throttle() *Throttle {
	if p.Throttle == nil {
		p.Throttle = &Throttle{}
	}
	return p.Throttle
}

func (p *UsagePlan) quota() *Quota {
	if p.Quota == nil {
		p.Quota = &Quota{}
	}
	return p.Quota
}

// patchStages adds or removes a stage, given as "<api>:<stage>".
func (p *UsagePlan) patchStages(v patchValue) error {
	i, err := p.stage(v.text)
	api, stage, _ := strings.Cut(v.text, ":")
	switch {
	case !v.remove && err == nil: // assumed
		return conflict("API Stage %s is already in the usage plan", v.text)
	case !v.remove:
		p.APIStages = append(p.APIStages, UsagePlanStage{APIID: api, Stage: stage})
		return nil
	case err != nil:
		return err
	}
	p.APIStages = slices.Delete(p.APIStages, i, i+1)
	return nil
}

// stage finds a stage, given as "<api>:<stage>".
func (p *UsagePlan) stage(id string) (int, error) {
	i := slices.IndexFunc(p.APIStages, func(s UsagePlanStage) bool { return s.APIID+":"+s.Stage == id })
	if i < 0 {
		return i, notFound("API Stage not found: %s", id)
	}
	return i, nil
}

// methodThrottle is the patch of a limit of one method of a stage.
func methodThrottle(set func(*Throttle, patchValue) error) func(*UsagePlan, patchValue) error {
	return func(p *UsagePlan, v patchValue) error {
		i, err := p.stage(v.names[0])
		if err != nil {
			return err
		}
		at := &p.APIStages[i]
		j := slices.IndexFunc(at.Throttles, func(t MethodThrottle) bool { return t.Path == v.names[1] })
		if j < 0 {
			at.Throttles = append(at.Throttles, MethodThrottle{Path: v.names[1]})
			j = len(at.Throttles) - 1
		}
		return set(&at.Throttles[j].Throttle, v)
	}
}

func (p *UsagePlan) removeMethodThrottle(v patchValue) error {
	i, err := p.stage(v.names[0])
	if err != nil {
		return err
	}
	p.APIStages[i].Throttles = slices.DeleteFunc(p.APIStages[i].Throttles, func(t MethodThrottle) bool { return t.Path == v.names[1] })
	return nil
}

func (s *Service) apiUpdateUsagePlan(_ *protocol.Call, in *usagePlanPatch) (*usagePlanShape, error) {
	err := s.editUsagePlan(in.PlanID, func(plan *UsagePlan) error { return applyPatches(plan, in.PatchOperations, usagePlanPatches) })
	if err != nil {
		return nil, err
	}
	return s.apiGetUsagePlan(nil, &in.usagePlanInput)
}

type createUsagePlanInput struct {
	Name, Description *string
	APIStages         []apiStageShape `aws:"apiStages"`
	Throttle          *throttleShape
	Quota             *quotaShape
	Tags              map[string]string
}

func (*createUsagePlanInput) resource() string { return "/usageplans" }

func (s *Service) apiCreateUsagePlan(_ *protocol.Call, in *createUsagePlanInput) (*usagePlanShape, error) {
	create := UsagePlan{Name: textOf(in.Name), Description: textOf(in.Description), Tags: in.Tags}
	for _, at := range in.APIStages {
		stage := UsagePlanStage{APIID: at.APIID, Stage: at.Stage}
		for _, path := range slices.Sorted(maps.Keys(at.Throttle)) {
			stage.Throttles = append(stage.Throttles, MethodThrottle{Path: path, Throttle: at.Throttle[path].throttle()})
		}
		create.APIStages = append(create.APIStages, stage)
	}
	if in.Throttle != nil {
		throttle := in.Throttle.throttle()
		create.Throttle = &throttle
	}
	if in.Quota != nil {
		create.Quota = &Quota{Limit: in.Quota.Limit, Offset: in.Quota.Offset, Period: in.Quota.Period}
	}
	created, err := s.CreateUsagePlan(create)
	shape := showUsagePlan(created)
	return &shape, err
}

func (t throttleShape) throttle() Throttle {
	return Throttle{RateLimit: t.RateLimit, BurstLimit: t.BurstLimit}
}

func (s *Service) apiDeleteUsagePlan(_ *protocol.Call, in *usagePlanInput) (*empty, error) {
	return &empty{}, s.DeleteUsagePlan(in.PlanID)
}
