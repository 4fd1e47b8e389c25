package console

import (
	"cmp"
	"encoding/json"
	"fmt"

	"ingest-pipeline/local/aws/cloudwatch"
)

// rendering is the last part of a metric of a widget, all of whose members are optional.
type rendering struct {
	ID, Label, Expression, Stat, Region, AccountID string
	Period                                         int
	Visible                                        *bool
}

// queries are the metrics and expressions of a graph. problems are what is wrong with those that are left out.
func (d declaredWidget) queries(region string) (queries []cloudwatch.MetricQuery, problems []string) {
	p := d.Properties
	var before []string
	for i, parts := range p.Metrics {
		var r rendering
		var names []string
		for _, part := range parts {
			var name string
			if json.Unmarshal(part, &name) == nil {
				names = append(names, name)
			} else if err := json.Unmarshal(part, &r); err != nil {
				problems = append(problems, fmt.Sprintf("metric %d: %v", i+1, err))
			}
		}
		query := cloudwatch.MetricQuery{
			ID: cmp.Or(r.ID, fmt.Sprintf("metric_%d", i+1)), Label: r.Label, Expression: r.Expression, PeriodSeconds: r.Period,
			ReturnData: r.Visible == nil || *r.Visible,
		}
		switch {
		case r.Expression != "":
			query.Label = cmp.Or(r.Label, r.ID, r.Expression)
		case cmp.Or(r.Region, p.Region, region) != region || r.AccountID != "":
			problems = append(problems, "a metric of another Region or account")
			continue
		default:
			if names = expand(names, before); len(names) < 2 || len(names)%2 != 0 {
				problems = append(problems, fmt.Sprintf("metric %d: must be a namespace, a name, and dimensions with their values", i+1))
				continue
			}
			before = names
			// Documented defaults of a widget: the average of five minutes.
			query.PeriodSeconds = 0
			query.Stat = &cloudwatch.MetricStat{
				Namespace: names[0], Name: names[1], Dimensions: cloudwatch.Dimensions{},
				PeriodSeconds: cmp.Or(r.Period, p.Period, 300), Statistic: cmp.Or(r.Stat, p.Stat, "Average"),
			}
			for j := 2; j < len(names); j += 2 {
				query.Stat.Dimensions[names[j]] = names[j+1]
			}
		}
		queries = append(queries, query)
	}
	return queries, problems
}

// expand replaces the abbreviations of a metric by what the metric before has at their place: "." stands for one part, and
// "..." for all but as many as follow it.
func expand(names, before []string) []string {
	if len(names) > 0 && names[0] == "..." {
		rest := names[1:]
		if len(rest) > len(before) {
			return nil
		}
		names = append(before[:len(before)-len(rest):len(before)-len(rest)], rest...)
	}
	var full []string
	for i, name := range names {
		if name == "." {
			if i >= len(before) {
				return nil
			}
			name = before[i]
		}
		full = append(full, name)
	}
	return full
}
