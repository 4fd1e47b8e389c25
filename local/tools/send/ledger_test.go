package send

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func object(t testing.TB, text string) map[string]any {
	t.Helper()
	o, problem := parseObject([]byte(text))
	require.Empty(t, problem, text)
	return o
}

func TestEqualEventsHaveEqualFingerprints(t *testing.T) {
	for _, row := range []struct {
		name, a, b string
		same       bool
	}{
		{"white space", `{"a":1,"b":2}`, ` { "a" : 1 , "b" : 2 } `, true},
		{"order of members", `{"a":1,"b":{"c":2,"d":3}}`, `{"b":{"d":3,"c":2},"a":1}`, true},
		{"escapes", `{"a":"é/\"\u00e9"}`, `{"a":"\u00e9\/\"é"}`, true},
		{"spelling of numbers", `{"a":[10.00,1e2,0.5,-0,1E400,120]}`, `{"a":[10.0,100,5e-1,0,10e399,1.2e+2]}`, true},
		{"a double key, of which the last counts", `{"a":1,"a":2}`, `{"a":2}`, true},
		{"order of elements", `{"a":[1,2]}`, `{"a":[2,1]}`, false},
		{"a digit far behind", `{"a":12345678901234567890}`, `{"a":12345678901234567891}`, false},
		{"a small difference", `{"a":0.1000000000000000055}`, `{"a":0.1}`, false},
		{"sign", `{"a":1}`, `{"a":-1}`, false},
		{"power of ten", `{"a":1}`, `{"a":10}`, false},
		{"a number and a text", `{"a":1}`, `{"a":"1"}`, false},
		{"a number and its canonical form as a text", `{"a":"1e0"}`, `{"a":1}`, false},
		{"true and a text", `{"a":true}`, `{"a":"t"}`, false},
		{"null and no member", `{"a":null}`, `{}`, false},
		{"null and false", `{"a":null}`, `{"a":false}`, false},
		{"nesting", `{"a":[[1],2]}`, `{"a":[[1,2]]}`, false},
		{"empty list and empty object", `{"a":[]}`, `{"a":{}}`, false},
		{"members moved into another object", `{"a":{"b":1},"c":2}`, `{"a":{"b":1,"c":2}}`, false},
		{"a text that looks like two", `{"a":"b\"1:c","d":"e"}`, `{"a":"b","1:c":"d","e":""}`, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.Equal(t, row.same, fingerprint(object(t, row.a)) == fingerprint(object(t, row.b)))
		})
	}
}

