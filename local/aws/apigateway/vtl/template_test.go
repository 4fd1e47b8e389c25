package vtl

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func render(t *testing.T, source string, globals map[string]Value) string {
	t.Helper()
	tmpl, err := Parse("template", source)
	require.NoError(t, err)
	out, err := tmpl.Execute(globals, Limits{})
	require.NoError(t, err)
	return string(out)
}

func TestDirectivesThatAreLeftOutAreErrorsThatNameThem(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"a\n  #macro(hello $x)hi#end", "template:2:3: parsing template: #macro is not supported"},
		{"#parse('other.vm')", "template:1:1: parsing template: #parse is not supported"},
		{"#include('other.txt')", "template:1:1: parsing template: #include is not supported"},
		{"#evaluate('$x')", "template:1:1: parsing template: #evaluate is not supported"},
		{"#define($m.b)a#end", "template:1:9: parsing template: a variable is expected, as in #define( $name )"},
		{"#define(${b})a#end", "template:1:9: parsing template: a variable without braces is expected, as in #define( $name )"},
		{"#include <stdio.h>", "template:1:1: parsing template: #include is not supported"},
		{"#@box()a#end", "template:1:1: parsing template: #@box is not supported: there are no macros"},
		{"#set($s = \"a #evaluate('x')\")", "template:1:14: parsing template: #evaluate is not supported"},
	} {
		_, err := Parse("template", c.source)
		require.EqualError(t, err, c.want, c.source)
	}
}

func TestMethodsThatAreLeftOutAreErrorsThatNameThem(t *testing.T) {
	for source, want := range map[string]string{
		`$s.format("%d", 1)`:                          "calling format: java.lang.String.format(java.lang.String, java.lang.Integer) does not exist or is not emulated",
		`$s.hashCode()`:                               "calling hashCode: java.lang.String.hashCode() does not exist or is not emulated",
		`$s.length("x")`:                              "calling length: java.lang.String.length(java.lang.String) does not exist or is not emulated",
		`$n.toHexString(1)`:                           "calling toHexString: java.lang.Integer.toHexString(java.lang.Integer) does not exist or is not emulated",
		`$l.iterator()`:                               "calling iterator: java.util.ArrayList.iterator() does not exist or is not emulated",
		`$l.subList(0, 1)`:                            "calling subList: java.util.ArrayList.subList(java.lang.Integer, java.lang.Integer) does not exist or is not emulated",
		`$m.entrySet().remove("a")`:                   "calling remove: java.util.LinkedHashMap$LinkedEntrySet.remove(java.lang.String) does not exist or is not emulated",
		`$m.put([1], 2)`:                              "calling put: java.util.ArrayList as the key of a map is not emulated",
		`$m.get(1.5)`:                                 "calling get: java.lang.Double as the key of a map is not emulated",
		`$m.keySet().equals($m.keySet())`:             "calling equals: comparing java.util.LinkedHashMap$LinkedKeySet is not emulated",
		`$s.class`:                                    "the property class is not emulated",
		`$s.getClass()`:                               "calling getClass: java.lang.String.getClass() does not exist or is not emulated",
		`#set($x = $d * 2)`:                           "calculating with java.math.BigDecimal and java.lang.Integer is not emulated",
		`#foreach($i in [1])$foreach.isFirst()#end`:   "calling isFirst: org.apache.velocity.runtime.directive.ForeachScope.isFirst() does not exist or is not emulated",
		`#foreach($i in [1])#set($foreach.x = 1)#end`: "setting a property of $foreach is not emulated",
		`#define($b)x#end$b.length()`:                 "calling length: org.apache.velocity.runtime.directive.Block$Reference.length() does not exist or is not emulated",
	} {
		tmpl, err := Parse("t", source)
		require.NoError(t, err)
		d, err := parseDecimal("1.2345678901234567890")
		require.NoError(t, err)
		_, err = tmpl.Execute(map[string]Value{"s": "abc", "n": int64(1), "l": NewList(int64(1)), "m": NewMap(), "d": d}, Limits{})
		require.ErrorContains(t, err, want, source)
	}
}

func TestAnAbsentValueEqualsTheEmptyString(t *testing.T) {
	globals := map[string]Value{"m": NewMap(), "e": "", "s": "x"}
	assert.Equal(t, "yyyy", render(t, `#if($u == "")y#end#if("" == $m.a)y#end#if($m.get("a") == $e)y#end#if($u == $m.a)y#end`, globals))
	assert.Empty(t, render(t, `#if($u != "")y#end#if($u == $s)y#end#if($u == 0)y#end#if($u == false)y#end#if($u)y#end`, globals))
}

func TestEscapedDirectivesThatAreLeftOutAreText(t *testing.T) {
	assert.Equal(t, "#macro #parse #include #define", render(t, `\#macro \#parse \#include \#define`, nil))
}

