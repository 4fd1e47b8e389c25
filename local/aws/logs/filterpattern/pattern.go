// Package filterpattern is the language of CloudWatch Logs that selects log events: terms, and conditions on the members
// of JSON events. What it knows is documented in the CloudWatch Logs user guide, FilterAndPatternSyntax.html.
package filterpattern

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var errRegularExpression = errors.New("regular expressions (%…%) are not emulated by the local target")

// Pattern selects log events. It is safe for concurrent use.
type Pattern interface {
	Match(message string) bool
}

// Parse parses a pattern; "" selects every event. The error says what is wrong with it, or what is not emulated.
func Parse(text string) (Pattern, error) {
	text = strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(text, "{"):
		return parseJSONPattern(text)
	case strings.HasPrefix(text, "["):
		return nil, errors.New("a pattern of space-delimited fields ([…]) is not emulated by the local target")
	}
	return parseTerms(text)
}

// terms is a pattern of words: all of the first must be in the event, any of the second if there are some, and none of
// the third. Case matters.
type terms struct {
	all, some, none []string
}

var (
	// term is a word, or a text in double quotes in which \" is a quote, with a sign before it.
	term     = regexp.MustCompile(`^([-?]?)\s*("(?:[^"\\]|\\.)*"|[\p{L}\p{N}_]+)(?:\s+|$)`)
	termText = strings.NewReplacer(`\"`, `"`, `\\`, `\`)
)

func parseTerms(text string) (Pattern, error) {
	var t terms
	for text != "" {
		found := term.FindStringSubmatch(text)
		switch {
		case found == nil && strings.HasPrefix(strings.TrimLeft(text, "-?"), "%"):
			return nil, errRegularExpression
		case found == nil:
			return nil, fmt.Errorf("at %q: a term with other characters than letters, digits and _ must be in double quotes",
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
		return nil, errors.New("terms with ? together with terms without are not emulated by the local target")
	}
	return t, nil
}

func (t terms) Match(message string) bool {
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
