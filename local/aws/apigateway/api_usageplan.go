package apigateway

import (
	"slices"
	"strings"

	"ingest-pipeline/local/aws/internal/protocol"
)

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
