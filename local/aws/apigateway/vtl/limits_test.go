package vtl

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// forever nests loops so that a body would run 10^12 times.
func forever(body string) string {
	return strings.Repeat("#foreach($i in [1..1000])", 4) + body + strings.Repeat("#end", 4)
}

func doubled(times int, s string) string {
	return fmt.Sprintf("#set($s = '%s')#foreach($i in [1..%d])#set($s = \"$s$s\")#end", s, times)
}

const (
	manyItems = "#set($l = [1..10000])#set($k = [1..10000])"
	manyKeys  = "#set($m = {})#foreach($i in [1..100])#foreach($j in [1..100])#set($x = $m.put(\"$i-$j\", 1))#end#end"
	growing   = "#set($l = [1])#set($k = [1])#foreach($i in [1..100])#set($l = [$l, $l])#set($k = [$k, $k])#end"
	bigNumber = "#set($n = 123456789012345678901234567890)#foreach($i in [1..8])#set($n = $n * $n)#end"
)

// endless are templates that would run, or grow, without end.
var endless = map[string]string{
	"loops around nothing":          forever(""),
	"loops around text":             forever("x"),
	"loops around a reference":      forever("$u"),
	"doubling by interpolation":     doubled(1000, "abcdefgh"),
	"doubling by plus":              "#set($s = 'abcdefgh')#foreach($i in [1..1000])#set($s = $s + $s)#end",
	"doubling by concat":            "#set($s = 'abcdefgh')#foreach($i in [1..1000])#set($s = $s.concat($s))#end",
	"doubling by replace":           "#set($s = 'ab')#foreach($i in [1..1000])#set($s = $s.replace('a', $s))#end",
	"replacing much by much":        doubled(12, "aaaaaaaa") + "#set($s = $s.replace('a', $s))",
	"doubling by replaceAll":        "#set($s = 'ab')#foreach($i in [1..1000])#set($s = $s.replaceAll('a', $s))#end",
	"matching a long string":        doubled(14, "aaaaaaaa") + forever("#set($x = $s.matches('(a|b|ab)*c'))"),
	"a large pattern":               doubled(12, "aaaaaaaa") + forever("#set($x = $s.matches('(a?){500}(a{0,500})b'))"),
	"a pattern that goes back":      "#set($s = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')" + forever("#set($x = $s.matches('(a+)+\\1b'))"),
	"a back reference":              "#set($s = 'aaaaaaaaaaaaaaaa')" + forever("#set($x = $s.matches('(a)\\1b'))"),
	"patterns without end":          "#set($s = 'x')" + forever("#set($x = $s.matches(\"${foreach.parent.index}-${foreach.index}(a|b)[^c]{1,90}\"))"),
	"splitting":                     doubled(14, "a,b,c,") + forever("#set($x = $s.split(','))"),
	"replacing":                     doubled(12, "a,b,c,") + forever("#set($x = $s.replaceAll('([a-c])', '<$1$1$1>'))"),
	"upper case":                    doubled(12, "éa,b,c") + forever("#set($x = $s.toUpperCase())"),
	"a character of a long string":  doubled(12, "éa,b,c") + forever("#set($x = $s.charAt(1))"),
	"ranges":                        forever("#set($x = [1..1000000])"),
	"a huge range":                  "#set($x = [1..2147483647])",
	"inserting at the front":        "#set($l = [])" + forever("#set($x = $l.add(0, 1))"),
	"looking for what is not there": manyItems + forever("#set($x = $l.contains('x'))"),
	"comparing lists":               manyItems + forever("#if($l == $k)#end"),
	"adding a list to itself":       manyItems + forever("#set($x = $l.addAll($l))"),
	"new keys":                      "#set($m = {})" + forever("#set($x = $m.put(\"$foreach.index-$foreach.parent.index-$foreach.parent.parent.index\", 1))"),
	"removing keys":                 manyKeys + forever("#set($x = $m.remove('1-1'))#set($x = $m.put('1-1', 1))"),
	"keys of a large map":           manyKeys + forever("#set($x = $m.keySet().contains('z'))"),
	"squaring":                      "#set($n = 123456789012345678901234567890)" + forever("#set($n = $n * $n)"),
	"multiplying big numbers":       bigNumber + forever("#set($x = $n * $n)"),
	"dividing big numbers":          bigNumber + forever("#set($x = $n / 7)"),
	"printing big numbers":          bigNumber + forever("#set($x = \"$n\")"),
	"printing what grows":           growing + "$l",
	"comparing what grows":          growing + "$l.equals($k)",
	"nesting":                       "#set($l = [1])#foreach($i in [1..1000])#set($l = [$l])#end#foreach($i in [1..1000])#set($l = [$l])#end$l",
	"maps in each other":            "#set($m = {})#set($n = {'m': $m})#set($x = $m.put('n', $n))$m",
	"lists in each other":           "#set($l = [])#set($k = [$l])#set($x = $l.add($k))$l",
}

