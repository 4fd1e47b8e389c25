package kinesis

// newestPoll is how much of the stream Newest reads at once, in bytes.
const newestPoll = 4 << 20

// Newest returns the newest n records of a stream, of all shards, oldest first, for the owner of the account. It
// counts in no metric. It reads the segment that they begin in from its start: it is for a person who looks, not for a consumer.
func (s *Service) Newest(stream string, n int) ([]Record, error) {
	st := s.find(stream)
	if st == nil {
		return nil, errNotFound(s.options.Account, stream)
	}
	r := &Reader{st: st}
	defer r.Close()
	segments, end := st.log.view()
	var from uint64
	if end.ordinal > uint64(n) {
		from = end.ordinal - uint64(n)
	}
	r.pos = startOf(segments[0])
	for _, s := range segments {
		if s.ordinal <= from {
			r.pos = startOf(s)
		}
	}
	var newest []Record
	for r.pos.ordinal < end.ordinal {
		before := r.pos.ordinal
		records, err := r.read(n, newestPoll)
		if err != nil || len(records) == 0 && r.pos.ordinal == before {
			return newest, err
		}
		newest = append(newest, records...)
		if extra := len(newest) - n; extra > 0 {
			newest = append(newest[:0], newest[extra:]...)
		}
	}
	return newest, nil
}
