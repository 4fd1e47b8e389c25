package logs

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/constraint"
	"ingest-pipeline/local/aws/logs/filterpattern"
)

type inputLogEvent struct {
	Timestamp *int64
	Message   *string
}

type putLogEventsInput struct {
	LogGroupName, LogStreamName *string
	LogEvents                   []inputLogEvent
	// SequenceToken is ignored (documented: PutLogEvents, "The sequence token is now ignored").
	SequenceToken *string
}

type putLogEventsOutput struct {
	NextSequenceToken     string
	RejectedLogEventsInfo *rejectedLogEventsInfo
}

type rejectedLogEventsInfo struct {
	TooNewLogEventStartIndex, TooOldLogEventEndIndex, ExpiredLogEventEndIndex *int
}

// putLogEvents answers when the events are on the disk.
func (s *Service) putLogEvents(in *putLogEventsInput) (*putLogEventsOutput, error) {
	var v constraint.Violations
	if in.LogEvents == nil {
		v.Null("logEvents")
	}
	events := make([]Event, len(in.LogEvents))
	for i, e := range in.LogEvents {
		member := fmt.Sprintf("logEvents.%d.member.", i+1)
		switch {
		case e.Timestamp == nil:
			v.Null(member + "timestamp")
			continue
		case e.Message == nil:
			v.Null(member + "message")
			continue
		case *e.Timestamp < 0:
			v.Add(member+"timestamp", *e.Timestamp, "Member must have value greater than or equal to 0")
		}
		events[i] = Event{Time: time.UnixMilli(*e.Timestamp), Message: *e.Message}
	}
	if err := checkMembers(v, in.LogGroupName, in.LogStreamName); err != nil {
		return nil, err
	}
	if err := checkEvents(events); err != nil {
		return nil, err
	}
	st, err := s.stream(*in.LogGroupName, *in.LogStreamName)
	if err != nil {
		return nil, err
	}
	if s.waiting.Load() > maxWaiting-2*maxBatchBytes {
		return nil, awserr.New("ThrottlingException", 400, "Rate exceeded")
	}
	rejected, err := s.append(st, events)
	if err != nil {
		return nil, err
	}
	if err := s.flush(st); err != nil {
		return nil, err
	}
	if err := s.sync(st); err != nil {
		return nil, err
	}
	out := &putLogEventsOutput{NextSequenceToken: fmt.Sprintf("%056d", s.clock.Now().UnixNano())}
	if rejected != (Rejection{}) {
		out.RejectedLogEventsInfo = &rejectedLogEventsInfo{
			TooNewLogEventStartIndex: rejected.TooNewStart, TooOldLogEventEndIndex: rejected.TooOldEnd,
			ExpiredLogEventEndIndex: rejected.ExpiredEnd,
		}
	}
	return out, nil
}

// stream finds a log stream.
func (s *Service) stream(group, name string) (*stream, error) {
	if st := (*s.streams.Load())[streamKey{group, name}]; st != nil {
		return st, nil
	}
	return nil, s.notFound(group)
}

type getLogEventsInput struct {
	LogGroupName, LogGroupIdentifier, LogStreamName *string
	StartTime, EndTime                              *int64
	NextToken                                       *string
	Limit                                           *int
	StartFromHead, Unmask                           *bool
}

type getLogEventsOutput struct {
	Events                              []outputLogEvent
	NextForwardToken, NextBackwardToken string
}

// outputLogEvent is a log event. IngestionTime is its own time: the files keep no other.
type outputLogEvent struct {
	Timestamp     int64
	Message       string
	IngestionTime int64
}

