package apigateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
	"golang.org/x/time/rate"

	"ingest-pipeline/local/internal/durable"
)

// usageTable is what the data plane reads of keys and usage plans. It does not change; another one is published.
type usageTable struct {
	keys map[string]*keyUsage // by the key's value
}

// keyUsage is a key, with the plan that opens each stage to it.
type keyUsage struct {
	APIKey
	plans map[stageID]*planUsage
}

type stageID struct{ apiID, stage string }

// planUsage is what one key may do in one stage.
type planUsage struct {
	planID  string
	bucket  *rate.Limiter            // for methods without one of their own; nil: no limit
	methods map[string]*rate.Limiter // by path and method
	quota   *Quota
}

// publishUsage builds the table that the data plane reads. The caller holds s.mu, or is Open.
func (s *Service) publishUsage() {
	table := &usageTable{keys: map[string]*keyUsage{}}
	for _, key := range s.account.APIKeys {
		entry := &keyUsage{APIKey: key, plans: map[stageID]*planUsage{}}
		for _, plan := range s.account.UsagePlans {
			if !slices.Contains(plan.KeyIDs, key.ID) {
				continue
			}
			for _, opened := range plan.APIStages {
				entry.plans[stageID{opened.APIID, opened.Stage}] = s.usage.planUsage(plan.UsagePlan, opened, key.ID)
			}
		}
		table.keys[key.Value] = entry
	}
	s.usageTable.Store(table)
}

// usage is what survives a change of keys and plans: buckets, and the requests counted for quotas. Counters are
// written every ten seconds and on Close, so a crash loses a few counts: quotas are not exact on AWS, either (documented: api-gateway-api-usage-plans).
type usage struct {
	file  string
	clock clockwork.Clock
	stop  chan struct{}
	done  chan struct{}

	mu      sync.Mutex
	buckets map[bucketID]*rate.Limiter
	counts  map[string]*count // by plan and key: "plan/key"
	changed bool
}

type bucketID struct {
	planID, keyID, apiID, stage, path string
}

// count is the requests of a key in one period.
type count struct {
	// Period is the first day of the period.
	Period time.Time
	Used   int
	// Began is the period in which the key was first used: the quota's offset counts in that one.
	Began time.Time
	// Days are the requests of each day of the last 90, by date: "2026-03-04".
	Days map[string]int
}

// keptDays is how long GetUsage shows the requests of a day. AWS keeps them longer.
const keptDays = 90

const usageWriteInterval = 10 * time.Second

func openUsage(dir string, clock clockwork.Clock) (*usage, error) {
	u := &usage{
		file: filepath.Join(dir, "usage.json"), clock: clock, stop: make(chan struct{}), done: make(chan struct{}),
		buckets: map[bucketID]*rate.Limiter{}, counts: map[string]*count{},
	}
	if _, err := durable.ReadJSON(u.file, &u.counts); err != nil {
		return nil, err
	}
	go u.writePeriodically()
	return u, nil
}

func (u *usage) writePeriodically() {
	defer close(u.done)
	ticker := u.clock.NewTicker(usageWriteInterval)
	defer ticker.Stop()
	for {
		select {
		case <-u.stop:
			return
		case <-ticker.Chan():
			_ = u.write() // the next tick, or close, tries again
		}
	}
}

func (u *usage) close() error {
	close(u.stop)
	<-u.done
	return u.write()
}

func (u *usage) write() error {
	u.mu.Lock()
	if !u.changed {
		u.mu.Unlock()
		return nil
	}
	document, err := json.Marshal(u.counts)
	u.changed = false
	u.mu.Unlock()
	if err == nil {
		err = durable.WriteFile(u.file, document)
	}
	if err != nil {
		u.mu.Lock()
		u.changed = true
		u.mu.Unlock()
		return fmt.Errorf("writing %s: %w", u.file, err)
	}
	return nil
}

// planUsage is what a plan lets a key do in a stage. Documented (api-gateway-request-throttling): the plan's throttle
// is for each key and counts all its stages together; a method's replaces it for that method.
func (u *usage) planUsage(plan UsagePlan, opened UsagePlanStage, keyID string) *planUsage {
	u.mu.Lock()
	defer u.mu.Unlock()
	usage := &planUsage{planID: plan.ID, quota: plan.Quota, methods: map[string]*rate.Limiter{}}
	if plan.Throttle != nil {
		usage.bucket = u.bucket(bucketID{planID: plan.ID, keyID: keyID}, *plan.Throttle)
	}
	for _, throttle := range opened.Throttles {
		id := bucketID{planID: plan.ID, keyID: keyID, apiID: opened.APIID, stage: opened.Stage, path: methodPath(throttle.Path)}
		usage.methods[id.path] = u.bucket(id, throttle.Throttle)
	}
	return usage
}

// bucket is the bucket of an id. It is replaced only when its limits change.
func (u *usage) bucket(id bucketID, throttle Throttle) *rate.Limiter {
	found := u.buckets[id]
	if found == nil || found.Limit() != rate.Limit(throttle.RateLimit) || found.Burst() != throttle.BurstLimit {
		found = rate.NewLimiter(rate.Limit(throttle.RateLimit), throttle.BurstLimit)
		u.buckets[id] = found
	}
	return found
}

// countRequest counts a request, and says whether it is within the quota.
func (u *usage) countRequest(planID, keyID string, quota Quota) bool {
	period := periodOf(u.clock.Now(), quota.Period)
	u.mu.Lock()
	defer u.mu.Unlock()
	id := planID + "/" + keyID
	counted := u.counts[id]
	switch {
	case counted == nil:
		counted = &count{Period: period, Began: period, Days: map[string]int{}}
		u.counts[id] = counted
	case !counted.Period.Equal(period):
		counted.Period, counted.Used = period, 0
		oldest := dateOf(period.AddDate(0, 0, -keptDays))
		maps.DeleteFunc(counted.Days, func(date string, _ int) bool { return date < oldest })
	}
	if counted.Used+counted.offset(period, quota) >= quota.Limit {
		return false
	}
	counted.Used++
	counted.Days[dateOf(u.clock.Now())]++
	u.changed = true
	return true
}

// offset is what counts in advance in a period.
func (c *count) offset(period time.Time, quota Quota) int {
	if period.Equal(c.Began) {
		return quota.Offset
	}
	return 0
}

// dailyUsage is what a key has used, and has left of the quota, on each day between two dates.
func (u *usage) dailyUsage(planID, keyID string, quota Quota, from, to time.Time) [][]int {
	u.mu.Lock()
	defer u.mu.Unlock()
	counted := u.counts[planID+"/"+keyID]
	if counted == nil {
		counted = &count{}
	}
	days := [][]int{}
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		period := periodOf(day, quota.Period)
		left := quota.Limit - counted.offset(period, quota)
		for past := period; !past.After(day); past = past.AddDate(0, 0, 1) {
			left -= counted.Days[dateOf(past)]
		}
		days = append(days, []int{counted.Days[dateOf(day)], max(left, 0)})
	}
	return days
}

func dateOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// periodOf is the first day of the period that a time is in, in UTC. That weeks begin on Sunday is assumed.
func periodOf(now time.Time, period string) time.Time {
	year, month, day := now.UTC().Date()
	switch period {
	case "MONTH":
		day = 1
	case "WEEK":
		day -= int(now.UTC().Weekday())
	}
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
