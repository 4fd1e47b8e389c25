package vtl

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxJSONDepth is how deep arrays and objects may nest.
const maxJSONDepth = 1000

// ParseJSON parses one JSON document (RFC 8259, any value at the top). Key order is kept and the last of equal keys wins, at the first's place.
// Numbers are exact: int64 where it fits, else *big.Int; float64 where it has all the digits, else *Decimal.
// Lists render as JSON, as those of $input.path do in API Gateway (recorded: LocalStack, test_input_path_template_formatting). Errors name the byte, from 1; input may nest 1,000 deep.
func ParseJSON(data []byte) (Value, error) {
	return parseJSON(data, jsonArray)
}

func parseJSON(data []byte, lists listKind) (v Value, err error) {
	p := jsonParser{data: string(data), lists: lists}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(jsonError)
			if !ok {
				panic(r)
			}
			v, err = nil, fmt.Errorf("parsing JSON: byte %d: %s", e.pos+1, e.problem)
		}
	}()
	v = p.value()
	p.space()
	if p.i < len(data) {
		p.fail("text after the end")
	}
	return v, nil
}

type jsonParser struct {
	data  string // strings without escapes are cut out of it
	i     int
	depth int
	lists listKind
}

type jsonError struct {
	pos     int
	problem string
}

func (p *jsonParser) fail(format string, args ...any) {
	panic(jsonError{p.i, fmt.Sprintf(format, args...)})
}

func (p *jsonParser) space() {
	for p.i < len(p.data) {
		switch p.data[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

// peek skips white space and is the next byte, 0 at the end.
func (p *jsonParser) peek() byte {
	p.space()
	if p.i >= len(p.data) {
		return 0
	}
	return p.data[p.i]
}

func (p *jsonParser) value() Value {
	switch c := p.peek(); {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		return p.str()
	case c == '-' || isDigit(c):
		return p.number()
	case c == 't':
		p.word("true")
		return true
	case c == 'f':
		p.word("false")
		return false
	case c == 'n':
		p.word("null")
		return nil
	case p.i >= len(p.data):
		p.fail("the text ends where a value is expected")
	}
	p.fail("a value is expected")
	return nil
}

func (p *jsonParser) word(w string) {
	if !strings.HasPrefix(p.data[p.i:], w) {
		p.fail("a value is expected")
	}
	p.i += len(w)
}

func (p *jsonParser) enter() {
	if p.depth++; p.depth > maxJSONDepth {
		p.fail("nested more than %d deep", maxJSONDepth)
	}
	p.i++
}

func (p *jsonParser) object() Value {
	p.enter()
	m := &Map{entries: make([]entry, 0, 4)}
	for first := true; ; first = false {
		c := p.peek()
		if c == '}' && first {
			break
		}
		if c != '"' {
			p.fail("a key in quotes is expected")
		}
		key := p.str()
		if p.peek() != ':' {
			p.fail("a colon is expected")
		}
		p.i++
		m.Put(key, p.value())
		if p.more('}') {
			continue
		}
		break
	}
	p.i++
	p.depth--
	return m
}

func (p *jsonParser) array() Value {
	p.enter()
	l := &List{kind: p.lists}
	if p.peek() != ']' {
		for {
			l.items = append(l.items, p.value())
			if !p.more(']') {
				break
			}
		}
	}
	p.i++
	p.depth--
	return l
}

// more takes a comma, or stops in front of the closing bracket.
func (p *jsonParser) more(closing byte) bool {
	switch p.peek() {
	case ',':
		p.i++
		return true
	case closing:
		return false
	}
	p.fail("a comma or %c is expected", closing)
	return false
}

func (p *jsonParser) number() Value {
	start := p.i
	if p.data[p.i] == '-' {
		p.i++
	}
	whole := p.digits()
	if whole == 0 {
		p.fail("a digit is expected")
	}
	if first := p.data[p.i-whole]; first == '0' && whole > 1 {
		p.i -= whole
		p.fail("a number begins with 0")
	}
	integer := true
	if p.i < len(p.data) && p.data[p.i] == '.' {
		integer = false
		p.i++
		if p.digits() == 0 {
			p.fail("a digit is expected")
		}
	}
	if p.i < len(p.data) && (p.data[p.i] == 'e' || p.data[p.i] == 'E') {
		integer = false
		p.i++
		if p.i < len(p.data) && (p.data[p.i] == '+' || p.data[p.i] == '-') {
			p.i++
		}
		if p.digits() == 0 {
			p.fail("a digit is expected")
		}
	}
	if integer {
		return p.integer(p.data[start:p.i])
	}
	return p.decimal(p.data[start:p.i])
}

func (p *jsonParser) digits() int {
	start := p.i
	for p.i < len(p.data) && isDigit(p.data[p.i]) {
		p.i++
	}
	return p.i - start
}

func (p *jsonParser) integer(s string) Value {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	if len(s) > maxDigits {
		p.fail("a number has more than %d digits", maxDigits)
	}
	n, _ := new(big.Int).SetString(s, 10)
	return integerOf(n)
}

// decimal is a float64 if that has all the digits: up to 15 always fit.
func (p *jsonParser) decimal(s string) Value {
	f, err := strconv.ParseFloat(s, 64)
	significant, leading := 0, true
	for i := 0; i < len(s) && s[i] != 'e' && s[i] != 'E'; i++ {
		if leading = leading && (s[i] == '0' || s[i] == '.' || s[i] == '-'); !leading && s[i] != '.' {
			significant++
		}
	}
	if a := math.Abs(f); err == nil && significant <= 15 && (a > 1e-300 || significant == 0) {
		return f
	}
	d, err := parseDecimal(s)
	if err != nil {
		p.fail("%v", err)
	}
	return d
}

func (p *jsonParser) str() string {
	p.i++
	start := p.i
	for ; p.i < len(p.data); p.i++ {
		switch c := p.data[p.i]; {
		case c == '"':
			p.i++
			return p.data[start : p.i-1]
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			p.fail("a control character in a string")
		}
	}
	p.fail("a string is not closed")
	return ""
}

// escaped reads a string that has escapes, from the first of them on.
func (p *jsonParser) escaped(start int) string {
	b := append([]byte(nil), p.data[start:p.i]...)
	for ; p.i < len(p.data); p.i++ {
		switch c := p.data[p.i]; {
		case c == '"':
			p.i++
			return string(b)
		case c < ' ':
			p.fail("a control character in a string")
		case c != '\\':
			b = append(b, c)
		default:
			b = utf8.AppendRune(b, p.escape())
		}
	}
	p.fail("a string is not closed")
	return ""
}

// escape reads one escape, or two that are a surrogate pair, and stops on its last byte.
func (p *jsonParser) escape() rune {
	p.i++
	if p.i >= len(p.data) {
		p.fail("a string is not closed")
	}
	switch c := p.data[p.i]; c {
	case '"', '\\', '/':
		return rune(c)
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'u':
		r, ok := hexRune(p.data[p.i+1:])
		if !ok {
			p.fail(`\u needs four hexadecimal digits`)
		}
		p.i += 4
		if !utf16.IsSurrogate(r) {
			return r
		}
		if rest := p.data[p.i+1:]; strings.HasPrefix(rest, `\u`) {
			low, _ := hexRune(rest[2:])
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				p.i += 6
				return pair
			}
		}
		return '?' // half of a pair: what Java encodes it as
	}
	p.fail("an unknown escape in a string")
	return 0
}

// hexRune is the character of the four hexadecimal digits that s begins with.
func hexRune(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[:4], 16, 16)
	return rune(n), err == nil
}
