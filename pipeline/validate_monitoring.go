package pipeline

import "regexp"

var emailPattern = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)

// checkMonitoring checks the settings of the alarms.
func (a PipelineArgs) checkMonitoring(check *checker) {
	if a.Alarms.Enabled && !a.Logs.AccessLog && !check.skip["logs.accessLog"] && !check.skip["alarms.enabled"] {
		check.add("alarms.enabled", a.Alarms.Enabled,
			"must be false with logs.accessLog = false (429 answers are counted from the access log); set one of the two")
	}
	if a.Alarms.Email != "" {
		check.matches("alarms.email", a.Alarms.Email, emailPattern, "an e-mail address; leave the line out to send no e-mail")
	}
	if !check.skip["stream.retentionHours"] {
		check.between("alarms.iteratorAgeSeconds", a.Alarms.IteratorAgeSeconds, 60, max(a.Stream.RetentionHours*3600, 60),
			"seconds (after retentionHours, events are lost)", "600 leaves time to act")
	}
	check.between("alarms.errorPercent", a.Alarms.ErrorPercent, 0, 100, "percent", "0 alarms at the first one")
	check.between("alarms.throttledPercent", a.Alarms.ThrottledPercent, 0, 100, "percent", "0 alarms at the first one")
	check.between("alarms.latencyMilliseconds", a.Alarms.LatencyMilliseconds, 1, 29_000,
		"milliseconds (API Gateway waits no longer)", "1000 is far above the usual")
}
