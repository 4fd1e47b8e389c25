package cloudwatch

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// trail is the example of FilterAndPatternSyntax.html with more values of simple kinds.
const trail = `
  { "eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "arrayKey": ["value", "another value"],
    "objectList": [ {"name": "a", "id": 1}, {"name": "b", "id": 2} ], "SomeObject": null, "ThisFlag": true, "Off": false,
    "someInt": 123, "someFloat": 12.34, "someFloat2": 12.0, "someEmpty": {}, "someArray": [], "big": 1.5e3, "neg": -7,
    "someEscaped": "error \"message\" \u00e9 \\", "user": {"id": 1, "email": "John.Stiles@example.com"},
    "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3}], "actions": ["GET", "PUT", "DELETE"],
    "coordinates": [[0, 1, 2], [4, 5, 6]], "status": "429", "with-dash_": "x" }`

// The patterns are examples of the user guide, or were run by others against TestMetricFilter of AWS; those that neither is
// true of are assumed: those of $.status = 429, a number without quotes and a text.
func TestJSONPatternsMatchAsCloudWatchLogsDocuments(t *testing.T) {
	matches := `
{ $.eventType = "UpdateTrail" }
{ $.eventType = UpdateTrail }
{ $.sourceIPAddress != 123.123.* }
{ $.sourceIPAddress = 111.111.* }
{ $.sourceIPAddress = *.111.111 }
{ $.sourceIPAddress = "*.111.111.111" }
{ $.sourceIPAddress != 111*111 }
{ $.sourceIPAddress = * }
{ $.sourceIPAddress = "*111*" }
{ $.sourceIPAddress != "222*" }
{ $.sourceIPAddress != "*222" }
{ $.arrayKey[0] = "value" }
{ $.objectList[1].id = 2 }
{ $.objectList[1].id    = 2 }
{ $.SomeObject IS NULL }
{ $.SomeOtherObject NOT EXISTS }
{ $.SomeOtherObject NOT EXISTS         }
{ $.ThisFlag IS TRUE }
{ $.Off IS FALSE }
{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }
{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }
{ $.someInt = 123 }
{ $.someInt = 123.0 }
{ $.someInt = "123" }
{ $.someInt != "123.0" }
{ $.someInt = 12* }
{ $.someInt = *23 }
{ $.someInt = "*" }
{ $.someInt != 111 }
{ $.someInt > 1 }
{ $.someInt >= 123 }
{ $.someInt < 1000 }
{ $.someInt <= 123 }
{ $.someInt > +1 }
{ $.someFloat = 12.34 }
{ $.someFloat   >= 1.0 }
{ $.someFloat2 = 12 }
{ $.someFloat2 != "12" }
{ $.someFloat = *34 }
{ $.big = 1500 }
{ $.big < 10e3 }
{ $.neg <= -7 }
{ $.status = "429" }
{ $.status = 429 }
{ $.status = "4*" && $.someInt > 100 || $.eventType = nothing }
{ $.with-dash_ = x }
{ $.someEscaped = "error \"message\"*" }
{$.someInt=123&&$.someFloat<13}
`
	not := `
{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }
{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch) && $.actions[2] = nomatch }
{ $.users = 1 }
{ $.users != 1 }
{ $.someEmpty = "someString" }
{ $.someEmpty != "someString" }
{ $.someArray != someString }
{ $.ThisFlag[0] = "value" }
{ $.objectList[1].number = 2 }
{ $.objectList[1].number != 2 }
{ $.objectList[2].id = 2 }
{ $.notExisted = "UpdateTrail" }
{ $.notExisted != "UpdateTrail" }
{ $.SomeObject != x }
{ $.SomeObject NOT EXISTS }
{ $.ThisFlag IS FALSE }
{ $.ThisFlag IS NULL }
{ $.someInt = "123.00" }
{ $.someInt != 123 }
{ $.someInt != "123" }
{ $.someInt > 123 }
{ $.eventType >= 123 }
{ $.eventType = updateTrail }
{ $.eventType = Update }
{ $.sourceIPAddress = 11*1 }
{ $.status = "4" }
{ $.arrayKey[9] = * }
{ $.eventType.more = * }
`
	for pattern := range strings.Lines(strings.TrimSpace(matches)) {
		assertMatch(t, strings.TrimSpace(pattern), true)
	}
	for pattern := range strings.Lines(strings.TrimSpace(not)) {
		assertMatch(t, strings.TrimSpace(pattern), false)
	}
}

func assertMatch(t *testing.T, pattern string, want bool) {
	t.Helper()
	p, err := parsePattern(pattern)
	require.NoError(t, err, pattern)
	assert.Equal(t, want, p.matches(trail), pattern)
}

func TestAJSONPatternMatchesNothingButJSON(t *testing.T) {
	p, err := parsePattern(`{ $.status = 500 }`)
	require.NoError(t, err)
	for message, want := range map[string]bool{
		`{"status":500}`: true, ` {"a":{"status":1},"status":500} `: true, `{"status":500`: false, `{"status":500}x`: false,
		`status 500`: false, ``: false, `"status"`: false, `[500]`: false, `{"status":}`: false, `{status:500}`: false,
		`{"st\u0061tus":500}`: true,
	} {
		assert.Equal(t, want, p.matches(message), message)
	}
}

