package firehose

import (
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/metric"
)

// ledger keeps the values of metrics.
type ledger struct {
	mu     sync.Mutex
	values map[string][]float64
}

type measured struct {
	*ledger
	name string
}

func (m measured) AddAt(_ time.Time, value float64) {
	m.mu.Lock()
	m.values[m.name] = append(m.values[m.name], value)
	m.mu.Unlock()
}

func (l *ledger) metric(name string, dimensions map[string]string) metric.Recorder {
	return measured{l, fmt.Sprint(name, dimensions)}
}

func (l *ledger) taken() map[string][]float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.values)
}

const ofArchive = "map[DeliveryStreamName:archive]"

func TestDeliveriesAreMeasuredAsFirehoseMeasuresThem(t *testing.T) {
	l := &ledger{values: map[string][]float64{}}
	w := open(t, func(o *Options) { o.Metrics = l.metric })
	w.create(config())
	w.allow("deliver", "*", "s3:PutObject", "logs:PutLogEvents")
	w.put("one\n", "two\n")
	w.awaitBuffered(2)
	w.clock.Advance(300 * time.Second)
	done := w.awaitDelivered()
	w.settle()
	values := l.taken()
	assert.Equal(t, []float64{1}, values["DeliveryToS3.Success"+ofArchive])
	assert.Equal(t, []float64{2}, values["DeliveryToS3.Records"+ofArchive])
	assert.Equal(t, []float64{float64(done.ObjectBytes)}, values["DeliveryToS3.Bytes"+ofArchive])
	freshness := values["DeliveryToS3.DataFreshness"+ofArchive]
	require.NotEmpty(t, freshness)
	assert.Equal(t, 300.0, freshness[len(freshness)-1])
	assert.Equal(t, 2.0, total(values["DataReadFromKinesisStream.Records"+ofArchive]))
	assert.Equal(t, 8.0, total(values["DataReadFromKinesisStream.Bytes"+ofArchive]))
	assert.Zero(t, total(values["ThrottledGetRecords"+ofArchive]))
}

func total(values []float64) (sum float64) {
	for _, v := range values {
		sum += v
	}
	return sum
}

func TestWhatS3RefusesShowsInSuccessAndFreshness(t *testing.T) {
	l := &ledger{values: map[string][]float64{}}
	w := open(t, func(o *Options) { o.Metrics = l.metric })
	w.create(config())
	w.allow("deliver", "*", "logs:PutLogEvents")
	w.put("one\n")
	w.awaitBuffered(1)
	w.clock.Advance(300 * time.Second)
	w.awaitFault()
	assert.Equal(t, []float64{0}, l.taken()["DeliveryToS3.Success"+ofArchive])
	before := len(l.taken()["DeliveryToS3.DataFreshness"+ofArchive])
	for range 3 { // nothing happens but that time goes by
		w.clock.Advance(freshnessInterval)
		w.settle()
	}
	freshness := l.taken()["DeliveryToS3.DataFreshness"+ofArchive]
	require.Greater(t, len(freshness), before)
	assert.Greater(t, freshness[len(freshness)-1], 300.0)
}
