package iam

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// operator is a condition operator without its ForAllValues, ForAnyValue and IfExists.
type operator struct {
	negated bool
	// parse turns a value of the policy into the comparison with a request's value.
	parse func(text string, variables bool) (matcher, error)
}

// operators are those of the IAM user guide, reference_policies_elements_condition_operators.html, but BinaryEquals.
var operators = map[string]operator{
	"StringEquals":              {parse: stringOperator(false, false)},
	"StringNotEquals":           {parse: stringOperator(false, false), negated: true},
	"StringEqualsIgnoreCase":    {parse: stringOperator(false, true)},
	"StringNotEqualsIgnoreCase": {parse: stringOperator(false, true), negated: true},
	"StringLike":                {parse: stringOperator(true, false)},
	"StringNotLike":             {parse: stringOperator(true, false), negated: true},

	"ArnEquals":    {parse: parseARNOperator},
	"ArnLike":      {parse: parseARNOperator},
	"ArnNotEquals": {parse: parseARNOperator, negated: true},
	"ArnNotLike":   {parse: parseARNOperator, negated: true},

	"NumericEquals":            {parse: numericOperator(func(order int) bool { return order == 0 })},
	"NumericNotEquals":         {parse: numericOperator(func(order int) bool { return order == 0 }), negated: true},
	"NumericLessThan":          {parse: numericOperator(func(order int) bool { return order < 0 })},
	"NumericLessThanEquals":    {parse: numericOperator(func(order int) bool { return order <= 0 })},
	"NumericGreaterThan":       {parse: numericOperator(func(order int) bool { return order > 0 })},
	"NumericGreaterThanEquals": {parse: numericOperator(func(order int) bool { return order >= 0 })},

	"DateEquals":            {parse: dateOperator(func(order int) bool { return order == 0 })},
	"DateNotEquals":         {parse: dateOperator(func(order int) bool { return order == 0 }), negated: true},
	"DateLessThan":          {parse: dateOperator(func(order int) bool { return order < 0 })},
	"DateLessThanEquals":    {parse: dateOperator(func(order int) bool { return order <= 0 })},
	"DateGreaterThan":       {parse: dateOperator(func(order int) bool { return order > 0 })},
	"DateGreaterThanEquals": {parse: dateOperator(func(order int) bool { return order >= 0 })},

	"Bool":         {parse: parseBoolOperator},
	"Null":         {parse: parseBoolOperator},
	"IpAddress":    {parse: parseIPOperator},
	"NotIpAddress": {parse: parseIPOperator, negated: true},
}

func stringOperator(wildcards, foldCase bool) func(string, bool) (matcher, error) {
	return func(text string, variables bool) (matcher, error) {
		p, err := parsePattern(text, wildcards, variables)
		if err != nil {
			return nil, err
		}
		return func(q *query, value string) (bool, bool) { return p.matches(value, q, foldCase) }, nil
	}
}

func parseARNOperator(text string, variables bool) (matcher, error) {
	p, err := parsePattern(text, true, variables)
	if err != nil {
		return nil, err
	}
	return func(q *query, value string) (bool, bool) { return p.matchesARN(value, q) }, nil
}

func numericOperator(wanted func(order int) bool) func(string, bool) (matcher, error) {
	return func(text string, _ bool) (matcher, error) {
		limit, ok := parseNumber(text)
		if !ok {
			return nil, fmt.Errorf("%q is not a number", text)
		}
		return func(_ *query, value string) (bool, bool) {
			number, ok := parseNumber(value)
			return ok && wanted(cmp.Compare(number, limit)), true
		}, nil
	}
}

func parseNumber(text string) (float64, bool) {
	number, err := strconv.ParseFloat(text, 64)
	return number, err == nil && !math.IsNaN(number) && !math.IsInf(number, 0)
}

func dateOperator(wanted func(order int) bool) func(string, bool) (matcher, error) {
	return func(text string, _ bool) (matcher, error) {
		limit, err := parseDate(text)
		if err != nil {
			return nil, err
		}
		return func(_ *query, value string) (bool, bool) {
			date, err := parseDate(value)
			return err == nil && wanted(date.Compare(limit)), true
		}, nil
	}
}

// dateLayouts are the W3C profile of ISO 8601; seconds may have a fraction.
var dateLayouts = []string{"2006-01", "2006-01-02", "2006-01-02T15:04Z07:00", time.RFC3339, "2006-01-02T15:04:05"}

// parseDate reads an ISO 8601 date, or seconds since 1970 when the text has neither a "T" nor a hyphen.
func parseDate(text string) (time.Time, error) {
	if !strings.ContainsAny(text, "tT-") {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds < 0 {
			return time.Time{}, fmt.Errorf("%q is neither an ISO 8601 date nor seconds since 1970", text)
		}
		return time.Unix(seconds, 0), nil
	}
	for _, layout := range dateLayouts {
		if date, err := time.Parse(layout, strings.ToUpper(text)); err == nil {
			return date, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not an ISO 8601 date", text)
}

func parseBoolOperator(text string, _ bool) (matcher, error) {
	if !strings.EqualFold(text, "true") && !strings.EqualFold(text, "false") {
		return nil, fmt.Errorf("%q is neither true nor false", text)
	}
	return func(_ *query, value string) (bool, bool) { return strings.EqualFold(value, text), true }, nil
}

func parseIPOperator(text string, _ bool) (matcher, error) {
	network, err := netip.ParsePrefix(text)
	if err != nil {
		address, err := netip.ParseAddr(text)
		if err != nil {
			return nil, fmt.Errorf("%q is not an IP address or a range of them in CIDR form", text)
		}
		network = netip.PrefixFrom(address, address.BitLen())
	}
	network = network.Masked()
	return func(_ *query, value string) (bool, bool) {
		address, err := netip.ParseAddr(value)
		return err == nil && network.Contains(address.Unmap()), true
	}, nil
}
