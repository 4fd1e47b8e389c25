// Command mutate measures the tests of pipeline/ and templates/. It makes one small change after another to the program
// or to a template (a mutant), and runs the tests, which have to fail (to kill the mutant). What survives shows a
// promise that no test keeps.
//
//	go run -C local ./test/mutate                     everything
//	go run -C local ./test/mutate -only=pipeline      the Go program, with the tests of pipeline/
//	go run -C local ./test/mutate -only=templates     templates and models, with local/test/contract
//	go run -C local ./test/mutate -n=60 -seed=1       a sample
//
// Golden files are left out of the tests: they see every change, and -update accepts every change.
//
// A mutant costs a test run but no build: the test binary is built once, by means of the go command's -overlay, with
// all mutants in it, and an environment variable chooses one of them. Only mutants that compile (Go), that the local
// target's engine parses (VTL) or that are JSON (models) count as valid.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// mutant is one change.
type mutant struct {
	id   int
	at   string // file:line
	what string
}

// suite is a set of mutants with the test binary that has to kill them.
type suite struct {
	name    string
	mutants []mutant
	binary  string
	dir     string // the working directory of the tests
	args    []string
}

var (
	only     = flag.String("only", "", "pipeline or templates; both if empty")
	sample   = flag.Int("n", 0, "the number of mutants of each kind, chosen at random; 0 is all")
	seed     = flag.Uint64("seed", 1, "of the sample")
	match    = flag.String("match", "", "only mutants whose file:line begins with this")
	parallel = flag.Int("parallel", runtime.NumCPU(), "test runs at the same time")
	atLeast  = flag.Float64("min", 90, "fail below this percentage of mutants killed")
	timeout  = flag.Duration("timeout", 5*time.Minute, "of one test run; a mutant that makes the tests hang is killed")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(root, "Pulumi.yaml")); err != nil {
		return errors.New("the working directory must be local/; use go run -C local ./test/mutate")
	}
	work, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	var below []string
	for _, s := range []struct {
		name  string
		build func(ctx context.Context, root, work string) (*suite, error)
	}{{"pipeline", buildPipeline}, {"templates", buildTemplates}} {
		if *only != "" && *only != s.name {
			continue
		}
		suite, err := s.build(ctx, root, filepath.Join(work, s.name))
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		percent, err := suite.run(ctx, out)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if percent < *atLeast {
			below = append(below, s.name)
		}
	}
	if len(below) > 0 {
		return fmt.Errorf("less than %g %% of the mutants killed in %s", *atLeast, strings.Join(below, " and "))
	}
	return nil
}

// run runs the tests for each mutant, reports the survivors and returns the percentage killed. An interrupt ends it with
// the report of what was tried.
func (s *suite) run(ctx context.Context, out io.Writer) (float64, error) {
	if output, killed := s.kills(ctx, 0); killed {
		return 0, fmt.Errorf("the tests fail without a mutant:\n%s", output)
	}
	s.mutants = choose(s.mutants)
	if len(s.mutants) == 0 {
		return 0, errors.New("no mutants")
	}
	queue := make(chan mutant)
	var tried, survived int
	var mu sync.Mutex
	var workers sync.WaitGroup
	for range *parallel {
		workers.Go(func() {
			for m := range queue {
				_, killed := s.kills(ctx, m.id)
				if ctx.Err() != nil {
					continue
				}
				mu.Lock()
				tried++
				if !killed {
					survived++
					fmt.Fprintf(out, "survived: %s: %s\n", m.at, m.what)
				}
				mu.Unlock()
			}
		})
	}
	for _, m := range s.mutants {
		if ctx.Err() != nil {
			break
		}
		queue <- m
	}
	close(queue)
	workers.Wait()
	killed := tried - survived
	percent := 100 * float64(killed) / float64(max(tried, 1))
	fmt.Fprintf(out, "%s: %d of %d mutants killed (%.1f %%)\n", s.name, killed, tried, percent)
	return percent, ctx.Err()
}

// kills says whether the tests fail with a mutant; mutant 0 is the unchanged program.
func (s *suite) kills(ctx context.Context, id int) (output []byte, killed bool) {
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	cmd := command(ctx, s.dir, s.binary, s.args...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", environment, id))
	output, err := cmd.CombinedOutput()
	return output, err != nil
}

// choose applies -match, -n and -seed.
func choose(mutants []mutant) []mutant {
	chosen := slices.DeleteFunc(slices.Clone(mutants), func(m mutant) bool { return !strings.HasPrefix(m.at, *match) })
	if *sample <= 0 || *sample >= len(chosen) {
		return chosen
	}
	random := rand.New(rand.NewPCG(*seed, 0))
	random.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
	return chosen[:*sample]
}
