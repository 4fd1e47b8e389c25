package main

import (
	"cmp"
	"context"
	"errors"
	"os"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"ingest-pipeline/local/cmd/local/command"
	"ingest-pipeline/local/internal/progress"
	"ingest-pipeline/local/internal/settings"
	"ingest-pipeline/local/tools/cost"
	"ingest-pipeline/local/tools/send"
	"ingest-pipeline/local/tools/send/objects"
	"ingest-pipeline/pipeline"
)

// sendEvents sends events to the local target of a stack, or to another endpoint, and says what became of each.
func (s *session) sendEvents(ctx context.Context, flags command.Send, state string) error {
	options := send.Options{
		URL: flags.URL, State: state, Stack: flags.Stack,
		File: flags.File, Stdin: os.Stdin, EventBytes: flags.EventBytes,
		Count: given(flags.Count), Duration: given(flags.Duration), Rate: given(flags.Rate),
		Concurrency: flags.Concurrency, BatchSize: flags.BatchSize, Attempts: flags.Attempts, Timeout: flags.Timeout,
		APIKey: flags.APIKey, SigV4: flags.SigV4, Region: flags.Region, Profile: flags.Profile,
		Verify: flags.Verify, Objects: flags.Objects, S3Endpoint: flags.S3Endpoint, VerifyTimeout: given(flags.VerifyTimeout),
	}
	if options.File != "" && options.File != "-" {
		options.File = command.Path(s.project, options.File)
	}
	if options.Objects != "" && !objects.InS3(options.Objects) {
		options.Objects = command.Path(s.project, options.Objects)
	}
	if flags.URL == "" && !flags.SigV4 {
		if err := s.signAsOwner(&options); err != nil {
			return err
		}
	}
	err := send.Run(ctx, options, os.Stdout, progress.New(os.Stderr))
	var wrong *send.OptionsError
	if errors.As(err, &wrong) {
		return &command.UsageError{Reason: wrong.Error(), Command: "send"}
	}
	return err
}

// signAsOwner signs requests to the local target with its owner's key, if it asks for signed ones: no AWS credentials
// are needed for a machine of one's own.
func (s *session) signAsOwner(options *send.Options) error {
	stack, err := settings.Read(s.project, options.Stack)
	if err != nil || stack.Get("access") != pipeline.AccessIAM {
		return err
	}
	options.Region = cmp.Or(options.Region, stack.Get("aws:region"))
	options.SigV4 = true
	options.Credentials = credentials.NewStaticCredentialsProvider(ownerKey.AccessKeyID, ownerKey.SecretAccessKey, "")
	return nil
}

// price says what a stack costs.
func (s *session) price(ctx context.Context, flags command.Cost) error {
	options := cost.Options{
		Project: s.project, Stack: flags.Stack, EventsPerSecond: given(flags.EventsPerSecond), EventBytes: given(flags.EventBytes),
		BatchSize: given(flags.BatchSize), Region: flags.Region, JSON: flags.JSON,
	}
	if flags.Prices != "" {
		options.Prices = command.Path(s.project, flags.Prices)
	}
	err := cost.Run(ctx, options, os.Stdout)
	var wrong *cost.OptionsError
	if errors.As(err, &wrong) {
		return &command.UsageError{Reason: wrong.Error(), Command: "cost"}
	}
	return err
}

// given is the value of a flag, or zero if it was not given.
func given[T any](flag *T) (value T) {
	if flag != nil {
		value = *flag
	}
	return value
}