func TestATemplateThatWouldRunForeverReachesALimit(t *testing.T) {
	limits := Limits{Work: 200_000, OutputBytes: 1 << 20}
	for name, source := range endless {
		t.Run(name, func(t *testing.T) {
			tmpl, err := Parse("endless", source)
			require.NoError(t, err)
			start := time.Now()
			out, err := tmpl.Execute(map[string]Value{"x": "x"}, limits)
			t.Logf("ended after %v: %v", time.Since(start).Round(time.Millisecond), err)
			require.Error(t, err)
			assert.Empty(t, out)
			var located *Error
			require.ErrorAs(t, err, &located)
			require.ErrorIs(t, err, ErrLimit)
		})
	}
}

func TestListsThatContainEachOtherDoNotLoop(t *testing.T) {
	for _, method := range []string{"$l.equals($k2)", "$l", "$l.contains($k2)"} {
		tmpl, err := Parse("lists", "#set($m = {})#set($l = [])#set($k = [$l])#set($x = $l.add($k))#set($l2 = [])#set($k2 = [[$l2]])#set($x = $l2.add($k2))"+method)
		require.NoError(t, err)
		_, err = tmpl.Execute(nil, Limits{}) // with all the work that is allowed
		require.ErrorIs(t, err, ErrLimit, method)
		assert.Equal(t, "java.lang.StackOverflowError", exception(err))
	}
}

func TestATemplateMayBe300KBLong(t *testing.T) {
	_, err := Parse("long", strings.Repeat("x", 300*1024))
	require.NoError(t, err)
	_, err = Parse("long", strings.Repeat("x", 300*1024+1))
	require.EqualError(t, err, "long:1:1: parsing template: 307201 bytes, more than 307200: limit reached")
	require.ErrorIs(t, err, ErrLimit)
}

func TestAForeachGoesRoundAThousandTimes(t *testing.T) {
	for _, c := range []struct {
		items, rounds int
		told          []string
	}{
		{999, 999, nil},
		{1000, 1000, nil},
		{1001, 1000, []string{"loop:2:1: running #foreach: stopped after 1000 iterations: limit reached"}},
		{5000, 1000, []string{"loop:2:1: running #foreach: stopped after 1000 iterations: limit reached"}},
	} {
		tmpl, err := Parse("loop", fmt.Sprintf("#set($n = 0)\n#foreach($i in [1..%d])#set($n = $n + 1)#end$n", c.items))
		require.NoError(t, err)
		var told []string
		out, err := tmpl.Execute(nil, Limits{OnIterations: func(err error) { told = append(told, err.Error()) }})
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprint(c.rounds), string(out), "%d items", c.items)
		assert.Equal(t, c.told, told, "%d items", c.items)
	}
}

func TestIterationsAreCountedForEachLoop(t *testing.T) {
	tmpl, err := Parse("loop", "#set($n = 0)#foreach($i in [1..3])#foreach($j in [1..9])#set($n = $n + 1)#end#end$n")
	require.NoError(t, err)
	out, err := tmpl.Execute(nil, Limits{Iterations: 5})
	require.NoError(t, err)
	assert.Equal(t, "15", string(out))
}

