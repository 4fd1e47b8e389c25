package commandline

import "fmt"

// Cost are the flags of cost; nil is a flag that is not set.
type Cost struct {
	Stack           string   `default:"dev" placeholder:"NAME" help:"Price the settings of Pulumi.NAME.yaml (default dev)."`
	EventsPerSecond *float64 `placeholder:"N" help:"Events per second on average. Default: the setting expectedTraffic.eventsPerSecond, all month."`
	EventBytes      *int     `placeholder:"BYTES" help:"Bytes of one event as a line, with its newline. Default: the setting expectedTraffic.eventBytes and a newline."`
	BatchSize       *int     `placeholder:"N" help:"Events in one request, 1 to 500. Default: the setting expectedTraffic.eventsPerRequest."`
	// ThrottledPerSecond has the only zero that means none.
	ThrottledPerSecond float64 `placeholder:"N" help:"Requests per second over the throttle, besides those of the events; each costs a line in the access log (default 0)."`
	Region             string  `placeholder:"REGION" help:"Price the stack in this region (default: its own)."`
	// Prices is as typed; a relative path starts at the project's folder.
	Prices string `placeholder:"FILE" help:"JSON file with prices that override those of local/tools/cost/prices.json, in the same form."`
	JSON   bool   `name:"json" help:"Write JSON, with the source of each price, instead of tables."`
}

// check refuses zero, which stands for a flag that is not set. Package cost checks the upper limits.
func (c Cost) check() []string {
	var problems []string
	if c.EventsPerSecond != nil && !(*c.EventsPerSecond > 0) {
		problems = append(problems, fmt.Sprintf("--events-per-second=%v: must be more than 0", *c.EventsPerSecond))
	}
	for _, flag := range []struct {
		name  string
		value *int
	}{{"--event-bytes", c.EventBytes}, {"--batch-size", c.BatchSize}} {
		if flag.value != nil && *flag.value <= 0 {
			problems = append(problems, fmt.Sprintf("%s=%d: must be more than 0", flag.name, *flag.value))
		}
	}
	return problems
}
