package apigateway

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ingest-pipeline/local/aws/logs"
)

// logLevel is how much of a request the execution log has.
type logLevel int

const (
	levelOff   = "OFF"
	levelError = "ERROR"
	levelInfo  = "INFO"
)

var logLevels = map[string]logLevel{levelError: logErrors, levelInfo: logAll}

const (
	logNothing logLevel = iota
	logErrors
	logAll
)

// maxEventBytes is the longest event of an execution log: documented (set-up-logging).
const maxEventBytes = 1024

// executionLog collects the lines of one request, in API Gateway's form: assumed: quoted in issue threads and in logs that
// people published. At ERROR there are those of failures only (documented; which lines these are is assumed).
type executionLog struct {
	level logLevel
	trace bool // bodies and headers too
	lines []logLine
}

type logLine struct {
	at   time.Time
	text string
}

// start begins the log of a request, if its method has one and the account can write it.
func (l *executionLog) start(v *invocation) {
	if v.method.level == logNothing || v.service.logs.role() == "" {
		return
	}
	l.level, l.trace = v.method.level, v.method.trace
	if l.level >= logAll {
		l.add(v, "Extended Request Id: ", v.extendedRequestID)
	}
}

// add adds one line: the request's id in parentheses, then what happened.
func (l *executionLog) add(v *invocation, parts ...string) {
	size := len(v.requestID) + 3
	for _, part := range parts {
		size += len(part)
	}
	var b strings.Builder
	b.Grow(size)
	b.WriteByte('(')
	b.WriteString(v.requestID)
	b.WriteString(") ")
	for _, part := range parts {
		b.WriteString(part)
	}
	l.lines = append(l.lines, logLine{v.service.options.Clock.Now(), truncate(b.String())})
}

// truncate cuts off what is over the limit of one event, between two characters.
func truncate(text string) string {
	const mark = " [TRUNCATED]"
	if len(text) <= maxEventBytes {
		return text
	}
	end := maxEventBytes - len(mark)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + mark
}

func (l *executionLog) usagePlan(v *invocation) {
	if l.level < logAll {
		return
	}
	stage := v.server.apiID + "/" + v.stage.name
	key := maskSecret(v.identity.apiKey)
	l.add(v, "Verifying Usage Plan for request: ", v.requestID, ". API Key: ", key, " API Stage: ", stage)
	if !v.method.keyRequired {
		l.add(v, "API Key ", key, " authorized because method '", v.method.httpMethod, " ", v.method.resourcePath,
			"' does not require API Key. Request will not contribute to throttle or quota limits")
		l.add(v, "Usage Plan check succeeded for API Key ", key, " and API Stage ", stage)
	}
}

// begin logs that the request was admitted; it always returns true.
func (l *executionLog) begin(v *invocation) bool {
	if l.level < logAll {
		return true
	}
	if v.method.keyRequired {
		l.add(v, "Usage Plan check succeeded for API Key ", maskSecret(v.identity.apiKey), " and API Stage ", v.server.apiID, "/", v.stage.name)
	}
	l.add(v, "Starting execution for request: ", v.requestID)
	l.add(v, "HTTP Method: ", v.request.Method, ", Resource Path: ", v.below)
	if l.trace {
		l.add(v, "Method request path: ", formatParameters(v.pathParameters))
		l.add(v, "Method request query string: ", formatParameters(v.query()))
		l.add(v, "Method request headers: ", formatParameters(v.headers()))
		l.add(v, "Method request body before transformations: ", v.requestInput.text)
	}
	return true
}

func (l *executionLog) endpointRequest(v *invocation) {
	i := v.method.integration
	if l.level < logAll || i.mock || i.problem != "" {
		return
	}
	if l.trace {
		l.add(v, "Endpoint request URI: ", i.endpoint)
		l.add(v, "Endpoint request headers: ", formatParameters(v.endpointHeaders()))
		l.add(v, "Endpoint request body after transformations: ", string(v.call))
	}
	l.add(v, "Sending request to ", i.endpoint)
}

// endpointHeaders are the headers that the service gets: what the integration maps, and API Gateway's own.
func (v *invocation) endpointHeaders() []parameter {
	headers := []parameter{
		{"Accept", jsonType}, {"User-Agent", "AmazonAPIGateway_" + v.server.apiID}, {traceHeader, v.traceID},
		{"x-amzn-apigateway-api-id", v.server.apiID},
	}
	for _, m := range v.method.integration.parameters {
		if value := m.value(v); m.location == "header" && value != "" && !strings.EqualFold(m.name, "Content-Type") {
			headers = append(headers, parameter{m.name, value})
		}
	}
	for _, entry := range v.requestOverride.header.entries {
		if !strings.EqualFold(entry.name, "Content-Type") {
			headers = append(headers, parameter{entry.name, entry.value})
		}
	}
	return append(headers, parameter{"Content-Type", v.callContentType()})
}

func (l *executionLog) endpointResponse(v *invocation) {
	if l.level < logAll {
		return
	}
	l.add(v, "Received response. Status: ", strconv.Itoa(v.backend.status), ", Integration latency: ", milliseconds(v.backend.latency), " ms")
	if l.trace {
		l.add(v, "Endpoint response headers: ", formatParameters([]parameter{
			{"Content-Type", awsJSONType}, {"Content-Length", strconv.Itoa(len(v.backend.body))},
		}))
		l.add(v, "Endpoint response body before transformations: ", string(v.backend.body))
	}
}

// finish adds how the request ended.
func (l *executionLog) finish(v *invocation) {
	a, f := &v.answer, &v.failure
	switch {
	case l.level == logNothing, f.quiet && l.level < logAll:
		return
	case f.responseType != "":
		l.add(v, f.log)
		l.add(v, "Gateway response type: ", f.responseType, " with status code: ", strconv.Itoa(a.status))
		if l.trace {
			l.add(v, "Gateway response body: ", string(a.body))
			l.add(v, "Gateway response headers: ", formatParameters(v.answerHeaders()))
		}
	case l.level < logAll:
		return
	default:
		if l.trace {
			l.add(v, "Method response body after transformations: ", string(a.body))
			l.add(v, "Method response headers: ", formatParameters(v.answerHeaders()))
		}
		l.add(v, "Successfully completed execution")
	}
	l.add(v, "Method completed with status: ", strconv.Itoa(a.status))
}

func (v *invocation) answerHeaders() []parameter {
	return append([]parameter{{"Content-Type", v.answer.contentType}}, v.answer.headers...)
}

// deliver writes the lines to the log stream.
func (l *executionLog) deliver(v *invocation) {
	if len(l.lines) == 0 {
		return
	}
	events := make([]logs.Event, len(l.lines))
	for i, line := range l.lines {
		events[i] = logs.Event{Time: line.at, Message: line.text}
	}
	v.service.logs.write(v.stage.executionLog, v.stage.logStream, true, events)
}

// formatParameters is how a log shows parameters: {name=value, name=value}, credentials hidden.
func formatParameters(parameters []parameter) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, p := range parameters {
		if i > 0 {
			b.WriteString(", ")
		}
		value := p.value
		if strings.EqualFold(p.name, "Authorization") || strings.EqualFold(p.name, "X-Api-Key") {
			value = maskSecret(value)
		}
		fmt.Fprintf(&b, "%s=%s", p.name, value)
	}
	b.WriteByte('}')
	return b.String()
}
