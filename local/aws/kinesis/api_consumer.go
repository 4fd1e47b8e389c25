package kinesis

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/protocol"
)

// consumer is a registered consumer of a stream.
type consumer struct {
	Name    string `json:"name"`
	Created int64  `json:"createdMilliseconds"`
	// Deleted is when it was deregistered, in milliseconds since 1970; it is there for a moment longer.
	Deleted int64 `json:"deletedMilliseconds,omitempty"`
}

// status is the state of a consumer, which is CREATING and DELETING for as long as a stream is.
func (c consumer) status(now int64) string {
	switch {
	case c.Deleted > 0:
		return statusDeleting
	case now < c.Created+changeMillis:
		return statusCreating
	default:
		return statusActive
	}
}

func (c consumer) arn(stream string) string {
	return stream + "/consumer/" + c.Name + ":" + strconv.FormatInt(c.Created/1000, 10)
}

type consumerOutput struct {
	ConsumerName, ConsumerARN, ConsumerStatus string
	ConsumerCreationTimestamp                 time.Time
}

func (c consumer) output(st *stream) consumerOutput {
	return consumerOutput{c.Name, c.arn(st.arn), c.status(st.clock.Now().UnixMilli()), time.UnixMilli(c.Created)}
}

// currentConsumers are the consumers that are not gone by now.
func (m *manifest) currentConsumers(now int64) []consumer {
	return slices.DeleteFunc(slices.Clone(m.Consumers), func(c consumer) bool { return c.Deleted > 0 && now >= c.Deleted+changeMillis })
}

type registerConsumerInput struct {
	StreamARN, ConsumerName *string
	Tags                    map[string]string
}

type registerConsumerOutput struct{ Consumer consumerOutput }

// registerConsumer. documented (API_RegisterStreamConsumer): 20 consumers for a stream, and the codes; the sentences are assumed.
func (s *Service) registerConsumer(_ context.Context, call *protocol.Call, in *registerConsumerInput) (*registerConsumerOutput, error) {
	var v violations
	v.checkName("consumerName", in.ConsumerName)
	v.checkRequiredARN(in.StreamARN)
	if err := v.err(); err != nil {
		return nil, err
	}
	if len(in.Tags) > 0 {
		return nil, invalidArgument("Tags of consumers are not emulated by the local target.")
	}
	out := &registerConsumerOutput{}
	return out, s.with(call, "RegisterStreamConsumer", address{StreamARN: in.StreamARN}, func(st *stream) error {
		return s.edit(st, func(m *manifest, at moment) error {
			if m.status() != statusActive && m.status() != statusUpdating {
				return errNotActive(s.options.Account, st.name, m.status())
			}
			m.Consumers = m.currentConsumers(at.millis)
			for _, c := range m.Consumers {
				if c.Name == *in.ConsumerName {
					return errResourceInUse("Consumer %s under stream %s already exists for account %s.", c.Name, st.name, s.options.Account.ID)
				}
			}
			if len(m.Consumers) >= maxConsumers {
				return limitExceeded("Stream %s under account %s cannot have more than %d registered consumers.", st.name, s.options.Account.ID, maxConsumers)
			}
			c := consumer{Name: *in.ConsumerName, Created: at.millis}
			m.Consumers = append(m.Consumers, c)
			out.Consumer = c.output(st)
			return nil
		})
	})
}

func (v *violations) checkRequiredARN(arn *string) {
	if arn == nil {
		v.Null("streamARN")
		return
	}
	v.checkARN("streamARN", *arn)
}

type consumerInput struct{ StreamARN, ConsumerName, ConsumerARN *string }

var consumerARN = regexp.MustCompile(`^(arn:aws.*:kinesis:.*:\d{12}:stream/[a-zA-Z0-9_.-]+)/consumer/([a-zA-Z0-9_.-]+):([0-9]+)$`)

// find says which consumer of which stream a request is for: by its ARN, or by its name and the stream's ARN.
func (in *consumerInput) find() (stream string, is func(consumer) bool, shown string, err error) {
	var v violations
	if in.ConsumerName != nil {
		v.checkNameOf("consumerName", *in.ConsumerName)
	}
	if in.StreamARN != nil {
		v.checkARN("streamARN", *in.StreamARN)
	}
	if in.ConsumerARN != nil && !consumerARN.MatchString(*in.ConsumerARN) {
		v.Add("consumerARN", *in.ConsumerARN, pattern(`^(arn):aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+`))
	}
	if err := v.err(); err != nil {
		return "", nil, "", err
	}
	if in.ConsumerARN != nil {
		parts := consumerARN.FindStringSubmatch(*in.ConsumerARN)
		return parts[1], func(c consumer) bool { return c.arn(parts[1]) == *in.ConsumerARN }, parts[2], nil
	}
	if in.StreamARN == nil || in.ConsumerName == nil {
		return "", nil, "", invalidArgument("Either ConsumerARN, or StreamARN and ConsumerName should be provided.")
	}
	return *in.StreamARN, func(c consumer) bool { return c.Name == *in.ConsumerName }, *in.ConsumerName, nil
}

