package iam

import (
	"fmt"
	"strings"
	"unicode"
)

// pattern is a string of a policy in which * and ? are wildcards and ${key} is a policy variable.
// Documented: IAM user guide, reference_policies_elements_resource.html and reference_policies_variables.html.
type pattern struct {
	source string
	parts  []part
}

// part is a piece of a pattern: literal text, a wildcard or a policy variable.
type part struct {
	text       string
	wildcard   rune   // '*' or '?'
	variable   string // a condition key in lower case
	fallback   string // ${key, 'fallback'}
	hasDefault bool
}

// parsePattern reads a pattern. Wildcards count only where the operator has them (StringLike, ARNs, actions,
// resources), variables only where policies of version 2012-10-17 may have them.
func parsePattern(source string, wildcards, variables bool) (pattern, error) {
	p := pattern{source: source}
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			p.parts = append(p.parts, part{text: literal.String()})
			literal.Reset()
		}
	}
	for i := 0; i < len(source); i++ {
		switch c := source[i]; {
		case variables && c == '$' && strings.HasPrefix(source[i:], "${"):
			end := strings.IndexByte(source[i:], '}')
			if end < 0 {
				return p, fmt.Errorf("%q opens a policy variable that it does not close", source)
			}
			inner := source[i+2 : i+end]
			i += end
			if inner == "*" || inner == "?" || inner == "$" {
				literal.WriteString(inner)
				continue
			}
			variable, err := parseVariable(inner)
			if err != nil {
				return p, err
			}
			flush()
			p.parts = append(p.parts, variable)
		case wildcards && (c == '*' || c == '?'):
			flush()
			p.parts = append(p.parts, part{wildcard: rune(c)})
		default:
			literal.WriteByte(c)
		}
	}
	flush()
	return p, nil
}

// parseVariable reads what stands between "${" and "}": a condition key, and maybe a default in single quotes.
func parseVariable(inner string) (part, error) {
	name, fallback, hasDefault := strings.Cut(inner, ",")
	name = strings.TrimSpace(name)
	if err := checkConditionKey(name); err != nil {
		return part{}, fmt.Errorf("policy variable ${%s}: %w", inner, err)
	}
	variable := part{variable: strings.ToLower(name), hasDefault: hasDefault}
	if hasDefault {
		fallback = strings.TrimSpace(fallback)
		if len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\'' {
			return part{}, fmt.Errorf("policy variable ${%s}: the default value has no single quotes around it", inner)
		}
		variable.fallback = fallback[1 : len(fallback)-1]
	}
	return variable, nil
}

// element codes of a compiled pattern that no rune has.
const (
	anyRunes rune = -1
	oneRune  rune = -2
)

// matches reports whether text is what the pattern says. resolvable is false when the pattern has a variable that the
// request gives no value for; then nothing matches, and IAM ignores the statement.
func (p pattern) matches(text string, q *query, foldCase bool) (matched, resolvable bool) {
	if len(p.parts) == 1 && p.parts[0].wildcard == '*' {
		return true, true
	}
	want := make([]rune, 0, len(p.source))
	for _, piece := range p.parts {
		switch {
		case piece.wildcard == '*':
			want = append(want, anyRunes)
		case piece.wildcard == '?':
			want = append(want, oneRune)
		case piece.variable != "":
			value, ok := q.value(piece.variable)
			if !ok {
				if !piece.hasDefault {
					return false, false
				}
				value = piece.fallback
			}
			want = append(want, []rune(value)...)
		default:
			want = append(want, []rune(piece.text)...)
		}
	}
	return wild(want, []rune(text), foldCase), true
}

// wild matches text against runes and wildcards in time proportional to the product of their lengths at worst.
func wild(want, text []rune, foldCase bool) bool {
	w, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case w < len(want) && want[w] == anyRunes:
			star, mark = w, t
			w++
		case w < len(want) && (want[w] == oneRune || same(want[w], text[t], foldCase)):
			w++
			t++
		case star >= 0:
			mark++
			w, t = star+1, mark
		default:
			return false
		}
	}
	for w < len(want) && want[w] == anyRunes {
		w++
	}
	return w == len(want)
}

func same(a, b rune, foldCase bool) bool {
	return a == b || foldCase && unicode.ToLower(a) == unicode.ToLower(b)
}

// matchesARN compares an ARN as ArnLike does: each of its six parts by itself, so that a * does not reach over a colon,
// except in the last part, which may contain colons.
func (p pattern) matchesARN(text string, q *query) (matched, resolvable bool) {
	pieces := strings.SplitN(text, ":", arnParts)
	patterns, resolvable := p.splitARN(q)
	if !resolvable {
		return false, false
	}
	if len(pieces) != arnParts || len(patterns) != arnParts {
		return false, true
	}
	for i, piece := range pieces {
		if !wild(patterns[i], []rune(piece), false) {
			return false, true
		}
	}
	return true, true
}

const arnParts = 6

// splitARN resolves the pattern and cuts it at its first five colons.
func (p pattern) splitARN(q *query) (split [][]rune, resolvable bool) {
	split = [][]rune{nil}
	add := func(runes ...rune) {
		for _, r := range runes {
			if r == ':' && len(split) < arnParts {
				split = append(split, nil)
				continue
			}
			split[len(split)-1] = append(split[len(split)-1], r)
		}
	}
	for _, piece := range p.parts {
		switch {
		case piece.wildcard == '*':
			add(anyRunes)
		case piece.wildcard == '?':
			add(oneRune)
		case piece.variable != "":
			value, ok := q.value(piece.variable)
			if !ok && !piece.hasDefault {
				return nil, false
			}
			if !ok {
				value = piece.fallback
			}
			add([]rune(value)...)
		default:
			add([]rune(piece.text)...)
		}
	}
	return split, true
}
