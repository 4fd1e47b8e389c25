package main

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/engine/build"
	"ingest-pipeline/local/internal/settings"
)

// BenchmarkPreviewOfTheWholeDevProgram is what somebody waits for who looks at what a change of the program would do:
// the engine, the program and the provider, for all resources. The goal is below 1.9 s on 2 cores.
func BenchmarkPreviewOfTheWholeDevProgram(b *testing.B) {
	project, err := build.FindProject(".")
	require.NoError(b, err)
	stack, err := settings.Read(project, "dev")
	require.NoError(b, err)
	s, _ := newApp(project)
	dir := filepath.Join(b.TempDir(), "state")
	t, err := s.open(context.Background(), targetOptions{
		dir: dir, stack: "dev", region: stack.Region, ports: newPorts(commandline.Listen{}),
	})
	require.NoError(b, err)
	resources := 0
	for b.Loop() {
		result, err := t.stack.Preview(context.Background())
		require.NoError(b, err)
		resources = len(result.Steps)
	}
	b.ReportMetric(float64(resources), "resources")
	require.NoError(b, t.close(context.Background()))
}

// BenchmarkDemo is the whole demo, from opening the target until nothing is left, one second of it Firehose's buffering
// interval. The goal is below 10 s from the command to the event in S3.
func BenchmarkDemo(b *testing.B) {
	project, err := build.FindProject(".")
	require.NoError(b, err)
	for b.Loop() {
		s, out := newApp(project)
		err := s.demo(context.Background(), commandline.Demo{Stack: "dev", BufferInterval: time.Second})
		require.NoError(b, err, "%s", out)
	}
}