func TestOutputIsBounded(t *testing.T) {
	for _, c := range []struct {
		name, source string
		most         int
	}{
		{"text", "0123456789", 10},
		{"a reference", "01234$x", 10},
		{"a loop", "#foreach($i in [1..5])01#end", 10},
		{"a map", "$m", 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			tmpl, err := Parse("out", c.source)
			require.NoError(t, err)
			globals := func() map[string]Value {
				m := NewMap()
				m.Put("abcdef", int64(1))
				return map[string]Value{"x": "56789", "m": m}
			}
			out, err := tmpl.Execute(globals(), Limits{OutputBytes: c.most})
			require.NoError(t, err)
			assert.Len(t, out, 10)
			_, err = tmpl.Execute(globals(), Limits{OutputBytes: c.most - 1})
			require.ErrorIs(t, err, ErrLimit)
		})
	}
}

func TestNestingIsBoundedWhenParsing(t *testing.T) {
	for name, source := range map[string]string{
		"parentheses":    "#set($x = " + strings.Repeat("(", 100_000),
		"negations":      "#if(" + strings.Repeat("!", 100_000),
		"blocks":         strings.Repeat("#if(true)", 20_000),
		"loops":          strings.Repeat("#foreach($i in $l)", 10_000),
		"lists":          "#set($x = " + strings.Repeat("[", 100_000),
		"maps":           "#set($x = " + strings.Repeat("{1:", 50_000),
		"arguments":      strings.Repeat("$a.b(", 50_000),
		"indexes":        strings.Repeat("$a[", 50_000),
		"lists in calls": "#set($x = " + strings.Repeat("[$a.b(", 40),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("deep", source)
			require.Error(t, err)
			assert.Less(t, len(err.Error()), 300)
		})
	}
}

func TestNestingUpTo200IsFine(t *testing.T) {
	for name, source := range map[string]func(n int) string{
		"blocks":      func(n int) string { return strings.Repeat("#if(true)", n) + strings.Repeat("#end", n) },
		"parentheses": func(n int) string { return "#set($x = " + strings.Repeat("(", n) + "1" + strings.Repeat(")", n) + ")" },
		"lists":       func(n int) string { return "#set($x = " + strings.Repeat("[", n/2) + strings.Repeat("]", n/2) + ")" },
		"arguments":   func(n int) string { return strings.Repeat("$x.y(", n/2) + strings.Repeat(")", n/2) },
		"negations":   func(n int) string { return "#if(" + strings.Repeat("!", n) + "true)#end" },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("nested", source(200))
			require.NoError(t, err)
			_, err = Parse("nested", source(600))
			require.ErrorIs(t, err, ErrLimit)
		})
	}
}

func TestLongRunsOfOneCharacterAreParsedAtOnce(t *testing.T) {
	for _, s := range []string{`\`, "$", "#", `\$`, "$x", `"`, "[", "(", " ", "$!", "{", "##", "#*", "#[[", "$x.", "''"} {
		source := strings.Repeat(s, 300*1024/len(s))
		for _, open := range []string{"", "#set($x = ", "$x.y("} {
			_, _ = Parse("run", open+source[:MaxTemplateBytes-len(open)]) // what matters is that it ends
		}
	}
}

func TestRandomTemplatesEndWithinTheirLimits(t *testing.T) {
	r := rand.New(rand.NewPCG(*seed, 3))
	limits := Limits{Work: 20_000, OutputBytes: 1 << 16}
	for i := range 3 * *random {
		source := [...]func(*rand.Rand) string{soupTemplate, expressionTemplate, regexpTemplate}[i%3](r)
		tmpl, err := Parse("random", source)
		if err != nil {
			checkError(t, err)
			continue
		}
		out, err := tmpl.Execute(plainVariables(velocityVariables), limits)
		if err != nil {
			checkError(t, err)
		}
		require.LessOrEqual(t, len(out), limits.OutputBytes, source)
	}
}
