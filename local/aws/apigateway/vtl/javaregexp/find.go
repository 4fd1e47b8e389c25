package javaregexp

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// match is where a match and its groups begin and end, in bytes: start and end of the match, of group 1, and so on; -1 for a group that took no part.
type match []int

// each calls f for each match in s, as Matcher.find goes from one to the next, until f returns false.
func (r *Regexp) each(s string, f func(match) bool) error {
	if r.usePlain(s) {
		re, err := r.plainEngine(false)
		if err != nil {
			return err
		}
		if !r.empty {
			for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
				if !f(m) {
					return nil
				}
			}
			return nil
		}
	}
	return r.eachBacktracking(s, f)
}

// first is the first match in s; nil if there is none.
func (r *Regexp) first(s string) (m match, err error) {
	if r.usePlain(s) {
		re, err := r.plainEngine(false)
		if err != nil {
			return nil, err
		}
		return re.FindStringSubmatchIndex(s), nil
	}
	err = r.eachBacktracking(s, func(found match) bool {
		m = found
		return false
	})
	return m, err
}

func (r *Regexp) eachBacktracking(s string, f func(match) bool) error {
	re, err := r.backtracker(false)
	if err != nil {
		return err
	}
	runes, offsets := split(s)
	for from := 0; from <= len(runes); {
		m, err := re.FindRunesMatchStartingAt(runes, from)
		if err != nil {
			return matchError(err)
		}
		if m == nil || !f(positions(m, offsets)) {
			return nil
		}
		from = m.Index + m.Length
		if m.Length == 0 {
			from++ // an empty match: the next begins a character later
		}
	}
	return nil
}

// split is the characters of s and the byte at which each begins, and one more for the end.
func split(s string) ([]rune, []int) {
	runes := make([]rune, 0, len(s))
	offsets := make([]int, 0, len(s)+1)
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		runes = append(runes, c)
		offsets = append(offsets, i)
		i += n
	}
	return runes, append(offsets, len(s))
}

func positions(m *regexp2.Match, offsets []int) match {
	groups := m.Groups()
	out := make(match, 0, 2*len(groups))
	for _, g := range groups {
		if len(g.Captures) == 0 {
			out = append(out, -1, -1)
		} else {
			out = append(out, offsets[g.Index], offsets[g.Index+g.Length])
		}
	}
	return out
}

// ReplaceAll is String.replaceAll: in the replacement $1 and ${name} are groups, and \ takes the meaning from what follows.
// A result of more than limit bytes is ErrTooLong.
func (r *Regexp) ReplaceAll(s, replacement string, limit int) (string, error) {
	return r.replace(s, replacement, limit, true)
}

// ReplaceFirst is String.replaceFirst.
func (r *Regexp) ReplaceFirst(s, replacement string, limit int) (string, error) {
	return r.replace(s, replacement, limit, false)
}

func (r *Regexp) replace(s, replacement string, limit int, all bool) (string, error) {
	var b strings.Builder
	end := 0
	var failed error
	one := func(m match) bool {
		b.WriteString(s[end:m[0]])
		end = m[1]
		failed = r.expand(&b, s, replacement, m)
		if failed == nil && b.Len() > limit {
			failed = ErrTooLong
		}
		return failed == nil && all
	}
	var err error
	if all {
		err = r.each(s, one)
	} else if m, e := r.first(s); e != nil {
		err = e
	} else if m != nil {
		one(m)
	}
	if err == nil {
		err = failed
	}
	if err != nil || end == 0 && b.Len() == 0 {
		return s, err
	}
	if b.Len()+len(s)-end > limit {
		return s, ErrTooLong
	}
	b.WriteString(s[end:])
	return b.String(), nil
}

// expand appends the replacement with its groups.
func (r *Regexp) expand(b *strings.Builder, s, replacement string, m match) error {
	for i := 0; i < len(replacement); {
		switch c := replacement[i]; c {
		case '\\':
			if i++; i == len(replacement) {
				return fmt.Errorf("java.lang.IllegalArgumentException: character to be escaped is missing")
			}
			_, n := utf8.DecodeRuneInString(replacement[i:])
			b.WriteString(replacement[i : i+n])
			i += n
		case '$':
			g, n, err := r.reference(replacement[i+1:])
			if err != nil {
				return err
			}
			if m[2*g] >= 0 {
				b.WriteString(s[m[2*g]:m[2*g+1]])
			}
			i += 1 + n
		default:
			b.WriteByte(c)
			i++
		}
	}
	return nil
}

// reference reads what follows $: the group and the length of its name or number. More digits belong to it as long as there are so many groups.
func (r *Regexp) reference(s string) (group, length int, err error) {
	if s == "" {
		return 0, 0, fmt.Errorf("java.lang.IllegalArgumentException: Illegal group reference: group index is missing")
	}
	if s[0] == '{' {
		end := 1
		for end < len(s) && isNameChar(s[end], end > 1) {
			end++
		}
		if end == 1 || end == len(s) || s[end] != '}' {
			return 0, 0, fmt.Errorf("java.lang.IllegalArgumentException: named capturing group is missing trailing '}'")
		}
		g, ok := r.names[s[1:end]]
		if !ok {
			return 0, 0, fmt.Errorf("java.lang.IllegalArgumentException: No group with name {%s}", s[1:end])
		}
		return g, end + 1, nil
	}
	if s[0] < '0' || s[0] > '9' {
		return 0, 0, fmt.Errorf("java.lang.IllegalArgumentException: Illegal group reference")
	}
	n := 1
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		if next, _ := strconv.Atoi(s[:n+1]); next > r.groups {
			break
		}
		n++
	}
	g, _ := strconv.Atoi(s[:n])
	if g > r.groups {
		return 0, 0, fmt.Errorf("java.lang.IndexOutOfBoundsException: No group %d", g)
	}
	return g, n, nil
}

// Split is String.split: limit 0 leaves out empty strings at the end, a negative one keeps them, a positive one is the largest number of parts.
func (r *Regexp) Split(s string, limit int) ([]string, error) {
	var parts []string
	end := 0
	err := r.each(s, func(m match) bool {
		if limit > 0 && len(parts) == limit-1 {
			return false
		}
		if m[1] == 0 { // nothing matched at the start makes no part
			return true
		}
		parts = append(parts, s[end:m[0]])
		end = m[1]
		return true
	})
	if err != nil {
		return nil, err
	}
	if parts == nil {
		return []string{s}, nil
	}
	parts = append(parts, s[end:])
	if limit == 0 {
		for len(parts) > 0 && parts[len(parts)-1] == "" {
			parts = parts[:len(parts)-1]
		}
	}
	return parts, nil
}
