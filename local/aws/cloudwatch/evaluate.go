package cloudwatch

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ingest-pipeline/local/aws/awserr"
)

// extraPeriods is how many more periods than EvaluationPeriods an alarm evaluates, so that it can use older datapoints
// in place of missing ones. CloudWatch does not document the number; 2 is that of its examples (documented:
// AlarmThatSendsEmail.html, How alarm state is evaluated when data is missing; assumed for other alarms).
const extraPeriods = 2

// verdict is what an evaluation finds.
type verdict struct {
	// state is the state; "" leaves the alarm as it is.
	state string
	// real are the datapoints that were evaluated, newest first; filled is how many were missing.
	real   []sample
	filled int
	// missing are the periods that were evaluated if there was no datapoint at all.
	missing []sample
}

// evaluate evaluates the datapoints of an alarm's evaluation range, newest first. The rules and their names are those of
// AlarmThatSendsEmail.html (documented), whose tables are its tests.
func (a Alarm) evaluate(samples []sample) verdict {
	var v verdict
	ages := []int{} // the place of each real datapoint, the newest period being 1
	breaching := 0
	for i, sample := range samples {
		if sample.present && len(v.real) < a.EvaluationPeriods {
			v.real = append(v.real, sample)
			ages = append(ages, i+1)
			if a.isBreaching(sample.value) {
				breaching++
			}
		}
	}
	v.filled = a.EvaluationPeriods - len(v.real)
	if len(v.real) == 0 {
		v.missing = samples[:min(len(samples), a.EvaluationPeriods)]
	}
	if a.TreatMissingData == "breaching" {
		breaching += v.filled
	}
	switch {
	case breaching >= a.toAlarm():
		v.state = InAlarm
	case a.TreatMissingData == "notBreaching" || a.TreatMissingData == "breaching":
		v.state = OK
	case slices.ContainsFunc(v.real, func(s sample) bool { return !a.isBreaching(s.value) }):
		v.state = OK
	case a.TreatMissingData == "ignore":
		// "the current alarm state is maintained"
	case len(v.real) > 0 && ages[len(ages)-1] >= a.toAlarm():
		// "alarms are designed to always go into ALARM state when the oldest available breaching datapoint […] is at
		// least as old as the value of Datapoints to Alarm, and all other more recent data points are breaching or
		// missing."
		v.state = InAlarm
	default:
		// Nothing but too few and too recent breaching datapoints: "the alarm does not go immediately into ALARM state".
		// That it has not enough data then is in the page's table of 2020; today's does not say.
		v.state = InsufficientData
	}
	return v
}

// run evaluates the alarms at the beginning of each minute (documented: AlarmThatSendsEmail.html, an alarm whose period
// is a minute or longer is evaluated every minute).
func (s *Service) run() {
	defer close(s.done)
	for {
		now := s.options.Clock.Now()
		timer := s.options.Clock.NewTimer(now.Truncate(time.Minute).Add(time.Minute).Sub(now))
		select {
		case <-s.stop:
			timer.Stop()
			return
		case <-timer.Chan():
		}
		s.evaluateAlarms(s.options.Clock.Now())
	}
}

// evaluateAlarms evaluates all alarms with the minutes that are over.
func (s *Service) evaluateAlarms(now time.Time) {
	s.evaluating.Lock()
	defer s.evaluating.Unlock()
	end := now.Truncate(time.Minute)
	s.mu.Lock()
	alarms := make([]*alarm, 0, len(s.alarms))
	for _, a := range s.alarms {
		alarms = append(alarms, a)
	}
	s.mu.Unlock()
	slices.SortFunc(alarms, func(a, b *alarm) int { return strings.Compare(a.Name, b.Name) })
	for _, a := range alarms {
		samples := a.watch.read(s, end, a.EvaluationPeriods+extraPeriods)
		v := a.evaluate(samples)
		if v.state == "" || tooFew(v.real, a.watch.fewest) {
			continue
		}
		s.setState(a, v.state, a.reason(v), a.reasonData(v, now), now)
	}
}

// tooFew reports whether a percentile has too few values to say anything (documented: AlarmThatSendsEmail.html,
// Percentile-based CloudWatch alarms and low data samples).
func tooFew(samples []sample, fewest float64) bool {
	return slices.ContainsFunc(samples, func(s sample) bool { return s.count < fewest })
}

// setState sets the state of an alarm and, if it is another one, reports the change and executes the alarm's actions. An
// alarm that was replaced or deleted in the meantime is left as it is.
func (s *Service) setState(a *alarm, state, reason, data string, now time.Time) {
	s.mu.Lock()
	if s.alarms[a.Name] != a || a.State == state {
		s.mu.Unlock()
		return
	}
	next := *a
	next.State, next.Reason, next.ReasonData, next.StateUpdated, next.StateChanged = state, reason, data, now, now
	if err := s.put(&next); err != nil {
		s.alarms[a.Name] = &next
		s.report(err)
	}
	change := AlarmChange{Alarm: next.describe(), OldState: a.State, OldReason: a.Reason}
	s.report(s.history.add(HistoryItem{
		Time: now, Alarm: a.Name, Type: "StateUpdate", Reason: reason,
		Summary: "Alarm updated from " + change.OldState + " to " + state, // recorded (test_put_metric_alarm)
		Data:    historyData(stateUpdate{Version: "1.0", Old: a.document(), New: next.document()}),
	}))
	s.mu.Unlock()
	if s.options.OnStateChange != nil {
		s.options.OnStateChange(change)
	}
	s.executeActions(change)
}

// SetAlarmState sets an alarm's state, with its actions, until the next evaluation finds another one (documented:
// SetAlarmState). reason is 0 to 1,023 characters, data "" or a JSON document of up to 4,000. Errors: ResourceNotFound,
// ValidationError, InvalidFormat.
func (s *Service) SetAlarmState(name, state, reason, data string) error {
	if !slices.Contains([]string{InsufficientData, InAlarm, OK}, state) {
		// Recorded (test_set_alarm_invalid_input).
		return violation(state, "stateValue", "Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]")
	}
	if len([]rune(reason)) > 1023 {
		return violation(reason, "stateReason", "Member must have length less than or equal to 1023")
	}
	switch {
	case utf8.RuneCountInString(data) > 4000:
		return violation(data, "stateReasonData", "Member must have length less than or equal to 4000")
	case data != "" && !json.Valid([]byte(data)):
		return awserr.New("InvalidFormat", 400, "StateReasonData is not valid JSON") // documented code, assumed sentence
	}
	s.evaluating.Lock()
	defer s.evaluating.Unlock()
	s.mu.Lock()
	a, exists := s.alarms[name]
	s.mu.Unlock()
	if !exists {
		return noAlarm()
	}
	s.setState(a, state, reason, data, s.options.Clock.Now())
	return nil
}

var errNoPublisher = awserr.New("NotFound", 404, "Topic does not exist")
