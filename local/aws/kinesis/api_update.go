package kinesis

import (
	"context"
	"slices"

	"ingest-pipeline/local/aws/internal/protocol"
)

type retentionInput struct {
	address
	RetentionPeriodHours *int
}

func (s *Service) increaseRetention(_ context.Context, call *protocol.Call, in *retentionInput) (*empty, error) {
	return s.changeRetention(call, "IncreaseStreamRetentionPeriod", in, func(name string, hours, existing int) error {
		if hours < existing {
			return invalidArgument("Requested retention period (%d hours) for stream %s can not be shorter than existing retention period "+
				"(%d hours). Use DecreaseRetentionPeriod API.", hours, name, existing)
		}
		return nil
	})
}

func (s *Service) decreaseRetention(_ context.Context, call *protocol.Call, in *retentionInput) (*empty, error) {
	return s.changeRetention(call, "DecreaseStreamRetentionPeriod", in, func(name string, hours, existing int) error {
		if hours > existing {
			return invalidArgument("Requested retention period (%d hours) for stream %s can not be longer than existing retention period "+
				"(%d hours). Use IncreaseRetentionPeriod API.", hours, name, existing)
		}
		return nil
	})
}

// changeRetention sets the retention period unless compare refuses it.
//
// recorded (mhart/kinesalite test/increaseStreamRetentionPeriod.js, decreaseStreamRetentionPeriod.js): the order of the checks and
// the sentences.
func (s *Service) changeRetention(call *protocol.Call, action string, in *retentionInput,
	compare func(name string, hours, existing int) error) (*empty, error) {
	var v violations
	v.checkNumber("retentionPeriodHours", in.RetentionPeriodHours, 1, maxInteger)
	v.checkAddress(in.address)
	if err := v.err(); err != nil {
		return nil, err
	}
	return &empty{}, s.with(call, action, in.address, func(st *stream) error {
		hours := *in.RetentionPeriodHours
		m, _ := st.snapshot()
		if err := checkRetention(hours); err != nil {
			return err
		}
		if err := compare(st.name, hours, m.RetentionHours); err != nil {
			return err
		}
		return s.begin(st, statusUpdating, func(m *manifest, _ *change) error {
			m.RetentionHours = hours
			return nil
		})
	})
}

type encryptionInput struct {
	address
	EncryptionType, KeyId *string
}

func (in *encryptionInput) check() error {
	var v violations
	if in.EncryptionType == nil {
		v.Null("encryptionType")
	}
	v.OneOf("encryptionType", in.EncryptionType, "KMS", "NONE")
	v.Required("keyId", in.KeyId, 1, 2048)
	v.checkAddress(in.address)
	if err := v.err(); err != nil {
		return err
	}
	if *in.EncryptionType != "KMS" { // the sentence is assumed
		return invalidArgument("EncryptionType must be KMS.")
	}
	return nil
}

func (s *Service) startEncryption(_ context.Context, call *protocol.Call, in *encryptionInput) (*empty, error) {
	return s.encrypt(call, "StartStreamEncryption", in, func(m *manifest, _ *change) error {
		if err := s.checkKey(*in.KeyId); err != nil {
			return err
		}
		m.KMSKeyID = *in.KeyId
		return nil
	})
}

func (s *Service) stopEncryption(_ context.Context, call *protocol.Call, in *encryptionInput) (*empty, error) {
	return s.encrypt(call, "StopStreamEncryption", in, func(m *manifest, _ *change) error {
		m.KMSKeyID = ""
		return nil
	})
}

func (s *Service) encrypt(call *protocol.Call, action string, in *encryptionInput, edit func(*manifest, *change) error) (*empty, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return &empty{}, s.with(call, action, in.address, func(st *stream) error { return s.begin(st, statusUpdating, edit) })
}

type updateStreamModeInput struct {
	StreamARN           *string
	StreamModeDetails   *streamModeDetails
	WarmThroughputMiBps *int
}

