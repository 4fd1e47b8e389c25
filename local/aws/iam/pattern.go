package iam

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pattern is a string of a policy in which * and ? are wildcards and ${key} is a policy variable.
// Documented: IAM user guide, reference_policies_elements_resource.html and reference_policies_variables.html.
type pattern struct {
	source string
	parts  []part
	runes  []rune // the whole pattern, if it has no variable
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
	if !slices.ContainsFunc(p.parts, func(piece part) bool { return piece.variable != "" }) {
		p.runes, _ = p.resolve(nil)
	}
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
	want, resolvable := p.resolve(q)
	if !resolvable {
		return false, false
	}
	return wild(want, text, foldCase), true
}

// resolve is the pattern with the request's values of its variables.
func (p pattern) resolve(q *query) (runes []rune, resolvable bool) {
	if p.runes != nil {
		return p.runes, true
	}
	runes = make([]rune, 0, len(p.source))
	for _, piece := range p.parts {
		switch {
		case piece.wildcard == '*':
			runes = append(runes, anyRunes)
		case piece.wildcard == '?':
			runes = append(runes, oneRune)
		case piece.variable != "":
			value, ok := q.value(piece.variable)
			if !ok && !piece.hasDefault {
				return nil, false
			}
			if !ok {
				value = piece.fallback
			}
			runes = append(runes, []rune(value)...)
		default:
			runes = append(runes, []rune(piece.text)...)
		}
	}
	return runes, true
}

// wild matches text against runes and wildcards in time proportional to the product of their lengths at worst.
func wild(want []rune, text string, foldCase bool) bool {
	w, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		r, size := utf8.DecodeRuneInString(text[t:])
		switch {
		case w < len(want) && want[w] == anyRunes:
			star, mark = w, t
			w++
		case w < len(want) && (want[w] == oneRune || same(want[w], r, foldCase)):
			w++
			t += size
		case star >= 0:
			_, size = utf8.DecodeRuneInString(text[mark:])
			mark += size
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
	want, resolvable := p.resolve(q)
	if !resolvable {
		return false, false
	}
	patterns := splitARN(want)
	if len(pieces) != arnParts || len(patterns) != arnParts {
		return false, true
	}
	for i, piece := range pieces {
		if !wild(patterns[i], piece, false) {
			return false, true
		}
	}
	return true, true
}

const arnParts = 6

// splitARN cuts a resolved pattern at its first five colons.
func splitARN(runes []rune) (split [][]rune) {
	for len(split) < arnParts-1 {
		colon := slices.Index(runes, ':')
		if colon < 0 {
			break
		}
		split, runes = append(split, runes[:colon]), runes[colon+1:]
	}
	return append(split, runes)
}
