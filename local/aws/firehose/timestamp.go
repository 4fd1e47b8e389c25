package firehose

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// timestampFormat is a pattern of Java's DateTimeFormatter, the language of !{timestamp:…}.
//
// documented (s3-prefixes; java.time.format.DateTimeFormatter): letters are fields, what stands in single quotes is
// text, two single quotes are one, in text too. Offered are the fields of a date, a time of day and a zone offset, in English; other
// letters are refused by name.
type timestampFormat []timestampField

// timestampField is one run of letters, or text.
type timestampField struct {
	letter byte // 0 for text
	count  int
	text   string
}

func parseTimestampFormat(pattern string) (timestampFormat, error) {
	var format timestampFormat
	for i := 0; i < len(pattern); {
		switch c := pattern[i]; {
		case c == '\'':
			text, length, err := quotedText(pattern[i:])
			if err != nil {
				return nil, err
			}
			format = append(format, timestampField{text: text})
			i += length
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			field := timestampField{letter: c}
			for ; i < len(pattern) && pattern[i] == c; i++ {
				field.count++
			}
			if err := field.check(); err != nil {
				return nil, err
			}
			format = append(format, field)
		case strings.IndexByte("{}#[]", c) >= 0: // reserved, or optional sections
			return nil, fmt.Errorf("the character %q is not offered in a timestamp pattern", c)
		default:
			format = append(format, timestampField{text: string(c)})
			i++
		}
	}
	return format, nil
}

// quotedText reads text in single quotes at the start of pattern.
func quotedText(pattern string) (text string, length int, err error) {
	var b strings.Builder
	for i := 1; i < len(pattern); i++ {
		if pattern[i] != '\'' {
			b.WriteByte(pattern[i])
			continue
		}
		if i+1 < len(pattern) && pattern[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		if b.Len() == 0 {
			b.WriteByte('\'')
		}
		return b.String(), i + 1, nil
	}
	return "", 0, fmt.Errorf("the pattern %s ends with an incomplete string literal", pattern)
}

// widest is how often each offered letter can be repeated.
var widest = map[byte]int{
	'y': 9, 'u': 9, 'Y': 9, 'M': 4, 'L': 2, 'd': 2, 'D': 3, 'Q': 2, 'w': 2, 'E': 4, 'e': 2,
	'a': 1, 'H': 2, 'k': 2, 'K': 2, 'h': 2, 'm': 2, 's': 2, 'S': 9, 'n': 9, 'X': 3, 'x': 3, 'Z': 3,
}

func (f timestampField) check() error {
	run := strings.Repeat(string(f.letter), f.count)
	most, ok := widest[f.letter]
	if !ok {
		return fmt.Errorf("the letters %q are not offered in a timestamp pattern", run)
	}
	if f.count > most {
		return fmt.Errorf("too many pattern letters: %s", run)
	}
	return nil
}

func (format timestampFormat) append(b []byte, t time.Time) []byte {
	for _, f := range format {
		b = f.append(b, t)
	}
	return b
}

func (f timestampField) append(b []byte, t time.Time) []byte {
	switch f.letter {
	case 0:
		return append(b, f.text...)
	case 'y', 'u':
		return appendYear(b, t.Year(), f.count)
	case 'Y':
		year, _ := weekOf(t)
		return appendYear(b, year, f.count)
	case 'w':
		_, week := weekOf(t)
		return appendPadded(b, week, f.count)
	case 'M', 'L':
		return f.appendName(b, int(t.Month()), t.Month().String())
	case 'E':
		return f.appendName(b, 0, t.Weekday().String())
	case 'e':
		return appendPadded(b, int(t.Weekday())+1, f.count)
	case 'a':
		return append(b, t.Format("PM")...)
	case 'S':
		return append(b, fmt.Sprintf("%09d", t.Nanosecond())[:f.count]...)
	case 'X', 'x', 'Z':
		return append(b, t.Format(f.offsetLayout(t))...)
	}
	return appendPadded(b, f.number(t), f.count)
}

// number is the value of a field that is a plain number.
func (f timestampField) number(t time.Time) int {
	switch f.letter {
	case 'd':
		return t.Day()
	case 'D':
		return t.YearDay()
	case 'Q':
		return (int(t.Month()) + 2) / 3
	case 'H':
		return t.Hour()
	case 'k':
		return (t.Hour()+23)%24 + 1
	case 'K':
		return t.Hour() % 12
	case 'h':
		return (t.Hour()+11)%12 + 1
	case 'm':
		return t.Minute()
	case 's':
		return t.Second()
	}
	return t.Nanosecond() // 'n'
}

// appendName writes a month or weekday: one or two letters are the number (if it has one), three the short name, four
// the name.
func (f timestampField) appendName(b []byte, number int, name string) []byte {
	switch {
	case f.count == 4:
		return append(b, name...)
	case f.count == 3 || number == 0:
		return append(b, name[:3]...)
	}
	return appendPadded(b, number, f.count)
}

// offsetLayout is the layout of package time. One X or x is the hour, and the minute if there is one.
func (f timestampField) offsetLayout(t time.Time) string {
	layouts := map[byte][]string{
		'X': {"Z07", "Z0700", "Z07:00"},
		'x': {"-07", "-0700", "-07:00"},
		'Z': {"-0700", "-0700", "-0700"},
	}
	count := f.count
	if _, offset := t.Zone(); count == 1 && offset%3600 != 0 {
		count = 2
	}
	return layouts[f.letter][count-1]
}

// appendYear writes a year: two letters are its last two digits.
func appendYear(b []byte, year, count int) []byte {
	if count == 2 {
		return appendPadded(b, year%100, 2)
	}
	return appendPadded(b, year, count)
}

func appendPadded(b []byte, n, width int) []byte {
	text := strconv.Itoa(n)
	for range width - len(text) {
		b = append(b, '0')
	}
	return append(b, text...)
}

// weekOf is the week and the year it belongs to.
//
// assumed: the weeks of the locale en_US, which begin on Sunday, the first being the one with January 1st. This is why
// YYYY is another year than yyyy at the end of December.
func weekOf(t time.Time) (year, week int) {
	saturday := t.AddDate(0, 0, 6-int(t.Weekday()))
	return saturday.Year(), (saturday.YearDay()-1)/7 + 1
}