// Examples of FilterAndPatternSyntax.html.
func TestTermsMatchAsCloudWatchLogsDocuments(t *testing.T) {
	for _, c := range []struct {
		pattern, message string
		want             bool
	}{
		{"", "anything", true},
		{"ERROR", "[ERROR] A fatal exception has occurred", true},
		{"ERROR", "Exiting with ERRORCODE: -1", true},
		{"ERROR", "Exiting with error", false},
		{`"ERROR" - "Exiting"`, "Exiting with ERRORCODE: -1", false},
		{`ERROR -Exiting`, "[ERROR] A fatal exception", true},
		{"ERROR Exception", "[ERROR] Unhandled Exception", true},
		{"ERROR Exception", "[ERROR] nothing", false},
		{"Failed to process the request", "[ERROR] Unable to continue: Failed to process the request", true},
		{`"Failed to process"`, "process Failed to", false},
		{"?ERROR ?WARN", "WARN message", true},
		{"?ERROR ?WARN", "ERROR message", true},
		{"?ERROR ?WARN", "INFO message", false},
		{"ERROR WARN", "ERROR message", false},
		{"ERROR -WARN", "ERROR WARN message", false},
		{`"a \"quoted\" word"`, `this is a "quoted" word.`, true},
	} {
		p, err := parsePattern(c.pattern)
		require.NoError(t, err, c.pattern)
		assert.Equal(t, c.want, p.matches(c.message), "%s on %s", c.pattern, c.message)
	}
}

func TestAPatternThatCannotBeReadIsRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		`{ $.status >= "x" }`:               `Invalid character(s) in term '"x"'`,
		`{ $.status >= "123" }`:             `Invalid character(s) in term '"123"'`,
		`{ $.status > abc }`:                "Invalid character(s) in term 'abc'",
		`{ $.status = }`:                    "a value is missing",
		`{ $.status }`:                      "an operator is missing",
		`{ status = 1 }`:                    "a selector such as $.status is missing",
		`{ $ = 1 }`:                         "a selector such as $.status is missing",
		`{ $.a[*] = 1 }`:                    "an operator is missing",
		`{ ($.a = 1 }`:                      ") is missing",
		`{ $.a = 1 && }`:                    "a selector such as $.status is missing",
		`{ $.a = 1 $.b = 2 }`:               "at ",
		`{ $.a = 1`:                         "does not end with }",
		`{ $.a = %4..% }`:                   "regular expressions (%…%) are not emulated by the local target",
		`{ $.a = "x }`:                      "a value is missing",
		`{` + strings.Repeat("(", 60) + `}`: "nested deeper than 50",
		`[ip, user, status = 4*]`:           "a pattern of space-delimited fields ([…]) is not emulated by the local target",
		`%regex%`:                           "regular expressions (%…%) are not emulated by the local target",
		`a.b`:                               "must be in double quotes",
		`"unfinished`:                       "must be in double quotes",
		`ERROR ?WARN`:                       "not emulated by the local target",
		`{ $.a = 1e999 }`:                   "value out of range",
		`{ $.a[99999999999999999999] = 1 }`: "a selector such as $.status is missing",
	} {
		_, err := parsePattern(pattern)
		require.ErrorContains(t, err, "InvalidParameterException: Invalid metric filter pattern: ", pattern)
		require.ErrorContains(t, err, want, pattern)
	}
}

func throttled(change func(*MetricFilter)) MetricFilter {
	filter := MetricFilter{
		Name: "throttled", LogGroup: "access", Pattern: `{ $.status = "429" }`, Namespace: "events", Metric: "Throttled",
		Value: "1",
	}
	if change != nil {
		change(&filter)
	}
	return filter
}

func (f *fixture) filtered() []Datapoint {
	f.t.Helper()
	points, err := f.Statistics(Query{
		MetricID: MetricID{Namespace: "events", Name: "Throttled"}, Start: noon.Add(-time.Hour), End: noon.Add(time.Hour),
		PeriodSeconds: 60, Statistic: "Sum",
	})
	require.NoError(f.t, err)
	return points
}

func TestAMetricFilterCountsTheEventsOfItsLogGroup(t *testing.T) {
	f := open(t)
	require.NoError(t, f.PutMetricFilter(throttled(nil)))
	for range 3 {
		f.LogEvent("access", noon, `{"status":"429"}`)
		f.LogEvent("access", noon, `{"status":"200"}`)
		f.LogEvent("other", noon, `{"status":"429"}`)
	}
	f.LogEvent("access", noon.Add(-time.Minute), `{"status":"429"}`)
	assert.Equal(t, []Datapoint{
		{noon.Add(-time.Minute).Truncate(time.Minute), 1, 1}, {noon.Truncate(time.Minute), 3, 3},
	}, f.filtered(), "an event counts for the minute of its own time")
	require.NoError(t, f.PutMetricFilter(throttled(func(m *MetricFilter) { m.Pattern = "nothing" })))
	assert.Len(t, f.MetricFilters("access"), 1, "a filter of the same name is overwritten")
	f.LogEvent("access", noon, `{"status":"429"}`)
	assert.Equal(t, 3.0, f.filtered()[1].Value)
	require.NoError(t, f.DeleteMetricFilter("access", "throttled"))
	require.ErrorContains(t, f.DeleteMetricFilter("access", "throttled"), "ResourceNotFoundException")
	f.LogEvent("access", noon, "nothing")
	assert.Equal(t, 3.0, f.filtered()[1].Value)
}

