package send

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
)

// event is one event on its way.
type event struct {
	// number counts the events of a run, from 0.
	number int64
	// line is where it is in its file, from 1; 0 if it was generated.
	line int64
	// body is one JSON object, as it is sent.
	body []byte
	// compact is how many bytes it has without white space, which is what the pipeline's limits are about.
	compact int
	// unsure: an attempt to send it got no answer, or one that leaves open whether it was stored.
	unsure bool
}

// name is how a person finds the event.
func (e event) name() string {
	if e.line > 0 {
		return fmt.Sprintf("line %d", e.line)
	}
	return fmt.Sprintf("event %d", e.number)
}

// source gives the events of a run, in order.
type source interface {
	// next gives the next event, io.EOF after the last one, and *badLine for a line that is none; it goes on after that.
	next() (event, error)
}

// badLine is a line of a file that is not an event. It is never sent.
type badLine struct {
	line   int64
	reason string
}

func (b *badLine) Error() string { return fmt.Sprintf("line %d: %s", b.line, b.reason) }

// generator makes events that look like the exercise's and have an id each.
type generator struct {
	// run is the first part of the ids: no other run has it.
	run string
	// bytes is what an event is filled up to; 0: not filled.
	bytes  int
	number int64
}

// newRun names a run after a random number.
func newRun(random uint64) string { return fmt.Sprintf("%016x", random) }

func (g *generator) next() (event, error) {
	body := g.body(g.number)
	e := event{number: g.number, body: body, compact: len(body)}
	g.number++
	return e, nil
}

func (g *generator) body(number int64) []byte {
	text := g.unpadded(number)
	if fill := g.fill(number); fill >= 0 {
		text += `,"padding":"` + strings.Repeat("x", fill) + `"`
	}
	return []byte(text + "}")
}

const valueOfAll, typeOfAll = "30", "Tip 3"

func (g *generator) unpadded(number int64) string {
	return `{"value":"` + valueOfAll + `","type":"` + typeOfAll + `","id":"` + g.id(number) + `"`
}

// fill is how long the padding of an event is, below 0 if it has none.
func (g *generator) fill(number int64) int {
	if g.bytes == 0 {
		return -1
	}
	return g.bytes - len(g.unpadded(number)) - len(`,"padding":""}`)
}

// made says whether an object is the event of that number, as it was made.
func (g *generator) isOwn(object map[string]any, number int64) bool {
	members := 3
	if fill := g.fill(number); fill >= 0 {
		padding, _ := object["padding"].(string)
		if members++; len(padding) != fill || strings.Trim(padding, "x") != "" {
			return false
		}
	}
	return len(object) == members && object["value"] == valueOfAll && object["type"] == typeOfAll && object["id"] == g.id(number)
}

func (g *generator) id(number int64) string { return g.run + "-" + strconv.FormatInt(number, 10) }

// numberOf reads a number back from an id; ok is false for an id of another run.
func (g *generator) parseID(id string) (number int64, ok bool) {
	digits, ours := strings.CutPrefix(id, g.run+"-")
	if !ours {
		return 0, false
	}
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || number < 0 || g.id(number) != id {
		return 0, false
	}
	return number, true
}

// objectProblem says why a line is not an event that the endpoint takes; empty: it is one.
func objectProblem(line []byte, compact int) string {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil || members == nil {
		if json.Valid(line) {
			return "not a JSON object"
		}
		return "not JSON: " + strings.TrimPrefix(err.Error(), "json: ")
	}
	if len(members) == 0 {
		return "an object without a member (the endpoint takes none)"
	}
	if compact > maxEventBytes {
		return fmt.Sprintf("%s bytes as compact JSON: one event may have %s", humanize.Comma(int64(compact)), humanize.Comma(maxEventBytes))
	}
	return ""
}
