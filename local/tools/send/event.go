package send

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
)

// event is an event to send.
type event struct {
	// number counts the events of a run, from 0.
	number int64
	// object is the object with the event; empty if it was generated or is of a file.
	object string
	// line is its line in the object or file, from 1; 0 if it was generated.
	line int64
	// body is one JSON object, as it is sent.
	body []byte
	// compact is its size in bytes without white space, to which the pipeline's limits apply.
	compact int
	// unsure says that an earlier attempt may have stored it.
	unsure bool
}

// name identifies the event in messages.
func (e event) name() string {
	if e.line > 0 {
		return lineName(e.object, e.line)
	}
	return fmt.Sprintf("event %d", e.number)
}

// lineName names a line of an object, or of the file if object is empty.
func lineName(object string, line int64) string {
	if object == "" {
		return fmt.Sprintf("line %d", line)
	}
	return fmt.Sprintf("%s, line %d", object, line)
}

// source gives the events of a run, in order.
type source interface {
	// next returns the next event, io.EOF after the last one, or a *badLine for a line that is not an event, after which
	// it can be called again.
	next() (event, error)
}

// badLine is a line of an object or a file that is not an event. It is never sent.
type badLine struct {
	object string
	line   int64
	reason string
}

func (b *badLine) Error() string { return lineName(b.object, b.line) + ": " + b.reason }

// generator generates events with unique ids.
type generator struct {
	// run is the prefix of the ids, unique to the run.
	run string
	// bytes is the size to which events are padded; 0: no padding.
	bytes  int
	number int64
}

// newRun returns a random name for a run.
func newRun(random uint64) string { return fmt.Sprintf("%016x", random) }

func (g *generator) next() (event, error) {
	body := g.body(g.number)
	e := event{number: g.number, body: body, compact: len(body)}
	g.number++
	return e, nil
}

func (g *generator) body(number int64) []byte {
	text := g.format(number)
	if fill := g.fill(number); fill >= 0 {
		text += `,"padding":"` + strings.Repeat("x", fill) + `"`
	}
	return []byte(text + "}")
}

const valueOfAll, typeOfAll = "30", "Tip 3"

func (g *generator) format(number int64) string {
	return `{"value":"` + valueOfAll + `","type":"` + typeOfAll + `","id":"` + g.id(number) + `"`
}

// fill returns the length of the padding of an event; negative if it has none.
func (g *generator) fill(number int64) int {
	if g.bytes == 0 {
		return -1
	}
	return g.bytes - len(g.format(number)) - len(`,"padding":""}`)
}

// matches says whether an object equals the event with that number.
func (g *generator) matches(object map[string]any, number int64) bool {
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

// parseID returns the number in an id; ok is false for an id of another run.
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

// objectProblem says why the endpoint would not accept a line as an event; empty if it would.
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
