package cloudwatch

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (f *fixture) ask(statistic string, from, to time.Time, period int) []Datapoint {
	f.t.Helper()
	points, err := f.GetMetricStatistics(Query{
		MetricID: MetricID{"Test", "Errors", Dimensions{"Kind": "a"}}, Start: from, End: to, PeriodSeconds: period,
		Statistic: statistic,
	})
	require.NoError(f.t, err)
	return points
}

func TestStatisticsAreKeptMinuteByMinute(t *testing.T) {
	f := open(t)
	f.measure(1, 2, 6)
	f.clock.Advance(time.Minute)
	f.measure(-3)
	f.clock.Advance(2 * time.Minute)
	f.measure(10)
	minute := func(n int) time.Time { return noon.Truncate(time.Minute).Add(time.Duration(n) * time.Minute) }
	assert.Equal(t, []Datapoint{{minute(0), 9, 3}, {minute(1), -3, 1}, {minute(3), 10, 1}},
		f.ask("Sum", noon.Add(-time.Hour), noon.Add(time.Hour), 60), "the minute without a value has no datapoint")
	assert.Equal(t, []Datapoint{{minute(0), 3, 3}}, f.ask("Average", noon, minute(1), 60))
	assert.Equal(t, []Datapoint{{minute(0), 2, 4}, {minute(2), 10, 1}}, f.ask("p75", minute(0), minute(4), 120))
	assert.Equal(t, []Datapoint{{minute(0), 4, 4}, {minute(2), 1, 1}}, f.ask("SampleCount", minute(0), minute(4), 120))
	assert.Equal(t, []Datapoint{{minute(0), -3, 4}}, f.ask("Minimum", noon, minute(2), 120))
	assert.Equal(t, []Datapoint{{minute(0), 6, 4}}, f.ask("Maximum", noon, minute(2), 120))
}

func TestMetricsOfOtherDimensionsAreOthers(t *testing.T) {
	f := open(t)
	f.Add("Test", "Errors", nil, 1)
	f.Add("Test", "Errors", Dimensions{"Kind": "b"}, 2)
	f.Add("Test", "Errors", Dimensions{"Kind": "a", "More": "x"}, 3)
	assert.Empty(t, f.ask("Sum", noon.Add(-time.Hour), noon.Add(time.Hour), 60))
	assert.Len(t, f.ListMetrics(), 3)
	assert.Same(t, f.Metric("A", "b", Dimensions{"x": "1", "y": "2"}), f.Metric("A", "b", Dimensions{"y": "2", "x": "1"}))
	assert.NotSame(t, f.Metric("A", "b", Dimensions{"x": "1y"}), f.Metric("A", "b", Dimensions{"x1": "y"}))
}

func TestThreeHoursAreKept(t *testing.T) {
	f := open(t)
	f.measure(1)
	f.clock.Advance(Retention)
	assert.Len(t, f.ask("Sum", noon.Add(-time.Hour), noon.Add(6*time.Hour), 60), 1)
	f.clock.Advance(time.Minute)
	assert.Empty(t, f.ask("Sum", noon.Add(-time.Hour), noon.Add(6*time.Hour), 60))
	assert.Empty(t, f.ListMetrics())
	f.clock.Advance((minutesHeld - minutesKept - 1) * time.Minute)
	f.measure(2) // in the place of the minute that is over
	assert.Equal(t, 1.0, f.ask("SampleCount", noon, noon.Add(6*time.Hour), 60)[0].Value)
}

func TestValuesTooOldOrTooNewAreLeftOut(t *testing.T) {
	f := open(t)
	series := f.Metric("Test", "Errors", Dimensions{"Kind": "a"})
	series.AddAt(noon, 1)
	series.AddAt(noon.Add(-3*time.Hour-time.Minute), 10)
	series.AddAt(noon.Add(2*time.Hour+time.Minute), 100)
	series.AddAt(noon.Add(2*time.Hour), 1000)
	series.AddAt(noon.Add(-3*time.Hour), 10000)
	series.AddAt(time.Time{}, 5)
	for _, n := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		series.Add(n)
	}
	total := 0.0
	for _, p := range f.ask("Sum", noon.Add(-10*time.Hour), noon.Add(10*time.Hour), 60) {
		total += p.Value
	}
	assert.Equal(t, 11001.0, total)
}

