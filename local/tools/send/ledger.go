package send

import (
	"fmt"
	"sync"
)

// ledger knows what became of each event of a run, and finds the events in what was stored.
type ledger interface {
	// settle notes the end of an event. It may be called from several goroutines.
	settle(e event, to end)
	// find notes an object that was found in S3. It is called after the last settle.
	find(object map[string]any) finding
	// progress is how many of the accepted events were found.
	progress() (found, accepted int64)
	// close counts what was found, and names at most so many of the events that are missing.
	close(names int) totals
}

// finding is what an object in S3 turned out to be.
type finding int

const (
	// expected: an event of this run, seen for the first time.
	expected finding = iota
	// duplicate: one that was seen before.
	duplicate
	// altered: it has the id of an event of this run and does not say the same.
	altered
	// unexpected: an event of this run that was never sent, or whose sender was told that it is not stored.
	unexpected
	// foreign: not of this run.
	foreign
)

// totals is what a ledger comes to.
type totals struct {
	// missing names events that were accepted and not found.
	missing []string
	// unanswered were found although their sender never got a 200.
	unanswered int64
}

// numbered is the ledger of generated events: a bit for each of a few facts.
type numbered struct {
	made *generator

	mu                                      sync.Mutex
	accepted, perhaps, found, foundAccepted bitmap
}

func (l *numbered) settle(e event, to end) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch to {
	case accepted:
		l.accepted.add(e.number)
	case perhaps:
		l.perhaps.add(e.number)
	}
}

func (l *numbered) find(object map[string]any) finding {
	for _, candidate := range []map[string]any{object, unwrap(object)} {
		id, _ := candidate["id"].(string)
		number, ours := l.made.parseID(id)
		if !ours {
			continue
		}
		if !l.accepted.has(number) && !l.perhaps.has(number) {
			return unexpected
		}
		if !l.made.isOwn(candidate, number) {
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
		r.missing = append(r.missing, l.made.run+"-"+numbers)
	}
	return r
}

// contents is the ledger of events from a file, which need not have an id: they are told apart by what they say, and
// equal ones are counted.
type contents struct {
	mu      sync.Mutex
	entries []entry
	// at finds an entry by its fingerprint.
	at       map[uint64]int32
	accepted int64
	found    int64
}

// entry counts the events that say the same.
type entry struct {
	// line is where the first of them that was accepted is.
	line int64
	// accepted and perhaps are how many were sent with that end, found how many are stored.
	accepted, perhaps, found int32
	// refused: at least one was not stored.
	refused bool
}

func (l *contents) settle(e event, to end) {
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
	case perhaps:
		counted.perhaps++
	default:
		counted.refused = true
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
		case counted.found <= counted.accepted+counted.perhaps:
			return expected
		case counted.refused:
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
		r.unanswered += int64(min(max(0, counted.found-counted.accepted), counted.perhaps))
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
