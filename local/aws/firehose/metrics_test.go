package firehose

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/metric/metrictest"
)

const ofArchive = "map[DeliveryStreamName:archive]"

func TestDeliveriesAreMeasuredAsFirehoseMeasuresThem(t *testing.T) {
	l := &metrictest.Collector{}
	w := open(t, func(o *Options) { o.Metrics = l.Metric })
	w.create(config())
	w.allow("deliver", "*", "s3:PutObject", "logs:PutLogEvents")
	w.put("one\n", "two\n")
	w.awaitBuffered(2)
	w.clock.Advance(300 * time.Second)
	done := w.awaitDelivered()
	w.awaitIdle()
	values := l.Values()
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
	l := &metrictest.Collector{}
	w := open(t, func(o *Options) { o.Metrics = l.Metric })
	w.create(config())
	w.allow("deliver", "*", "logs:PutLogEvents")
	w.put("one\n")
	w.awaitBuffered(1)
	w.clock.Advance(300 * time.Second)
	w.awaitFault()
	assert.Equal(t, []float64{0}, l.Values()["DeliveryToS3.Success"+ofArchive])
	before := len(l.Values()["DeliveryToS3.DataFreshness"+ofArchive])
	for range 3 { // nothing happens but that time goes by
		w.clock.Advance(freshnessInterval)
		w.awaitIdle()
	}
	freshness := l.Values()["DeliveryToS3.DataFreshness"+ofArchive]
	require.Greater(t, len(freshness), before)
	assert.Greater(t, freshness[len(freshness)-1], 300.0)
}
