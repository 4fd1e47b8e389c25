package vtl

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestJSONKeepsOrderAndNumbers(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{` { "z" : 1 , "a" : [ ] , "m" : { } } `, `{"z":1,"a":[],"m":{}}`},
		{`{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`},
		{`[1,-2,0,9223372036854775807,9223372036854775808,-9223372036854775808]`, `[1,-2,0,9223372036854775807,9223372036854775808,-9223372036854775808]`},
		{`123456789012345678901234567890`, `123456789012345678901234567890`},
		{`[10.00,1e3,1E-5,0.1,-0.0,1.5]`, `[10.0,1000.0,1.0E-5,0.1,-0.0,1.5]`},
		{`[1.2345678901234567890,1e400,0.1000000000000000055511151231257827]`, `[1.2345678901234567890,1E+400,0.1000000000000000055511151231257827]`},
		{`[true,false,null]`, `[true,false,null]`},
		{`"a\"\\\/\b\f\n\r\t\u0041\u00e9"`, `"a\"\\/\b\f\n\r\tAé"`},
		{`"\ud83d\ude00 😀 é"`, `"😀 😀 é"`},
		{`"\ud83d"`, `"?"`}, {`"\ud83dx\ude00"`, `"?x?"`},
		{"\"\u2028\u20ac\u007f\"", `"\u2028\u20AC\u007F"`},
		{`""`, `""`},
		{`{"":{"":""}}`, `{"":{"":""}}`},
	} {
		v, err := ParseJSON([]byte(c.in))
		require.NoError(t, err, c.in)
		assert.Equal(t, c.want, string(AppendJSON(nil, v)), c.in)
	}
}

func TestJSONNumbersAreOfTheSmallestKindThatHoldsThem(t *testing.T) {
	v, err := ParseJSON([]byte(`[1, 1.5, 12345678901234567890, 1.2345678901234567, 1e999]`))
	require.NoError(t, err)
	l := v.(*List)
	assert.IsType(t, int64(0), l.At(0))
	assert.IsType(t, float64(0), l.At(1))
	assert.IsType(t, &big.Int{}, l.At(2))
	assert.IsType(t, &Decimal{}, l.At(3))
	assert.IsType(t, &Decimal{}, l.At(4))
}

func TestInvalidJSONIsAnErrorThatNamesTheByte(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "byte 1: the text ends where a value is expected"},
		{"hello", "byte 1: a value is expected"},
		{"nul", "byte 1: a value is expected"},
		{"{\"a\":1", "byte 7: a comma or } is expected"},
		{"{\"a\":1,}", "byte 8: a key in quotes is expected"},
		{"{a:1}", "byte 2: a key in quotes is expected"},
		{"{\"a\" 1}", "byte 6: a colon is expected"},
		{"[1,]", "byte 4: a value is expected"},
		{"[1 2]", "byte 4: a comma or ] is expected"},
		{"01", "byte 1: a number begins with 0"},
		{"-", "byte 2: a digit is expected"},
		{"1.", "byte 3: a digit is expected"},
		{"1e+", "byte 4: a digit is expected"},
		{".5", "byte 1: a value is expected"},
		{"\"a", "byte 3: a string is not closed"},
		{"\"a\nb\"", "byte 3: a control character in a string"},
		{"\"\\x\"", "byte 3: an unknown escape in a string"},
		{"\"\\u12\"", `byte 3: \u needs four hexadecimal digits`},
		{"\"\\", "byte 3: a string is not closed"},
		{"1 2", "byte 3: text after the end"},
		{strings.Repeat("[", 1001), "byte 1001: nested more than 1000 deep"},
	} {
		_, err := ParseJSON([]byte(c.in))
		require.EqualError(t, err, "parsing JSON: "+c.want, cut(c.in, 20))
	}
	deep := strings.Repeat("[", 1000) + strings.Repeat("]", 1000)
	v, err := ParseJSON([]byte(deep))
	require.NoError(t, err)
	assert.Equal(t, deep, string(AppendJSON(nil, v)))
}

