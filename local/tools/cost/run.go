package cost

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"ingest-pipeline/local/internal/settings"
)

// Run estimates a stack and writes the report to stdout. The error is an *OptionsError if the options are invalid.
func Run(ctx context.Context, options Options, stdout io.Writer) error {
	prices, err := LoadPrices(options.Prices)
	if err != nil {
		return err
	}
	stack, config, err := settings.Load(ctx, options.Project, options.Stack)
	if err != nil {
		return err
	}
	peak := options.EventsPerSecond == 0
	options = options.complete(config)
	if err := options.Check(); err != nil {
		return err
	}
	switch {
	case options.Region == "":
		options.Region = stack.Region
	case !slices.Contains(prices.Regions(), options.Region):
		return &OptionsError{Problems: []string{fmt.Sprintf("--region=%s: no price is known there; there are prices for %s",
			options.Region, strings.Join(prices.Regions(), ", "))}}
	}
	report := newReport(options, config, stack.Region, prices)
	if peak {
		report.Notes = append([]string{"the rate is the stack's expectedTraffic.eventsPerSecond, its busiest time; give the average with --events-per-second"}, report.Notes...)
	}
	if options.JSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(report); err != nil {
			return fmt.Errorf("writing the report: %w", err)
		}
		return nil
	}
	report.write(stdout)
	return nil
}
