package clients

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/test/pipelinetest"
	"ingest-pipeline/local/tools/tail"
)

// producer puts records of 20 partition keys into a stream, numbered for each key, and changes its shards in between.
type producer struct {
	client *kinesis.Client
	stream *string
	next   map[string]int
}

func newProducer(p *pipelinetest.Pipeline) *producer {
	return &producer{
		client: kinesis.New(kinesis.Options{
			BaseEndpoint: sdk.String(p.Cloud.URL()), Region: p.Cloud.Account.Region,
			Credentials: credentials.NewStaticCredentialsProvider(aws.DefaultAccessKey.ID, aws.DefaultAccessKey.Secret, ""),
		}),
		stream: &p.StreamName, next: map[string]int{},
	}
}

const (
	keys     = 20
	rounds   = 5
	perRound = 200 // records
	total    = rounds * perRound
)

// put puts the records of a round.
func (p *producer) put(t *testing.T) {
	t.Helper()
	var records []types.PutRecordsRequestEntry
	for n := range perRound {
		key := fmt.Sprintf("key-%d", n%keys)
		records = append(records, types.PutRecordsRequestEntry{PartitionKey: &key, Data: fmt.Appendf(nil, `{"key":%q,"n":%d}`, key, p.next[key])})
		p.next[key]++
	}
	answer, err := p.client.PutRecords(t.Context(), &kinesis.PutRecordsInput{StreamName: p.stream, Records: records})
	require.NoError(t, err)
	require.Zero(t, *answer.FailedRecordCount)
}

// resize changes the number of shards and waits until the stream is active again.
func (p *producer) resize(t *testing.T, shards int32) {
	t.Helper()
	_, err := p.client.UpdateShardCount(t.Context(), &kinesis.UpdateShardCountInput{
		StreamName: p.stream, TargetShardCount: &shards, ScalingType: types.ScalingTypeUniformScaling,
	})
	require.NoError(t, err)
	require.NoError(t, kinesis.NewStreamExistsWaiter(p.client, func(o *kinesis.StreamExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, time.Second
	}).Wait(t.Context(), &kinesis.DescribeStreamInput{StreamName: p.stream}, time.Minute))
}

// run puts everything.
func (p *producer) run(t *testing.T) {
	t.Helper()
	p.put(t)
	for _, shards := range []int32{2, 4, 2, 1} {
		p.resize(t, shards)
		p.put(t)
	}
}

// checkOrder requires that every record was read once, and those of a key in order. The last two words of a line are the
// shard and the record.
func checkOrder(t *testing.T, output string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(output), "\n")
	require.Len(t, lines, total)
	next, shards := map[string]int{}, map[string]bool{}
	for _, line := range lines {
		words := strings.Fields(line)
		var record struct {
			Key string
			N   int
		}
		require.GreaterOrEqual(t, len(words), 2, line)
		require.NoError(t, json.Unmarshal([]byte(words[len(words)-1]), &record), line)
		assert.Equal(t, next[record.Key], record.N, line)
		next[record.Key]++
		shards[words[len(words)-2]] = true
	}
	assert.Len(t, next, keys)
	assert.Len(t, shards, 1+2+4+2+1)
}

func TestAConsumerOfBoto3ReadsEachRecordOnceAndInOrderWhileTheShardsChange(t *testing.T) {
	python := tool(t, "python3")
	p := pipelinetest.Start(t, pipelinetest.Options{})
	producer := newProducer(p)
	consumer := exec.CommandContext(t.Context(), python, "testdata/consumer.py", p.StreamName, strconv.Itoa(total))
	consumer.Env = environment(p, python)
	var stdout, stderr strings.Builder
	consumer.Stdout, consumer.Stderr = &stdout, &stderr
	require.NoError(t, consumer.Start())
	producer.run(t)
	require.NoError(t, consumer.Wait(), &stderr)
	checkOrder(t, stdout.String())
}

func TestTailShowsEachRecordOnceAndInOrderWhileTheShardsChange(t *testing.T) {
	p := pipelinetest.Start(t, pipelinetest.Options{})
	producer := newProducer(p)
	var out strings.Builder
	ended := make(chan error, 1)
	go func() {
		ended <- tail.Run(t.Context(), producer.client, tail.Options{Stream: p.StreamName, Since: time.Now().Add(-time.Minute), Count: total}, &out)
	}()
	producer.run(t)
	require.NoError(t, <-ended)
	checkOrder(t, out.String())
}