func TestErrorsNameTheirPlace(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"a\nb #if($x)", "t:2:3: parsing template: #if has no #end"},
		{"#foreach($i in [1])\n#if(true)#end", "t:1:1: parsing template: #foreach has no #end"},
		{"a #end", `t:1:3: parsing template: unexpected "#end"`},
		{"#if(true)a#{else}b#{else}c#end", `t:1:19: parsing template: unexpected "#{else}"`},
		{"é #set($x = )", `t:1:13: parsing template: unexpected ")"`},
		{"#set($x = 1 2)", `t:1:13: parsing template: unexpected "2"`},
		{"#set($x = null)", `t:1:11: parsing template: unexpected "null"`},
		{"#set(x = 1)", `t:1:6: parsing template: unexpected "x"`},
		{"#set($x = \"a)\n", "t:1:11: parsing template: a string is not closed"},
		{"US$", "t:1:3: parsing template: it ends with a lone $"},
		{"C#", "t:1:2: parsing template: it ends with a lone #"},
		{"a #[[ b", "t:1:3: parsing template: #[[ is not closed by ]]#"},
		{"#set($x = 1 ^ 2)", `t:1:13: parsing template: unexpected "^"`},
		{"#set($s = \"x #if(true)\")", "t:1:14: parsing template: #if has no #end"},
		{"#foreach", "t:1:1: parsing template: #foreach needs parentheses"},
		{"#foreach(i in $l)#end", `t:1:10: parsing template: unexpected "i"`},
	} {
		_, err := Parse("t", c.source)
		require.EqualError(t, err, c.want, c.source)
	}
	for _, c := range []struct{ source, want string }{
		{"a\n $s.substring(9)", "t:2:5: calling substring: java.lang.StringIndexOutOfBoundsException: begin 9, end 3, length 3"},
		{"$s.matches('(')", "t:1:4: calling matches: java.util.regex.PatternSyntaxException: Unclosed group near index 1 of \"(\""},
		{"#set($x = \"a $s.substring(9)\")", "t:1:17: calling substring: java.lang.StringIndexOutOfBoundsException: begin 9, end 3, length 3"},
		{"#foreach($i in [1])#break($i)#end", "t:1:20: running #break: its argument is not the $foreach of a loop"},
		{"#if($s.substring(9))a#end", "t:1:8: calling substring: java.lang.StringIndexOutOfBoundsException: begin 9, end 3, length 3"},
	} {
		tmpl, err := Parse("t", c.source)
		require.NoError(t, err)
		_, err = tmpl.Execute(map[string]Value{"s": "abc"}, Limits{})
		require.EqualError(t, err, c.want, c.source)
	}
}

// overrides is an object that takes values, as $context.responseOverride does.
type overrides struct{ set []string }

func (o *overrides) Property(name string) (Value, bool) {
	if name == "header" {
		return o, true
	}
	return nil, false
}

func (o *overrides) Call(string, []Value) (Value, error) { return nil, ErrNoMethod }

func (o *overrides) Set(name string, v Value) error {
	if name == "forbidden" {
		return errForbidden
	}
	o.set = append(o.set, fmt.Sprintf("%s=%T %s", name, v, String(v)))
	return nil
}

func (o *overrides) String() string { return "overrides" }

var errForbidden = errors.New("forbidden")

func TestObjectsTakeWhatIsSetOnThem(t *testing.T) {
	o := &overrides{}
	context := &fakeObject{properties: map[string]Value{"responseOverride": o}}
	out := render(t, `#set($context.responseOverride.status = 429)`+
		`#set($context.responseOverride.header.Retry-After = "1")`+
		`#set( $context.responseOverride.header["X-A b"] = "2" )`+
		`#set(${context.responseOverride.x} = [1])`+
		`#set($context.nothing.status = 1)`+
		`#set($context.responseOverride.y = $undefined)`+
		`$context.responseOverride`, map[string]Value{"context": context})
	assert.Equal(t, "overrides", out)
	assert.Equal(t, []string{"status=int64 429", "Retry-After=string 1", "X-A b=string 2", "x=*vtl.List [1]"}, o.set)
}

func TestWhatAnObjectReturnsAsErrorEndsTheTemplate(t *testing.T) {
	failing := &fakeObject{methods: map[string]func([]Value) (Value, error){
		"fail": func([]Value) (Value, error) { return nil, errForbidden },
	}}
	for source, want := range map[string]string{
		"a $o.fail() b":                 "t:1:6: calling fail: forbidden",
		"\n#set($o2.forbidden = 1)":     "t:2:6: forbidden",
		"#if($o.fail())a#end":           "t:1:8: calling fail: forbidden",
		"#foreach($i in $o.fail())#end": "t:1:19: calling fail: forbidden",
		"#set($x = \"$o.fail()\")":      "t:1:15: calling fail: forbidden",
	} {
		tmpl, err := Parse("t", source)
		require.NoError(t, err)
		out, err := tmpl.AppendExecute([]byte("kept"), map[string]Value{"o": failing, "o2": &overrides{}}, Limits{})
		require.EqualError(t, err, want)
		require.ErrorIs(t, err, errForbidden)
		assert.Equal(t, "kept", string(out))
	}
}

