package kinesis

import (
	"context"
	"math/big"
	"time"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/protocol"
)

type getShardIteratorInput struct {
	address
	ShardId, ShardIteratorType, StartingSequenceNumber *string
	Timestamp                                          *time.Time
}

type getShardIteratorOutput struct{ ShardIterator string }

const (
	atSequenceNumber    = "AT_SEQUENCE_NUMBER"
	afterSequenceNumber = "AFTER_SEQUENCE_NUMBER"
	atTimestamp         = "AT_TIMESTAMP"
)

// getShardIterator.
//
// recorded (mhart/kinesalite test/getShardIterator.js): the checks, their order and their sentences. AT_TIMESTAMP is newer: what is
// said about it is assumed.
func (s *Service) getShardIterator(_ context.Context, call *protocol.Call, in *getShardIteratorInput) (*getShardIteratorOutput, error) {
	var v violations
	v.checkName("shardId", in.ShardId)
	switch deref(in.ShardIteratorType) {
	case atSequenceNumber, afterSequenceNumber, atTimestamp, "TRIM_HORIZON", "LATEST":
	default:
		if in.ShardIteratorType == nil {
			v.Null("shardIteratorType")
			break
		}
		v.Add("shardIteratorType", *in.ShardIteratorType, "Member must satisfy enum value set: "+
			"[AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]")
	}
	if in.StartingSequenceNumber != nil && !isNumber([]byte(*in.StartingSequenceNumber), 129) {
		v.Add("startingSequenceNumber", *in.StartingSequenceNumber, pattern(orderingPattern))
	}
	v.checkAddress(in.address)
	if err := v.err(); err != nil {
		return nil, err
	}
	name, arn, here, err := s.named(in.address)
	if err != nil {
		return nil, err
	}
	if err := call.Authorize("kinesis:GetShardIterator", arn); err != nil {
		return nil, err
	}
	index, ok := parseShardID(*in.ShardId)
	if !ok {
		return nil, errNoShard(s.options.Account, *in.ShardId, name)
	}
	st := s.find(name)
	if st == nil || !here || st.absent.Load() {
		return nil, s.errShardMissing(index, name)
	}
	m, _ := st.snapshot()
	sh := m.shard(index)
	if sh == nil {
		return nil, s.errShardMissing(index, name)
	}
	c, err := s.cursorAt(st, sh, in)
	if err != nil {
		return nil, err
	}
	i := iterator{stream: name, incarnation: m.Incarnation, issued: s.options.Clock.Now().UnixMilli(), cursor: c}
	return &getShardIteratorOutput{i.String()}, nil
}

// recorded (mhart/kinesalite test/getShardIterator.js): also for a stream that does not exist.
func (s *Service) errShardMissing(index uint32, stream string) error {
	return awserr.New("ResourceNotFoundException", 400, "Shard %s in stream %s under account %s does not exist",
		shardID(index), stream, s.options.Account.ID)
}

// cursorAt is the place that a request for an iterator means.
func (s *Service) cursorAt(st *stream, sh *shard, in *getShardIteratorInput) (c cursor, err error) {
	c.shard = sh.Index
	kind := *in.ShardIteratorType
	bySequence := kind == atSequenceNumber || kind == afterSequenceNumber
	if bySequence != (in.StartingSequenceNumber != nil) {
		said := "no"
		if !bySequence {
			said = "also a"
		}
		return c, invalidArgument("Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or "+
			"(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified %s and %s StartingSequenceNumber.", kind, said)
	}
	if (kind == atTimestamp) != (in.Timestamp != nil) {
		return c, invalidArgument("Must specify Timestamp with AT_TIMESTAMP, and only then. Request specified %s.", kind)
	}
	segments, end := st.log.view()
	switch {
	case bySequence:
		if c.index, err = s.startIndex(st, sh, *in.StartingSequenceNumber); err != nil {
			return c, err
		}
		if kind == afterSequenceNumber {
			c.index++
		}
		c.pos, err = st.placeOf(c.index, 0)
	case kind == atTimestamp:
		if in.Timestamp.After(s.options.Clock.Now()) {
			return c, invalidArgument("The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "+
				"timestampInMillis: %d, currentTimestampInMillis: %d", in.Timestamp.UnixMilli(), s.options.Clock.Now().UnixMilli())
		}
		c.since = in.Timestamp.UnixMilli()
		c.pos, err = st.placeOf(0, c.since)
	case kind == "LATEST":
		c.pos = end
	default:
		c.pos = startOf(segments[0])
	}
	return c, err
}

// startIndex is the index of a StartingSequenceNumber, which has to be one of the shard's.
//
// recorded (mhart/kinesalite test/getShardIterator.js): the sentences.
func (s *Service) startIndex(st *stream, sh *shard, number string) (uint64, error) {
	invalid := func(number, why string) error {
		return invalidArgument("StartingSequenceNumber %s used in GetShardIterator on shard %s in stream %s under account %s is invalid%s.",
			number, sh.id, st.name, s.options.Account.ID, why)
	}
	if checkOrdering(number, maxSecond) != nil {
		return 0, invalid(number, "")
	}
	n, _ := new(big.Int).SetString(number, 10) // it is a number: that was checked
	seq, shown := parseSequence(n)
	if seq.shard != sh.Index {
		return 0, invalidArgument("Invalid StartingSequenceNumber. It encodes %s, while it was used in a call to a shard with %s",
			shardID(seq.shard), sh.id)
	}
	if seq.created != sh.Created {
		return 0, invalid(shown, " because it did not come from this stream")
	}
	return seq.index, nil
}

