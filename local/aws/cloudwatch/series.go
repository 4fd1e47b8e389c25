package cloudwatch

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// How long the minutes of a metric are kept, in minutes, and how far ahead of the clock values may be (documented:
// PutMetricData, two hours). CloudWatch keeps one-minute values for 15 days.
const (
	minutesKept  = 180
	minutesAhead = 120
	minutesHeld  = minutesKept + minutesAhead + 1
)

// Retention is how long the values of a metric are kept: three hours.
const Retention = minutesKept * time.Minute

// Dimensions are the names and values that tell a metric from others of its name: a metric with other dimensions, or
// with none, is another metric (documented: cloudwatch_concepts.html, Dimensions).
type Dimensions map[string]string

// String is the dimensions in the order of their names: "ApiName=events, Stage=v1".
func (d Dimensions) String() string {
	var text strings.Builder
	for i, name := range slices.Sorted(maps.Keys(d)) {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(name + "=" + d[name])
	}
	return text.String()
}

// MetricID is what a metric is found by.
type MetricID struct {
	Namespace, Name string
	Dimensions      Dimensions
}

// seriesKey is a MetricID that can be compared.
type seriesKey string

func (id MetricID) key() seriesKey {
	var text strings.Builder
	text.WriteString(id.Namespace + "\x00" + id.Name)
	for _, name := range slices.Sorted(maps.Keys(id.Dimensions)) {
		text.WriteString("\x00" + name + "\x00" + id.Dimensions[name])
	}
	return seriesKey(text.String())
}

// Metric returns a metric, which it creates at first use. A caller that records often keeps what it returns. Namespaces
// and names are not checked: they are the program's own, not a client's.
func (s *Service) Metric(namespace, name string, dimensions Dimensions) *Series {
	id := MetricID{Namespace: namespace, Name: name, Dimensions: maps.Clone(dimensions)}
	found, known := s.series.Load(id.key())
	if !known {
		found, _ = s.series.LoadOrStore(id.key(), &Series{id: id, clock: s.options.Clock})
	}
	return found.(*Series)
}

// CustomMetric is Metric for a metric that is no AWS service's. unit is that of its values from now on, "" for None.
func (s *Service) CustomMetric(namespace, name, unit string) *Series {
	series := s.Metric(namespace, name, nil)
	series.setUnit(unit)
	return series
}

func (s *Series) setUnit(unit string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unit = unit
}

// unitName is the unit of a custom metric's values.
func (s *Series) unitName() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cmp.Or(s.unit, "None")
}

// Add adds a value to a metric, now. Metric, and Add of what it returns, do the same faster.
func (s *Service) Add(namespace, name string, dimensions Dimensions, value float64) {
	s.Metric(namespace, name, dimensions).Add(value)
}

// find returns a metric that has had values, or nil.
func (s *Service) find(id MetricID) *Series {
	if found, known := s.series.Load(id.key()); known {
		return found.(*Series)
	}
	return nil
}

// ListMetrics returns the metrics that have had values within the retention, sorted.
func (s *Service) ListMetrics() []MetricID {
	oldest := s.options.Clock.Now().Add(-Retention)
	var found []MetricID
	s.series.Range(func(_, value any) bool {
		if series := value.(*Series); series.last() >= minuteOf(oldest) {
			found = append(found, series.id)
		}
		return true
	})
	sort.Slice(found, func(i, j int) bool { return found[i].key() < found[j].key() })
	return found
}

// Series is the values of one metric, minute by minute. It is safe for concurrent use; its memory does not grow with
// the number of values.
type Series struct {
	id    MetricID
	clock clockwork.Clock

	mu      sync.Mutex
	unit    string
	minutes []minute // minutesHeld of them, once there is a value; a minute's place is its number modulo that
	newest  int64
}

// minute is the values of one minute.
type minute struct {
	number        int64 // since 1970
	count         float64
	sum, min, max float64
	shape         histogram
	// unranked is whether statistic sets were added, of whose values no percentile is known.
	unranked bool

	fallback    float64 // the value of the minute if it has no other
	hasFallback bool
}

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

