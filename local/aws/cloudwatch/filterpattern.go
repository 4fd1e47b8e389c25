package cloudwatch

import (
	"regexp"
	"strings"
)

// pattern decides which events a metric filter counts (documented: CloudWatch Logs user guide,
// FilterAndPatternSyntax.html).
type pattern interface {
	matches(message string) bool
}

// wrongPattern is AWS's answer; what is wrong with the pattern is said after it.
func wrongPattern(format string, args ...any) error {
	return wrongFilter("Invalid metric filter pattern: "+format, args...)
}

func parsePattern(text string) (pattern, error) {
	text = strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(text, "{"):
		return parseJSONPattern(text)
	case strings.HasPrefix(text, "["):
		return nil, wrongPattern("a pattern of space-delimited fields ([…]) is not emulated by the local target")
	}
	return parseTerms(text)
}

// terms is a pattern of words: all of the first must be in the event, any of the second if there are some, and none of
// the third. Upper and lower case are told apart.
type terms struct {
	all, some, none []string
}

var (
	// term is a word, or a text in double quotes in which \" is a quote, with a sign before it.
	term     = regexp.MustCompile(`^([-?]?)\s*("(?:[^"\\]|\\.)*"|[\p{L}\p{N}_]+)(?:\s+|$)`)
	termText = strings.NewReplacer(`\"`, `"`, `\\`, `\`)
)

func parseTerms(text string) (pattern, error) {
	var t terms
	for text != "" {
		found := term.FindStringSubmatch(text)
		switch {
		case found == nil && strings.HasPrefix(strings.TrimLeft(text, "-?"), "%"):
			return nil, wrongPattern("regular expressions (%%…%%) are not emulated by the local target")
		case found == nil:
			return nil, wrongPattern("at %q: a term with other characters than letters, digits and _ must be in double quotes",
				text)
		}
		word := found[2]
		if word[0] == '"' {
			word = termText.Replace(word[1 : len(word)-1])
		}
		switch found[1] {
		case "-":
			t.none = append(t.none, word)
		case "?":
			t.some = append(t.some, word)
		default:
			t.all = append(t.all, word)
		}
		text = text[len(found[0]):]
	}
	if len(t.some) > 0 && len(t.all)+len(t.none) > 0 {
		return nil, wrongPattern("terms with ? together with terms without are not emulated by the local target")
	}
	return t, nil
}

func (t terms) matches(message string) bool {
	for _, word := range t.all {
		if !strings.Contains(message, word) {
			return false
		}
	}
	for _, word := range t.none {
		if strings.Contains(message, word) {
			return false
		}
	}
	for _, word := range t.some {
		if strings.Contains(message, word) {
			return true
		}
	}
	return len(t.some) == 0
}
