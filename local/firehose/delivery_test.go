package firehose

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/awserr"
	"ingest-pipeline/local/kinesis"
)

func TestABufferIsDeliveredWhenItsIntervalIsOver(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.clock.Advance(100 * time.Second) // the interval begins with the first record, not with the stream
	w.put("one\n")
	b := w.awaitBuffered(1)
	assert.Equal(t, Buffered{DeliveryStream: "archive", Records: 1, Bytes: 4, BufferRecords: 1, BufferBytes: 4,
		Due: noon.Add(400 * time.Second)}, b)
	w.clock.Advance(299 * time.Second)
	w.put("two\n")
	w.awaitBuffered(2)
	w.nothingDelivered()
	w.clock.Advance(time.Second)
	d := w.awaitDelivered()
	assert.Equal(t, 2, d.Records)
	assert.Equal(t, 1, d.Attempts)
	assert.Equal(t, "one\ntwo\n", w.store.text(t))
	assert.Regexp(t, `^raw/2026/03/04/12/archive-1-2026-03-04-12-01-40-[0-9a-f]{8}-[0-9a-f-]{27}$`, d.Key)
	assert.Equal(t, []string{d.Key}, w.store.keys())
	assert.Equal(t, noon.Add(100*time.Second), d.OldestArrival.UTC())

	w.put("three\n")
	assert.Equal(t, noon.Add(700*time.Second), w.awaitBuffered(1).Due)
}

func TestABufferIsDeliveredWhenItIsFull(t *testing.T) {
	w := open(t, nil)
	c := config()
	c.BufferSizeMiB, c.BufferIntervalSeconds = ptr(1), ptr(900)
	w.create(c)
	record := strings.Repeat("x", 100<<10-1) + "\n"
	var want strings.Builder
	for i := range 25 {
		data := fmt.Sprintf("%02d", i) + record[2:]
		want.WriteString(data)
		for !w.try(fmt.Sprint(i), data) {
			w.clock.Advance(time.Second)
		}
	}
	first, second := w.awaitDelivered(), w.awaitDelivered()
	for _, d := range []Delivered{first, second} {
		assert.GreaterOrEqual(t, d.Bytes, 1<<20)
		assert.Less(t, d.Bytes, 1<<20+len(record), "at most one record more than the buffer")
	}
	assert.Equal(t, 22, first.Records+second.Records)
	require.NoError(t, w.Flush(t.Context()))
	assert.Equal(t, sorted(want.String()), sorted(w.store.text(t)))
}

func sorted(lines string) map[string]int {
	set := map[string]int{}
	for _, line := range strings.SplitAfter(lines, "\n") {
		if line != "" {
			set[line]++
		}
	}
	return set
}

func TestZeroBufferingDeliversAtOnce(t *testing.T) {
	w := open(t, nil)
	c := config()
	c.BufferSizeMiB, c.BufferIntervalSeconds = ptr(5), ptr(0)
	w.create(c)
	w.put("one\n")
	assert.Equal(t, 1, w.awaitDelivered().Records)
}

func TestTheBufferIntervalCanBeBounded(t *testing.T) {
	w := open(t, func(o *Options) { o.MaxBufferInterval = 10 * time.Second })
	w.create(config())
	w.put("one\n")
	assert.Equal(t, noon.Add(10*time.Second), w.awaitBuffered(1).Due)
	d, err := w.Describe("archive")
	require.NoError(t, err)
	assert.Nil(t, d.Config.BufferIntervalSeconds, "it is described as it was declared")
}

func TestGZIPCompressesTheObjectAndShowsInItsName(t *testing.T) {
	for _, c := range []struct{ extension, want string }{{"", ".gz"}, {".json.gz", ".json.gz"}} {
		w := open(t, nil)
		cfg := config()
		cfg.CompressionFormat, cfg.FileExtension = GZIP, c.extension
		w.create(cfg)
		for object := range 2 { // the second is a stream of its own
			w.put(strings.Repeat("a", 10_000)+fmt.Sprintln(object), "b\n")
			require.NoError(t, w.Flush(t.Context()))
			d := w.awaitDelivered()
			assert.Regexp(t, `[0-9a-f]`+strings.ReplaceAll(c.want, ".", `\.`)+`$`, d.Key)
			assert.Less(t, d.ObjectBytes, 200)
			assert.Greater(t, d.Bytes, 10_000, "the buffer is measured before compression")
		}
		assert.Len(t, sorted(w.store.text(t)), 3)
	}
}

func TestADelimiterIsAppendedOnlyWhenAskedFor(t *testing.T) {
	for _, c := range []struct {
		name       string
		processors []Processor
		want       string
	}{
		{"none", nil, "ab"},
		{"the default", []Processor{{Type: "AppendDelimiterToRecord"}}, "a\nb\n"},
		{"an escaped line break", []Processor{{Type: "AppendDelimiterToRecord", Parameters: map[string]string{"Delimiter": `\n`}}}, "a\nb\n"},
		{"a bar", []Processor{{Type: "AppendDelimiterToRecord", Parameters: map[string]string{"Delimiter": `|`}}}, "a|b|"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, nil)
			cfg := config()
			cfg.Processors = c.processors
			w.create(cfg)
			w.put("a", "b")
			require.NoError(t, w.Flush(t.Context()))
			assert.Equal(t, c.want, w.store.text(t))
		})
	}
}