func TestAMetricFilterTakesNumbersFromEvents(t *testing.T) {
	f := open(t)
	require.NoError(t, f.PutMetricFilter(throttled(func(m *MetricFilter) {
		m.Pattern, m.Value = `{ $.latency = * }`, "$.latency"
	})))
	for _, event := range []string{`{"latency":12.5}`, `{"latency":"7.5"}`, `{"latency":"-"}`, `{"latency":true}`, `{}`} {
		f.LogEvent("access", noon, event)
	}
	assert.Equal(t, []Datapoint{{noon.Truncate(time.Minute), 20, 2}}, f.filtered())
}

func TestADefaultValueIsReportedForAMinuteWithEventsAndNoMatch(t *testing.T) {
	f := open(t)
	zero := 0.0
	require.NoError(t, f.PutMetricFilter(throttled(func(m *MetricFilter) { m.DefaultValue = &zero })))
	f.put(func(a *Alarm) { a.Namespace, a.MetricName, a.Dimensions = "events", "Throttled", nil })
	f.LogEvent("access", f.clock.Now(), `{"status":"200"}`)
	f.LogEvent("access", f.clock.Now(), `{"status":"200"}`)
	f.tick() // no match
	f.LogEvent("access", f.clock.Now(), `{"status":"200"}`)
	f.LogEvent("access", f.clock.Now(), `{"status":"429"}`)
	f.tick() // a match
	f.tick() // no events
	first := noon.Truncate(time.Minute)
	assert.Equal(t, []Datapoint{{first, 0, 1}, {first.Add(time.Minute), 1, 1}}, f.filtered())
}

func TestAMetricFilterThatCloudWatchLogsWouldRefuseIsRefused(t *testing.T) {
	f := open(t)
	infinite := math.Inf(1)
	for name, change := range map[string]func(*MetricFilter){
		"a name with a star":     func(m *MetricFilter) { m.Name = "a*" },
		"no name":                func(m *MetricFilter) { m.Name = "" },
		"no group":               func(m *MetricFilter) { m.LogGroup = "" },
		"a long pattern":         func(m *MetricFilter) { m.Pattern = strings.Repeat("x", 1025) },
		"no metric":              func(m *MetricFilter) { m.Metric = "" },
		"a metric with a dollar": func(m *MetricFilter) { m.Metric = "a$" },
		"a namespace of AWS":     func(m *MetricFilter) { m.Namespace = "AWS/Logs" },
		"a value":                func(m *MetricFilter) { m.Value = "one" },
		"no value":               func(m *MetricFilter) { m.Value = "" },
		"an infinite value":      func(m *MetricFilter) { m.Value = "Inf" },
		"a selector of terms":    func(m *MetricFilter) { m.Pattern, m.Value = "ERROR", "$.latency" },
		"a bad selector":         func(m *MetricFilter) { m.Value = "$latency" },
		"an unknown unit":        func(m *MetricFilter) { m.Unit = "Things" },
		"an infinite default":    func(m *MetricFilter) { m.DefaultValue = &infinite },
		"a bad pattern":          func(m *MetricFilter) { m.Pattern = "{" },
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, f.PutMetricFilter(throttled(change)), "InvalidParameterException: ")
		})
	}
	for i := range 100 {
		require.NoError(t, f.PutMetricFilter(throttled(func(m *MetricFilter) { m.Name = time.Duration(i).String() })))
	}
	require.ErrorContains(t, f.PutMetricFilter(throttled(nil)), "LimitExceededException")
	require.NoError(t, f.PutMetricFilter(throttled(func(m *MetricFilter) { m.LogGroup = "other" })))
}

func FuzzFindFindsWhatJSONHas(f *testing.F) {
	f.Add(trail, "eventType", "UpdateTrail")
	f.Add(`{"a":[1,{"b":"c"}]}`, "a", "\x00\"\\é")
	f.Add(`{"a":`, "", "")
	f.Fuzz(func(t *testing.T, message, name, value string) {
		find(message, []step{{name: "a"}, {index: 1}, {name: "b"}}) // whatever it is: it must not panic
		if name == "" || name == "before" || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return
		}
		content, err := json.Marshal(map[string]any{"before": []any{message, map[string]any{name: 1}}, name: value})
		require.NoError(t, err)
		found := find(string(content), []step{{name: name}})
		require.Equal(t, jsonString, found.kind, "%s", content)
		require.Equal(t, value, found.text(), "%s", content)
	})
}
