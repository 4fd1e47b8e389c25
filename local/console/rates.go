package console

import (
	"time"
)

// rates turns counters into rates: each reader has its own, since it looks at its own times.
type rates struct {
	monitor *Monitor
	at      time.Time
	routes  map[route]responseCounts
	shards  map[shard][2]int64
	// routeRates and shardRates are those of the last update.
	routeRates map[route]responseCounts
	shardRates map[shard][2]float64
}

func newRates(m *Monitor) *rates {
	r := &rates{monitor: m}
	r.at, r.routes, r.shards = m.clock.Now(), r.countRoutes(), r.countShards()
	return r
}

func (r *rates) countRoutes() map[route]responseCounts {
	counts := map[route]responseCounts{}
	for key, c := range r.monitor.routes.all() {
		counts[key] = responseCounts{
			float64(c.ok.Load()), float64(c.clientErrors.Load()), float64(c.throttled.Load()), float64(c.serverErrors.Load()),
		}
	}
	return counts
}

func (r *rates) countShards() map[shard][2]int64 {
	counts := map[shard][2]int64{}
	for key, c := range r.monitor.shards.all() {
		counts[key] = [2]int64{c.records.Load(), c.bytes.Load()}
	}
	return counts
}

// update makes the rates since the last update.
func (r *rates) update() {
	now, routes, shards := r.monitor.clock.Now(), r.countRoutes(), r.countShards()
	seconds := now.Sub(r.at).Seconds()
	if seconds < 0.05 {
		seconds = 1 // the first update: nothing has happened yet
	}
	r.routeRates, r.shardRates = map[route]responseCounts{}, map[shard][2]float64{}
	for key, c := range routes {
		before := r.routes[key]
		r.routeRates[key] = responseCounts{
			(c.OK - before.OK) / seconds, (c.ClientErrors - before.ClientErrors) / seconds,
			(c.Throttled - before.Throttled) / seconds, (c.ServerErrors - before.ServerErrors) / seconds,
		}
	}
	for key, c := range shards {
		before := r.shards[key]
		r.shardRates[key] = [2]float64{float64(c[0]-before[0]) / seconds, float64(c[1]-before[1]) / seconds}
	}
	r.at, r.routes, r.shards = now, routes, shards
}

func (r *rates) route(key route) routeState {
	return routeState{Method: key.method, Path: key.path, Rates: r.routeRates[key], Totals: r.routes[key]}
}

// elsewhere adds up the requests of a stage to paths and methods that do not exist.
func (r *rates) elsewhere(api, stage string) routeState {
	sum := routeState{}
	for key := range r.routes {
		if key.api == api && key.stage == stage && key.path == "" {
			sum.Rates = sum.Rates.plus(r.routeRates[key])
			sum.Totals = sum.Totals.plus(r.routes[key])
		}
	}
	return sum
}

func (c responseCounts) plus(d responseCounts) responseCounts {
	return responseCounts{c.OK + d.OK, c.ClientErrors + d.ClientErrors, c.Throttled + d.Throttled, c.ServerErrors + d.ServerErrors}
}

func (r *rates) shard(key shard) shardState {
	rate := r.shardRates[key]
	return shardState{Records: rate[0], Bytes: rate[1], Total: r.shards[key][0]}
}
