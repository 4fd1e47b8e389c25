package apigateway

// APIKey identifies a client of methods that require a key.
type APIKey struct {
	// ID is ten lower-case letters and digits. Empty on PutAPIKey: one is made.
	ID   string
	Name string
	// Value is what the client sends in X-API-Key: 20 to 128 characters. Empty on PutAPIKey: 40 are made.
	Value       string
	Description string
	Enabled     bool
	CustomerID  string
	Tags        map[string]string
}

// PutAPIKey makes a key and answers it with its id and value.
func (s *Service) PutAPIKey(key APIKey) (APIKey, error) { return APIKey{}, errNotWritten }

// UpdateAPIKey changes a key in place. Its value cannot be changed.
func (s *Service) UpdateAPIKey(key APIKey) (APIKey, error) { return APIKey{}, errNotWritten }

// DeleteAPIKey removes a key, from usage plans too.
func (s *Service) DeleteAPIKey(keyID string) error { return errNotWritten }

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
	// Throttle is for methods of the stage by path: "/v1/POST".
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

// PutUsagePlan makes a usage plan and answers it with its id.
func (s *Service) PutUsagePlan(plan UsagePlan) (UsagePlan, error) { return UsagePlan{}, errNotWritten }

// UpdateUsagePlan changes a usage plan in place; its keys stay.
func (s *Service) UpdateUsagePlan(plan UsagePlan) (UsagePlan, error) {
	return UsagePlan{}, errNotWritten
}

// DeleteUsagePlan removes a usage plan that no longer opens any stage.
func (s *Service) DeleteUsagePlan(planID string) error { return errNotWritten }

// PutUsagePlanKey adds a key to a usage plan.
func (s *Service) PutUsagePlanKey(planID, keyID string) error { return errNotWritten }

// DeleteUsagePlanKey takes a key out of a usage plan.
func (s *Service) DeleteUsagePlanKey(planID, keyID string) error { return errNotWritten }
