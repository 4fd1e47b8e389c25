package firehose

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/kinesis"
)

func TestWhatS3RefusesIsRetriedAndLogged(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.allow("deliver", "*", "logs:PutLogEvents")
	w.put("one\n")
	w.awaitBuffered(1)
	w.clock.Advance(300 * time.Second)
	retryAt := w.clock.Now()
	for _, seconds := range []int{1, 2, 4, 8, 16, 32, 60, 60} {
		f := w.awaitFault()
		delay := time.Duration(seconds) * time.Second
		retryAt = retryAt.Add(delay)
		assert.Equal(t, "S3.AccessDenied", f.ErrorCode)
		require.ErrorContains(t, f.Err, "is not authorized to perform: s3:PutObject")
		require.NoError(t, f.LogErr)
		assert.Equal(t, retryAt, f.RetryAt)
		w.clock.Advance(delay - time.Millisecond)
		w.awaitIdle()
		assert.Empty(t, w.faults, "not before its time")
		w.clock.Advance(time.Millisecond)
	}
	w.awaitFault()
	w.allow("deliver", "*", "s3:PutObject", "logs:PutLogEvents")
	w.clock.Advance(time.Minute)
	d := w.awaitDelivered()
	assert.Equal(t, 10, d.Attempts)
	assert.Equal(t, "one\n", w.store.text(t))
	lines := w.entries.all()
	require.Len(t, lines, 9)
	assert.JSONEq(t, `{"deliveryStreamARN":"arn:aws:firehose:ap-northeast-2:123456789012:deliverystream/archive",`+
		`"destination":"arn:aws:s3:::archive","deliveryStreamVersionId":1,"message":"Access was denied. Ensure that the trust `+
		`policy for the provided IAM role allows Kinesis Firehose to assume the role, and the access policy allows access to the `+
		`S3 bucket.","errorCode":"S3.AccessDenied"}`, lines[0])
}

func TestEachRefusalOfS3HasItsCode(t *testing.T) {
	for code, want := range map[string]string{
		"NoSuchBucket": "S3.NoSuchBucket", "AccessDenied": "S3.AccessDenied", "MethodNotAllowed": "S3.MethodNotAllowed",
		"InternalError": "InternalError", "SlowDown": "InternalError",
	} {
		w := open(t, nil)
		w.create(config())
		w.store.refuseWith(func(string) error { return awserr.New(code, 403, "no") })
		w.put("one\n")
		require.ErrorContains(t, w.Flush(t.Context()), code)
		assert.Equal(t, want, w.awaitFault().ErrorCode)
		assert.Contains(t, w.entries.all()[0], `"errorCode":"`+want+`"`)
	}
}

func TestADestinationRoleThatCannotBeAssumedAnyMoreIsS3AccessDenied(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.trust("deliver", `{"StringEquals":{"sts:ExternalId":"999999999999"}}`)
	w.put("one\n")
	require.Error(t, w.Flush(t.Context()))
	f := w.awaitFault()
	assert.Equal(t, "S3.AccessDenied", f.ErrorCode)
	require.Error(t, f.LogErr, "the same role writes the log")
}

func TestReadingStopsWithoutOneOfItsPermissions(t *testing.T) {
	for i, missing := range sourceActions {
		t.Run(missing, func(t *testing.T) {
			w := open(t, nil)
			w.create(config())
			w.awaitIdle()
			w.allow("source", streamARN, append(append([]string(nil), sourceActions[:i]...), sourceActions[i+1:]...)...)
			w.clock.Advance(time.Second) // it asks at least once a second
			f := w.awaitFault()
			assert.Equal(t, "Kinesis.AccessDenied", f.ErrorCode)
			require.ErrorContains(t, f.Err, "is not authorized to perform: "+missing)
			assert.Equal(t, w.clock.Now().Add(time.Second), f.RetryAt)
			assert.Contains(t, w.entries.all()[0], `"message":"Access was denied when calling Kinesis. Ensure the access policy `+
				`on the IAM role used allows access to the appropriate Kinesis APIs.","errorCode":"Kinesis.AccessDenied"`)
			w.put("one\n")
			w.awaitIdle()
			assert.Empty(t, w.buffered, "nothing is read")
			w.allow("source", streamARN, sourceActions...)
			w.clock.Advance(time.Second)
			w.awaitBuffered(1)
		})
	}
}

func TestASourceRoleThatCannotBeAssumedAnyMoreStopsReading(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.awaitIdle()
	require.NoError(t, w.iam.DeleteRolePolicy("source", "policy"))
	require.NoError(t, w.iam.DeleteRole("source"))
	w.clock.Advance(time.Second)
	assert.Equal(t, "Kinesis.AccessDenied", w.awaitFault().ErrorCode)
}

func TestADeletedStreamIsWaitedForUntilItIsThereAgain(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.put("old\n")
	require.NoError(t, w.Flush(t.Context()))
	require.NoError(t, w.kinesis.DeleteStream("events"))
	w.clock.Advance(time.Second)
	f := w.awaitFault()
	assert.Equal(t, "Kinesis.ResourceNotFound", f.ErrorCode)
	assert.Contains(t, w.entries.all()[0], "the stream may not exist")
	_, err := w.kinesis.CreateStream(kinesis.StreamConfig{Name: "events", ShardCount: 1})
	require.NoError(t, err)
	w.put("new\n")
	w.clock.Advance(time.Second)
	w.awaitBuffered(1)
	require.NoError(t, w.Flush(t.Context()))
	assert.Equal(t, "old\nnew\n", w.store.text(t))
}

