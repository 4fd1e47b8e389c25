// Package metric is how the services report what CloudWatch measures of them.
package metric

import (
	"strings"
	"time"
)

// Recorder collects the values of one metric.
type Recorder interface {
	// AddAt adds a value at the given time. It does not block.
	AddAt(at time.Time, value float64)
}

// Source finds a metric of a service's own namespace by its name and dimensions.
type Source func(name string, dimensions map[string]string) Recorder

// FilterRecorder collects the values of the metric of a metric filter.
type FilterRecorder interface {
	Recorder
	// SetDefaultAt sets the value that the minute of at has if no other is added to it.
	SetDefaultAt(at time.Time, value float64)
}

// FilterSource finds a metric that is no AWS service's; unit is one of Units, or "" for None.
type FilterSource func(namespace, name, unit string) FilterRecorder

// Units are the units of metrics (documented: API_MetricDatum).
var Units = strings.Fields("Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits " +
	"Kilobits Megabits Gigabits Terabits Percent Count Bytes/Second Kilobytes/Second Megabytes/Second " +
	"Gigabytes/Second Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second " +
	"Count/Second None")
