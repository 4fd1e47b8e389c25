package kinesis

import (
	"context"
	"slices"
	"sort"
	"time"

	"ingest-pipeline/local/aws/internal/protocol"
)

type empty = struct{}

type createStreamInput struct {
	StreamName        *string
	ShardCount        *int
	StreamModeDetails *streamModeDetails
	Tags              map[string]string
	// Assumed: a stream with larger records is refused, since none is stored.
	MaxRecordSizeInKiB, WarmThroughputMiBps *int
}

type streamModeDetails struct{ StreamMode *string }

// createStream: the order of the checks is recorded (mhart/kinesalite test/createStream.js).
func (s *Service) createStream(_ context.Context, call *protocol.Call, in *createStreamInput) (*empty, error) {
	mode := ModeProvisioned
	var v violations
	if in.StreamModeDetails != nil {
		v.checkMode(in.StreamModeDetails.StreamMode)
		mode = deref(in.StreamModeDetails.StreamMode)
	}
	if mode == ModeProvisioned {
		v.checkNumber("shardCount", in.ShardCount, 1, maxInteger)
	}
	v.checkTags(in.Tags)
	v.checkName("streamName", in.StreamName)
	if err := v.err(); err != nil {
		return nil, err
	}
	if in.MaxRecordSizeInKiB != nil && *in.MaxRecordSizeInKiB != maxRecordBytes>>10 {
		return nil, invalidArgument("MaxRecordSizeInKiB other than %d is not emulated by the local target.", maxRecordBytes>>10)
	}
	if in.WarmThroughputMiBps != nil {
		return nil, invalidArgument("WarmThroughputMiBps is not emulated by the local target.")
	}
	if err := call.Authorize("kinesis:CreateStream", s.arn(*in.StreamName)); err != nil {
		return nil, err
	}
	if err := s.checkTags(*in.StreamName, in.Tags, nil); err != nil {
		return nil, err
	}
	config := StreamConfig{Name: *in.StreamName, Mode: mode, Tags: in.Tags, ShardCount: deref(in.ShardCount)}
	until := s.options.Clock.Now().UnixMilli() + changeMillis
	_, err := s.create(config, &change{Status: statusCreating, Until: until})
	return &empty{}, err
}

// deref is what p points to, or zero.
func deref[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}

func (v *violations) checkMode(mode *string) {
	if mode == nil {
		v.Null("streamModeDetails.streamMode")
	}
	v.OneOf("streamModeDetails.streamMode", mode, ModeProvisioned, ModeOnDemand)
}

type deleteStreamInput struct {
	address
	EnforceConsumerDeletion *bool
}

func (s *Service) deleteStream(_ context.Context, call *protocol.Call, in *deleteStreamInput) (*empty, error) {
	var v violations
	v.checkAddress(in.address)
	if err := v.err(); err != nil {
		return nil, err
	}
	return &empty{}, s.with(call, "DeleteStream", in.address, func(st *stream) error {
		m, _ := st.snapshot()
		if m.status() == statusDeleting {
			return errNotActive(s.options.Account, st.name, statusDeleting)
		}
		if !deref(in.EnforceConsumerDeletion) {
			if err := s.checkNoConsumers(st); err != nil {
				return err
			}
		}
		return s.edit(st, func(m *manifest, at moment) error {
			m.Change = &change{Status: statusDeleting, Until: at.millis + changeMillis}
			return nil
		})
	})
}

type listStreamsInput struct {
	ExclusiveStartStreamName, NextToken *string
	Limit                               *int
}

type listStreamsOutput struct {
	HasMoreStreams  bool
	StreamNames     []string
	StreamSummaries []streamSummary
	NextToken       *string
}

type streamSummary struct {
	StreamARN, StreamName, StreamStatus string
	StreamCreationTimestamp             time.Time
	StreamModeDetails                   streamModeDetails
}

