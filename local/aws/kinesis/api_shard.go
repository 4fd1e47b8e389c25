package kinesis

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/protocol"
)

// parseShardID reads the id of a shard.
//
// recorded (mhart/kinesalite test/splitShard.js, getShardIterator.js): the number behind the first hyphen counts, or the whole id
// if there is none, below 2^31.
func parseShardID(id string) (index uint32, ok bool) {
	digits := id
	if parts := strings.Split(id, "-"); len(parts) > 1 && parts[1] != "" {
		digits = parts[1]
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	return uint32(n), err == nil && !strings.HasPrefix(digits, "+")
}

// recorded (mhart/kinesalite test/splitShard.js).
func errNoShard(account iam.Account, shard, stream string) error {
	return awserr.New("ResourceNotFoundException", 400, "Could not find shard %s in stream %s under account %s.", shard, stream, account.ID)
}

// shard finds a shard whose records have not all expired.
func (m *manifest) shard(index uint32) *shard {
	for _, s := range m.Shards {
		if s.Index == index {
			return s
		}
	}
	return nil
}

type splitShardInput struct {
	address
	ShardToSplit, NewStartingHashKey *string
}

// splitShard splits an open shard in two.
//
// recorded (mhart/kinesalite test/splitShard.js): the checks, their order and their sentences, but for that of a closed shard, which
// is assumed.
func (s *Service) splitShard(_ context.Context, call *protocol.Call, in *splitShardInput) (*empty, error) {
	var v violations
	v.checkHashKey("newStartingHashKey", in.NewStartingHashKey)
	v.checkAddress(in.address)
	v.checkName("shardToSplit", in.ShardToSplit)
	if err := v.err(); err != nil {
		return nil, err
	}
	account := s.options.Account
	index, ok := parseShardID(*in.ShardToSplit)
	if !ok {
		return nil, errNoShard(account, *in.ShardToSplit, streamOf(in.address))
	}
	return &empty{}, s.with(call, "SplitShard", in.address, func(st *stream) error {
		m, _ := st.snapshot()
		parent := m.shard(index)
		if parent == nil {
			return errNoShard(account, shardID(index), st.name)
		}
		if err := s.checkProvisioned(st, m, "SplitShard"); err != nil {
			return err
		}
		if err := s.checkQuota(1); err != nil {
			return err
		}
		key, err := parseHashKey([]byte(*in.NewStartingHashKey))
		if err != nil || !parent.Start.next().less(key) || !key.less(parent.End) {
			return invalidArgument("NewStartingHashKey %s used in SplitShard() on shard %s in stream %s under account %s is not both greater "+
				"than one plus the shard's StartingHashKey %s and less than the shard's EndingHashKey %s.",
				*in.NewStartingHashKey, parent.id, st.name, account.ID, parent.Start, parent.End)
		}
		return s.begin(st, statusUpdating, func(m *manifest, c *change) error {
			if parent.Closed != nil {
				return invalidArgument("Shard %s in stream %s under account %s has already been merged or split, and thus is not eligible for "+
					"merging or splitting.", parent.id, st.name, account.ID)
			}
			c.Split = &splitChange{Shard: index, At: key}
			return nil
		})
	})
}

// checkHashKey adds what is wrong with a hash key.
func (v *violations) checkHashKey(member string, key *string) {
	switch {
	case key == nil:
		v.Null(member)
	case !isNumber([]byte(*key), 39):
		v.Add(member, *key, pattern(hashKeyPattern))
	}
}

// streamOf is the name in a request's address.
func streamOf(a address) string {
	if a.StreamName != nil {
		return *a.StreamName
	}
	return arnName(*a.StreamARN)
}

// checkProvisioned refuses what clients cannot do to the shards of an on-demand stream. documented (API_SplitShard): the code;
// assumed: the sentence.
func (s *Service) checkProvisioned(st *stream, m *manifest, action string) error {
	if m.Mode == ModeProvisioned {
		return nil
	}
	return awserr.New("ValidationException", 400, "Request is invalid. Stream %s under account %s is in On-Demand mode. "+
		"%s is not supported for streams in On-Demand mode.", st.name, s.options.Account.ID, action)
}

type mergeShardsInput struct {
	address
	ShardToMerge, AdjacentShardToMerge *string
}

// mergeShards merges two open shards whose ranges touch.
//
// recorded (mhart/kinesalite test/mergeShards.js): the checks and their sentences, but for that of a closed shard.
func (s *Service) mergeShards(_ context.Context, call *protocol.Call, in *mergeShardsInput) (*empty, error) {
	var v violations
	v.checkAddress(in.address)
	v.checkName("shardToMerge", in.ShardToMerge)
	v.checkName("adjacentShardToMerge", in.AdjacentShardToMerge)
	if err := v.err(); err != nil {
		return nil, err
	}
	account := s.options.Account
	var indexes [2]uint32
	for i, id := range []string{*in.ShardToMerge, *in.AdjacentShardToMerge} {
		index, ok := parseShardID(id)
		if !ok {
			return nil, errNoShard(account, id, streamOf(in.address))
		}
		indexes[i] = index
	}
	return &empty{}, s.with(call, "MergeShards", in.address, func(st *stream) error {
		m, _ := st.snapshot()
		var pair [2]*shard
		for i, index := range indexes {
			if pair[i] = m.shard(index); pair[i] == nil {
				return errNoShard(account, shardID(index), st.name)
			}
		}
		if err := s.checkProvisioned(st, m, "MergeShards"); err != nil {
			return err
		}
		if pair[0].End == maxHashKey || pair[0].End.next() != pair[1].Start {
			return invalidArgument("Shards %s and %s in stream %s under account %s are not an adjacent pair of shards eligible for merging",
				pair[0].id, pair[1].id, st.name, account.ID)
		}
		return s.begin(st, statusUpdating, func(m *manifest, c *change) error {
			for _, half := range pair {
				if half.Closed != nil {
					return invalidArgument("Shard %s in stream %s under account %s has already been merged or split, and thus is not eligible "+
						"for merging or splitting.", half.id, st.name, account.ID)
				}
			}
			c.Merge = &mergeChange{Shard: indexes[0], Adjacent: indexes[1]}
			return nil
		})
	})
}

type updateShardCountInput struct {
	address
	TargetShardCount *int
	ScalingType      *string
}

type updateShardCountOutput struct {
	StreamName, StreamARN               string
	CurrentShardCount, TargetShardCount int
}

func (s *Service) updateShardCount(_ context.Context, call *protocol.Call, in *updateShardCountInput) (*updateShardCountOutput, error) {
	var v violations
	v.checkNumber("targetShardCount", in.TargetShardCount, 1, maxInteger)
	if in.ScalingType == nil {
		v.Null("scalingType")
	}
	v.OneOf("scalingType", in.ScalingType, "UNIFORM_SCALING")
	v.checkAddress(in.address)
	if err := v.err(); err != nil {
		return nil, err
	}
	out := &updateShardCountOutput{TargetShardCount: *in.TargetShardCount}
	return out, s.with(call, "UpdateShardCount", in.address, func(st *stream) error {
		m, open := st.snapshot()
		if err := s.checkProvisioned(st, m, "UpdateShardCount"); err != nil {
			return err
		}
		out.StreamName, out.StreamARN, out.CurrentShardCount = st.name, st.arn, len(open)
		if more := *in.TargetShardCount - len(open); more > 0 && *in.TargetShardCount <= 2*len(open) {
			if err := s.checkQuota(more); err != nil {
				return err
			}
		}
		return s.begin(st, statusUpdating, func(m *manifest, c *change) error {
			c.ShardCount = *in.TargetShardCount
			return s.countShardUpdate(m, len(open), c.ShardCount, moment{millis: c.Until - changeMillis})
		})
	})
}

// children are the shards that a closed one was split or merged into.
func (m *manifest) children(index uint32) []*shard {
	return slices.DeleteFunc(slices.Clone(m.Shards), func(s *shard) bool {
		return (s.Parent == nil || *s.Parent != index) && (s.Adjacent == nil || *s.Adjacent != index)
	})
}
