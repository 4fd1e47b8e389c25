// Package metric is how the services report what CloudWatch measures of them.
package metric

import "time"

// Recorder collects the values of one metric.
type Recorder interface {
	// AddAt adds a value at the given time. It does not block.
	AddAt(at time.Time, value float64)
}

// Source finds a metric of a service's own namespace by its name and dimensions.
type Source func(name string, dimensions map[string]string) Recorder
