package logs

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/metric"
	"ingest-pipeline/local/aws/logs/filterpattern"
)

// MetricFilter makes a metric of the events of a log group: their number, or numbers that they contain.
type MetricFilter struct {
	// Name is 1 to 512 characters without : and *, unique in the log group.
	Name string `json:"name"`
	// LogGroupName is the log group.
	LogGroupName string `json:"-"`
	// Pattern is up to 1,024 characters: "" for every event, terms, or a JSON pattern such as { $.status = "429" }.
	Pattern string `json:"pattern"`
	// Namespace and MetricName are the metric. Namespaces of AWS cannot be used.
	Namespace  string `json:"namespace"`
	MetricName string `json:"metricName"`
	// Value is a number, or a selector of one in the event, such as $.latency.
	Value string `json:"value"`
	// DefaultValue is reported for a minute in which events came and none matched; nil: nothing is.
	DefaultValue *float64 `json:"defaultValue,omitempty"`
	// Unit is the unit of the values. Default: None.
	Unit string `json:"unit,omitempty"`
}

// MetricFilterDescription is a metric filter as DescribeMetricFilters shows it.
type MetricFilterDescription struct {
	MetricFilter
	// Created is when the filter was put last.
	Created time.Time `json:"created"`
}

// filter is a metric filter with what it needs to run.
type filter struct {
	MetricFilter
	pattern  filterpattern.Pattern
	selector filterpattern.Selector // nil: the value is constant
	constant float64
	recorder metric.FilterRecorder
}

// The limits and rules of PutMetricFilter (documented: CloudWatch Logs API reference, PutMetricFilter,
// MetricTransformation; quotas: cloudwatch_limits_cwl.html).
const (
	maxFilters           = 100
	maxPatternCharacters = 1024
)

var (
	filterName = regexp.MustCompile(`^[^:*]{1,512}$`)
	metricName = regexp.MustCompile(`^[^:*$]{1,255}$`)
)

// PutMetricFilter creates a metric filter, or overwrites the one of its name. Errors: InvalidParameterException,
// ResourceNotFoundException (the log group), LimitExceededException (the 101st of a log group).
func (s *Service) PutMetricFilter(config MetricFilter) error {
	f, err := s.compileFilter(config)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[config.LogGroupName]
	if g == nil {
		return noSuchGroup()
	}
	filters := without(g.MetricFilters, config.Name)
	if len(filters) >= maxFilters {
		return awserr.New("LimitExceededException", 400, "Resource limit exceeded.")
	}
	described := MetricFilterDescription{config, s.clock.Now().UTC().Truncate(time.Millisecond)}
	if err := s.update(g, func(next *record) { next.MetricFilters = append(filters, described) }); err != nil {
		return err
	}
	running := slices.DeleteFunc(slices.Clone(*g.filters.Load()), func(other *filter) bool { return other.Name == config.Name })
	running = append(running, f)
	g.filters.Store(&running)
	return nil
}

// DeleteMetricFilter deletes a metric filter. Errors: ResourceNotFoundException.
func (s *Service) DeleteMetricFilter(logGroupName, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[logGroupName]
	if g == nil {
		return noSuchGroup()
	}
	filters := without(g.MetricFilters, name)
	if len(filters) == len(g.MetricFilters) {
		return awserr.New("ResourceNotFoundException", 400, "The specified metric filter does not exist.")
	}
	if err := s.update(g, func(next *record) { next.MetricFilters = filters }); err != nil {
		return err
	}
	running := slices.DeleteFunc(slices.Clone(*g.filters.Load()), func(f *filter) bool { return f.Name == name })
	g.filters.Store(&running)
	return nil
}

// without is the metric filters but the one of that name.
func without(filters []MetricFilterDescription, name string) []MetricFilterDescription {
	return slices.DeleteFunc(slices.Clone(filters), func(f MetricFilterDescription) bool { return f.Name == name })
}