func TestJSONThatIsWrittenIsAlwaysJSON(t *testing.T) {
	list := NewList()
	list.Append(list)
	growing := NewJSONList(int64(1))
	for range 100 {
		growing = NewJSONList(growing, growing)
	}
	keys := NewMap()
	keys.Put(int64(1), "int")
	keys.Put(nil, "null")
	keys.Put(NewList("a"), char('c'))
	for name, c := range map[string]struct {
		value Value
		want  string
	}{
		"what JSON has no numbers for": {NewList(math.NaN(), math.Inf(1)), "[null,null]"},
		"keys of other kinds":          {keys, `{"1":"int","null":"null","[a]":"c"}`},
		"objects":                      {NewList(&overrides{}), `["overrides"]`},
		"bytes that are no UTF-8":      {"a\xffb", "\"a\ufffdb\""},
		"what contains itself":         {list, ""},
		"what grows":                   {growing, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := AppendJSON([]byte("before"), c.value)
			require.True(t, strings.HasPrefix(string(got), "before"))
			got = got[len("before"):]
			assert.LessOrEqual(t, len(got), maxText+10_000)
			if c.want != "" {
				require.True(t, json.Valid(got))
				assert.Equal(t, c.want, string(got))
			}
		})
	}
}

func TestMapsKeepTheOrderOfTheirKeys(t *testing.T) {
	for _, n := range []int{3, 4, 5, 8, 9, 100} {
		m := NewMap()
		for i := range n {
			m.Put(int64(i), "before")
			m.Put(String(int64(i)), i)
		}
		for i := range n {
			m.Put(int64(i), "after")
		}
		assert.True(t, m.Delete(int64(1)))
		assert.False(t, m.Delete(int64(1)))
		assert.Equal(t, 2*n-1, m.Len())
		_, ok := m.Get(int64(1))
		assert.False(t, ok)
		i := 0
		for k, v := range m.All() {
			if i == 2 {
				i = 3 // the deleted one
			}
			if i%2 == 0 {
				assert.Equal(t, int64(i/2), k)
				assert.Equal(t, "after", v)
			} else {
				assert.Equal(t, String(int64(i/2)), k)
			}
			i++
		}
		assert.Equal(t, 2*n, i)
	}
}

func TestKeysAreFoundAfterOthersAreDeleted(t *testing.T) {
	for n := 1; n < 30; n++ {
		m := NewMap()
		for i := range n {
			m.Put(String(int64(i)), i)
		}
		for i := range n {
			for j := i; j < n; j++ {
				v, ok := m.Get(String(int64(j)))
				require.True(t, ok)
				require.Equal(t, j, v)
			}
			require.True(t, m.Delete(String(int64(i))))
		}
		require.Zero(t, m.Len())
	}
}

func TestAChangeOfACloneIsNotSeenInTheMap(t *testing.T) {
	for _, n := range []int{3, 2 * fewEntries} {
		m := NewMap()
		for i := range n {
			m.Put(int64(i), "old")
		}
		c := m.Clone()
		c.Put(int64(0), "new")
		c.Put("more", "new")
		c.Delete(int64(1))
		assert.Equal(t, n, m.Len())
		for _, v := range m.All() {
			assert.Equal(t, "old", v)
		}
		got, _ := c.Get(int64(n - 1))
		assert.Equal(t, "old", got)
	}
}

func TestKeysOfDifferentKindsAreDifferentKeys(t *testing.T) {
	m := NewMap()
	for range 2 {
		for _, k := range []Value{"1", int64(1), true, "true", nil, "null", char('1')} {
			m.Put(k, k)
		}
	}
	assert.Equal(t, 7, m.Len())
}

func TestDecimalsAreExact(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"1.50", "1.50"}, {"0.001", "0.001"}, {"1e3", "1E+3"}, {"12.5e2", "1.25E+3"}, {"-0.0000001", "-1E-7"}, {"0.000001", "0.000001"},
		{"123.456e-10", "1.23456E-8"}, {"0", "0"}, {"0.00", "0.00"}, {"0e5", "0E+5"},
	} {
		d, err := parseDecimal(c.in)
		require.NoError(t, err)
		assert.Equal(t, c.want, d.String(), c.in)
	}
	for _, bad := range []string{"", "x", "1.5.5", "1e", "1e9999999999", "1_0", strings.Repeat("9", 100_001)} {
		_, err := parseDecimal(bad)
		assert.Error(t, err, cut(bad, 20))
	}
}
