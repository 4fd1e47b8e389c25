package kinesis

import (
	"context"
	"time"

	"ingest-pipeline/local/aws/internal/protocol"
)

type listShardsInput struct {
	address
	NextToken, ExclusiveStartShardId *string
	MaxResults                       *int
	StreamCreationTimestamp          *time.Time
	ShardFilter                      *shardFilter
}

type shardFilter struct {
	Type, ShardId *string
	Timestamp     *time.Time
}

type listShardsOutput struct {
	Shards    []shardOutput
	NextToken *string
}

// listShards. documented (API_ListShards): 1,000 shards, unless MaxResults says another number; recorded (mhart/kinesalite
// actions/listShards.js): the two sentences about the token.
func (s *Service) listShards(_ context.Context, call *protocol.Call, in *listShardsInput) (*listShardsOutput, error) {
	var v violations
	in.check(&v)
	if err := v.err(); err != nil {
		return nil, err
	}
	named := in.StreamName != nil || in.StreamARN != nil
	switch {
	case !named && in.NextToken == nil:
		return nil, invalidArgument("Either NextToken or StreamName should be provided.")
	case in.StreamName != nil && in.NextToken != nil:
		return nil, invalidArgument("NextToken and StreamName cannot be provided together.")
	}
	after, filter, incarnation := deref(in.ExclusiveStartShardId), in.ShardFilter, uint64(0)
	a := in.address
	if in.NextToken != nil {
		var token pageToken
		if err := token.parse(*in.NextToken, s.options.Clock.Now()); err != nil {
			return nil, err
		}
		a, after, filter, incarnation = address{StreamName: &token.Stream}, token.After, token.Filter, token.Incarnation
	}
	if err := filter.check(); err != nil {
		return nil, err
	}
	limit := 1000
	if in.MaxResults != nil {
		limit = *in.MaxResults
	}
	out := &listShardsOutput{Shards: []shardOutput{}}
	return out, s.with(call, "ListShards", a, func(st *stream) error {
		m, _ := st.snapshot()
		if incarnation != 0 && m.Incarnation != incarnation ||
			in.StreamCreationTimestamp != nil && in.StreamCreationTimestamp.Unix() != m.Created/1000 {
			return errNotFound(s.options.Account, st.name)
		}
		for _, shard := range m.readableShards(st.clock.Now()) {
			if shard.id <= after || !filter.matches(shard, m, st.clock.Now()) {
				continue
			}
			if len(out.Shards) == limit {
				token := pageToken{After: out.Shards[limit-1].ShardId, Stream: st.name, Incarnation: m.Incarnation, Filter: filter}
				text := token.text(st.clock.Now())
				out.NextToken = &text
				break
			}
			out.Shards = append(out.Shards, shard.describe().output())
		}
		return nil
	})
}

func (in *listShardsInput) check(v *violations) {
	v.Between("maxResults", in.MaxResults, 1, 10000)
	v.Length("nextToken", in.NextToken, 1, 1<<20)
	if in.ExclusiveStartShardId != nil {
		v.checkNameOf("exclusiveStartShardId", *in.ExclusiveStartShardId)
	}
	if in.StreamARN != nil || in.StreamName != nil {
		v.checkAddress(in.address)
	}
	f := in.ShardFilter
	if f == nil {
		return
	}
	switch deref(f.Type) {
	case "AFTER_SHARD_ID", "AT_TRIM_HORIZON", "FROM_TRIM_HORIZON", "AT_LATEST", "AT_TIMESTAMP", "FROM_TIMESTAMP":
	case "":
		v.Null("shardFilter.type")
	default:
		v.Add("shardFilter.type", *f.Type, "Member must satisfy enum value set: "+
			"[AT_TRIM_HORIZON, AFTER_SHARD_ID, AT_TIMESTAMP, AT_LATEST, FROM_TIMESTAMP, FROM_TRIM_HORIZON]")
	}
	if f.ShardId != nil {
		v.checkNameOf("shardFilter.shardId", *f.ShardId)
	}
}

// check refuses a filter without the member that its type needs. documented (API_ShardFilter); the sentences are assumed.
func (f *shardFilter) check() error {
	if f == nil {
		return nil
	}
	switch *f.Type {
	case "AFTER_SHARD_ID":
		if f.ShardId == nil {
			return invalidArgument("ShardId must be specified for the shard filter type %s.", *f.Type)
		}
	case "AT_TIMESTAMP", "FROM_TIMESTAMP":
		if f.Timestamp == nil {
			return invalidArgument("Timestamp must be specified for the shard filter type %s.", *f.Type)
		}
	}
	return nil
}

// matches says whether a shard is one that the filter lets through. documented (API_ShardFilter).
func (f *shardFilter) matches(s *shard, m *manifest, now time.Time) bool {
	if f == nil {
		return true
	}
	openAt := func(at int64) bool { return s.Opened <= at && (s.Closed == nil || s.Closed.Millis > at) }
	switch *f.Type {
	case "AFTER_SHARD_ID":
		return s.id > *f.ShardId
	case "AT_LATEST":
		return s.Closed == nil
	case "AT_TRIM_HORIZON":
		return openAt(max(now.Add(-m.retention()).UnixMilli(), m.Created))
	case "AT_TIMESTAMP":
		return openAt(f.Timestamp.UnixMilli())
	case "FROM_TIMESTAMP":
		return s.Closed == nil || s.Closed.Millis >= f.Timestamp.UnixMilli()
	default:
		return true // those that are readable are those from the trim horizon on
	}
}