func TestPercentilesAreWithinTheirCells(t *testing.T) {
	f := open(t)
	random := rand.New(rand.NewPCG(1, 2))
	for _, shape := range []func() float64{
		func() float64 { return random.ExpFloat64() * 20 },
		func() float64 { return float64(random.IntN(256)) },
		func() float64 { return random.NormFloat64() * 1e6 },
		func() float64 { return 1 },
	} {
		series := f.Metric("Shape", "X", Dimensions{"n": time.Duration(random.Int64()).String()})
		values := make([]float64, 5000)
		for i := range values {
			values[i] = shape()
			series.Add(values[i])
		}
		slices.Sort(values)
		for _, name := range []string{"p0", "p1", "p50", "p90", "p99", "p99.9", "p100"} {
			percent, ok := percentOf(name)
			require.True(t, ok)
			want := values[max(int(math.Ceil(percent/100*5000)), 1)-1]
			points, err := f.GetMetricStatistics(Query{MetricID: series.id, Start: noon, End: noon.Add(time.Minute), PeriodSeconds: 60, Statistic: name})
			require.NoError(t, err)
			assert.InDelta(t, want, points[0].Value, math.Abs(want)*0.008, name)
		}
	}
}

func TestCellsAreInTheOrderOfTheirValues(t *testing.T) {
	values := []float64{-1e300, -256, -1.5, -1, -1e-300, 0, 1e-300, 0.5, 1, 2, 256, 1e300}
	for i, v := range values {
		assert.InDelta(t, v, valueOf(keyOf(v)), math.Abs(v)*0.008)
		if i > 0 {
			assert.Less(t, keyOf(values[i-1]), keyOf(v))
		}
	}
	for n := range 257 {
		assert.Equal(t, float64(n), valueOf(keyOf(float64(n))), "whole numbers have cells of their own")
	}
}

func TestSeveralCanMeasureAtOnce(t *testing.T) {
	f := open(t)
	var all sync.WaitGroup
	for range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			for range 1000 {
				f.measure(1)
			}
		}()
	}
	all.Wait()
	assert.Equal(t, 8000.0, f.ask("Sum", noon, noon.Add(time.Minute), 60)[0].Value)
}

func TestMemoryDoesNotGrowWithTheNumberOfValues(t *testing.T) {
	f := open(t)
	series := f.Metric("Test", "Latency", nil)
	random := rand.New(rand.NewPCG(1, 2))
	fill := func() {
		for range minutesHeld + 1 {
			for range 100 {
				series.Add(random.ExpFloat64() * 20)
			}
			f.clock.Advance(time.Minute)
		}
	}
	fill()
	before := heap()
	fill()
	assert.Less(t, heap(), before+1<<20)
}

func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func TestAQueryThatCannotBeAnsweredIsRefused(t *testing.T) {
	f := open(t)
	for name, c := range map[string]struct {
		query Query
		want  string
	}{
		"a statistic":     {Query{Start: noon, End: noon.Add(1), PeriodSeconds: 60, Statistic: "Mean"}, "InvalidParameterValue: The value Mean for parameter Statistics is not supported."},
		"a percentile":    {Query{Start: noon, End: noon.Add(1), PeriodSeconds: 60, Statistic: "p101"}, "InvalidParameterValue: The value p101 for parameter Statistics is not supported."},
		"half a minute":   {Query{Start: noon, End: noon.Add(1), PeriodSeconds: 30, Statistic: "Sum"}, "InvalidParameterValue: The value 30 for parameter Period is not supported: metrics have one value a minute."},
		"no time at all":  {Query{Start: noon, End: noon, PeriodSeconds: 60, Statistic: "Sum"}, "InvalidParameterCombination: The parameter StartTime must be less than the parameter EndTime."},
		"no metric of it": {Query{Start: noon, End: noon.Add(1), PeriodSeconds: 60, Statistic: "Sum"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			points, err := f.GetMetricStatistics(c.query)
			assert.Empty(t, points)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, c.want)
		})
	}
}

func TestADefaultIsTheValueOfAMinuteWithoutAnother(t *testing.T) {
	f := open(t)
	series := f.CustomMetric("events", "Throttled", "Count")
	values := func() []Datapoint {
		points, err := f.GetMetricStatistics(Query{
			MetricID: MetricID{Namespace: "events", Name: "Throttled"}, Start: noon.Add(-time.Hour), End: noon.Add(time.Hour),
			PeriodSeconds: 60, Statistic: "Sum",
		})
		require.NoError(t, err)
		return points
	}
	series.SetDefaultAt(noon, 0)
	series.SetDefaultAt(noon, 0)
	assert.Empty(t, values(), "the minute is not over")
	f.tick()
	series.SetDefaultAt(f.clock.Now(), 0)
	series.AddAt(f.clock.Now(), 1)
	f.tick()
	f.tick() // neither
	first := noon.Truncate(time.Minute)
	assert.Equal(t, []Datapoint{{first, 0, 1}, {first.Add(time.Minute), 1, 1}}, values())
	assert.Equal(t, "Count", f.unitOf(MetricID{Namespace: "events", Name: "Throttled"}))
}
