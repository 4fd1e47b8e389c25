package main

import (
	"context"
	"errors"
	"os"

	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/tools/cost"
)

// cost prints what a stack costs.
func (a *app) cost(ctx context.Context, flags commandline.Cost) error {
	options := cost.Options{
		Project: a.project, Stack: flags.Stack, EventsPerSecond: valueOf(flags.EventsPerSecond), EventBytes: valueOf(flags.EventBytes),
		BatchSize: valueOf(flags.BatchSize), ThrottledPerSecond: flags.ThrottledPerSecond, Region: flags.Region, JSON: flags.JSON,
	}
	if flags.Prices != "" {
		options.Prices = commandline.Path(a.project, flags.Prices)
	}
	err := cost.Run(ctx, options, os.Stdout)
	var invalid *cost.OptionsError
	if errors.As(err, &invalid) {
		return &commandline.UsageError{Reason: invalid.Error(), Command: "cost"}
	}
	return err
}
