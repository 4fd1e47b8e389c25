package cloudwatch

import (
	"cmp"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"ingest-pipeline/local/aws/awserr"
)

// MetricFilter counts, or takes values from, the events of a log group (CloudWatch Logs, PutMetricFilter).
type MetricFilter struct {
	// Name is 1 to 512 characters without : and *, unique in the log group.
	Name string
	// LogGroup is the log group's name.
	LogGroup string
	// Pattern is up to 1,024 characters: "" for every event, terms, or a JSON pattern such as { $.status = "429" }.
	Pattern string
	// Namespace and Metric are the metric that gets the values. Namespaces of AWS are not for filters.
	Namespace, Metric string
	// Value is a number, or a selector of one in the event, such as $.latency.
	Value string
	// DefaultValue is reported for a minute in which events came and none matched; nil: nothing is.
	DefaultValue *float64
	// Unit is the unit of the values. Default: None.
	Unit string
}

type filterKey struct{ group, name string }

// filter is a metric filter at work.
type filter struct {
	MetricFilter
	pattern  pattern
	selector []step // nil: the value is constant
	constant float64
	series   *Series
	// came and matched are the last minutes in which events came, and in which one matched.
	came, matched atomic.Int64
}

// The limits and rules of PutMetricFilter (documented: CloudWatch Logs API reference, PutMetricFilter,
// MetricTransformation; quotas: cloudwatch_limits_cwl.html).
const (
	mostFiltersOfGroup    = 100
	mostPatternCharacters = 1024
)

var (
	filterName      = regexp.MustCompile(`^[^:*]{1,512}$`)
	filterMetric    = regexp.MustCompile(`^[^:*$]{1,255}$`)
	filterGroupName = regexp.MustCompile(`^[\w./#-]{1,512}$`)
)

// wrongFilter is how CloudWatch Logs refuses a metric filter.
func wrongFilter(format string, args ...any) error {
	return awserr.New("InvalidParameterException", 400, format, args...)
}