type getRecordsInput struct {
	ShardIterator, StreamARN *string
	Limit                    *int
}

type getRecordsOutput struct {
	Records            []recordOutput
	NextShardIterator  *string
	MillisBehindLatest int64
	ChildShards        []childShard
}

type recordOutput struct {
	SequenceNumber              string
	ApproximateArrivalTimestamp time.Time
	Data                        []byte
	PartitionKey                string
	EncryptionType              string `aws:",omitempty"`
}

type childShard struct {
	ShardId      string
	ParentShards []string
	HashKeyRange hashKeyRange
}

// getRecords.
//
// recorded (mhart/kinesalite test/getRecords.js): the checks and their sentences. documented (API_GetRecords): the limits, that
// NextShardIterator is missing at the end of a closed shard, which has ChildShards instead.
func (s *Service) getRecords(_ context.Context, call *protocol.Call, in *getRecordsInput) (*getRecordsOutput, error) {
	var v violations
	v.Between("limit", in.Limit, 1, maxReadRecords)
	v.Required("shardIterator", in.ShardIterator, 1, 512)
	if in.StreamARN != nil {
		v.checkARN("streamARN", *in.StreamARN)
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	now := s.options.Clock.Now()
	i, ok := parseIterator(*in.ShardIterator)
	switch {
	case !ok || i.issued > now.UnixMilli():
		return nil, errIterator
	case in.StreamARN != nil && *in.StreamARN != s.arn(i.stream): // the sentence is assumed
		return nil, invalidArgument("The ShardIterator is not one of the stream %s.", *in.StreamARN)
	}
	if err := call.Authorize("kinesis:GetRecords", s.arn(i.stream)); err != nil {
		return nil, err
	}
	if now.UnixMilli()-i.issued > iteratorMillis {
		return nil, errIteratorExpired(i.issued, now.UnixMilli())
	}
	st := s.find(i.stream)
	if st == nil || st.absent.Load() {
		return nil, s.errShardMissing(i.cursor.shard, i.stream)
	}
	m, _ := st.snapshot()
	sh := m.shard(i.cursor.shard)
	if sh == nil {
		return nil, s.errShardMissing(i.cursor.shard, i.stream)
	}
	if i.incarnation != m.Incarnation { // recorded: it is good for another stream of the name
		segments, _ := st.log.view()
		i.incarnation, i.cursor = m.Incarnation, cursor{shard: sh.Index, pos: startOf(segments[0])}
	}
	if err := st.authorizeKey(call.Caller, "kms:Decrypt"); err != nil {
		return nil, err
	}
	if !sh.reads.allow(now) {
		st.metrics.countThrottledRead(st.clock)
		return nil, awserr.New("ProvisionedThroughputExceededException", 400, "%s", throttledMessage(s.options.Account, st.name, sh.id))
	}
	limit := maxReadRecords
	if in.Limit != nil {
		limit = *in.Limit
	}
	read, err := st.readShard(i.cursor, limit, maxReadBytes)
	st.metrics.countPoll(st.clock, read.records, err)
	if err != nil {
		return nil, err
	}
	return m.output(read, sh, i, now), nil
}

// output is the answer to a GetRecords that has read from a shard.
func (m *manifest) output(read shardRead, sh *shard, from iterator, now time.Time) *getRecordsOutput {
	out := &getRecordsOutput{Records: make([]recordOutput, len(read.records)), MillisBehindLatest: read.behind.Milliseconds()}
	bytes := 0
	for i := range read.records {
		r := &read.records[i]
		bytes += len(r.Data) + len(r.PartitionKey)
		out.Records[i] = m.recordOutput(r)
	}
	sh.reads.consume(now, bytes)
	if read.ended {
		out.ChildShards = m.childShards(sh.Index)
		return out
	}
	next := iterator{stream: from.stream, incarnation: from.incarnation, issued: now.UnixMilli(), cursor: read.next}.String()
	out.NextShardIterator = &next
	return out
}

// recordOutput is a record as consumers see it.
func (m *manifest) recordOutput(r *Record) recordOutput {
	out := recordOutput{r.SequenceNumber, r.ArrivalTime, r.Data, r.PartitionKey, ""}
	if m.KMSKeyID != "" {
		out.EncryptionType = "KMS"
	}
	return out
}

// parseSequence takes a sequence number apart; shown is how AWS shows it.
//
// recorded (mhart/kinesalite test/getShardIterator.js): a number of the first version has the shard in its last digits, and is shown
// with a leading 1.
func parseSequence(n *big.Int) (seq sequence, shown string) {
	digits := n.Text(16)
	if n.BitLen() <= 129 {
		first := new(big.Int).SetBit(n, 124, 1)
		digits = first.Text(16)
		return sequence{created: secondsOf(digits[1:10]), shard: uint32(new(big.Int).And(n, big.NewInt(0xffff)).Uint64())}, first.String()
	}
	index, _ := new(big.Int).SetString(digits[11:27], 16)
	shard, _ := new(big.Int).SetString(digits[38:46], 16)
	return sequence{created: secondsOf(digits[1:10]), shard: uint32(shard.Uint64()), index: index.Uint64()}, n.String()
}

// maxSecond is after any time in a sequence number: that of the end of a shard may be in the future.
const maxSecond = 1 << 36