func TestANewDeliveryStreamStartsAtLatest(t *testing.T) {
	w := open(t, nil)
	w.put("before\n")
	w.create(config())
	w.put("after\n")
	require.NoError(t, w.Flush(t.Context()))
	assert.Equal(t, "after\n", w.store.text(t))
}

func TestADeliveryStreamResumesAtItsCheckpoint(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.put("delivered\n")
	require.NoError(t, w.Flush(t.Context()))
	w.put("buffered\n")
	w.awaitBuffered(1)
	w.crash()
	w.start(nil)
	w.put("between\n")
	w.create(config())
	require.NoError(t, w.Flush(t.Context()))
	assert.Equal(t, "delivered\nbuffered\nbetween\n", w.store.text(t))
	assert.Regexp(t, `archive-1-`, w.awaitDelivered().Key)
}

func TestADeliveryStreamThatCrashedBeforeItsFirstObjectLosesNothing(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.put("first\n")
	w.crash()
	w.start(nil)
	w.create(config())
	require.NoError(t, w.Flush(t.Context()))
	assert.Equal(t, "first\n", w.store.text(t))
}

func TestTheCheckpointMovesOnlyAfterS3HasTheObject(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	checkpoint := func() string {
		b, err := os.ReadFile(filepath.Join(w.dir, "firehose", "archive", stateName))
		require.NoError(t, err)
		return string(b)
	}
	before := checkpoint()
	w.put("one\n")
	w.store.refuseWith(func(string) error {
		assert.Equal(t, before, checkpoint())
		return nil
	})
	require.NoError(t, w.Flush(t.Context()))
	assert.NotEqual(t, before, checkpoint())
}

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
		w.settle()
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

