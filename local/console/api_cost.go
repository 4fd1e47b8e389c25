package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"ingest-pipeline/local/tools/cost"
)

// getCost estimates the stack at the rate in the parameter eventsPerSecond; by default at the rate that it expects.
func (s *Server) getCost(r *http.Request) (any, error) {
	options := cost.Options{Project: s.options.Project, Stack: s.options.Stack, JSON: true}
	if text := r.URL.Query().Get("eventsPerSecond"); text != "" {
		rate, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, badRequest("eventsPerSecond = " + text + ": must be a number")
		}
		options.EventsPerSecond = rate
	}
	var report bytes.Buffer
	err := cost.Run(r.Context(), options, &report)
	var invalid *cost.OptionsError
	if errors.As(err, &invalid) {
		return nil, badRequest(err.Error())
	}
	return json.RawMessage(report.Bytes()), err
}