// getLogEvents returns the newest events, or with StartFromHead the oldest; a token leads on from there (documented:
// GetLogEvents; at the end "it will return the same token you passed in").
func (s *Service) getLogEvents(in *getLogEventsInput) (*getLogEventsOutput, error) {
	var v constraint.Violations
	v.Between("limit", in.Limit, 1, maxPageEvents)
	if in.LogStreamName == nil {
		v.Null("logStreamName")
	}
	group, err := identify(v, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	st, err := s.stream(group, *in.LogStreamName)
	if err != nil {
		return nil, err
	}
	q := query{limit: maxPageEvents, backward: in.StartFromHead == nil || !*in.StartFromHead}
	if in.Limit != nil {
		q.limit = *in.Limit
	}
	q.from, q.to = s.times(st.group, in.StartTime, in.EndTime)
	q.at = position{time: q.from}
	if q.backward {
		q.at = position{time: q.to}
	}
	if in.NextToken != nil {
		if q.at, q.backward, err = parseEventToken(*in.NextToken, st.name); err != nil {
			return nil, err
		}
	}
	found, err := s.page([]*stream{st}, q)
	if err != nil {
		return nil, err
	}
	out := &getLogEventsOutput{Events: []outputLogEvent{}}
	for _, e := range found.events {
		out.Events = append(out.Events, outputLogEvent{Timestamp: e.time, Message: e.message, IngestionTime: e.time})
	}
	first, after := q.at, q.at
	if n := len(found.events); n > 0 {
		first, after = found.events[0].position, found.events[n-1].position
		after.n++
	}
	out.NextForwardToken, out.NextBackwardToken = eventToken("f", after), eventToken("b", first)
	return out, nil
}

// times is the range of the times of a request without the events that are expired, in milliseconds since 1970.
func (s *Service) times(g *group, start, end *int64) (from, to int64) {
	from, to = 0, s.clock.Now().Add(maxAhead+time.Second).UnixMilli() // no event can be later
	if days := g.retention(); days > 0 {
		from = s.clock.Now().AddDate(0, 0, -days).UnixMilli()
	}
	if start != nil {
		from = max(from, *start)
	}
	if end != nil {
		to = min(to, *end)
	}
	return from, to
}

// eventToken has the form of CloudWatch's tokens: a direction, 56 digits and an s.
func eventToken(direction string, p position) string {
	return fmt.Sprintf("%s/%020d%036d/s", direction, p.time, p.n)
}

func parseEventToken(token, stream string) (p position, backward bool, err error) {
	parts := strings.Split(token, "/")
	if len(parts) != 3 || (parts[0] != "f" && parts[0] != "b") || len(parts[1]) != 56 || parts[2] != "s" {
		return p, false, invalidToken()
	}
	at, err := strconv.ParseInt(parts[1][:20], 10, 64)
	if err != nil || at < 0 {
		return p, false, invalidToken()
	}
	n, err := strconv.Atoi(parts[1][20:])
	if err != nil || n < 0 {
		return p, false, invalidToken()
	}
	return position{time: at, stream: stream, n: n}, parts[0] == "b", nil
}

// invalidToken is recorded (LocalStack, test_get_log_events_invalid_token, test_filter_log_events_unknown_token).
func invalidToken() error { return invalidParameter("The specified nextToken is invalid.") }

type filterLogEventsInput struct {
	LogGroupName, LogGroupIdentifier   *string
	LogStreamNames                     []string
	LogStreamNamePrefix                *string
	StartTime, EndTime                 *int64
	FilterPattern                      *string
	NextToken                          *string
	Limit                              *int
	Interleaved, StartFromHead, Unmask *bool
}

type filterLogEventsOutput struct {
	Events []filteredLogEvent
	// SearchedLogStreams is always empty (documented: FilterLogEvents, since May 15, 2020).
	SearchedLogStreams []struct{}
	NextToken          *string
}

type filteredLogEvent struct {
	LogStreamName string
	Timestamp     int64
	Message       string
	IngestionTime int64
	EventId       string
}

// maxSearched is how many pages of events one call searches before it answers with what it has found, perhaps nothing,
// and a token (documented: FilterLogEvents "can return empty results while there are more log events available through
// the token"; assumed: the number).
const maxSearched = 20

// filterLogEvents returns the events of log streams that match a pattern, by their times (documented: FilterLogEvents;
// Interleaved is ignored, "all the events are always interleaved").
func (s *Service) filterLogEvents(in *filterLogEventsInput) (*filterLogEventsOutput, error) {
	var v constraint.Violations
	v.Between("limit", in.Limit, 1, maxPageEvents)
	v.Length("filterPattern", in.FilterPattern, 0, maxPatternCharacters)
	if in.LogStreamNames != nil {
		constraint.Count(&v, "logStreamNames", in.LogStreamNames, 1, 100)
	}
	group, err := identify(v, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	pattern, err := filterpattern.Parse(deref(in.FilterPattern))
	switch {
	case err != nil:
		return nil, invalidParameter("Invalid filter pattern: %s", err)
	case in.LogStreamNames != nil && in.LogStreamNamePrefix != nil:
		return nil, invalidParameter("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
	case in.StartFromHead != nil && !*in.StartFromHead:
		return nil, invalidParameter("startFromHead = false: is not emulated by the local target; use GetLogEvents")
	}
	g, streams, err := s.selectStreams(group, in.LogStreamNames, deref(in.LogStreamNamePrefix))
	if err != nil {
		return nil, err
	}
	q := query{limit: maxPageEvents}
	q.from, q.to = s.times(g, in.StartTime, in.EndTime)
	q.at = position{time: q.from}
	if in.NextToken != nil {
		if q.at, err = parsePosition(*in.NextToken); err != nil {
			return nil, err
		}
	}
	limit := maxPageEvents
	if in.Limit != nil {
		limit = *in.Limit
	}
	return s.search(streams, q, pattern, limit)
}

// search goes through pages of events until there are enough that match.
func (s *Service) search(streams []*stream, q query, pattern filterpattern.Pattern, limit int) (*filterLogEventsOutput, error) {
	out := &filterLogEventsOutput{Events: []filteredLogEvent{}, SearchedLogStreams: []struct{}{}}
	bytes := 0
	for range maxSearched {
		found, err := s.page(streams, q)
		if err != nil {
			return nil, err
		}
		for _, e := range found.events {
			if !pattern.Match(e.message) {
				continue
			}
			if bytes += len(e.message) + eventOverhead; len(out.Events) == limit || len(out.Events) > 0 && bytes > maxPageBytes {
				return out.withToken(e.position), nil
			}
			out.Events = append(out.Events, filteredLogEvent{
				LogStreamName: e.stream, Timestamp: e.time, Message: e.message, IngestionTime: e.time, EventId: e.id(),
			})
		}
		n := len(found.events)
		if found.last || n == 0 {
			return out, nil
		}
		q.at = found.events[n-1].position
		q.at.n++
	}
	return out.withToken(q.at), nil
}

func (out *filterLogEventsOutput) withToken(p position) *filterLogEventsOutput {
	token := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d/%d/%s", p.time, p.n, p.stream))
	out.NextToken = &token
	return out
}

func parsePosition(token string) (p position, err error) {
	content, err := base64.RawURLEncoding.DecodeString(token)
	parts := strings.SplitN(string(content), "/", 3)
	if err != nil || len(parts) != 3 {
		return p, invalidToken()
	}
	p.stream = parts[2]
	if p.time, err = strconv.ParseInt(parts[0], 10, 64); err != nil {
		return p, invalidToken()
	}
	if p.n, err = strconv.Atoi(parts[1]); err != nil {
		return p, invalidToken()
	}
	return p, nil
}

// id is 56 digits, as CloudWatch's are: the time, the log stream, and the place among its events of that time. It is the
// same in every answer, by which a client that follows a log finds out what it has seen already.
func (p position) id() string {
	stream := fnv.New64a()
	_, _ = stream.Write([]byte(p.stream)) // never fails
	return fmt.Sprintf("%014d%020d%022d", p.time, stream.Sum64(), p.n)
}

// selectStreams finds the log streams of a group by their names or a prefix; without either all of them, sorted by name.
func (s *Service) selectStreams(groupName string, names []string, prefix string) (*group, []*stream, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	g := s.groups[groupName]
	if g == nil {
		return nil, nil, noSuchGroup()
	}
	var streams []*stream
	if names == nil {
		for _, name := range slices.Sorted(maps.Keys(g.streams)) {
			if strings.HasPrefix(name, prefix) {
				streams = append(streams, g.streams[name])
			}
		}
		return g, streams, nil
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		st := g.streams[name]
		if st == nil {
			return nil, nil, noSuchStream()
		}
		streams = append(streams, st)
	}
	return g, streams, nil
}