func TestADeliveryStreamWithoutItsSourceAtTheStartWaitsForIt(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.crash()
	w.start(func(o *Options) {
		require.NoError(t, w.kinesis.DeleteStream("events"))
	})
	assert.Equal(t, "Kinesis.ResourceNotFound", w.awaitFault().ErrorCode)
	require.ErrorContains(t, w.Flush(t.Context()), "ResourceNotFoundException")
	_, err := w.kinesis.CreateStream(kinesis.StreamConfig{Name: "events", ShardCount: 40})
	require.NoError(t, err)
	for n := range 3 {
		w.put(fmt.Sprint(n) + strings.Repeat("x", 700<<10) + "\n")
	}
	require.NoError(t, w.Flush(t.Context()))
	assert.Len(t, w.store.text(t), 3*(700<<10+2), "the flush is about all of it, not about one reading")
}

func TestWithoutLoggingNothingIsLogged(t *testing.T) {
	w := open(t, nil)
	c := config()
	c.Logging = Logging{}
	w.create(c)
	w.store.refuseWith(func(string) error { return awserr.New("AccessDenied", 403, "no") })
	w.put("one\n")
	require.Error(t, w.Flush(t.Context()))
	require.NoError(t, w.awaitFault().LogErr)
	assert.Empty(t, w.entries.all())
}

func TestALogThatCannotBeWrittenStopsNothing(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.allow("deliver", "*", "s3:PutObject")
	refusals := 1
	w.store.refuseWith(func(string) error {
		if refusals--; refusals >= 0 {
			return awserr.New("AccessDenied", 403, "no")
		}
		return nil
	})
	w.put("one\n")
	require.Error(t, w.Flush(t.Context()))
	require.ErrorContains(t, w.awaitFault().LogErr, "logs:PutLogEvents")
	w.clock.Advance(time.Second)
	w.awaitDelivered()
}

func TestARefusingS3BoundsTheBufferAndWhatExpiresIsLoggedAsLost(t *testing.T) {
	w := open(t, nil)
	c := config()
	c.BufferSizeMiB, c.BufferIntervalSeconds = ptr(1), ptr(60)
	w.create(c)
	w.store.refuseWith(func(string) error { return awserr.New("AccessDenied", 403, "no") })
	record := strings.Repeat("x", 100<<10-2)
	for i := range 20 {
		for !w.try(fmt.Sprint(i), fmt.Sprintf("%c", 'a'+i)+record+"\n") {
			w.clock.Advance(time.Second)
		}
	}
	w.awaitFault()
	w.awaitIdle()
	d, err := w.DescribeDeliveryStream("archive")
	require.NoError(t, err)
	assert.Less(t, d.BufferBytes, 1<<20+len(record)+2, "no more is read than the buffer takes")

	w.clock.Advance(12 * time.Hour)
	w.put("fresh 1\n", "fresh 2\n")
	w.clock.Advance(12*time.Hour + time.Second) // the first 20 have expired, the last two have not
	var lost uint64
	for lost < 20 {
		f := w.awaitFault()
		if f.ErrorCode == recordsExpired {
			lost += f.Lost
			assert.True(t, f.RetryAt.IsZero())
			assert.Contains(t, w.entries.all()[len(w.entries.all())-1], fmt.Sprintf(`"message":"%d records expired in the Kinesis stream`, f.Lost))
		} else {
			w.clock.Advance(max(f.RetryAt.Sub(w.clock.Now()), 0))
		}
	}
	assert.Equal(t, uint64(20), lost, "each is counted once")
	w.awaitIdle()
	c.FileExtension = ".json"
	require.NoError(t, w.UpdateDestination(c)) // makes it read from the checkpoint once more
	w.store.refuseWith(nil)
	require.NoError(t, w.Flush(t.Context()))
	assert.Equal(t, countLines("fresh 1\nfresh 2\n"), countLines(w.store.text(t)))
	for len(w.faults) > 0 {
		assert.NotEqual(t, recordsExpired, w.awaitFault().ErrorCode)
	}
}

func TestRecordsThatExpiredUnreadAreLoggedAsLost(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.put("old\n")
	w.awaitBuffered(1)
	w.crash()
	w.clock.Advance(25 * time.Hour)
	w.start(nil)
	f := w.awaitFault()
	assert.Equal(t, recordsExpired, f.ErrorCode)
	assert.Equal(t, uint64(1), f.Lost)
	require.NoError(t, w.Flush(t.Context()))
	assert.Empty(t, w.store.keys())
}

func TestAFullDiskUnderTheBufferIsSurvived(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	d, err := w.find("archive")
	require.NoError(t, err)
	require.NoError(t, d.call(func() error { return d.buffer.file.Close() })) // nothing can be written or emptied
	w.put("one\n")
	require.Error(t, w.Flush(t.Context()))
	f := w.awaitFault()
	assert.Equal(t, "InternalError", f.ErrorCode)
	require.NoError(t, d.call(func() (err error) {
		d.buffer.file, err = os.OpenFile(filepath.Join(d.dir, "buffer"), os.O_RDWR, 0)
		return err
	}))
	w.clock.Advance(max(f.RetryAt.Sub(w.clock.Now()), 0))
	require.NoError(t, w.Flush(t.Context()))
	assert.Equal(t, "one\n", w.store.text(t))
}
