package apigateway

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// UsagePlan is the stages that its keys may call, and how often.
type UsagePlan struct {
	// ID is six lower-case letters and digits. CreateUsagePlan generates it.
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

// UsagePlanStage is a stage that the keys of a usage plan may call.
type UsagePlanStage struct {
	APIID, Stage string
	// Throttles replace the plan's for single methods of the stage.
	Throttles []MethodThrottle
}

// MethodThrottle is a throttle for one method.
type MethodThrottle struct {
	Throttle
	// Path is the method's path and HTTP method: "/v1/POST".
	Path string
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
	// Offset is how many of them are counted in advance in the first period.
	Offset int
	// Period is DAY, WEEK (from Sunday) or MONTH.
	Period string
}

// usagePlan is a usage plan with the ids of its keys.
type usagePlan struct {
	UsagePlan
	KeyIDs []string
}

func (p usagePlan) withKey(keyID string) usagePlan {
	p.KeyIDs = append(slices.Clone(p.KeyIDs), keyID)
	return p
}

func (p usagePlan) withoutKey(keyID string) usagePlan {
	p.KeyIDs = slices.DeleteFunc(slices.Clone(p.KeyIDs), func(id string) bool { return id == keyID })
	return p
}

var throttlePathPattern = regexp.MustCompile(`^/.*/[A-Z]+$|^/[A-Z]+$`)

// CreateUsagePlan creates a usage plan and returns it with its id.
func (s *Service) CreateUsagePlan(plan UsagePlan) (UsagePlan, error) {
	plan = plan.clone()
	plan.ID = newID(6)
	err := s.editAccount(func(account *accountConfig) error {
		if err := s.checkUsagePlan(plan); err != nil {
			return err
		}
		account.UsagePlans[plan.ID] = usagePlan{UsagePlan: plan}
		return nil
	})
	return plan.clone(), err
}

// GetUsagePlan describes a usage plan.
func (s *Service) GetUsagePlan(planID string) (UsagePlan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	plan, err := s.account.usagePlan(planID)
	return plan.clone(), err
}

// UpdateUsagePlan changes a usage plan in place; its keys stay.
func (s *Service) UpdateUsagePlan(change UsagePlan) error {
	return s.editUsagePlan(change.ID, func(plan *UsagePlan) error {
		*plan = change.clone()
		return nil
	})
}

// editUsagePlan is editAccount for one of its usage plans.
func (s *Service) editUsagePlan(planID string, change func(*UsagePlan) error) error {
	return s.editAccount(func(account *accountConfig) error {
		plan, err := account.usagePlan(planID)
		if err != nil {
			return err
		}
		changed := plan.clone()
		if err := change(&changed); err != nil {
			return err
		}
		if err := s.checkUsagePlan(changed); err != nil {
			return err
		}
		for _, keyID := range plan.KeyIDs {
			if err := account.checkOnePlan(keyID, changed); err != nil {
				return err
			}
		}
		account.UsagePlans[planID] = usagePlan{UsagePlan: changed, KeyIDs: plan.KeyIDs}
		return nil
	})
}

// DeleteUsagePlan deletes a usage plan without stages: remove them with UpdateUsagePlan first.
func (s *Service) DeleteUsagePlan(planID string) error {
	return s.editAccount(func(account *accountConfig) error {
		plan, err := account.usagePlan(planID)
		if err != nil {
			return err
		}
		if len(plan.APIStages) > 0 {
			return badRequest("Cannot delete Usage Plan '%s' because there are API Stages associated with the Usage Plan", planID) // assumed: quoted in issue threads
		}
		delete(account.UsagePlans, planID)
		return nil
	})
}

// UsagePlanKey is an API key in a usage plan.
type UsagePlanKey struct {
	UsagePlanID string
	KeyID       string
	// KeyType is API_KEY.
	KeyType string

	// Name and Value are the key's. Set by the service.
	Name  string
	Value string
}

// CreateUsagePlanKey adds a key to a usage plan.
func (s *Service) CreateUsagePlanKey(add UsagePlanKey) error {
	return s.editAccount(func(account *accountConfig) error {
		plan, err := account.usagePlan(add.UsagePlanID)
		if err != nil {
			return err
		}
		if _, err := account.apiKey(add.KeyID); err != nil {
			return err
		}
		if slices.Contains(plan.KeyIDs, add.KeyID) {
			return conflict("Usage plan key already exists")
		}
		if err := account.checkOnePlan(add.KeyID, plan.UsagePlan); err != nil {
			return err
		}
		account.UsagePlans[add.UsagePlanID] = plan.withKey(add.KeyID)
		return nil
	})
}

// GetUsagePlanKey describes a key in a usage plan.
func (s *Service) GetUsagePlanKey(planID, keyID string) (UsagePlanKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.account.usagePlanWithKey(planID, keyID); err != nil {
		return UsagePlanKey{}, err
	}
	return s.account.usagePlanKey(planID, keyID), nil
}

func (c *accountConfig) usagePlanKey(planID, keyID string) UsagePlanKey {
	key := c.APIKeys[keyID]
	return UsagePlanKey{UsagePlanID: planID, KeyID: keyID, KeyType: "API_KEY", Name: key.Name, Value: key.Value}
}

// DeleteUsagePlanKey removes a key from a usage plan.
func (s *Service) DeleteUsagePlanKey(planID, keyID string) error {
	return s.editAccount(func(account *accountConfig) error {
		plan, err := account.usagePlanWithKey(planID, keyID)
		if err != nil {
			return err
		}
		account.UsagePlans[planID] = plan.withoutKey(keyID)
		return nil
	})
}

// checkOnePlan refuses a second plan with the same stage for a key: documented (api-gateway-api-usage-plans); the
// sentence is assumed.
func (c *accountConfig) checkOnePlan(keyID string, plan UsagePlan) error {
	for _, other := range c.UsagePlans {
		if other.ID == plan.ID || !slices.Contains(other.KeyIDs, keyID) {
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

func (c *accountConfig) usagePlan(planID string) (usagePlan, error) {
	if plan, ok := c.UsagePlans[planID]; ok {
		return plan, nil
	}
	return usagePlan{}, notFound("Invalid Usage Plan ID specified") // assumed: the sentence is that of getmoto/moto
}

func (c *accountConfig) usagePlanWithKey(planID, keyID string) (usagePlan, error) {
	plan, err := c.usagePlan(planID)
	if err == nil && !slices.Contains(plan.KeyIDs, keyID) {
		err = notFound("Invalid API Key identifier specified")
	}
	return plan, err
}

func (s *Service) checkUsagePlan(plan UsagePlan) error {
	for i, opened := range plan.APIStages {
		if api := s.apis[opened.APIID]; api == nil || api.Stages[opened.Stage] == nil {
			return notFound("API Stage not found: %s:%s", opened.APIID, opened.Stage)
		}
		for _, other := range plan.APIStages[:i] {
			if other.APIID == opened.APIID && other.Stage == opened.Stage {
				return badRequest("API Stage %s:%s is in the usage plan twice", opened.APIID, opened.Stage)
			}
		}
		for _, throttle := range opened.Throttles {
			if !throttlePathPattern.MatchString(throttle.Path) {
				return badRequest("Invalid method path for throttling: %s", throttle.Path)
			}
			if err := throttle.check(); err != nil {
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
		p.APIStages[i].Throttles = slices.Clone(p.APIStages[i].Throttles)
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
