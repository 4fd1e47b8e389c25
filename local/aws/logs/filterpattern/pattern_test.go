package filterpattern

import (
	"encoding/json"
	"strings"
	"testing"

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
	p, err := Parse(pattern)
	require.NoError(t, err, pattern)
	assert.Equal(t, want, p.Match(trail), pattern)
}

func TestAJSONPatternMatchesNothingButJSON(t *testing.T) {
	p, err := Parse(`{ $.status = 500 }`)
	require.NoError(t, err)
	for message, want := range map[string]bool{
		`{"status":500}`: true, ` {"a":{"status":1},"status":500} `: true, `{"status":500`: false, `{"status":500}x`: false,
		`status 500`: false, ``: false, `"status"`: false, `[500]`: false, `{"status":}`: false, `{status:500}`: false,
		`{"st\u0061tus":500}`: true,
	} {
		assert.Equal(t, want, p.Match(message), message)
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
		p, err := Parse(c.pattern)
		require.NoError(t, err, c.pattern)
		assert.Equal(t, c.want, p.Match(c.message), "%s on %s", c.pattern, c.message)
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
		_, err := Parse(pattern)
		require.ErrorContains(t, err, want, pattern)
	}
}

func TestASelectorFindsNumbers(t *testing.T) {
	latency, err := ParseSelector("$.latency")
	require.NoError(t, err)
	for event, want := range map[string]float64{`{"latency":12.5}`: 12.5, `{"latency":"7.5"}`: 7.5} {
		number, ok := latency.Number(event)
		assert.True(t, ok, event)
		assert.Equal(t, want, number, event)
	}
	for _, event := range []string{`{"latency":"-"}`, `{"latency":true}`, `{}`, `{"latency":{}}`, ``, `{"latency":1`} {
		_, ok := latency.Number(event)
		assert.False(t, ok, event)
	}
	for _, text := range []string{"$latency", "$", "", "$.a[*]"} {
		_, err := ParseSelector(text)
		assert.Error(t, err, text)
	}
}

// FuzzMatch compares with the decoded event: the look at its text that comes first must not reject one that matches.
func FuzzMatch(f *testing.F) {
	f.Add(trail, "UpdateTrail")
	f.Add(`{"eventType":"\u0055pdateTrail"}`, "UpdateTrail")
	f.Add(`{"eventType":[`, "x")
	f.Fuzz(func(t *testing.T, message, value string) {
		if value == "" || strings.ContainsAny(value, `"\*`) {
			return
		}
		p, err := Parse(`{ $.eventType = "` + value + `" }`)
		require.NoError(t, err)
		var event map[string]any
		valid := json.Unmarshal([]byte(message), &event) == nil
		text, isText := event["eventType"].(string)
		if valid && !isText {
			return // numbers and booleans are compared as texts, too
		}
		require.Equal(t, valid && text == value, p.Match(message), "%q on %q", value, message)
	})
}

func BenchmarkMatchOfAnAccessLogLine(b *testing.B) {
	p, err := Parse(`{ $.status = "429" && $.errorType = "THROTTLED" }`)
	require.NoError(b, err)
	for b.Loop() {
		p.Match(`{"requestId":"0b6f3a1e-8d0c-4c0e-9a51-2f6b7a1a9d10","extendedRequestId":"UBuxiEZSIAMFQ1Q=",` +
			`"requestTime":"22/Nov/2026:12:00:20 +0000","httpMethod":"POST","resourcePath":"/v1","status":"200",` +
			`"protocol":"HTTP/1.1","responseLength":"112","integrationStatus":"200","integrationLatency":"3",` +
			`"errorType":"-","validationError":"-","sourceIp":"127.0.0.1"}`)
	}
}
