package javaregexp

import (
	"slices"
	"unicode"
)

// span is the characters from lo to hi.
type span struct{ lo, hi rune }

// set is a set of characters: spans in order that do not touch.
type set []span

func chars(lo, hi rune) set { return set{{lo, hi}} }

func of(s string) set {
	var out set
	for _, r := range s {
		out = append(out, span{r, r})
	}
	return out.tidy()
}

// tidy sorts and joins spans.
func (s set) tidy() set {
	slices.SortFunc(s, func(a, b span) int { return int(a.lo) - int(b.lo) })
	var out set
	for _, x := range s {
		if n := len(out) - 1; n >= 0 && x.lo <= out[n].hi+1 {
			out[n].hi = max(out[n].hi, x.hi)
		} else {
			out = append(out, x)
		}
	}
	return out
}

func union(sets ...set) set {
	var all set
	for _, s := range sets {
		all = append(all, s...)
	}
	return all.tidy()
}

func (s set) negate() set {
	var out set
	next := rune(0)
	for _, x := range s {
		if x.lo > next {
			out = append(out, span{next, x.lo - 1})
		}
		next = x.hi + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, span{next, unicode.MaxRune})
	}
	return out
}

func (s set) and(o set) set {
	return union(s.negate(), o.negate()).negate()
}

func (s set) has(r rune) bool {
	for _, x := range s {
		if r >= x.lo && r <= x.hi {
			return true
		}
	}
	return false
}

// single is the one character of the set.
func (s set) single() (rune, bool) {
	if len(s) == 1 && s[0].lo == s[0].hi {
		return s[0].lo, true
	}
	return 0, false
}

// anyCase adds the other case: of ASCII letters only, as Java's CASE_INSENSITIVE does, or of all with UNICODE_CASE too.
func (s set) anyCase(allLetters bool) set {
	out := slices.Clone(s)
	for _, x := range s {
		for _, shift := range []struct{ from, to, by rune }{{'a', 'z', 'A' - 'a'}, {'A', 'Z', 'a' - 'A'}} {
			lo, hi := max(x.lo, shift.from), min(x.hi, shift.to)
			if lo <= hi {
				out = append(out, span{lo + shift.by, hi + shift.by})
			}
		}
		if allLetters {
			out = append(out, folded(x)...)
		}
	}
	return out.tidy()
}

// folded is the letters that differ from those of a span in case only. Spans of more than a script are taken to have both cases.
func folded(x span) set {
	var out set
	if x.hi-x.lo > 2000 {
		return out
	}
	for r := x.lo; r <= x.hi; r++ {
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			out = append(out, span{f, f})
		}
	}
	return out
}

// table is the characters of a table of package unicode.
func table(t *unicode.RangeTable) set {
	var out set
	for _, r := range t.R16 {
		out = append(out, stride(rune(r.Lo), rune(r.Hi), rune(r.Stride))...)
	}
	for _, r := range t.R32 {
		out = append(out, stride(rune(r.Lo), rune(r.Hi), rune(r.Stride))...)
	}
	return out.tidy()
}

func stride(lo, hi, by rune) set {
	if by == 1 {
		return chars(lo, hi)
	}
	var out set
	for r := lo; r <= hi; r += by {
		out = append(out, span{r, r})
	}
	return out
}

// The sets that Java's predefined classes stand for.
var (
	digit      = chars('0', '9')
	wordChar   = union(chars('a', 'z'), chars('A', 'Z'), digit, of("_"))
	space      = of(" \t\n\x0B\f\r")
	horizontal = union(of(" \t\u00A0\u1680\u180e\u202f\u205f\u3000"), chars(0x2000, 0x200A))
	vertical   = of("\n\x0B\f\r\u0085\u2028\u2029")
	terminator = of("\n\r\u0085\u2028\u2029")
	alpha      = union(chars('a', 'z'), chars('A', 'Z'))
	punct      = of("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
)

var posix = map[string]set{
	"Lower": chars('a', 'z'), "Upper": chars('A', 'Z'), "ASCII": chars(0, 0x7F), "Alpha": alpha, "Digit": digit,
	"Alnum": union(alpha, digit), "Punct": punct, "Graph": union(alpha, digit, punct), "Print": chars(0x20, 0x7E),
	"Blank": of(" \t"), "Cntrl": union(chars(0, 0x1F), chars(0x7F, 0x7F)), "XDigit": union(digit, chars('a', 'f'), chars('A', 'F')), "Space": space,
}

// boundaryChar is what \b takes for part of a word.
func boundaryChar() set {
	return union(table(unicode.L), table(unicode.Nd), of("_"))
}
