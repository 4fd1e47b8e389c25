package apigateway

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/internal/protocol"
)

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
