package send

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"ingest-pipeline/local/tools/internal/envelope"
	"ingest-pipeline/local/tools/send/objects"
)

// objectSource reads events out of objects, in the order of their names.
type objectSource struct {
	ctx      context.Context
	location objects.Location
	// pending are the objects that were not opened yet.
	pending []objects.Object
	replay  Replay
	journal *journal

	// lines are those of the object that is read; nil between two objects.
	lines  *lineReader
	object objects.Object
	close  func() error
	number int64
	// skipped counts lines that an earlier run had accepted.
	skipped atomic.Int64
}

// newObjectSource lists the objects of a location.
func newObjectSource(ctx context.Context, location objects.Location, replay Replay, j *journal) (*objectSource, error) {
	s := &objectSource{ctx: ctx, location: location, replay: replay, journal: j}
	err := location.List(ctx, func(o objects.Object) error {
		s.pending = append(s.pending, o)
		return nil
	})
	slices.SortFunc(s.pending, func(a, b objects.Object) int { return cmp.Compare(a.Name, b.Name) })
	return s, err
}

func (s *objectSource) next() (event, error) {
	for {
		if s.lines == nil {
			if err := s.open(); err != nil {
				return event{}, err
			}
		}
		l, err := s.lines.next()
		switch {
		case errors.Is(err, io.EOF):
			if err := s.closeObject(); err != nil {
				return event{}, err
			}
			continue
		case isDamaged(err):
			return event{}, errors.Join(&badLine{s.object.Name, s.lines.line + 1, "cannot be unpacked: " + err.Error()}, s.closeObject())
		case err != nil:
			return event{}, fmt.Errorf("reading %s in %s: %w", s.object.Name, s.location, err)
		}
		was := s.journal.state(s.object.Name, l.number)
		if was == lineAccepted {
			s.skipped.Add(1)
			continue
		}
		e, problem := s.parse(l)
		if problem != "" {
			return event{}, &badLine{s.object.Name, l.number, problem}
		}
		e.number, e.object, e.unsure = s.number, s.object.Name, was == lineSent
		s.number++
		return e, nil
	}
}

// open opens the next object; io.EOF after the last one.
func (s *objectSource) open() error {
	if len(s.pending) == 0 {
		return io.EOF
	}
	s.object, s.pending = s.pending[0], s.pending[1:]
	body, err := s.location.Open(s.ctx, s.object)
	if err != nil {
		return err
	}
	s.close = body.Close
	content, err := decompress(body)
	if isDamaged(err) {
		return errors.Join(&badLine{s.object.Name, 1, "cannot be unpacked: " + err.Error()}, s.closeObject())
	}
	if err != nil {
		return errors.Join(fmt.Errorf("reading %s in %s: %w", s.object.Name, s.location, err), s.closeObject())
	}
	s.lines = newLineReader(content)
	return nil
}

func (s *objectSource) closeObject() error {
	s.lines = nil
	return s.close()
}

// parse reads the event of a line; problem says why there is none.
func (s *objectSource) parse(l line) (e event, problem string) {
	if s.replay.Raw || l.long {
		return parseEvent(l)
	}
	text, problem := decodeErrorRecord(l.text)
	if problem != "" {
		return event{}, problem
	}
	if !s.replay.KeepEnvelope {
		text = envelope.Unwrap(text) // the endpoint wraps the event again
	}
	return parseEvent(line{number: l.number, text: text})
}

// decodeErrorRecord returns the record that Firehose could not process.
//
// documented (data-transformation-failure-handling, record-format-conversion-error-handling): a JSON document for each
// record, whose rawData is the record in base64. The other members differ by the kind of error and are not needed.
func decodeErrorRecord(text []byte) (record []byte, problem string) {
	var document struct {
		RawData *string `json:"rawData"`
	}
	if err := json.Unmarshal(text, &document); err != nil || document.RawData == nil {
		return nil, "not one of Firehose's error records, which are JSON with rawData"
	}
	record, err := base64.StdEncoding.DecodeString(*document.RawData)
	if err != nil {
		return nil, "rawData is not base64: " + err.Error()
	}
	return record, ""
}
