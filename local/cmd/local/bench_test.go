package main

import (
	"context"
	"os/exec"
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

// BenchmarkPlainPreview has the two parts of `pulumi preview` by an installed CLI while the program stays as it is: its language
// host builds the program to the buildTarget of Pulumi.yaml, for which the goal is below 0.3 s, and runs it.
func BenchmarkPlainPreview(b *testing.B) {
	project, err := build.FindProject(".")
	require.NoError(b, err)
	target := filepath.Join(b.TempDir(), "program")
	compile := func() {
		output, err := exec.Command("go", "build", "-C", project, "-trimpath", "-buildvcs=false", "-o", target, ".").CombinedOutput()
		require.NoError(b, err, string(output))
	}
	compile()
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			compile()
		}
	})
	b.Run("run", func(b *testing.B) {
		stack, err := settings.Read(project, "dev")
		require.NoError(b, err)
		s, _ := newApp(project)
		t, err := s.open(context.Background(), targetOptions{
			dir: filepath.Join(b.TempDir(), "state"), stack: "dev", region: stack.Region, ports: newPorts(commandline.Listen{}),
		})
		require.NoError(b, err)
		t.stack.RunExecutable(target)
		for b.Loop() {
			_, err := t.stack.Preview(context.Background())
			require.NoError(b, err)
		}
		require.NoError(b, t.close(context.Background()))
	})
}
