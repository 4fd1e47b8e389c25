package apigateway

import (
	"strings"

	"ingest-pipeline/local/aws/logs"
)

// accessLog is the access log of a stage.
type accessLog struct {
	group, stream string
	format        *substitution
}

func compileAccessLog(settings AccessLogSettings, st *stage) *accessLog {
	parts := logGroupARN.FindStringSubmatch(settings.DestinationARN)
	return &accessLog{
		group: parts[4], stream: logStreamName(st.APIID, st.Name),
		format: compileSubstitution(strings.TrimSuffix(settings.Format, "\n"), inAccessLogs, st, "-"),
	}
}

// write writes the line of a request. It creates no log group, which is the program's.
func (l *accessLog) write(v *invocation) {
	if v.service.logs.role() == "" {
		return
	}
	v.scratch = l.format.appendTo(v.scratch[:0], v)
	v.service.logs.write(l.group, l.stream, false, []logs.Event{{Time: v.service.options.Clock.Now(), Message: string(v.scratch)}})
}
