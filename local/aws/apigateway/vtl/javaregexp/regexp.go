// Package javaregexp matches regular expressions written for java.util.regex with github.com/dlclark/regexp2.
//
// Patterns are translated where the two differ. What is not supported is refused with an error that names it: possessive quantifiers,
// classes within classes and their intersections, named groups, flags other than i and s or not at the start of the pattern, and some
// escapes. \b takes the letters and digits of Unicode for words, as Java does before version 19; with the flag i, the Kelvin sign is a k
// and a dotted capital I an i, as they are not in Java.
package javaregexp

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dlclark/regexp2"
)

// MatchTimeout is how long one match may take.
const MatchTimeout = 250 * time.Millisecond

// ErrTimeout is wrapped by the error of a match that took longer than MatchTimeout.
var ErrTimeout = errors.New("regular expression takes too long")

// ErrTooLong is returned when a replacement would make the result longer than its limit.
var ErrTooLong = errors.New("result of replacement too long")

// Regexp is a compiled pattern. It is safe for concurrent use.
type Regexp struct {
	find   *regexp2.Regexp
	whole  *regexp2.Regexp
	linear *regexp.Regexp // whole for Go's regexp, which is faster; nil if that does not know the pattern
	groups int
}

const maxPattern = 32 << 10 // bytes

// Compile translates a pattern of at most 32 KiB. Errors name what Java refuses or what is not supported, and the byte at which it begins.
func Compile(pattern string) (*Regexp, error) {
	t := translator{src: pattern}
	if len(pattern) > maxPattern {
		t.fail("Pattern of more than %d bytes", maxPattern)
	}
	if t.pattern(); t.err != nil {
		return nil, t.err
	}
	r := &Regexp{groups: t.groups}
	whole := `\A(?:` + t.out.String() + `)\z`
	var err error
	if r.find, err = regexp2.Compile(t.out.String(), regexp2.None); err == nil {
		r.whole, err = regexp2.Compile(whole, regexp2.None)
	}
	if err != nil {
		return nil, syntaxError(err.Error(), 0, pattern)
	}
	r.find.MatchTimeout, r.whole.MatchTimeout = MatchTimeout, MatchTimeout
	if !strings.Contains(strings.ToLower(whole), `\b`) { // where the two differ
		r.linear, _ = regexp.Compile(whole)
	}
	return r, nil
}

// cache keeps compiled patterns. Patterns may come from data, so it is emptied when it has grown.
var cache struct {
	sync.RWMutex
	patterns map[string]*Regexp
}

const (
	cachedPatterns = 1000
	cachedLength   = 1 << 10 // longer patterns are not kept
)

// Get is Compile with a cache of up to 1,000 patterns.
func Get(pattern string) (*Regexp, error) {
	cache.RLock()
	r := cache.patterns[pattern]
	cache.RUnlock()
	if r != nil {
		return r, nil
	}
	r, err := Compile(pattern)
	if err != nil || len(pattern) > cachedLength {
		return r, err
	}
	cache.Lock()
	defer cache.Unlock()
	if cache.patterns == nil || len(cache.patterns) >= cachedPatterns {
		cache.patterns = map[string]*Regexp{}
	}
	cache.patterns[pattern] = r
	return r, nil
}

// Matches says whether the whole of s matches, as String.matches does.
func (r *Regexp) Matches(s string) (bool, error) {
	if r.linear != nil {
		return r.linear.MatchString(s), nil
	}
	ok, err := r.whole.MatchString(s)
	return ok, timeout(err)
}

// timeout wraps the only error that regexp2 has for a match.
func timeout(err error) error {
	if err != nil {
		return fmt.Errorf("%w: more than %v", ErrTimeout, MatchTimeout)
	}
	return nil
}

// each calls f with each match in s, as Matcher.find goes from one to the next, until f returns false. Places in a match are in runes.
func (r *Regexp) each(s string, f func(*regexp2.Match) bool) error {
	m, err := r.find.FindStringMatch(s)
	for m != nil && err == nil && f(m) {
		m, err = r.find.FindNextMatch(m)
	}
	return timeout(err)
}

// ReplaceAll is String.replaceAll: in the replacement $1 is a group, and what follows \ stands for itself.
// A result of more than limit bytes is ErrTooLong.
func (r *Regexp) ReplaceAll(s, replacement string, limit int) (string, error) {
	return r.replace(s, replacement, limit, true)
}

// ReplaceFirst is String.replaceFirst; otherwise it is like ReplaceAll.
func (r *Regexp) ReplaceFirst(s, replacement string, limit int) (string, error) {
	return r.replace(s, replacement, limit, false)
}

func (r *Regexp) replace(s, replacement string, limit int, all bool) (string, error) {
	runes := []rune(s)
	var b strings.Builder
	done := 0
	var failed error
	err := r.each(s, func(m *regexp2.Match) bool {
		b.WriteString(string(runes[done:m.Index]))
		done = m.Index + m.Length
		if failed = r.expand(&b, replacement, m); failed == nil && b.Len() > limit {
			failed = ErrTooLong
		}
		return failed == nil && all
	})
	if b.WriteString(string(runes[done:])); err == nil && failed == nil && b.Len() > limit {
		failed = ErrTooLong
	}
	return b.String(), errors.Join(err, failed)
}

// expand appends the replacement with its groups.
func (r *Regexp) expand(b *strings.Builder, replacement string, m *regexp2.Match) error {
	for rest := replacement; rest != ""; {
		i := strings.IndexAny(rest, `$\`)
		if i < 0 {
			b.WriteString(rest)
			return nil
		}
		b.WriteString(rest[:i])
		c := rest[i]
		rest = rest[i+1:]
		switch {
		case c == '$':
			group, n, err := r.reference(rest)
			if err != nil {
				return err
			}
			b.WriteString(m.GroupByNumber(group).String())
			rest = rest[n:]
		case rest == "":
			return errors.New("java.lang.IllegalArgumentException: character to be escaped is missing")
		default:
			b.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	return nil
}

// reference reads the number that follows $, and its length. Digits belong to it while there is such a group.
func (r *Regexp) reference(s string) (group, length int, err error) {
	if strings.HasPrefix(s, "{") {
		return 0, 0, errors.New("java.lang.IllegalArgumentException: named groups are not supported")
	}
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, 0, errors.New("java.lang.IllegalArgumentException: Illegal group reference")
	}
	for n := 1; n <= len(s); n++ {
		next, err := strconv.Atoi(s[:n])
		if err != nil || n > 1 && next > r.groups {
			break
		}
		group, length = next, n
	}
	if group > r.groups {
		return 0, 0, fmt.Errorf("java.lang.IndexOutOfBoundsException: No group %d", group)
	}
	return group, length, nil
}

// Split is String.split: limit 0 leaves out empty strings at the end, a negative one keeps them, a positive one is the largest number of
// parts.
func (r *Regexp) Split(s string, limit int) ([]string, error) {
	runes := []rune(s)
	var parts []string
	done := 0
	err := r.each(s, func(m *regexp2.Match) bool {
		if limit > 0 && len(parts) == limit-1 {
			return false
		}
		if end := m.Index + m.Length; end > 0 { // what matches nothing at the start makes no part
			parts = append(parts, string(runes[done:m.Index]))
			done = end
		}
		return true
	})
	if err != nil || parts == nil {
		return []string{s}, err
	}
	parts = append(parts, string(runes[done:]))
	for limit == 0 && len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return parts, nil
}
