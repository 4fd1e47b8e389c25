package apigateway

import (
	"regexp"
	"strings"
)

// AccessLogSettings is the access log of a stage.
type AccessLogSettings struct {
	// DestinationARN is a log group's: "arn:aws:logs:<region>:<account>:log-group:<name>", with or without ":*" at its
	// end. A delivery stream is refused.
	DestinationARN string
	// Format is one line of at most 3 KB in which $context.<name> is substituted. It must hold $context.requestId or
	// $context.extendedRequestId.
	Format string
}

const maxFormatBytes = 3 << 10 // documented (set-up-logging)

var logGroupARN = regexp.MustCompile(`^arn:(aws[a-z-]*):logs:([a-z0-9-]+):(\d{12}):log-group:([a-zA-Z0-9_/.#-]{1,512})(?::\*)?$`)

// checkAccessLog refuses what AWS refuses: documented (set-up-logging); the sentences are assumed.
func (s *Service) checkAccessLog(settings AccessLogSettings) error {
	if strings.Contains(settings.DestinationARN, ":firehose:") {
		return notEmulated("an access log to a delivery stream (" + settings.DestinationARN + ")")
	}
	parts := logGroupARN.FindStringSubmatch(settings.DestinationARN)
	account := s.options.Account
	if parts == nil || parts[1] != account.Partition || parts[2] != account.Region || parts[3] != account.ID {
		return badRequest("Invalid ARN specified in the request: %s", settings.DestinationARN)
	}
	format := strings.TrimSuffix(settings.Format, "\n")
	switch {
	case strings.ContainsAny(format, "\r\n"):
		return badRequest("Access Log format must be single line, new line character is allowed only at end of the format")
	case len(settings.Format) > maxFormatBytes:
		return badRequest("Access Log format is over the limit of 3 KB")
	case !strings.Contains(format, "$context.requestId") && !strings.Contains(format, "$context.extendedRequestId"):
		return badRequest("Access Log format must contain $context.requestId or $context.extendedRequestId")
	}
	return nil
}
