// Package metrictest collects the metrics of a service under test.
package metrictest

import (
	"fmt"
	"maps"
	"sync"
	"time"

	"ingest-pipeline/local/aws/internal/metric"
)

// Collector keeps all values of metrics. The zero Collector is empty. It is safe for concurrent use.
type Collector struct {
	mu     sync.Mutex
	values map[string][]float64
}

// Metric is a metric.Source.
func (c *Collector) Metric(name string, dimensions map[string]string) metric.Recorder {
	return recorder{c, fmt.Sprint(name, dimensions)}
}

// Values returns the values so far, in their order, by name and dimensions: "Countmap[ApiName:events]".
func (c *Collector) Values() map[string][]float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.values)
}

// Take returns the values since the last Take.
func (c *Collector) Take() map[string][]float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	values := c.values
	c.values = nil
	return values
}

type recorder struct {
	collector *Collector
	name      string
}

func (r recorder) AddAt(_ time.Time, value float64) {
	c := r.collector
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.values == nil {
		c.values = map[string][]float64{}
	}
	c.values[r.name] = append(c.values[r.name], value)
}
