package command

import "fmt"

// Cost prices a stack. A flag that is nil was not given.
type Cost struct {
	Stack           string   `default:"dev" placeholder:"NAME" help:"Price the settings of Pulumi.NAME.yaml (default dev)."`
	EventsPerSecond *float64 `placeholder:"N" help:"Events per second on average. Default: the setting expectedEventsPerSecond, all month."`
	EventBytes      *int     `placeholder:"BYTES" help:"Bytes of one event as a line, with its newline. Default: the setting expectedEventBytes and a newline."`
	BatchSize       *int     `placeholder:"N" help:"Events in one request, 1 to 500. Default: the setting expectedEventsPerRequest."`
	Region          string   `placeholder:"REGION" help:"Price it as if it were in this region (default: the stack's)."`
	// Prices is as typed; a relative path starts at the project's folder.
	Prices string `placeholder:"FILE" help:"Prices of your own as JSON, in the form of local/tools/cost/prices.json; they stand before those."`
	JSON   bool   `name:"json" help:"Write JSON, with the source of each price, instead of tables."`
}

// check refuses zeros, which for the program mean that a flag was not given. Package cost knows the upper limits.
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
