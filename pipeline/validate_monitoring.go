package pipeline

import "regexp"

var emailPattern = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)

// checkMonitoring checks the settings of the alarms.
func (c Config) checkMonitoring(check *checker) {
	if c.Alarms && !c.AccessLog && !check.skip[keyAccessLog] && !check.skip[keyAlarms] {
		check.add(keyAlarms, c.Alarms,
			"must be false with accessLog = false (429 answers are counted from the access log); set one of the two")
	}
	if c.AlarmEmail != "" {
		check.matches(keyAlarmEmail, c.AlarmEmail, emailPattern, "an e-mail address; leave the line out to send no e-mail")
	}
	if !check.skip[keyRetentionHours] {
		check.between(keyAlarmIteratorAgeSeconds, c.AlarmIteratorAgeSeconds, 60, max(c.RetentionHours*3600, 60),
			"seconds (after retentionHours, events are lost)", "600 leaves time to act")
	}
	check.between(keyAlarmErrorPercent, c.AlarmErrorPercent, 0, 100, "percent", "0 alarms at the first one")
	check.between(keyAlarmThrottledPercent, c.AlarmThrottledPercent, 0, 100, "percent", "0 alarms at the first one")
	check.between(keyAlarmLatencyMilliseconds, c.AlarmLatencyMilliseconds, 1, 29_000,
		"milliseconds (API Gateway waits no longer)", "1000 is far above the usual")
}
