package kinesis

import (
	"strconv"

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
		v.add("streamName", "null", notNull)
	}
}

func (v *violations) checkARN(member, arn string) {
	if !arnExpression.MatchString(arn) {
		v.add(member, quote(arn), pattern(arnPattern))
	}
	if len(arn) > maxARNLength {
		v.add(member, quote(arn), notLonger(maxARNLength))
	}
}

// checkName adds what is wrong with a name that has the form of a stream's, such as a shard's id.
func (v *violations) checkName(member string, name *string) {
	if name == nil {
		v.add(member, "null", notNull)
		return
	}
	v.checkNameOf(member, *name)
}

// checkInteger adds what is wrong with a number; required says whether it must be there.
func (v *violations) checkInteger(member string, n *int, least, most int, required bool) {
	switch {
	case n == nil && required:
		v.add(member, "null", notNull)
	case n == nil:
	case *n < least:
		v.add(member, quote(strconv.Itoa(*n)), "Member must have value greater than or equal to "+strconv.Itoa(least))
	case *n > most:
		v.add(member, quote(strconv.Itoa(*n)), "Member must have value less than or equal to "+strconv.Itoa(most))
	}
}

// checkText adds what is wrong with the length of a text.
func (v *violations) checkText(member string, text *string, least, most int, required bool) {
	switch {
	case text == nil && required:
		v.add(member, "null", notNull)
	case text == nil:
	case len(*text) < least:
		v.add(member, quote(*text), notShorter(least))
	case len(*text) > most:
		v.add(member, quote(*text), notLonger(most))
	}
}

// checkLength adds what is wrong with the size of a list or map, which shown shows.
func (v *violations) checkLength(member string, n int, isSet bool, shown string, least, most int) {
	switch {
	case !isSet:
		v.add(member, "null", notNull)
	case n < least:
		v.add(member, quote(shown), notShorter(least))
	case n > most:
		v.add(member, quote(shown), notLonger(most))
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