// Add adds a value, now.
func (s *Series) Add(value float64) { s.AddAt(s.clock.Now(), value) }

// AddAt adds a value to the minute of at. Values that are older than the retention or more than two hours ahead are left
// out, as are those that are no numbers: CloudWatch refuses them.
func (s *Series) AddAt(at time.Time, value float64) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return
	}
	s.mu.Lock()
	if m := s.minute(minuteOf(at)); m != nil {
		m.add(value)
	}
	s.mu.Unlock()
}

// addMany adds values to the minute of at, each as often as its count says. Assumed: counts are rounded.
func (s *Series) addMany(at time.Time, values, counts []float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.minute(minuteOf(at))
	if m == nil {
		return
	}
	for i, value := range values {
		if counts[i] == 0 {
			continue
		}
		m.join(&minute{count: counts[i], sum: value * counts[i], min: value, max: value})
		m.shape.add(value, uint32(math.Round(counts[i])))
	}
}

// addSet adds a number of values of which only their sum and extremes are known. If all are the same their percentiles
// are known, too (documented: PutMetricData).
func (s *Series) addSet(at time.Time, count, sum, least, most float64) {
	if least == most || count == 1 {
		s.addMany(at, []float64{least}, []float64{count})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.minute(minuteOf(at)); m != nil {
		m.join(&minute{count: count, sum: sum, min: least, max: most, unranked: true})
	}
}

// SetDefaultAt sets the value that the minute of at has once it is over, if no other is added to it. Assumed: that the
// default of one metric filter does not count where another filter adds values to the same metric.
func (s *Series) SetDefaultAt(at time.Time, value float64) {
	s.mu.Lock()
	if m := s.minute(minuteOf(at)); m != nil {
		m.fallback, m.hasFallback = value, true
	}
	s.mu.Unlock()
}

func (m *minute) add(value float64) {
	if m.count == 0 || value < m.min {
		m.min = value
	}
	if m.count == 0 || value > m.max {
		m.max = value
	}
	m.count++
	m.sum += value
	m.shape.add(value, 1)
}

// minute returns the slot of a minute, which it resets if an earlier one used it; nil: the minute is out of range.
func (s *Series) minute(number int64) *minute {
	if number > s.newest || s.minutes == nil {
		// The clock is only read when the newest minute is not enough to decide.
		now := minuteOf(s.clock.Now())
		if number > now+minutesAhead || number < now-minutesKept {
			return nil
		}
		if s.minutes == nil {
			s.minutes = make([]minute, minutesHeld)
		}
		s.newest = max(s.newest, number)
	}
	if number <= s.newest-minutesHeld || number < 0 {
		return nil
	}
	m := &s.minutes[number%minutesHeld]
	if m.number != number {
		if m.number > number {
			return nil
		}
		*m = minute{number: number, shape: m.shape.reset()}
	}
	return m
}

// last is the number of the newest minute with values.
func (s *Series) last() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newest
}

// collect joins the values of the minutes from one time to another (excluded).
func (s *Series) collect(from, to time.Time) minute {
	var all minute
	if s == nil {
		return all
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := minuteOf(s.clock.Now())
	for number := max(minuteOf(from), now-minutesKept); number < minuteOf(to) && s.minutes != nil; number++ {
		if number < 0 {
			continue
		}
		switch m := &s.minutes[number%minutesHeld]; {
		case m.number != number:
		case m.count > 0:
			all.join(m)
		case m.hasFallback && number < now:
			all.add(m.fallback)
		}
	}
	return all
}

func (m *minute) join(other *minute) {
	if m.count == 0 || other.min < m.min {
		m.min = other.min
	}
	if m.count == 0 || other.max > m.max {
		m.max = other.max
	}
	m.count += other.count
	m.sum += other.sum
	m.unranked = m.unranked || other.unranked
	m.shape.join(other.shape)
}