// withConsumer calls f with the consumer that a request is for. The permission is for the consumer's ARN: documented (service
// authorization reference, list_amazonkinesisdatastreams).
func (s *Service) withConsumer(call *protocol.Call, action string, in *consumerInput, f func(st *stream, i int) error) error {
	stream, is, shown, err := in.find()
	if err != nil {
		return err
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	name := arnName(stream)
	st, err := s.current(name)
	if err != nil {
		return err
	}
	missing := awserr.New("ResourceNotFoundException", 400, "Consumer %s under stream %s not found for account %s.", shown, name, s.options.Account.ID)
	resource := stream + "/consumer/" + shown + ":*"
	if st != nil && st.arn == stream {
		m, _ := st.snapshot()
		now := st.clock.Now().UnixMilli()
		for i, c := range m.Consumers {
			if is(c) && (c.Deleted == 0 || now < c.Deleted+changeMillis) {
				if err := call.Authorize("kinesis:"+action, c.arn(stream)); err != nil {
					return err
				}
				return f(st, i)
			}
		}
	}
	if err := call.Authorize("kinesis:"+action, resource); err != nil {
		return err
	}
	if st == nil || st.arn != stream {
		return errNotFound(s.options.Account, name)
	}
	return missing
}

type describeConsumerOutput struct{ ConsumerDescription consumerDescription }

type consumerDescription struct {
	consumerOutput
	StreamARN string
}

func (s *Service) describeConsumer(_ context.Context, call *protocol.Call, in *consumerInput) (*describeConsumerOutput, error) {
	out := &describeConsumerOutput{}
	return out, s.withConsumer(call, "DescribeStreamConsumer", in, func(st *stream, i int) error {
		m, _ := st.snapshot()
		out.ConsumerDescription = consumerDescription{m.Consumers[i].output(st), st.arn}
		return nil
	})
}

func (s *Service) deregisterConsumer(_ context.Context, call *protocol.Call, in *consumerInput) (*empty, error) {
	return &empty{}, s.withConsumer(call, "DeregisterStreamConsumer", in, func(st *stream, i int) error {
		return s.edit(st, func(m *manifest, at moment) error {
			if m.Consumers[i].Deleted > 0 {
				return errResourceInUse("Consumer %s under stream %s is being deleted.", m.Consumers[i].Name, st.name)
			}
			m.Consumers[i].Deleted = at.millis
			return nil
		})
	})
}

type listConsumersInput struct {
	StreamARN, NextToken    *string
	MaxResults              *int
	StreamCreationTimestamp *time.Time
}

type listConsumersOutput struct {
	Consumers []consumerOutput
	NextToken *string
}

// listConsumers. documented (API_ListStreamConsumers): 100 consumers, unless MaxResults says another number.
func (s *Service) listConsumers(_ context.Context, call *protocol.Call, in *listConsumersInput) (*listConsumersOutput, error) {
	var v violations
	v.Between("maxResults", in.MaxResults, 1, 10000)
	v.Length("nextToken", in.NextToken, 1, 1<<20)
	v.checkRequiredARN(in.StreamARN)
	if err := v.err(); err != nil {
		return nil, err
	}
	var token pageToken
	if in.NextToken != nil {
		if err := token.parse(*in.NextToken, s.options.Clock.Now()); err != nil {
			return nil, err
		}
	}
	limit := 100
	if in.MaxResults != nil {
		limit = *in.MaxResults
	}
	out := &listConsumersOutput{Consumers: []consumerOutput{}}
	return out, s.with(call, "ListStreamConsumers", address{StreamARN: in.StreamARN}, func(st *stream) error {
		m, _ := st.snapshot()
		if in.StreamCreationTimestamp != nil && in.StreamCreationTimestamp.Unix() != m.Created/1000 {
			return errNotFound(s.options.Account, st.name)
		}
		all := m.currentConsumers(st.clock.Now().UnixMilli())
		slices.SortFunc(all, func(a, b consumer) int { return strings.Compare(a.Name, b.Name) })
		for _, c := range all {
			if c.Name <= token.After {
				continue
			}
			if len(out.Consumers) == limit {
				text := pageToken{After: out.Consumers[limit-1].ConsumerName}.text(st.clock.Now())
				out.NextToken = &text
				break
			}
			out.Consumers = append(out.Consumers, c.output(st))
		}
		return nil
	})
}

// checkNoConsumers refuses to delete a stream that has registered consumers.
//
// documented (API_DeleteStream): the code; assumed: the sentence.
func (s *Service) checkNoConsumers(st *stream) error {
	m, _ := st.snapshot()
	live := m.currentConsumers(st.clock.Now().UnixMilli())
	if len(live) == 0 {
		return nil
	}
	return errResourceInUse("Stream %s under account %s has %d consumers: deregister them, or set EnforceConsumerDeletion.",
		st.name, s.options.Account.ID, len(live))
}
