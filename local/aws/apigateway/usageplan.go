package apigateway

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// UsagePlan says which stages the keys in it may call, and how much.
type UsagePlan struct {
	// ID is six lower-case letters and digits. Empty on PutUsagePlan: one is made.
	ID          string
	Name        string
	Description string
	APIStages   []UsagePlanStage
	// Throttle is for each key; nil: none.
	Throttle *Throttle
	// Quota is for each key; nil: none.
	Quota *Quota
	Tags  map[string]string
}

// UsagePlanStage is a stage that a usage plan opens.
type UsagePlanStage struct {
	APIID, Stage string
	// Throttle is for methods of the stage by path: "/v1/POST". It takes the place of the plan's for these.
	Throttle map[string]Throttle
}

// Throttle is a token bucket.
type Throttle struct {
	// RateLimit is in requests per second: at least 0.
	RateLimit float64
	// BurstLimit is the size of the bucket, in requests: at least 0.
	BurstLimit int
}

// Quota is a number of requests in a calendar period, in UTC.
type Quota struct {
	// Limit is the number of requests, at least 0.
	Limit int
	// Offset is how many of them count as already made in the first period.
	Offset int
	// Period is DAY, WEEK (from Sunday) or MONTH.
	Period string
}

// usagePlan is a usage plan with the ids of its keys.
type usagePlan struct {
	UsagePlan
	keys map[string]bool
}

var throttlePathPattern = regexp.MustCompile(`^/.*/[A-Z]+$|^/[A-Z]+$`)

// PutUsagePlan makes a usage plan and answers it with its id.
func (s *Service) PutUsagePlan(put UsagePlan) (UsagePlan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkUsagePlan(put); err != nil {
		return UsagePlan{}, err
	}
	if put.ID == "" {
		put.ID = newID(6)
	}
	if _, ok := s.plans[put.ID]; ok {
		return UsagePlan{}, conflict("Usage Plan identifier already exists: %s", put.ID)
	}
	s.plans[put.ID] = &usagePlan{UsagePlan: put.clone(), keys: map[string]bool{}}
	s.publishUsage()
	return put, nil
}

// UpdateUsagePlan changes a usage plan in place; its keys stay.
func (s *Service) UpdateUsagePlan(change UsagePlan) (UsagePlan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.findPlan(change.ID)
	if err != nil {
		return UsagePlan{}, err
	}
	if err := s.checkUsagePlan(change); err != nil {
		return UsagePlan{}, err
	}
	for keyID := range found.keys {
		if err := s.checkOnePlan(keyID, change); err != nil {
			return UsagePlan{}, err
		}
	}
	found.UsagePlan = change.clone()
	s.publishUsage()
	return change, nil
}

// DeleteUsagePlan removes a usage plan that opens no stage any more: take them out with UpdateUsagePlan first.
func (s *Service) DeleteUsagePlan(planID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.findPlan(planID)
	if err != nil {
		return err
	}
	if len(found.APIStages) > 0 {
		return badRequest("Cannot delete Usage Plan '%s' because there are API Stages associated with the Usage Plan", planID) // recorded in issue threads
	}
	delete(s.plans, planID)
	s.publishUsage()
	return nil
}

// PutUsagePlanKey adds a key to a usage plan.
func (s *Service) PutUsagePlanKey(planID, keyID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	plan, err := s.findPlan(planID)
	if err != nil {
		return err
	}
	if _, err := s.findKey(keyID); err != nil {
		return err
	}
	if plan.keys[keyID] {
		return conflict("Usage plan key already exists")
	}
	if err := s.checkOnePlan(keyID, plan.UsagePlan); err != nil {
		return err
	}
	plan.keys[keyID] = true
	s.publishUsage()
	return nil
}

