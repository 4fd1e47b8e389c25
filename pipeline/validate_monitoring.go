package pipeline

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// logRetentions are the periods that CloudWatch Logs knows, in days.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
var logRetentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

func (a PipelineArgs) checkLogs(check *checker) {
	check.oneOf("logs.level", a.Logs.Level, "INFO shows every step and costs most, OFF costs nothing", logLevelOff, "ERROR", "INFO")
	if !slices.Contains(logRetentions, a.Logs.RetentionDays) {
		check.add("logs.retentionDays", a.Logs.RetentionDays, "must be one of %s days (CloudWatch Logs); 7 is enough for practice",
			strings.Trim(strings.ReplaceAll(fmt.Sprint(logRetentions), " ", ", "), "[]"))
	}
	check.oneOf("logs.role", a.Logs.Role,
		"managed sets a role if the region has none, existing changes nothing",
		LoggingRoleManaged, LoggingRoleExisting)
}

var emailPattern = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)

func (a PipelineArgs) checkAlarms(check *checker) {
	if a.Alarms.Enabled && !a.Logs.AccessLog && !check.skip["logs.accessLog"] && !check.skip["alarms.enabled"] {
		check.add("alarms.enabled", a.Alarms.Enabled,
			"must be false with logs.accessLog = false (429 answers are counted from the access log); set one of the two")
	}
	if a.Alarms.Email != "" {
		check.matches("alarms.email", a.Alarms.Email, emailPattern, "an e-mail address; leave the line out to send no e-mail")
	}
	if !check.skip["stream.retentionHours"] {
		check.between("alarms.iteratorAgeSeconds", a.Alarms.IteratorAgeSeconds, 60, max(a.Stream.RetentionHours*3600, 60),
			"seconds (after stream.retentionHours, events are lost)", "600 leaves time to act")
	}
	check.between("alarms.errorPercent", a.Alarms.ErrorPercent, 0, 100, "percent", "0 alarms at the first one")
	check.between("alarms.throttledPercent", a.Alarms.ThrottledPercent, 0, 100, "percent", "0 alarms at the first one")
	check.between("alarms.latencyMilliseconds", a.Alarms.LatencyMilliseconds, 1, 29_000,
		"milliseconds (API Gateway waits no longer)", "1000 is far above the usual")
}
