package javaregexp

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const noLimit = 1 << 30

// What Java gives for these is recorded in the cases of package vtl (testdata/velocity/regular_expressions.txtar), and compared on
// random patterns there. Here are the corners of each function.
func TestReplaceAll(t *testing.T) {
	for _, c := range []struct{ pattern, in, replacement, want string }{
		{"a", "banana", "o", "bonono"},
		{"x*", "baac", "-", "-b-a-a-c-"},
		{"a*", "baac", "X", "XbXXcX"},
		{"", "ab", "-", "-a-b-"},
		{"", "", "-", "-"},
		{"(a)(b)?", "abac", "[$1$2]", "[ab][a]c"},
		{"(a)", "a", "$10", "a0"},
		{"a", "a", `\$1\\`, `$1\`},
		{"b$", "ab\nb\n", "X", "ab\nX\n"},
		{`\b`, "é-x", "|", "|é|-|x|"},
		{`(?<=\d)(?=(\d{3})+$)`, "1234567", ",", "1,234,567"},
		{`(\w)\1`, "aabb", "<$1>", "<a><b>"},
		{"[^a-z]", "aBé", "_", "a__"},
		{`\R`, "a\r\nb\u2028c", "|", "a|b|c"},
		{`\p{Lu}\p{Ll}`, "ÄbAB", "x", "xAB"},
		{`\Qa.b\E+`, "a.bb", "c", "c"},
		{"z", "abc", "$9", "abc"},
		{`(?i)b[c-e]`, "ABCbEf", "-", "A--f"},
		{`(?s)a.`, "a\nb", "-", "-b"},
		{`[\D]`, "1a2", "", "12"},
		{`[^\W_]`, "a-_1", "x", "x-_x"},
		{`[\S\n]+`, "ab c\n", "x", "x x"},
		{`[]x-]+`, "a]-x", "", "a"},
		{"😀", "a😀b", "$0$0", "a😀😀b"},
	} {
		r, err := Compile(c.pattern)
		require.NoError(t, err, c.pattern)
		got, err := r.ReplaceAll(c.in, c.replacement, noLimit)
		require.NoError(t, err, c.pattern)
		assert.Equal(t, c.want, got, "%q in %q by %q", c.pattern, c.in, c.replacement)
	}
}

func TestReplacementsThatNameNoGroupAreErrors(t *testing.T) {
	for replacement, want := range map[string]string{
		"$1":   "java.lang.IndexOutOfBoundsException: No group 1",
		"$":    "java.lang.IllegalArgumentException: Illegal group reference",
		"$x":   "java.lang.IllegalArgumentException: Illegal group reference",
		"${x}": "java.lang.IllegalArgumentException: named groups are not supported",
		`\`:    "java.lang.IllegalArgumentException: character to be escaped is missing",
	} {
		r, err := Compile("a")
		require.NoError(t, err)
		_, err = r.ReplaceAll("abc", replacement, noLimit)
		require.EqualError(t, err, want, replacement)
		_, err = r.ReplaceFirst("abc", replacement, noLimit)
		require.EqualError(t, err, want, replacement)
	}
}

func TestAReplacementMayBeAsLongAsItsLimit(t *testing.T) {
	r, err := Compile("a")
	require.NoError(t, err)
	got, err := r.ReplaceAll("aab", "xyz", 7)
	require.NoError(t, err)
	assert.Equal(t, "xyzxyzb", got)
	_, err = r.ReplaceAll("aab", "xyz", 6)
	assert.ErrorIs(t, err, ErrTooLong)
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		pattern, in string
		limit       int
		want        string
	}{
		{",", "a,b,,c,,", 0, "[a b  c]"}, {",", "a,b,,c,,", -1, "[a b  c  ]"}, {",", "a,b,,c,,", 2, "[a b,,c,,]"}, {",", "a,b", 1, "[a,b]"},
		{",", "", 0, "[]"}, {",", ",a", 0, "[ a]"}, {"", "abc", 0, "[a b c]"}, {"(?=b)", "abab", 0, "[a ba b]"}, {",", ",,", 0, "[]"}, {"x", "abc", 0, "[abc]"},
		{"a?", "bab", 0, "[b  b]"},
	} {
		r, err := Compile(c.pattern)
		require.NoError(t, err)
		got, err := r.Split(c.in, c.limit)
		require.NoError(t, err)
		assert.Equal(t, c.want, fmt.Sprint(got), "%q of %q", c.pattern, c.in)
	}
}

func TestPatternsThatJavaRefusesOrThatAreNotSupportedAreErrors(t *testing.T) {
	for pattern, want := range map[string]string{
		"*a": "Dangling meta character '*', or one that is not supported here near index 0", "a**": "Dangling meta character '*', or one that is not supported here near index 2", "(a": "Unclosed group near index 2",
		"a)": "Unmatched closing ')' near index 2", "[a": "Unclosed character class near index 2", "{": "Dangling meta character '{', or one that is not supported here near index 0",
		"a{x}": "Dangling meta character '{', or one that is not supported here near index 1", "a{2,1}": "invalid repeat count", `\`: "is illegal", `\y`: "is illegal",
		"[b-a]": "range in reverse order", "(?<=(ab)*)": "Look-behind group does not have an obvious maximum length",
		"(?<!a+)b": "Look-behind group does not have an obvious maximum length", `\2`: "reference to undefined group",
		strings.Repeat("a", 40_000): "Pattern of more than 32768 bytes", strings.Repeat("(", 200): "nested more than 100 deep are not supported",
		`\p{Foo}`: `\p{Foo} is not supported`, `\p{javaLowerCase}`: `\p{javaLowerCase} is not supported`, `\p{IsLatin}`: "is not supported",
		"(?i)é": "beyond ASCII", "(?z)": "the flag z is not supported", "(?m)^": "the flag m is not supported", "a(?i)b": "are not supported", "(?<n>a)": "named groups",
		"(?#c)": "unknown groups", "(?(a)b)": "unknown groups", `\k<x>`: "not supported", `\X`: "not supported", `\h`: "not supported",
		`\u12`: "is illegal", "a++": "possessive quantifiers are not supported", "a{2}+": "possessive quantifiers are not supported",
		"[a&&b]": "an intersection of classes is not supported", "[a[b]]": "a class within a class", `[\w-z]`: "a range of classes",
		`[a-\w]`: "a range of classes", `[\b]`: "not supported in a class",
	} {
		_, err := Compile(pattern)
		require.ErrorContains(t, err, want, "%.80s", pattern)
		assert.Contains(t, err.Error(), "java.util.regex.PatternSyntaxException: ")
	}
}

func TestAMatchThatGoesBackForeverIsStopped(t *testing.T) {
	r, err := Compile(`(a+)+\1$`)
	require.NoError(t, err)
	_, err = r.Matches(strings.Repeat("a", 50) + "b")
	assert.ErrorIs(t, err, ErrTimeout)
}

func TestTheCacheIsBounded(t *testing.T) {
	for i := range 3 * cachedPatterns {
		_, err := Get(fmt.Sprintf("a%d", i))
		require.NoError(t, err)
	}
	cache.RLock()
	defer cache.RUnlock()
	assert.LessOrEqual(t, len(cache.patterns), cachedPatterns)
}

// FuzzMatches runs any pattern: what Go's regexp matches is what regexp2 matches.
func FuzzMatches(f *testing.F) {
	for _, c := range [][2]string{{`(a|b)*c`, "abc"}, {`[a-c]+\b`, "ab"}, {`(?i)x{2,3}?`, "XxX"}, {`^\w+\s*$`, "ab "}, {`\p{L}|(?:)`, "é"}} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, pattern, input string) {
		if len(pattern) > 200 || len(input) > 200 || !utf8.ValidString(input) || strings.HasPrefix(pattern, "(?") {
			return
		}
		r, err := Compile(pattern)
		if err != nil {
			return
		}
		_, _ = r.ReplaceAll(input, "$0", noLimit)
		if r.linear == nil {
			return
		}
		want, err := r.whole.MatchString(input)
		if got := r.linear.MatchString(input); err == nil && got != want {
			t.Fatalf("%q in %q: %v and %v", pattern, input, got, want)
		}
	})
}