// DeleteUsagePlanKey takes a key out of a usage plan.
func (s *Service) DeleteUsagePlanKey(planID, keyID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	plan, err := s.findPlan(planID)
	if err != nil {
		return err
	}
	if !plan.keys[keyID] {
		return notFound("Invalid API Key identifier specified")
	}
	delete(plan.keys, keyID)
	s.publishUsage()
	return nil
}

// checkOnePlan refuses a second plan with the same stage for a key: documented (api-gateway-api-usage-plans); the
// sentence is assumed.
func (s *Service) checkOnePlan(keyID string, plan UsagePlan) error {
	for _, other := range s.plans {
		if other.ID == plan.ID || !other.keys[keyID] {
			continue
		}
		for _, opened := range other.APIStages {
			for _, wanted := range plan.APIStages {
				if opened.APIID == wanted.APIID && opened.Stage == wanted.Stage {
					return conflict("API Key %s cannot be added to usage plan %s because it is already in usage plan %s with API Stage %s:%s",
						keyID, plan.ID, other.ID, opened.APIID, opened.Stage)
				}
			}
		}
	}
	return nil
}

func (s *Service) findPlan(planID string) (*usagePlan, error) {
	if found, ok := s.plans[planID]; ok {
		return found, nil
	}
	return nil, notFound("Invalid Usage Plan ID specified") // recorded (moto)
}

func (s *Service) checkUsagePlan(plan UsagePlan) error {
	for i, opened := range plan.APIStages {
		if _, _, err := s.findStage(opened.APIID, opened.Stage); err != nil {
			return notFound("API Stage not found: %s:%s", opened.APIID, opened.Stage)
		}
		for _, other := range plan.APIStages[:i] {
			if other.APIID == opened.APIID && other.Stage == opened.Stage {
				return badRequest("API Stage %s:%s is in the usage plan twice", opened.APIID, opened.Stage)
			}
		}
		for _, path := range slices.Sorted(maps.Keys(opened.Throttle)) {
			if !throttlePathPattern.MatchString(path) {
				return badRequest("Invalid method path for throttling: %s", path)
			}
			if err := opened.Throttle[path].check(); err != nil {
				return err
			}
		}
	}
	if plan.Throttle != nil {
		if err := plan.Throttle.check(); err != nil {
			return err
		}
	}
	if plan.Quota != nil {
		return plan.Quota.check()
	}
	return nil
}

func (t Throttle) check() error {
	if t.RateLimit < 0 || t.BurstLimit < 0 {
		return badRequest("Usage Plan throttle must be at least 0, not a rate of %v and a burst of %d", t.RateLimit, t.BurstLimit)
	}
	return nil
}

// check is documented (API_QuotaSettings, and for the offset the Terraform provider's own check of what AWS takes).
func (q Quota) check() error {
	most := map[string]int{"DAY": 0, "WEEK": 6, "MONTH": 27}
	offset, ok := most[q.Period]
	switch {
	case !ok:
		return badRequest("Invalid Quota Period %s. Must be one of: [DAY, WEEK, MONTH]", q.Period)
	case q.Limit < 0:
		return badRequest("Usage Plan quota limit must be at least 0, not %d", q.Limit)
	case q.Offset < 0 || q.Offset > offset:
		return badRequest("Usage Plan quota offset must be between 0 and %d for %s, not %d", offset, q.Period, q.Offset)
	}
	return nil
}

func (p UsagePlan) clone() UsagePlan {
	p.APIStages = slices.Clone(p.APIStages)
	for i := range p.APIStages {
		p.APIStages[i].Throttle = maps.Clone(p.APIStages[i].Throttle)
	}
	if p.Throttle != nil {
		throttle := *p.Throttle
		p.Throttle = &throttle
	}
	if p.Quota != nil {
		quota := *p.Quota
		p.Quota = &quota
	}
	p.Tags = maps.Clone(p.Tags)
	return p
}

// methodPath is the part of a throttle's path after the stage, the way settings are keyed.
func methodPath(path string) string { return "/" + strings.TrimPrefix(path, "/") }
