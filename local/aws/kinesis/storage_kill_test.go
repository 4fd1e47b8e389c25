package kinesis

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
)

// child is what the killed process and the test agree on.
const (
	childProducers = 16
	childSegment   = 64 << 10 // so that segments change under way
)

func childConfig() StreamConfig { return StreamConfig{Name: "events", ShardCount: 8} }

func childOptions(dir string) Options {
	return Options{Dir: dir, Account: account, segmentBytes: childSegment}
}

// childData is record n of a producer: its length depends on n, so that a record that is not whole is found out.
func childData(producer, n int) string {
	return fmt.Sprintf("%d/%d/%s\n", producer, n, strings.Repeat("x", n%700))
}

// produceUntilKilled writes records as fast as it can and prints "producer n sequence shard" for each that was
// acknowledged. The line is one write, so that the kill leaves only whole lines or a last one without line break.
func produceUntilKilled(dir string) {
	t := fatal{}
	service, err := Open(childOptions(dir))
	require.NoError(t, err)
	if len(service.ListStreams()) == 0 {
		_, err = service.CreateStream(childConfig())
		require.NoError(t, err)
	}
	caller := childSession(t)
	for _, s := range service.find("events").open {
		s.meter.grow(service.options.Clock.Now(), 1<<30, 1<<40)
	}
	var first int // producers go on where an earlier run of this process may have been
	_, err = fmt.Sscan(os.Getenv("KINESIS_TEST_CHILD_FIRST"), &first)
	require.NoError(t, err)
	var producers sync.WaitGroup
	for producer := range childProducers {
		producers.Go(func() {
			for n := first; ; n++ {
				body := putBody(fmt.Sprint(producer, n), []byte(childData(producer, n)))
				status, response := service.Call(context.Background(), caller, "PutRecord", body)
				var done stored
				if status != 200 || json.Unmarshal(response, &done) != nil {
					fmt.Fprintf(os.Stderr, "%d %s\n", status, response)
					os.Exit(1)
				}
				fmt.Fprintf(os.Stdout, "%d %d %s %s\n", producer, n, done.SequenceNumber, done.ShardId)
			}
		})
	}
	producers.Wait()
}

// fatal is a testing.T for the child.
type fatal struct{}

func (fatal) Errorf(format string, args ...any) { fmt.Fprintf(os.Stderr, format, args...) }
func (fatal) FailNow()                          { os.Exit(1) }

func childSession(t fatal) *iam.Session {
	service := iam.New(account)
	arn, err := service.CreateRole(iam.Role{Name: "child", TrustPolicy: `{"Version":"2012-10-17","Statement":[{
		"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`})
	require.NoError(t, err)
	require.NoError(t, service.PutRolePolicy("child", "kinesis",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kinesis:*","Resource":"*"}]}`))
	s, err := service.AssumeRole(arn, "apigateway.amazonaws.com", "child", nil)
	require.NoError(t, err)
	return s
}

type acknowledged struct{ data, sequence, shard string }

// killAfter starts a child, kills it at the n-th acknowledgement and returns what it had acknowledged.
func killAfter(t *testing.T, dir string, first, n int) []acknowledged {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+dir, fmt.Sprint("KINESIS_TEST_CHILD_FIRST=", first))
	var complaints strings.Builder
	cmd.Stderr = &complaints
	pipe, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var acks []acknowledged
	lines := bufio.NewReader(pipe)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // what was acknowledged after the kill was sent, too, was read
		}
		var producer, number int
		var a acknowledged
		_, err = fmt.Sscan(line, &producer, &number, &a.sequence, &a.shard)
		require.NoError(t, err, "line %q", line)
		a.data = childData(producer, number)
		if acks = append(acks, a); len(acks) == n {
			require.NoError(t, cmd.Process.Kill())
		}
	}
	require.Error(t, cmd.Wait(), "the child is to be killed, not to end: %s", complaints.String())
	require.GreaterOrEqual(t, len(acks), n, "the child ended by itself: %s", complaints.String())
	return acks
}

func TestEveryAcknowledgedRecordSurvivesAKill(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	var acks []acknowledged
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	var resumed Position
	for round := range rounds {
		acks = append(acks, killAfter(t, dir, round*1_000_000, 1+random.IntN(3000))...)

		w := &fixture{t: t, dir: dir, caller: session(t)}
		w.start(func(o *Options) { o.Clock = nil; o.segmentBytes = childSegment })
		held := map[string]acknowledged{}
		perShard := map[string]string{}
		for _, r := range w.rest(w.reader(TrimHorizon)) {
			if perShard[r.ShardID] >= r.SequenceNumber {
				t.Fatalf("sequence number %s of %s follows %s", r.SequenceNumber, r.ShardID, perShard[r.ShardID])
			}
			perShard[r.ShardID] = r.SequenceNumber
			held[r.SequenceNumber] = acknowledged{string(r.Data), r.SequenceNumber, r.ShardID}
		}
		for _, a := range acks {
			if held[a.sequence] != a {
				t.Fatalf("round %d: acknowledged was %v, found is %v", round, a, held[a.sequence])
			}
		}
		if round > 0 {
			// A reader that goes on where it was before the kill finds exactly what came since.
			r := w.reader(resumed)
			behind := resumed.Behind(r.End())
			require.Len(t, w.rest(r), int(behind))
			require.Zero(t, r.Lost())
		}
		resumed = w.reader(Latest).Position()
		require.NoError(t, w.Close())
	}
	t.Logf("%d records were acknowledged before %d kills", len(acks), rounds)
}
