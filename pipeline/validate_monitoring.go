package pipeline

import "regexp"

var emailPattern = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)

// checkMonitoring checks the settings of the alarms.
func (a PipelineArgs) checkMonitoring(check *checker) {
	if a.Alarms && !a.AccessLog && !check.skip[keyAccessLog] && !check.skip[keyAlarms] {
		check.add(keyAlarms, a.Alarms,
			"must be false with accessLog = false (429 answers are counted from the access log); set one of the two")
	}
	if a.AlarmEmail != "" {
		check.matches(keyAlarmEmail, a.AlarmEmail, emailPattern, "an e-mail address; leave the line out to send no e-mail")
	}
	if !check.skip[keyRetentionHours] {
		check.between(keyAlarmIteratorAgeSeconds, a.AlarmIteratorAgeSeconds, 60, max(a.RetentionHours*3600, 60),
			"seconds (after retentionHours, events are lost)", "600 leaves time to act")
	}
	check.between(keyAlarmErrorPercent, a.AlarmErrorPercent, 0, 100, "percent", "0 alarms at the first one")
	check.between(keyAlarmThrottledPercent, a.AlarmThrottledPercent, 0, 100, "percent", "0 alarms at the first one")
	check.between(keyAlarmLatencyMilliseconds, a.AlarmLatencyMilliseconds, 1, 29_000,
		"milliseconds (API Gateway waits no longer)", "1000 is far above the usual")
}
