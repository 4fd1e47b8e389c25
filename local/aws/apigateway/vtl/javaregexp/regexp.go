package javaregexp

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// MatchTimeout is how long one match may take in the engine that backtracks.
const MatchTimeout = 250 * time.Millisecond

// ErrTimeout is wrapped by the error of a match that took longer than MatchTimeout.
var ErrTimeout = errors.New("regular expression takes too long")

// ErrTooLong is returned when a replacement would make the result longer than was allowed.
var ErrTooLong = errors.New("result of replacement too long")

// Regexp is a compiled pattern. It is safe for concurrent use.
type Regexp struct {
	pattern string
	root    node
	names   map[string]int
	groups  int
	needs   needs
	empty   bool // can match nothing
	size    int  // instructions of the engine whose time grows with the input only

	plain, plainWhole         lazy[*regexp.Regexp]
	backtrack, backtrackWhole lazy[*regexp2.Regexp]
}

// lazy is something worked out when it is first asked for.
type lazy[T any] struct {
	once  sync.Once
	value T
	err   error
}

func (l *lazy[T]) get(make func() (T, error)) (T, error) {
	l.once.Do(func() { l.value, l.err = make() })
	return l.value, l.err
}

// Compile parses a pattern of at most 32 KiB. Errors are *SyntaxError, with the message that Java gives where there is one.
func Compile(pattern string) (*Regexp, error) {
	p := parser{src: pattern}
	root, err := p.parse()
	if err != nil {
		return nil, err
	}
	r := &Regexp{pattern: pattern, root: root, names: p.names, groups: p.groups, empty: nullable(root)}
	inspect(root, &r.needs)
	if !r.needs.backtracking {
		r.size, err = instructions(emit(root, false))
		r.needs.backtracking = err != nil // too large for Go's regexp
	}
	if r.needs.backtracking {
		if _, err := r.backtracker(false); err != nil {
			return nil, &SyntaxError{Problem: err.Error(), Pattern: pattern}
		}
	}
	return r, nil
}

// instructions is the length of the program that Go's regexp makes of a pattern.
func instructions(pattern string) (int, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0, err
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return 0, err
	}
	return len(prog.Inst), nil
}

// Cost is how much work each character of an input is at most, as a multiple of that of a plain word. The engine that backtracks is not
// counted: it is bounded by MatchTimeout.
func (r *Regexp) Cost() int { return 1 + r.size/8 }

// cache keeps compiled patterns. Patterns may come from data, so that it is emptied when it has grown.
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

func (r *Regexp) plainEngine(whole bool) (*regexp.Regexp, error) {
	if whole {
		return r.plainWhole.get(func() (*regexp.Regexp, error) { return regexp.Compile(`\A(?:` + emit(r.root, false) + `)\z`) })
	}
	return r.plain.get(func() (*regexp.Regexp, error) { return regexp.Compile(emit(r.root, false)) })
}

func (r *Regexp) backtracker(whole bool) (*regexp2.Regexp, error) {
	if whole {
		return r.backtrackWhole.get(func() (*regexp2.Regexp, error) { return compile2(`\A(?:` + emit(r.root, true) + `)\z`) })
	}
	return r.backtrack.get(func() (*regexp2.Regexp, error) { return compile2(emit(r.root, true)) })
}

func compile2(s string) (*regexp2.Regexp, error) {
	re, err := regexp2.Compile(s, regexp2.None)
	if err == nil {
		re.MatchTimeout = MatchTimeout
	}
	return re, err
}

// usePlain says whether Go's regexp gives for this input what Java gives.
func (r *Regexp) usePlain(s string) bool {
	switch {
	case r.needs.backtracking:
		return false
	case r.needs.asciiInput && !isASCII(s):
		return false
	case r.needs.noFinalNewine && endsLine(s):
		return false
	}
	return true
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func endsLine(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return s != "" && terminator.has(r)
}

// Matches says whether the whole of s matches, as String.matches does.
func (r *Regexp) Matches(s string) (bool, error) {
	if r.usePlain(s) {
		re, err := r.plainEngine(true)
		if err == nil {
			return re.MatchString(s), nil
		}
	}
	re, err := r.backtracker(true)
	if err != nil {
		return false, err
	}
	m, err := re.FindStringMatch(s)
	return m != nil, matchError(err)
}

func matchError(err error) error {
	if err != nil {
		return fmt.Errorf("%w: more than %v", ErrTimeout, MatchTimeout)
	}
	return nil
}