func TestReadingStopsWhenOneOfItsPermissionsIsTakenAway(t *testing.T) {
	for i, missing := range sourceActions {
		t.Run(missing, func(t *testing.T) {
			w := open(t, nil)
			w.create(config())
			w.settle()
			w.allow("source", streamARN, append(append([]string(nil), sourceActions[:i]...), sourceActions[i+1:]...)...)
			w.clock.Advance(time.Second) // it asks at least once a second
			f := w.awaitFault()
			assert.Equal(t, "Kinesis.AccessDenied", f.ErrorCode)
			require.ErrorContains(t, f.Err, "is not authorized to perform: "+missing)
			assert.Equal(t, w.clock.Now().Add(time.Second), f.RetryAt)
			assert.Contains(t, w.entries.all()[0], `"message":"Access was denied when calling Kinesis. Ensure the access policy `+
				`on the IAM role used allows access to the appropriate Kinesis APIs.","errorCode":"Kinesis.AccessDenied"`)
			w.put("one\n")
			w.settle()
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
	w.settle()
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
	w.settle()
	d, err := w.Describe("archive")
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
	w.settle()
	c.FileExtension = ".json"
	require.NoError(t, w.Update(c)) // makes it read from the checkpoint once more
	w.store.refuseWith(nil)
	require.NoError(t, w.Flush(t.Context()))
	assert.Equal(t, sorted("fresh 1\nfresh 2\n"), sorted(w.store.text(t)))
	for len(w.faults) > 0 {
		assert.NotEqual(t, recordsExpired, w.awaitFault().ErrorCode)
	}
}

func TestWhatExpiredWhileNobodyReadIsLoggedAsLost(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.put("old\n")
	w.awaitBuffered(1)
	w.crash()
	w.clock.Advance(25 * time.Hour)
	w.start(nil)
	w.create(config())
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
	require.NoError(t, d.ask(func() error { return d.buffer.file.Close() })) // nothing can be written or emptied
	w.put("one\n")
	require.Error(t, w.Flush(t.Context()))
	f := w.awaitFault()
	assert.Equal(t, "InternalError", f.ErrorCode)
	require.NoError(t, d.ask(func() (err error) {
		d.buffer.file, err = os.OpenFile(filepath.Join(d.dir, "buffer"), os.O_RDWR, 0)
		return err
	}))
	w.clock.Advance(max(f.RetryAt.Sub(w.clock.Now()), 0))
	require.NoError(t, w.Flush(t.Context()))
	assert.Equal(t, "one\n", w.store.text(t))
}

func TestAnUpdateMakesANewVersionAndDeliversTheBufferInTheNewWay(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.put("one\n")
	w.awaitBuffered(1)
	c := config()
	require.NoError(t, w.Update(c), "nothing changed")
	c.Prefix, c.CompressionFormat = "cooked/", GZIP
	require.NoError(t, w.Update(c))
	require.NoError(t, w.Flush(t.Context()))
	d := w.awaitDelivered()
	assert.Regexp(t, `^cooked/2026/03/04/12/archive-2-2026-03-04-12-00-00-.*\.gz$`, d.Key)
	assert.Equal(t, "one\n", w.store.text(t))
	described, err := w.Describe("archive")
	require.NoError(t, err)
	assert.Equal(t, 2, described.Version)
	assert.Equal(t, c, described.Config)

	w.crash()
	w.start(nil)
	w.create(c)
	described, err = w.Describe("archive")
	require.NoError(t, err)
	assert.Equal(t, 2, described.Version, "the same configuration is the same version")

	c.SourceRoleARN = deliverRole
	require.ErrorContains(t, w.Update(c), "InvalidArgumentException: The Kinesis stream source of delivery stream archive cannot be changed.")
	c.SourceRoleARN, c.BucketARN = sourceRole, "arn:aws:s3:::nowhere"
	require.ErrorContains(t, w.Update(c), "NoSuchBucket")
}

func TestADeletedDeliveryStreamOffersItsBufferOnceAndForgetsItsPlace(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.put("one\n")
	w.awaitBuffered(1)
	require.NoError(t, w.Delete("archive"))
	assert.Equal(t, "one\n", w.store.text(t))
	assert.NoDirExists(t, filepath.Join(w.dir, "firehose", "archive"))
	_, err := w.Describe("archive")
	require.EqualError(t, err, "ResourceNotFoundException: Firehose archive not found under account 123456789012.")
	require.ErrorContains(t, w.Delete("archive"), "ResourceNotFoundException")
	w.put("between\n")
	w.create(config())
	w.put("two\n")
	require.NoError(t, w.Flush(t.Context()))
	assert.Equal(t, "one\ntwo\n", w.store.text(t), "it starts at LATEST again")
}

func TestCloseDeliversWhatIsThereUnlessItsTimeIsOver(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.put("one\n")
	require.NoError(t, w.Close(context.Background()))
	assert.Equal(t, "one\n", w.store.text(t))
	_, err := w.Create(config())
	require.ErrorIs(t, err, errClosed)
	require.ErrorIs(t, w.Update(config()), errClosed)
	require.NoError(t, w.Close(context.Background()), "closing twice")
}

func TestAFlushOfNothingIsDone(t *testing.T) {
	w := open(t, nil)
	require.NoError(t, w.Flush(t.Context()))
	w.create(config())
	require.NoError(t, w.Flush(t.Context()))
	assert.Empty(t, w.store.keys())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, w.Flush(ctx), context.Canceled)
}

func TestASecondServiceOnTheSameFolderIsRefused(t *testing.T) {
	w := open(t, nil)
	_, err := Open(Options{Dir: filepath.Join(w.dir, "firehose"), Account: account})
	require.ErrorContains(t, err, "is in use by another instance")
}

func TestACheckpointThatCannotBeReadIsAnError(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.crash()
	path := filepath.Join(w.dir, "firehose", "archive", stateName)
	require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
	w.start(nil)
	_, err := w.Create(config())
	require.ErrorContains(t, err, "reading checkpoint: "+path)
}

func TestCreateRefusesWhatAWSRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(w *world, c *DeliveryStreamConfig)
		want   string
	}{
		{"a role that trusts another service", func(w *world, c *DeliveryStreamConfig) {
			c.RoleARN = "arn:aws:iam::123456789012:role/producer"
		}, "InvalidArgumentException: Firehose is unable to assume role arn:aws:iam::123456789012:role/producer. Please check the role provided."},
		{"a role that asks for another external id", func(w *world, _ *DeliveryStreamConfig) {
			w.trust("deliver", `{"StringEquals":{"sts:ExternalId":"999999999999"}}`)
		}, "InvalidArgumentException: Firehose is unable to assume role " + deliverRole + ". Please check the role provided."},
		{"a source role that is not there", func(_ *world, c *DeliveryStreamConfig) {
			c.SourceRoleARN = "arn:aws:iam::123456789012:role/nobody"
		}, "InvalidArgumentException: Firehose is unable to assume role arn:aws:iam::123456789012:role/nobody. Please check the role provided."},
		{"a source that may not be described", func(w *world, _ *DeliveryStreamConfig) {
			w.allow("source", streamARN, sourceActions[1:]...)
		}, "InvalidArgumentException: Role " + sourceRole + " is not authorized to perform: kinesis:DescribeStream on resource " + streamARN + "."},
		{"a stream that is not there", func(w *world, c *DeliveryStreamConfig) {
			w.allow("source", "*", sourceActions...)
			c.StreamARN = streamARN + "2"
		}, "ResourceNotFoundException: Stream events2 under account 123456789012 not found."},
		{"a bucket that is not there", func(_ *world, c *DeliveryStreamConfig) { c.BucketARN += "2" },
			"NoSuchBucket: The specified bucket does not exist: archive2"},
		{"a name that is there", func(w *world, c *DeliveryStreamConfig) { w.create(*c) },
			"ResourceInUseException: Firehose archive under accountId 123456789012 already exists"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, nil)
			cfg := config()
			c.change(w, &cfg)
			_, err := w.Create(cfg)
			require.EqualError(t, err, c.want)
		})
	}
}
