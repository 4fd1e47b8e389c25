package cloudwatch

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func openForBenchmark(b *testing.B) *Service {
	b.Helper()
	s, err := Open(Options{Dir: b.TempDir(), Account: account})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	return s
}

func BenchmarkAddOnes(b *testing.B) {
	series := openForBenchmark(b).Metric("AWS/ApiGateway", "Count", Dimensions{"ApiName": "events", "Stage": "v1"})
	for b.Loop() {
		series.Add(1)
	}
}

func BenchmarkAddLatencies(b *testing.B) {
	series := openForBenchmark(b).Metric("AWS/ApiGateway", "Latency", Dimensions{"ApiName": "events", "Stage": "v1"})
	i := 0
	for b.Loop() {
		series.Add(float64(i%977) / 10)
		i++
	}
}

func BenchmarkAddAtLatencies(b *testing.B) {
	series := openForBenchmark(b).Metric("AWS/ApiGateway", "Latency", Dimensions{"ApiName": "events", "Stage": "v1"})
	now := time.Now()
	i := 0
	for b.Loop() {
		series.AddAt(now, float64(i%977)/10)
		i++
	}
}

func BenchmarkAddFromSeveral(b *testing.B) {
	series := openForBenchmark(b).Metric("AWS/ApiGateway", "Count", Dimensions{"ApiName": "events", "Stage": "v1"})
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			series.Add(1)
		}
	})
}

func BenchmarkEvaluateAHundredAlarms(b *testing.B) {
	s := openForBenchmark(b)
	for i := range 100 {
		_, err := s.PutMetricAlarm(alarmOn(func(a *Alarm) { a.Name = fmt.Sprint("alarm-", i) }))
		require.NoError(b, err)
	}
	now := time.Now()
	for b.Loop() {
		s.evaluateAlarms(now)
	}
}
