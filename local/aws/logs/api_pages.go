package logs

import (
	"encoding/base64"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/internal/constraint"
)

// maxPage is how many log groups, log streams or metric filters are in a page (documented: DescribeLogGroups,
// DescribeLogStreams, DescribeMetricFilters; as many without a limit).
const maxPage = 50

// pageLimit is the limit of a request, or its default.
func pageLimit(v *constraint.Violations, limit *int) int {
	v.Between("limit", limit, 1, maxPage)
	if limit == nil {
		return maxPage
	}
	return *limit
}

// pages cuts a list into pages.
type pages[E any] struct {
	// key is what the list is sorted by; no two items have the same.
	key        func(E) string
	descending bool
	limit      int
}

// cut sorts the list and returns the page that a token leads to, and the token of the next one; nil: there is none. A
// token holds the key of the last item, so that no item is left out or comes twice when others are added or deleted
// between two calls.
func (p pages[E]) cut(all []E, token *string) (page []E, next *string, err error) {
	order := func(a, b string) int {
		if p.descending {
			a, b = b, a
		}
		return strings.Compare(a, b)
	}
	slices.SortFunc(all, func(a, b E) int { return order(p.key(a), p.key(b)) })
	if token != nil {
		last, err := base64.RawURLEncoding.DecodeString(*token)
		after, isToken := strings.CutPrefix(string(last), tokenMark)
		if err != nil || !isToken {
			return nil, nil, invalidToken()
		}
		first := slices.IndexFunc(all, func(e E) bool { return order(p.key(e), after) > 0 })
		if first < 0 {
			first = len(all)
		}
		all = all[first:]
	}
	if len(all) <= p.limit {
		return append([]E{}, all...), nil, nil
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(tokenMark + p.key(all[p.limit-1])))
	return all[:p.limit], &text, nil
}

// tokenMark tells tokens from other texts.
const tokenMark = "after:"
