package send

import (
	"fmt"
	"sync"
)

// ledger records the end of each event of a run and matches stored objects with the events.
type ledger interface {
	// record records the end of an event. It is safe for concurrent use.
	record(e event, to end)
	// find records an object that was found in S3. It is called after the last record.
	find(object map[string]any) finding
	// progress returns how many of the accepted events were found.
	progress() (found, accepted int64)
	// close returns the totals, with the names of at most that many missing events.
	close(names int) totals
}

// finding classifies an object in S3.
type finding int

const (
	// expected: an event of this run, found for the first time.
	expected finding = iota
	// duplicate: an event that was found before.
	duplicate
	// altered: it has the id of an event of this run but another content.
	altered
	// unexpected: an event of this run that was never sent, or for which the endpoint reported that it is not stored.
	unexpected
	// foreign: not of this run.
	foreign
)

// totals are the totals of a ledger.
type totals struct {
	// missing names events that were accepted and not found.
	missing []string
	// unanswered were found although no request got a 200 for them.
	unanswered int64
}

// numbered is the ledger of generated events: a few bits for each.
type numbered struct {
	generator *generator

	mu                                        sync.Mutex
	accepted, uncertain, found, foundAccepted bitmap
}

func (l *numbered) record(e event, to end) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch to {
	case accepted:
		l.accepted.add(e.number)
	case uncertain:
		l.uncertain.add(e.number)
	}
}

func (l *numbered) find(object map[string]any) finding {
	for _, candidate := range []map[string]any{object, unwrap(object)} {
		id, _ := candidate["id"].(string)
		number, ours := l.generator.parseID(id)
		if !ours {
			continue
		}
		if !l.accepted.has(number) && !l.uncertain.has(number) {
			return unexpected
		}
		if !l.generator.matches(candidate, number) {
			return altered
		}
		if !l.found.add(number) {
			return duplicate
		}
		if l.accepted.has(number) {
			l.foundAccepted.add(number)
		}
		return expected
	}
	return foreign
}

func (l *numbered) progress() (found, accepted int64) {
	return l.foundAccepted.count, l.accepted.count
}

func (l *numbered) close(names int) totals {
	_, ranges := l.accepted.without(&l.found, names)
	r := totals{unanswered: l.found.count - l.foundAccepted.count}
	for _, numbers := range ranges {
		r.missing = append(r.missing, l.generator.run+"-"+numbers)
	}
	return r
}

// contents is the ledger of events from a file, which need not have ids: they are identified by their content, and
// equal ones are counted.
type contents struct {
	mu      sync.Mutex
	entries []entry
	// at is the index of an entry by its fingerprint.
	at       map[uint64]int32
	accepted int64
	found    int64
}

// entry counts the events with the same content.
type entry struct {
	// line is the line of the first one that was accepted.
	line int64
	// accepted and uncertain count those that ended so, found those in S3.
	accepted, uncertain, found int32
	// rejected: at least one was not stored.
	rejected bool
}

func (l *contents) record(e event, to end) {
	object, _ := parseObject(e.body)
	print := fingerprint(object)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at == nil {
		l.at = map[uint64]int32{}
	}
	index, known := l.at[print]
	if !known {
		index = int32(len(l.entries))
		l.at[print] = index
		l.entries = append(l.entries, entry{})
	}
	counted := &l.entries[index]
	switch to {
	case accepted:
		if counted.accepted++; counted.accepted == 1 {
			counted.line = e.line
		}
		l.accepted++
	case uncertain:
		counted.uncertain++
	default:
		counted.rejected = true
	}
}

func (l *contents) find(object map[string]any) finding {
	for _, candidate := range []map[string]any{object, unwrap(object)} {
		if candidate == nil {
			continue
		}
		index, known := l.at[fingerprint(candidate)]
		if !known {
			continue
		}
		counted := &l.entries[index]
		counted.found++
		switch {
		case counted.found <= counted.accepted:
			l.found++
			return expected
		case counted.found <= counted.accepted+counted.uncertain:
			return expected
		case counted.rejected:
			return unexpected
		}
		return duplicate
	}
	return foreign
}

func (l *contents) progress() (found, accepted int64) { return l.found, l.accepted }

func (l *contents) close(names int) totals {
	r := totals{}
	for _, counted := range l.entries {
		r.unanswered += int64(min(max(0, counted.found-counted.accepted), counted.uncertain))
		missing := counted.accepted - counted.found
		if missing <= 0 || len(r.missing) == names {
			continue
		}
		text := fmt.Sprintf("line %d", counted.line)
		if counted.accepted > 1 {
			text = fmt.Sprintf("%d of the %d events like line %d", missing, counted.accepted, counted.line)
		}
		r.missing = append(r.missing, text)
	}
	return r
}
