package logs

import (
	"fmt"
	"regexp"

	"ingest-pipeline/local/aws/internal/constraint"
)

type logStreamInput struct{ LogGroupName, LogStreamName *string }

func (s *Service) createLogStream(in *logStreamInput) error {
	if err := checkMembers(nil, in.LogGroupName, in.LogStreamName); err != nil {
		return err
	}
	return s.CreateLogStream(*in.LogGroupName, *in.LogStreamName)
}

func (s *Service) deleteLogStream(in *logStreamInput) error {
	if err := checkMembers(nil, in.LogGroupName, in.LogStreamName); err != nil {
		return err
	}
	return s.DeleteLogStream(*in.LogGroupName, *in.LogStreamName)
}

type describeLogStreamsInput struct {
	LogGroupName, LogGroupIdentifier, LogStreamNamePrefix, OrderBy, NextToken *string
	Descending                                                                *bool
	Limit                                                                     *int
}

type describeLogStreamsOutput struct {
	LogStreams []logStream
	NextToken  *string
}

// logStream is a log stream as DescribeLogStreams shows it (recorded: LocalStack, test_create_and_delete_log_stream).
type logStream struct {
	LogStreamName, Arn string
	CreationTime       int64
	// The times of events are left out before the first event.
	FirstEventTimestamp, LastEventTimestamp, LastIngestionTime *int64
	// StoredBytes is 0 (documented: LogStream, since June 17, 2019).
	StoredBytes int64
}

var streamPrefix = regexp.MustCompile(`^[^:*]*$`)

func (s *Service) describeLogStreams(in *describeLogStreamsInput) (*describeLogStreamsOutput, error) {
	var v constraint.Violations
	v.Length("logStreamNamePrefix", in.LogStreamNamePrefix, 1, 512)
	v.Matches("logStreamNamePrefix", in.LogStreamNamePrefix, streamPrefix, `[^:*]*`)
	v.OneOf("orderBy", in.OrderBy, "LogStreamName", "LastEventTime")
	limit := pageLimit(&v, in.Limit)
	name, err := identify(v, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	byTime := deref(in.OrderBy) == "LastEventTime"
	if byTime && in.LogStreamNamePrefix != nil {
		// Documented rule; the sentence is that of moto's logs/models.py.
		return nil, invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	_, streams, err := s.selectStreams(name, nil, deref(in.LogStreamNamePrefix))
	if err != nil {
		return nil, err
	}
	all := make([]logStream, len(streams))
	for i, st := range streams {
		if all[i], err = s.logStream(st); err != nil {
			return nil, err
		}
	}
	key := func(l logStream) string { return l.LogStreamName }
	if byTime {
		key = func(l logStream) string {
			last := int64(0)
			if l.LastEventTimestamp != nil {
				last = *l.LastEventTimestamp
			}
			return fmt.Sprintf("%020d%s", last, l.LogStreamName)
		}
	}
	p := pages[logStream]{key: key, descending: in.Descending != nil && *in.Descending, limit: limit}
	streamsOfPage, next, err := p.cut(all, in.NextToken)
	return &describeLogStreamsOutput{LogStreams: streamsOfPage, NextToken: next}, err
}

// logStream describes a log stream.
func (s *Service) logStream(st *stream) (logStream, error) {
	described := logStream{LogStreamName: st.name, Arn: st.arn, CreationTime: st.created.UnixMilli()}
	v, err := s.view(st)
	if err != nil {
		return described, err
	}
	if oldest, newest, ok := v.span(); ok {
		described.FirstEventTimestamp, described.LastEventTimestamp, described.LastIngestionTime = &oldest, &newest, &newest
	}
	return described, nil
}
