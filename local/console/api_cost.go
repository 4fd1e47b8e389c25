package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"ingest-pipeline/local/tools/cost"
)

// pricedReport is a report of the command cost with the Regions that it knows prices of.
type pricedReport struct {
	Report  json.RawMessage `json:"report"`
	Regions []string        `json:"regions"`
}

// getCost estimates the stack at the rate in the parameter eventsPerSecond, by default the one that it expects, with the
// prices of the parameter region, by default the stack's.
func (s *Server) getCost(r *http.Request) (any, error) {
	prices, err := cost.LoadPrices("")
	if err != nil {
		return nil, err
	}
	options := cost.Options{Project: s.options.Project, Stack: s.options.Stack, JSON: true}
	if region := r.URL.Query().Get("region"); slices.Contains(prices.Regions(), region) {
		options.Region = region
	}
	if text := r.URL.Query().Get("eventsPerSecond"); text != "" {
		rate, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, badRequest("eventsPerSecond = " + text + ": must be a number")
		}
		options.EventsPerSecond = rate
	}
	var report bytes.Buffer
	err = cost.Run(r.Context(), options, &report)
	var invalid *cost.OptionsError
	if errors.As(err, &invalid) {
		return nil, badRequest(err.Error())
	}
	return pricedReport{report.Bytes(), prices.Regions()}, err
}