// DescribeMetricFilters returns the metric filters of a log group, or of all ("" as the name), sorted.
func (s *Service) DescribeMetricFilters(logGroupName string) []MetricFilterDescription {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []MetricFilterDescription
	for name, g := range s.groups {
		if logGroupName != "" && logGroupName != name {
			continue
		}
		for _, f := range g.MetricFilters {
			f.LogGroupName = name
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b MetricFilterDescription) int {
		return cmp.Or(strings.Compare(a.LogGroupName, b.LogGroupName), strings.Compare(a.Name, b.Name))
	})
	return all
}

// compileFilter checks a metric filter and prepares it.
func (s *Service) compileFilter(config MetricFilter) (*filter, error) {
	switch {
	case len([]rune(config.Name)) > 512:
		// Recorded: LocalStack, test_put_metric_filter_invalid_filter_name.
		return nil, invalidParameter("1 validation error detected: Value '%s' at 'filterName' failed to satisfy constraint: "+
			"Member must have length less than or equal to 512", config.Name)
	case !filterName.MatchString(config.Name):
		return nil, invalidParameter("1 validation error detected: Value '%s' at 'filterName' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: [^:*]*", config.Name)
	case len([]rune(config.Pattern)) > maxPatternCharacters:
		// Recorded: LocalStack, test_put_metric_filter_invalid_filter_pattern.
		return nil, invalidParameter("1 validation error detected: Value '%s' at 'filterPattern' failed to satisfy constraint: "+
			"Member must have length less than or equal to 1024", config.Pattern)
	case !metricName.MatchString(config.MetricName):
		return nil, invalidParameter("1 validation error detected: Value '%s' at 'metricTransformations.1.member.metricName' "+
			"failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*$]*", config.MetricName)
	case !metricName.MatchString(config.Namespace) || strings.HasPrefix(config.Namespace, "AWS/"):
		return nil, invalidParameter("Invalid metric transformation: metric namespace %q", config.Namespace)
	case config.Unit != "" && !slices.Contains(metric.Units, config.Unit):
		return nil, invalidParameter("1 validation error detected: Value '%s' at 'metricTransformations.1.member.unit' failed "+
			"to satisfy constraint: Member must satisfy enum value set: [%s]", config.Unit, strings.Join(metric.Units, ", "))
	case config.DefaultValue != nil && (math.IsNaN(*config.DefaultValue) || math.IsInf(*config.DefaultValue, 0)):
		return nil, invalidParameter("Invalid metric transformation: default value %v", *config.DefaultValue)
	}
	f := &filter{MetricFilter: config, recorder: s.filterMetrics(config.Namespace, config.MetricName, config.Unit)}
	var err error
	if f.pattern, err = filterpattern.Parse(config.Pattern); err != nil {
		return nil, invalidParameter("Invalid metric filter pattern: %s", err)
	}
	if strings.HasPrefix(config.Value, "$") {
		if _, isJSON := f.pattern.(filterpattern.JSON); !isJSON {
			return nil, invalidParameter("Invalid metric transformation: the value %s needs a JSON pattern", config.Value)
		}
		if f.selector, err = filterpattern.ParseSelector(config.Value); err != nil {
			return nil, invalidParameter("Invalid metric transformation: %s", err)
		}
		return f, nil
	}
	f.constant, err = strconv.ParseFloat(config.Value, 64)
	if err != nil || math.IsNaN(f.constant) || math.IsInf(f.constant, 0) {
		return nil, invalidParameter("Invalid metric transformation: metric value %q", config.Value)
	}
	return f, nil
}

// observe adds an event to the metric, if it matches.
func (f *filter) observe(at time.Time, message string) {
	if !f.pattern.Match(message) {
		// Documented (FilterAndPatternSyntax.html): "If logs are ingested during a one-minute time period but no matches are
		// found, the value specified for Default Value is reported".
		if f.DefaultValue != nil {
			f.recorder.SetDefaultAt(at, *f.DefaultValue)
		}
		return
	}
	value := f.constant
	if f.selector != nil {
		number, ok := f.selector.Number(message)
		if !ok {
			return // documented: MetricTransformation, a value that is no number is not published
		}
		value = number
	}
	f.recorder.AddAt(at, value)
}