func (s *Service) updateStreamMode(_ context.Context, call *protocol.Call, in *updateStreamModeInput) (*empty, error) {
	var v violations
	if in.StreamARN == nil {
		v.Null("streamARN")
	} else {
		v.checkARN("streamARN", *in.StreamARN)
	}
	if in.StreamModeDetails == nil {
		v.Null("streamModeDetails")
	} else {
		v.checkMode(in.StreamModeDetails.StreamMode)
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	if in.WarmThroughputMiBps != nil {
		return nil, invalidArgument("WarmThroughputMiBps is not emulated by the local target.")
	}
	return &empty{}, s.with(call, "UpdateStreamMode", address{StreamARN: in.StreamARN}, func(st *stream) error {
		return s.begin(st, statusUpdating, func(m *manifest, c *change) error {
			now := c.Until - changeMillis
			if err := countUpdate(&m.ModeUpdates, now, maxModeUpdatesPerDay, "UpdateStreamMode", st.name); err != nil {
				return err
			}
			c.Mode = *in.StreamModeDetails.StreamMode
			return nil
		})
	})
}

type enhancedMonitoringInput struct {
	address
	ShardLevelMetrics []string
}

type enhancedMonitoringOutput struct {
	StreamName, StreamARN                              string
	CurrentShardLevelMetrics, DesiredShardLevelMetrics []string
}

// shardLevelMetrics are the metrics of single shards. documented (API_EnableEnhancedMonitoring): ALL stands for all of them.
var shardLevelMetrics = []string{
	"IncomingBytes", "IncomingRecords", "IteratorAgeMilliseconds", "OutgoingBytes", "OutgoingRecords",
	"ReadProvisionedThroughputExceeded", "WriteProvisionedThroughputExceeded",
}

func (s *Service) enableMonitoring(_ context.Context, call *protocol.Call, in *enhancedMonitoringInput) (*enhancedMonitoringOutput, error) {
	return s.monitor(call, "EnableEnhancedMonitoring", in, func(current, named []string) []string {
		return slices.Compact(sortedMetrics(append(slices.Clone(current), named...)))
	})
}

func (s *Service) disableMonitoring(_ context.Context, call *protocol.Call, in *enhancedMonitoringInput) (*enhancedMonitoringOutput, error) {
	return s.monitor(call, "DisableEnhancedMonitoring", in, func(current, named []string) []string {
		return slices.DeleteFunc(sortedMetrics(current), func(name string) bool { return slices.Contains(named, name) })
	})
}

func (s *Service) monitor(call *protocol.Call, action string, in *enhancedMonitoringInput,
	change func(current, named []string) []string) (*enhancedMonitoringOutput, error) {
	var v violations
	v.checkLength("shardLevelMetrics", len(in.ShardLevelMetrics), in.ShardLevelMetrics != nil, "[]", 1, 7)
	for _, name := range in.ShardLevelMetrics {
		if name != "ALL" && !slices.Contains(shardLevelMetrics, name) {
			v.Add("shardLevelMetrics", "["+name+"]", "Member must satisfy constraint: [Member must satisfy enum value set: "+
				"[IncomingBytes, OutgoingRecords, IteratorAgeMilliseconds, IncomingRecords, ALL, OutgoingBytes, "+
				"WriteProvisionedThroughputExceeded, ReadProvisionedThroughputExceeded]]")
		}
	}
	v.checkAddress(in.address)
	if err := v.err(); err != nil {
		return nil, err
	}
	named := in.ShardLevelMetrics
	if slices.Contains(named, "ALL") {
		named = shardLevelMetrics
	}
	out := &enhancedMonitoringOutput{}
	return out, s.with(call, action, in.address, func(st *stream) error {
		m, _ := st.snapshot()
		current := slices.Clone(m.ShardLevelMetrics)
		if slices.Contains(current, "ALL") {
			current = slices.Clone(shardLevelMetrics)
		}
		desired := change(current, named)
		*out = enhancedMonitoringOutput{st.name, st.arn, append([]string{}, current...), append([]string{}, desired...)}
		return s.edit(st, func(m *manifest, _ moment) error {
			m.ShardLevelMetrics = desired
			return nil
		})
	})
}
