package vtl

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"ingest-pipeline/local/aws/apigateway/vtl/javaregexp"
)

// What makes new strings out of old ones is bounded by OutputBytes, and charged as work.

func (x *exec) concat(a, b string) (string, error) {
	if len(a)+len(b) > x.limits.OutputBytes {
		return "", errTooLong
	}
	return a + b, x.charge(len(a) + len(b))
}

func (x *exec) repeat(s string, n int32) (string, error) {
	if n < 0 {
		return "", fmt.Errorf("java.lang.IllegalArgumentException: count is negative: %d", n)
	}
	if len(s) > 0 && int(n) > x.limits.OutputBytes/len(s) {
		return "", errTooLong
	}
	return strings.Repeat(s, int(n)), x.charge(len(s) * int(n))
}

// replace is String.replace. Between all characters if there is nothing to look for.
func (x *exec) replace(s, old, with string) (string, error) {
	n := strings.Count(s, old)
	if n == 0 {
		return s, nil
	}
	size := len(s) + n*(len(with)-len(old))
	if size > x.limits.OutputBytes {
		return "", errTooLong
	}
	return strings.ReplaceAll(s, old, with), x.charge(size)
}

// regexp compiles a pattern that is to be used on s.
func (x *exec) regexp(pattern, s string) (*javaregexp.Regexp, error) {
	if err := x.charge(len(pattern)); err != nil {
		return nil, err
	}
	re, err := javaregexp.Get(pattern)
	if err != nil {
		return nil, err
	}
	// one unit for four bytes of a plain pattern, more for long ones
	return re, x.charge(4 * re.Cost() * len(s))
}

// nanosecondsPerUnit is how long a unit of work may take: what a regular expression takes longer is charged.
const nanosecondsPerUnit = 200

// timed charges the time that a match took, since only the clock knows how often it went back.
func timed[T any](x *exec, f func() (T, error)) (T, error) {
	start := time.Now()
	v, err := f()
	if took := time.Since(start); took > 20*time.Microsecond {
		x.work -= int(took / nanosecondsPerUnit)
	}
	switch {
	case errors.Is(err, javaregexp.ErrTimeout):
		err = fmt.Errorf("%w: %w", err, ErrLimit)
	case errors.Is(err, javaregexp.ErrTooLong):
		err = errTooLong
	case err == nil:
		err = x.charge(0)
	}
	return v, err
}

func (x *exec) matches(s, pattern string) (bool, error) {
	re, err := x.regexp(pattern, s)
	if err != nil {
		return false, err
	}
	return timed(x, func() (bool, error) { return re.Matches(s) })
}

func (x *exec) split(s, pattern string, limit int) (Value, error) {
	re, err := x.regexp(pattern, s)
	if err != nil {
		return nil, err
	}
	parts, err := timed(x, func() ([]string, error) { return re.Split(s, limit) })
	if err != nil {
		return nil, err
	}
	if err := x.charge(64 * len(parts)); err != nil {
		return nil, err
	}
	items := make([]Value, len(parts))
	for i, p := range parts {
		items[i] = p
	}
	return newArray(items), nil
}