func FuzzAFingerprintSurvivesWritingTheEventAnew(f *testing.F) {
	f.Add([]byte(`{"a":[1.50,{"b":"\u00e9\n"}],"c":-1e-7,"d":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		before, problem := parseObject(text)
		if problem != "" {
			t.Skip()
		}
		anew, err := json.MarshalIndent(before, "", "  ")
		require.NoError(t, err)
		after, problem := parseObject(anew)
		require.Empty(t, problem)
		assert.Equal(t, fingerprint(before), fingerprint(after))
	})
}

func TestALineIsOneObject(t *testing.T) {
	for text, problem := range map[string]string{
		`{"a":1}`:          "",
		``:                 "empty line",
		` `:                "empty line",
		`{"a":1}{"b":2}`:   "more than one value on the line",
		`{"a":1} x`:        "more than one value on the line",
		`[1]`:              "not a JSON object",
		`"hello"`:          "not a JSON object",
		`{"a":`:            "not JSON: unexpected EOF",
		"{\"a\":\"\xff\"}": "not UTF-8",
	} {
		_, found := parseObject([]byte(text))
		assert.Equal(t, problem, found, text)
	}
}

func TestOnlyAnEnvelopeIsUnwrapped(t *testing.T) {
	assert.Equal(t, object(t, `{"a":1}`), unwrap(object(t, `{"id":"UBuxiEZSIAMFQ1Q=","receivedAt":1732300000000,"event":{"a":1}}`)))
	for _, text := range []string{
		`{"a":1}`, `{"id":"x","receivedAt":1,"event":"text"}`, `{"id":"x","receivedAt":"1","event":{"a":1}}`,
		`{"id":"","receivedAt":1,"event":{"a":1}}`, `{"id":"x","receivedAt":1,"event":{"a":1},"more":2}`, `{"id":"x","event":{"a":1}}`,
	} {
		assert.Nil(t, unwrap(object(t, text)), text)
	}
}

func TestABitmapIsASet(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		var b, other bitmap
		in, not := map[int64]bool{}, map[int64]bool{}
		for range random.IntN(400) {
			n := random.Int64N(300)
			assert.Equal(t, !in[n], b.add(n))
			in[n] = true
			if m := random.Int64N(350); random.IntN(2) == 0 {
				other.add(m)
				not[m] = true
			}
		}
		var want []int64
		for n := range in {
			if !not[n] {
				want = append(want, n)
			}
		}
		for n := int64(-1); n < 1000; n++ {
			assert.Equal(t, in[n], b.has(n))
		}
		slices.Sort(want)
		count, ranges := b.without(&other, 1000)
		assert.Equal(t, int64(len(want)), count)
		assert.Equal(t, want, expand(t, ranges))
		assert.Equal(t, int64(len(in)), b.count)
	}
}

// expand parses ranges.
func expand(t *testing.T, ranges []string) (numbers []int64) {
	t.Helper()
	for _, text := range ranges {
		first, last, isRange := strings.Cut(text, "-")
		var from, to int64
		require.NoError(t, json.Unmarshal([]byte(first), &from))
		to = from
		if isRange {
			require.NoError(t, json.Unmarshal([]byte(last), &to))
			require.Greater(t, to, from)
		}
		for n := from; n <= to; n++ {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

func TestQuantilesAreAccurateToASixtyFourth(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var l latencies
	var all []time.Duration
	assert.Zero(t, l.quantile(.5))
	for range 10000 {
		d := time.Duration(random.ExpFloat64() * float64(20*time.Millisecond))
		all = append(all, d)
		l.add(d)
	}
	slices.Sort(all)
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 1} {
		exact := all[min(len(all)-1, int(q*float64(len(all))))]
		assert.InEpsilon(t, exact, l.quantile(q), 1.0/latencySteps+0.01, "quantile %v", q)
	}
	assert.Equal(t, all[len(all)-1], l.longest)
	l.add(1000 * time.Hour)
	assert.Equal(t, 1000*time.Hour, l.longest, "what is off the scale is still the longest")
}

func TestNumbersAreGroupedForPeople(t *testing.T) {
	for n, text := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 999_999: "999,999", 1_023_998: "1,023,998"} {
		assert.Equal(t, text, humanize.Comma(n))
	}
	assert.Equal(t, "4 (429 THROTTLED: 3, no response: 1)", reasons(map[string]int64{"no response": 1, "429 THROTTLED": 3}))
	assert.Equal(t, "0", reasons(nil))
}

func TestTheLedgerOf100000GeneratedEventsIsSmall(t *testing.T) {
	l := &numbered{generator: &generator{run: newRun(1)}}
	for n := range int64(100_000) {
		l.record(event{number: n}, accepted)
		if l.find(map[string]any{"value": "30", "type": "Tip 3", "id": l.generator.id(n)}) != expected {
			require.Fail(t, "not found", "event %d", n)
		}
	}
	words := len(l.accepted.words) + len(l.uncertain.words) + len(l.found.words) + len(l.foundAccepted.words)
	assert.Less(t, 8*words, 64<<10)
	found, all := l.progress()
	assert.Equal(t, [2]int64{100_000, 100_000}, [2]int64{found, all})
}

func TestEqualEventsOfAFileAreCounted(t *testing.T) {
	l := &contents{}
	same := []byte(`{"value":"30","type":"Tip 3"}`)
	for line := int64(1); line <= 3; line++ {
		l.record(event{line: line, body: same}, accepted)
	}
	l.record(event{line: 4, body: same}, uncertain)
	l.record(event{line: 5, body: []byte(`{"never":"stored"}`)}, notStored)
	spelled := object(t, `{"type":"Tip 3","value":"30"}`)
	assert.Equal(t, expected, l.find(spelled))
	assert.Equal(t, []string{"2 of the 3 events like line 1"}, l.close(10).missing)
	assert.Equal(t, expected, l.find(spelled))
	assert.Equal(t, expected, l.find(spelled))
	assert.Empty(t, l.close(10).missing)
	assert.Equal(t, expected, l.find(spelled), "the one without a response")
	assert.Equal(t, int64(1), l.close(10).unanswered)
	assert.Equal(t, duplicate, l.find(spelled))
	assert.Equal(t, unexpected, l.find(object(t, `{"never":"stored"}`)))
	assert.Equal(t, foreign, l.find(object(t, `{"some":"thing"}`)))
}