// listStreams. documented (API_ListStreams): 100 streams, unless Limit says another number.
func (s *Service) listStreams(_ context.Context, call *protocol.Call, in *listStreamsInput) (*listStreamsOutput, error) {
	var v violations
	v.Between("limit", in.Limit, 1, 10000)
	if in.ExclusiveStartStreamName != nil {
		v.checkNameOf("exclusiveStartStreamName", *in.ExclusiveStartStreamName)
	}
	v.Length("nextToken", in.NextToken, 1, 1<<20)
	if err := v.err(); err != nil {
		return nil, err
	}
	if err := call.Authorize("kinesis:ListStreams", "*"); err != nil {
		return nil, err
	}
	after := deref(in.ExclusiveStartStreamName)
	if in.NextToken != nil {
		var token pageToken
		if err := token.parse(*in.NextToken, s.options.Clock.Now()); err != nil {
			return nil, err
		}
		after = token.After
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	names := s.ListStreams()
	names = names[sort.Search(len(names), func(i int) bool { return names[i] > after }):]
	limit := 100
	if in.Limit != nil {
		limit = *in.Limit
	}
	out := &listStreamsOutput{StreamNames: []string{}, StreamSummaries: []streamSummary{}}
	for _, name := range names {
		if len(out.StreamNames) == limit {
			out.HasMoreStreams = true
			token := pageToken{After: out.StreamNames[limit-1]}.text(s.options.Clock.Now())
			out.NextToken = &token
			break
		}
		st, err := s.current(name)
		if err != nil {
			return nil, err
		}
		if st != nil {
			d := st.describe()
			out.StreamNames = append(out.StreamNames, name)
			out.StreamSummaries = append(out.StreamSummaries, streamSummary{
				StreamARN: d.ARN, StreamName: name, StreamStatus: d.Status, StreamCreationTimestamp: d.Created,
				StreamModeDetails: streamModeDetails{&d.Mode},
			})
		}
	}
	return out, nil
}

type describeStreamInput struct {
	address
	ExclusiveStartShardId *string
	Limit                 *int
}

type describeStreamOutput struct{ StreamDescription streamDescription }

// describedStream is what both descriptions of a stream have.
type describedStream struct {
	StreamName, StreamARN, StreamStatus string
	StreamModeDetails                   streamModeDetails
	RetentionPeriodHours                int
	StreamCreationTimestamp             time.Time
	EnhancedMonitoring                  []enhancedMetrics
	EncryptionType                      string
	KeyId                               *string
	MaxRecordSizeInKiB                  int
}

type enhancedMetrics struct{ ShardLevelMetrics []string }

type streamDescription struct {
	describedStream
	Shards        []shardOutput
	HasMoreShards bool
}

type shardOutput struct {
	ShardId                              string
	ParentShardId, AdjacentParentShardId *string
	HashKeyRange                         hashKeyRange
	SequenceNumberRange                  sequenceNumberRange
}

type hashKeyRange struct{ StartingHashKey, EndingHashKey string }

type sequenceNumberRange struct {
	StartingSequenceNumber string
	EndingSequenceNumber   *string
}

func outputOf(d StreamDescription) describedStream {
	out := describedStream{
		StreamName: d.Name, StreamARN: d.ARN, StreamStatus: d.Status, StreamModeDetails: streamModeDetails{&d.Mode},
		RetentionPeriodHours: d.RetentionHours, StreamCreationTimestamp: d.Created, EncryptionType: d.EncryptionType,
		EnhancedMonitoring: []enhancedMetrics{{append([]string{}, d.ShardLevelMetrics...)}}, MaxRecordSizeInKiB: maxRecordBytes >> 10,
	}
	if d.KMSKeyID != "" {
		out.KeyId = &d.KMSKeyID
	}
	return out
}

func (s Shard) output() shardOutput {
	out := shardOutput{
		ShardId: s.ID, HashKeyRange: hashKeyRange{s.StartingHashKey, s.EndingHashKey},
		SequenceNumberRange: sequenceNumberRange{StartingSequenceNumber: s.StartingSequenceNumber},
	}
	for to, text := range map[**string]string{
		&out.ParentShardId: s.ParentID, &out.AdjacentParentShardId: s.AdjacentParentID,
		&out.SequenceNumberRange.EndingSequenceNumber: s.EndingSequenceNumber,
	} {
		if text != "" {
			*to = &text
		}
	}
	return out
}

// describeStream. documented (API_DescribeStream): 100 shards, unless Limit says another number.
func (s *Service) describeStream(_ context.Context, call *protocol.Call, in *describeStreamInput) (*describeStreamOutput, error) {
	var v violations
	v.Between("limit", in.Limit, 1, 10000)
	if in.ExclusiveStartShardId != nil {
		v.checkNameOf("exclusiveStartShardId", *in.ExclusiveStartShardId)
	}
	v.checkAddress(in.address)
	if err := v.err(); err != nil {
		return nil, err
	}
	out := &describeStreamOutput{}
	return out, s.with(call, "DescribeStream", in.address, func(st *stream) error {
		d := st.describe()
		out.StreamDescription = streamDescription{describedStream: outputOf(d), Shards: []shardOutput{}}
		limit := 100
		if in.Limit != nil {
			limit = *in.Limit
		}
		after := 0
		if in.ExclusiveStartShardId != nil {
			after = sort.Search(len(d.Shards), func(i int) bool { return d.Shards[i].ID > *in.ExclusiveStartShardId })
		}
		for _, shard := range d.Shards[after:] {
			if len(out.StreamDescription.Shards) == limit {
				out.StreamDescription.HasMoreShards = true
				break
			}
			out.StreamDescription.Shards = append(out.StreamDescription.Shards, shard.output())
		}
		return nil
	})
}

type describeStreamSummaryOutput struct{ StreamDescriptionSummary streamDescriptionSummary }

type streamDescriptionSummary struct {
	describedStream
	OpenShardCount, ConsumerCount int
}

func (s *Service) describeStreamSummary(_ context.Context, call *protocol.Call, in *address) (*describeStreamSummaryOutput, error) {
	var v violations
	v.checkAddress(*in)
	if err := v.err(); err != nil {
		return nil, err
	}
	out := &describeStreamSummaryOutput{}
	return out, s.with(call, "DescribeStreamSummary", *in, func(st *stream) error {
		d := st.describe()
		m, _ := st.snapshot()
		out.StreamDescriptionSummary = streamDescriptionSummary{outputOf(d), d.OpenShardCount, len(m.currentConsumers(st.clock.Now().UnixMilli()))}
		if d.Status == statusCreating {
			out.StreamDescriptionSummary.OpenShardCount = 0
		}
		return nil
	})
}

type describeLimitsOutput struct {
	ShardLimit, OpenShardCount, OnDemandStreamCount, OnDemandStreamCountLimit int
}

// describeLimits. documented (service-sizes-and-limits): 50 on-demand streams.
func (s *Service) describeLimits(_ context.Context, call *protocol.Call, _ *empty) (*describeLimitsOutput, error) {
	if err := call.Authorize("kinesis:DescribeLimits", "*"); err != nil {
		return nil, err
	}
	out := &describeLimitsOutput{ShardLimit: shardQuota(s.options.Account.Region), OnDemandStreamCountLimit: 50}
	for _, st := range *s.streams.Load() {
		m, open := st.snapshot()
		if m.Mode == ModeOnDemand {
			out.OnDemandStreamCount++
		} else {
			out.OpenShardCount += len(open)
		}
	}
	return out, nil
}

// sortedMetrics is a copy of the names of metrics, in order.
func sortedMetrics(names []string) []string { return slices.Sorted(slices.Values(names)) }
