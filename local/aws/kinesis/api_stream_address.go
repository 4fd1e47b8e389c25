package kinesis

import (
	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/protocol"
)

// address is how a request names a stream: by one of the two members, or by both.
type address struct{ StreamName, StreamARN *string }

// checkAddress adds what is wrong with the address of a stream.
func (v *violations) checkAddress(a address) {
	if a.StreamARN != nil {
		v.checkARN("streamARN", *a.StreamARN)
	}
	switch {
	case a.StreamName != nil:
		v.checkStreamName(*a.StreamName)
	case a.StreamARN == nil:
		v.Null("streamName")
	}
}

func (v *violations) checkARN(member, arn string) {
	if !arnExpression.MatchString(arn) {
		v.Add(member, arn, pattern(arnPattern))
	}
	if len(arn) > maxARNLength {
		v.Add(member, arn, notLonger(maxARNLength))
	}
}

// checkName adds what is wrong with a name that has the form of a stream's, such as a shard's id.
func (v *violations) checkName(member string, name *string) {
	if name == nil {
		v.Null(member)
		return
	}
	v.checkNameOf(member, *name)
}

// checkNumber adds what is wrong with a number that must be there.
func (v *violations) checkNumber(member string, n *int, least, most int) {
	if n == nil {
		v.Null(member)
	}
	v.Between(member, n, least, most)
}

// checkLength adds what is wrong with the size of a list or map, which shown shows.
func (v *violations) checkLength(member string, n int, isSet bool, shown string, least, most int) {
	switch {
	case !isSet:
		v.Null(member)
	case n < least:
		v.Add(member, shown, notShorter(least))
	case n > most:
		v.Add(member, shown, notLonger(most))
	}
}

const maxInteger = 1<<31 - 1

// named is the name and the ARN of the stream that a request is for; here says whether it is in this account and Region.
func (s *Service) named(a address) (name, arn string, here bool, err error) {
	if a.StreamARN == nil {
		return *a.StreamName, s.arn(*a.StreamName), true, nil
	}
	name = arnName(*a.StreamARN)
	if a.StreamName != nil && *a.StreamName != name { // assumed
		return "", "", false, awserr.New("InvalidArgumentException", 400,
			"StreamARN %s and StreamName %s are not of one stream.", *a.StreamARN, *a.StreamName)
	}
	return name, *a.StreamARN, *a.StreamARN == s.arn(name), nil
}

// with calls f with the stream that a request is for, in the state of this moment, while no other change is made, if the
// caller may do action to it.
func (s *Service) with(call *protocol.Call, action string, a address, f func(st *stream) error) error {
	name, arn, here, err := s.named(a)
	if err != nil {
		return err
	}
	if err := call.Authorize("kinesis:"+action, arn); err != nil {
		return err
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	st, err := s.current(name)
	if err != nil {
		return err
	}
	if st == nil || !here {
		return errNotFound(s.options.Account, name)
	}
	return f(st)
}
