package cloudwatch

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"ingest-pipeline/local/internal/durable"
)

const (
	alarmsFile     = "alarms.json"
	dashboardsFile = "dashboards.json"
)

// record is an alarm as it is kept: its state, too, so that a restart is no change of state.
type record struct {
	Alarm
	AlarmState
}

// load reads the alarms and dashboards that are kept.
func (s *Service) load() error {
	if err := os.MkdirAll(s.options.Dir, 0o700); err != nil {
		return err
	}
	name := filepath.Join(s.options.Dir, alarmsFile)
	var records []record
	if _, err := durable.ReadJSON(name, &records); err != nil {
		return err
	}
	for _, rec := range records {
		w, err := compileAlarm(&rec.Alarm)
		if err != nil {
			return &durable.DamagedError{Name: name, Err: fmt.Errorf("alarm %s: %w", rec.Name, err)}
		}
		s.alarms[rec.Name] = s.newAlarm(rec, w)
	}
	_, err := durable.ReadJSON(filepath.Join(s.options.Dir, dashboardsFile), &s.dashboards)
	return err
}

// replaceAlarms replaces all alarms, in the file first; the caller holds the lock.
func (s *Service) replaceAlarms(alarms map[string]*alarm) error {
	records := []record{}
	for _, name := range slices.Sorted(maps.Keys(alarms)) {
		records = append(records, record{alarms[name].Alarm, alarms[name].AlarmState})
	}
	if err := durable.WriteJSON(filepath.Join(s.options.Dir, alarmsFile), records); err != nil {
		return err
	}
	s.alarms = alarms
	return nil
}

// replaceDashboards replaces all dashboards, in the file first; the caller holds the lock.
func (s *Service) replaceDashboards(dashboards map[string]dashboard) error {
	if err := durable.WriteJSON(filepath.Join(s.options.Dir, dashboardsFile), dashboards); err != nil {
		return err
	}
	s.dashboards = dashboards
	return nil
}
