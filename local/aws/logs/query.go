package logs

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// maxPageBytes and maxPageEvents bound a page of log events (documented: GetLogEvents, FilterLogEvents).
const (
	maxPageBytes  = 1 << 20
	maxPageEvents = 10000
)

// position is the place of an event in the order of times, names of log streams, and places in the log stream.
type position struct {
	// time is in milliseconds since 1970.
	time   int64
	stream string
	// n counts the events of that time in that log stream that come before it.
	n int
}

func (p position) compare(other position) int {
	return cmp.Or(cmp.Compare(p.time, other.time), strings.Compare(p.stream, other.stream), cmp.Compare(p.n, other.n))
}

// foundEvent is an event with its position.
type foundEvent struct {
	position
	message string
}

// query asks for a page of the events of log streams.
type query struct {
	views []*view
	// from is included, to is not, in milliseconds since 1970.
	from, to int64
	// at is where the page begins, and is included; or where it ends, and is not, if it goes backward.
	at       position
	backward bool
	limit    int
}

// page is the answer to a query, oldest event first.
type page struct {
	events []foundEvent
	// last is whether nothing is left in the direction of the query.
	last bool
}

// page answers a query about log streams.
func (s *Service) page(streams []*stream, q query) (page, error) {
	for {
		q.views = nil
		for _, st := range streams {
			v, err := s.view(st)
			if err != nil {
				return page{}, err
			}
			q.views = append(q.views, v)
		}
		found, err := q.run(s)
		if !errors.Is(err, errCut) { // files are cut once an hour at most
			return found, err
		}
	}
}

// run reads the blocks of the times that the page can have events of, and no others.
func (q query) run(s *Service) (page, error) {
	oldest, newest := q.window()
	c := collector{query: q, oldest: oldest, newest: newest}
	for _, v := range q.views {
		if err := c.read(s, v); err != nil {
			return page{}, err
		}
	}
	all := len(c.found)
	found := q.fit(c.found)
	complete := newest >= q.to-1
	if q.backward {
		complete = oldest <= q.from
	}
	return page{events: found, last: complete && len(found) == all && !c.left}, nil
}

// collector collects the events of a window.
type collector struct {
	query
	oldest, newest int64
	found          []foundEvent
	bytes          int
	left           bool // events were left out that do not fit into the page
}

// read reads the events of a log stream.
func (c *collector) read(s *Service, v *view) error {
	blocks := slices.DeleteFunc(slices.Clone(v.blocks), func(b block) bool { return b.newest < c.oldest || b.oldest > c.newest })
	if len(blocks) == 0 {
		return nil
	}
	file, err := v.open(s)
	if err != nil || file == nil {
		return err
	}
	defer file.Close()
	seen := map[int64]int{}
	for _, b := range blocks {
		lines := newLineReader(io.NewSectionReader(file, b.offset, b.size))
		for {
			event, _, err := lines.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return fmt.Errorf("reading log stream %s: %w", v.stream.path, err)
			}
			at := event.Time.UnixMilli()
			c.add(foundEvent{position{time: at, stream: v.stream.name, n: seen[at]}, event.Message})
			seen[at]++
		}
	}
	return nil
}

// add keeps an event that can be on the page.
func (c *collector) add(e foundEvent) {
	if before := e.compare(c.at) < 0; e.time < c.oldest || e.time > c.newest || before != c.backward {
		return
	}
	c.found = append(c.found, e)
	if c.bytes += len(e.message) + eventOverhead; len(c.found) >= 2*maxPageEvents || c.bytes >= 4*maxPageBytes {
		c.found, c.left = c.fit(c.found), true
		c.bytes = sizeOf(c.found)
	}
}

// window is the range of times in which there are more events than the limit, or all that are left.
func (q query) window() (oldest, newest int64) {
	oldest, newest = max(q.from, q.at.time), q.to-1
	if q.backward {
		oldest, newest = q.from, min(q.to-1, q.at.time)
	}
	var blocks []block
	for _, v := range q.views {
		for _, b := range v.blocks {
			// Of the events at the very time of the position some lie on the other side of it.
			if !q.backward && b.oldest > oldest && b.newest <= newest || q.backward && b.newest < newest && b.oldest >= oldest {
				blocks = append(blocks, b)
			}
		}
	}
	slices.SortFunc(blocks, func(a, b block) int {
		if q.backward {
			return cmp.Compare(b.newest, a.newest)
		}
		return cmp.Compare(a.oldest, b.oldest)
	})
	events, least, most := 0, int64(math.MaxInt64), int64(math.MinInt64)
	for _, b := range blocks {
		events += b.events
		least, most = min(least, b.oldest), max(most, b.newest)
		if events > q.limit {
			if q.backward {
				return least, newest
			}
			return oldest, most
		}
	}
	return oldest, newest
}

// fit sorts events and leaves those that fit into the page.
func (q query) fit(found []foundEvent) []foundEvent {
	slices.SortFunc(found, func(a, b foundEvent) int { return a.compare(b.position) })
	if q.backward {
		slices.Reverse(found)
	}
	n, bytes := 0, 0
	for n < len(found) && n < q.limit {
		bytes += len(found[n].message) + eventOverhead
		if n > 0 && bytes > maxPageBytes {
			break
		}
		n++
	}
	found = found[:n]
	if q.backward {
		slices.Reverse(found)
	}
	return found
}

func sizeOf(events []foundEvent) (bytes int) {
	for _, e := range events {
		bytes += len(e.message) + eventOverhead
	}
	return bytes
}
