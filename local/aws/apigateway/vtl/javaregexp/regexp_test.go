package javaregexp

import (
	"fmt"
	"strings"
	"testing"

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
		{"(?<x>a)", "ab", "<${x}>", "<a>b"},
		{"(a)", "a", "$10", "a0"},
		{"a", "a", `\$1\\`, `$1\`},
		{"b$", "ab\nb\n", "X", "ab\nX\n"},
		{"(?m)^", "a\nb\r\nc\n", "> ", "> a\n> b\r\n> c\n"},
		{"(?m)$", "a\r\nb", "<", "a<\r\nb<"},
		{`\b`, "é-x", "|", "|é|-|x|"},
		{`(?<=\d)(?=(\d{3})+$)`, "1234567", ",", "1,234,567"},
		{`(\w)\1`, "aabb", "<$1>", "<a><b>"},
		{"a++b|aa", "aac", "X", "Xc"},
		{"[a-z&&[^b]]", "abc", "_", "_b_"},
		{"[^a-z]", "aBé", "_", "a__"},
		{`\R`, "a\r\nb\u2028c", "|", "a|b|c"},
		{`\p{Lu}\p{Ll}`, "ÄbAB", "x", "xAB"},
		{`(?i)é`, "éÉ", "e", "eÉ"},
		{`(?iu)é`, "éÉ", "e", "ee"},
		{`(?x) a b # comment`, "ab", "c", "c"},
		{`\Qa.b\E+`, "a.bb", "c", "c"},
		{"z", "abc", "$9", "abc"},
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
		"$":    "java.lang.IllegalArgumentException: Illegal group reference: group index is missing",
		"$x":   "java.lang.IllegalArgumentException: Illegal group reference",
		"${x}": "java.lang.IllegalArgumentException: No group with name {x}",
		"${x":  "java.lang.IllegalArgumentException: named capturing group is missing trailing '}'",
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
	assert.Equal(t, ErrTooLong, err)
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

func TestPatternsThatJavaRefusesAreErrors(t *testing.T) {
	for pattern, want := range map[string]string{
		"*a": "Dangling meta character '*' near index 0", "a**": "Dangling meta character '*' near index 2", "(a": "Unclosed group near index 2",
		"a)": "Unmatched closing ')' near index 1", "[a": "Unclosed character class near index 2", "{": "Illegal repetition near index 1",
		"a{x}": "Illegal repetition near index 2", "a{2,1}": "Illegal repetition range near index 5", `\`: "ends with a backslash", `\y`: "Illegal/unsupported escape sequence",
		`\p{Foo}`: "Unknown character property name {Foo}", "[b-a]": "Illegal character range", "(?<=(ab)*)": "Look-behind group does not have an obvious maximum length",
		"(?z)": "Unknown inline modifier", `\k<x>`: "named capturing group <x> does not exist", "(?<a>.)(?<a>.)": "<a> is already defined",
		`\X`: `\X is not supported`, `\u12`: "Illegal hexadecimal escape sequence", strings.Repeat("(", 200): "Nested more than 100 deep",
		strings.Repeat("a", 40_000): "Pattern of more than 32768 bytes", "[a&&]": "", "(?<=a*)b": "", `\2`: "", "a{0,1001}": "", "(a{1000}){1000}": "",
	} {
		_, err := Compile(pattern)
		if want == "" {
			require.NoError(t, err, pattern)
			continue
		}
		var syntax *SyntaxError
		require.ErrorAs(t, err, &syntax, shorten(pattern))
		assert.Contains(t, err.Error(), want)
		assert.Contains(t, err.Error(), "java.util.regex.PatternSyntaxException: ")
	}
}

func TestAMatchThatGoesBackForeverIsStopped(t *testing.T) {
	r, err := Compile(`(a+)+\1$`)
	require.NoError(t, err)
	_, err = r.Matches(strings.Repeat("a", 50) + "b")
	assert.ErrorIs(t, err, ErrTimeout)
}

func TestCommonPatternsRunInTimeThatGrowsWithTheInputOnly(t *testing.T) {
	for _, pattern := range []string{`^[\w.+-]+@[\w-]+\.[\w.]+$`, `\s*[,;]\s*`, "[\r\n]+", `(a+)+$`, "[^A-Za-z0-9]", `\d{4}-\d{2}-\d{2}`, `(?i)error`, `\bword\b`} {
		r, err := Compile(pattern)
		require.NoError(t, err)
		assert.True(t, r.usePlain("plain text"), pattern)
	}
	for pattern, input := range map[string]string{`(?=a)`: "a", `a$`: "a\n", `\bé`: "é", `(a)\1`: "aa", "a*+": "a"} {
		r, err := Compile(pattern)
		require.NoError(t, err)
		assert.False(t, r.usePlain(input), pattern)
	}
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

// FuzzEngines runs any pattern: where Go's regexp may be used, both engines find the same.
func FuzzEngines(f *testing.F) {
	for _, c := range [][2]string{{`(a|b)*c`, "abc"}, {`[a-c&&[^b]]+\b`, "ab c"}, {`(?i)x{2,3}?`, "XxX"}, {`^\w+\s*$`, "ab "}, {`\p{L}|(?:)`, "é"}} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, pattern, input string) {
		if len(pattern) > 200 || len(input) > 200 {
			return
		}
		r, err := Compile(pattern)
		if err != nil {
			return
		}
		collect := func(each func(string, func(match) bool) error) (found []match, err error) {
			err = each(input, func(m match) bool {
				found = append(found, m)
				return true
			})
			return found, err
		}
		found, err := collect(r.each)
		if err != nil || !r.usePlain(input) {
			return
		}
		other, err := collect(r.eachBacktracking)
		if err != nil {
			return
		}
		if fmt.Sprint(found) != fmt.Sprint(other) {
			t.Fatalf("%q in %q: %v and %v", pattern, input, found, other)
		}
	})
}