// PutMetricFilter creates a metric filter, or overwrites the one of its name. Whether the log group exists is for the
// caller to know. Errors: InvalidParameterException, LimitExceededException.
func (s *Service) PutMetricFilter(config MetricFilter) error {
	f, err := compileFilter(config)
	if err != nil {
		return err
	}
	f.series = s.Metric(config.Namespace, config.Metric, nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	key := filterKey{config.LogGroup, config.Name}
	if s.filters[key] == nil && len((*s.groups.Load())[config.LogGroup]) >= mostFiltersOfGroup {
		return awserr.New("LimitExceededException", 400, "Resource limit exceeded.")
	}
	s.filters[key] = f
	s.group()
	return nil
}

// DeleteMetricFilter deletes a metric filter. Errors: ResourceNotFoundException.
func (s *Service) DeleteMetricFilter(logGroup, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := filterKey{logGroup, name}
	if s.filters[key] == nil {
		return awserr.New("ResourceNotFoundException", 400, "The specified metric filter does not exist.")
	}
	delete(s.filters, key)
	s.group()
	return nil
}

// MetricFilters are the metric filters of a log group, or of all ("" as the name), sorted.
func (s *Service) MetricFilters(logGroup string) []MetricFilter {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []MetricFilter
	for key, f := range s.filters {
		if logGroup == "" || key.group == logGroup {
			found = append(found, f.MetricFilter)
		}
	}
	slices.SortFunc(found, func(a, b MetricFilter) int {
		return cmp.Or(strings.Compare(a.LogGroup, b.LogGroup), strings.Compare(a.Name, b.Name))
	})
	return found
}

// group sorts the filters by log group, for LogEvent to find them without waiting.
func (s *Service) group() {
	groups := map[string][]*filter{}
	for key, f := range s.filters {
		groups[key.group] = append(groups[key.group], f)
	}
	s.groups.Store(&groups)
}

func compileFilter(config MetricFilter) (*filter, error) {
	switch {
	case !filterName.MatchString(config.Name):
		return nil, wrongFilter("1 validation error detected: Value '%s' at 'filterName' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: [^:*]*", config.Name)
	case !filterGroupName.MatchString(config.LogGroup):
		return nil, wrongFilter("1 validation error detected: Value '%s' at 'logGroupName' failed to satisfy constraint: "+
			`Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`, config.LogGroup)
	case len([]rune(config.Pattern)) > mostPatternCharacters:
		return nil, wrongFilter("1 validation error detected: Value at 'filterPattern' failed to satisfy constraint: " +
			"Member must have length less than or equal to 1024")
	case !filterMetric.MatchString(config.Metric):
		return nil, wrongFilter("1 validation error detected: Value '%s' at 'metricTransformations.1.member.metricName' "+
			"failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*$]*", config.Metric)
	case !filterMetric.MatchString(config.Namespace) || strings.HasPrefix(config.Namespace, "AWS/"):
		return nil, wrongFilter("Invalid metric transformation: metric namespace %q", config.Namespace)
	case config.Unit != "" && !slices.Contains(units, config.Unit):
		return nil, wrongFilter("1 validation error detected: Value '%s' at 'metricTransformations.1.member.unit' failed "+
			"to satisfy constraint: Member must satisfy enum value set: [%s]", config.Unit, strings.Join(units, ", "))
	case config.DefaultValue != nil && (math.IsNaN(*config.DefaultValue) || math.IsInf(*config.DefaultValue, 0)):
		return nil, wrongFilter("Invalid metric transformation: default value %v", *config.DefaultValue)
	}
	f := &filter{MetricFilter: config}
	f.came.Store(-1)
	f.matched.Store(-1)
	var err error
	if f.pattern, err = parsePattern(config.Pattern); err != nil {
		return nil, err
	}
	if strings.HasPrefix(config.Value, "$") {
		if _, isJSON := f.pattern.(jsonPattern); !isJSON {
			return nil, wrongFilter("Invalid metric transformation: the value %s needs a JSON pattern", config.Value)
		}
		f.selector, err = parseSelector(config.Value)
		return f, err
	}
	f.constant, err = strconv.ParseFloat(config.Value, 64)
	if err != nil || math.IsNaN(f.constant) || math.IsInf(f.constant, 0) {
		return nil, wrongFilter("Invalid metric transformation: metric value %q", config.Value)
	}
	return f, nil
}

// LogEvent shows an event of a log group to the metric filters. It is called for every event that is put: a group
// without filters costs a look into a map.
func (s *Service) LogEvent(group string, at time.Time, message string) {
	for _, f := range (*s.groups.Load())[group] {
		f.look(at, message)
	}
}

func (f *filter) look(at time.Time, message string) {
	number := minuteOf(at)
	if f.DefaultValue != nil && f.came.Load() < number {
		f.came.Store(number)
	}
	if !f.pattern.matches(message) {
		return
	}
	value := f.constant
	if f.selector != nil {
		parsed, err := strconv.ParseFloat(find(message, f.selector).text(), 64)
		if err != nil {
			return // documented: MetricTransformation, a value that is no number is not published
		}
		value = parsed
	}
	if f.DefaultValue != nil && f.matched.Load() < number {
		f.matched.Store(number)
	}
	f.series.AddAt(at, value)
}

// closeMinute reports the default values of the minute that ended (documented: FilterAndPatternSyntax.html, "If logs
// are ingested during a one-minute time period but no matches are found, the value specified for Default Value is
// reported").
func (s *Service) closeMinute(end time.Time) {
	for filters := range maps.Values(*s.groups.Load()) {
		for _, f := range filters {
			number := minuteOf(end) - 1
			if f.DefaultValue != nil && f.came.Load() >= number && f.matched.Load() < number {
				f.series.AddAt(end.Add(-time.Minute), *f.DefaultValue)
			}
		}
	}
}

// filterUnit is the unit of a metric that filters fill; "" if there is none.
func (s *Service) filterUnit(id MetricID) string {
	for filters := range maps.Values(*s.groups.Load()) {
		for _, f := range filters {
			if f.Namespace == id.Namespace && f.Metric == id.Name && len(id.Dimensions) == 0 {
				return f.Unit
			}
		}
	}
	return ""
}