func TestWhatAnObjectDoesNotHaveIsUndefined(t *testing.T) {
	o := &fakeObject{properties: map[string]Value{"a": "A", "null": nil}}
	globals := map[string]Value{"o": o}
	assert.Equal(t, "A [] [] [] [] A []", render(t, `$o.a [$o.b] [$o.null] [$o.method()] [$o.a.b] $o["a"] [$o["b"]]`, globals))
	assert.Equal(t, "no", render(t, `#if($o.b || $o.method())yes#{else}no#end`, globals))
}

func TestArgumentsOfObjectsAreValues(t *testing.T) {
	var seen []string
	o := &fakeObject{methods: map[string]func([]Value) (Value, error){"f": func(args []Value) (Value, error) {
		for _, a := range args {
			seen = append(seen, fmt.Sprintf("%T", a))
		}
		return int64(len(args)), nil
	}}}
	out := render(t, `$o.f() $o.f(1, 1.5, "s", true, [1], {"a": 1}, $u, $o, $o.f($o.f(2), 12345678901234567890))`, map[string]Value{"o": o})
	assert.Equal(t, "0 9", out)
	assert.Equal(t, "int64 int64 *big.Int int64 float64 string bool *vtl.List *vtl.Map <nil> *vtl.fakeObject int64", strings.Join(seen, " "))
}

func TestExecutionsDoNotSeeEachOther(t *testing.T) {
	tmpl, err := Parse("t", `#if($fail)$s.substring(9)#end[$x]#set($x = "set")[$x]#foreach($i in [1, $u])#set($i = 5)#end`)
	require.NoError(t, err)
	for range 3 {
		out, err := tmpl.Execute(nil, Limits{})
		require.NoError(t, err)
		assert.Equal(t, "[][set]", string(out))
		_, err = tmpl.Execute(map[string]Value{"x": "given", "fail": true, "s": ""}, Limits{})
		require.Error(t, err)
		globals := map[string]Value{"x": "given"}
		out, err = tmpl.Execute(globals, Limits{})
		require.NoError(t, err)
		assert.Equal(t, "[given][set]", string(out))
		assert.Equal(t, map[string]Value{"x": "given"}, globals)
	}
}

func TestATemplateCanBeExecutedConcurrently(t *testing.T) {
	tmpl, err := Parse("t", `#foreach($i in [1..50])#set($s = "$s$x")#if($x.matches("[a-z]\d+"))$s.length() #end#end`)
	require.NoError(t, err)
	var wg sync.WaitGroup
	results := make([]string, 8)
	for g := range results {
		wg.Go(func() {
			for range 20 {
				out, err := tmpl.Execute(map[string]Value{"x": fmt.Sprintf("a%d", g), "s": strings.Repeat("-", g)}, Limits{})
				results[g] = fmt.Sprint(string(out), err)
			}
		})
	}
	wg.Wait()
	for g, result := range results {
		assert.True(t, strings.HasPrefix(result, fmt.Sprintf("%d %d %d ", g+2, g+4, g+6)), result)
		assert.True(t, strings.HasSuffix(result, fmt.Sprintf("%d <nil>", g+100)), result)
	}
}

func TestValuesRenderAsJavaRendersThem(t *testing.T) {
	m := NewMap()
	m.Put("foo", "bar")
	m.Put("list", NewList(int64(1), nil, "x"))
	m.Put("json", NewJSONList(int64(1), "x", m0()))
	big, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	decimal, err := parseDecimal("1.50E-10")
	require.NoError(t, err)
	for _, c := range []struct {
		value Value
		want  string
	}{
		{nil, "null"}, {true, "true"}, {int64(-5), "-5"}, {1.0, "1.0"}, {1e7, "1.0E7"}, {0.001, "0.001"}, {0.0001, "1.0E-4"},
		{1234567.125, "1234567.125"}, {"text", "text"}, {big, "123456789012345678901234567890"}, {decimal, "1.50E-10"},
		{m, `{foo=bar, list=[1, null, x], json=[1,"x",{"a":{"b":null}}]}`}, {&overrides{}, "overrides"},
	} {
		assert.Equal(t, c.want, String(c.value))
	}
}

func m0() *Map {
	inner, outer := NewMap(), NewMap()
	inner.Put("b", nil)
	outer.Put("a", inner)
	return outer
}

func TestListsOfJSONRenderAsJSON(t *testing.T) {
	v, err := ParseJSON([]byte(`{"l": [1, "a", {"k": [true, null]}], "m": {"x": "y"}}`))
	require.NoError(t, err)
	assert.Equal(t, `[1,"a",{"k":[true,null]}] {x=y} {"k":[true,null]}`+"|", render(t, `$v.l $v.m `, map[string]Value{"v": v})+
		string(AppendJSON(nil, v.(*Map).entries[0].value.(*List).At(2)))+"|")
	assert.Equal(t, "[1, 2]", render(t, "#set($l = [1, 2])$l", nil))
}
