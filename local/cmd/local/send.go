package main

import (
	"cmp"
	"context"
	"errors"
	"os"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/internal/progress"
	"ingest-pipeline/local/internal/settings"
	"ingest-pipeline/local/tools/send"
	"ingest-pipeline/local/tools/send/objects"
	"ingest-pipeline/pipeline"
)

// send sends events to the local target of a stack, or to another endpoint.
func (a *app) send(ctx context.Context, flags commandline.Send, state string) error {
	options := send.Options{
		URL: flags.URL, State: state, Stack: flags.Stack,
		File: flags.File, Stdin: os.Stdin, EventBytes: flags.EventBytes,
		Count: valueOf(flags.Count), Duration: valueOf(flags.Duration), Rate: valueOf(flags.Rate),
		Concurrency: flags.Concurrency, BatchSize: flags.BatchSize, Gzip: flags.Gzip, Attempts: flags.Attempts, Timeout: flags.Timeout,
		APIKey: flags.APIKey, SigV4: flags.SigV4, Region: flags.Region, Profile: flags.Profile,
		Verify: flags.Verify, Objects: flags.Objects, S3Endpoint: flags.S3Endpoint, VerifyTimeout: valueOf(flags.VerifyTimeout),
	}
	if options.File != "" && options.File != "-" {
		options.File = commandline.Path(a.project, options.File)
	}
	if options.Objects != "" && !objects.InS3(options.Objects) {
		options.Objects = commandline.Path(a.project, options.Objects)
	}
	if flags.URL == "" && !flags.SigV4 {
		if err := a.signAsOwner(&options); err != nil {
			return err
		}
	}
	err := send.Run(ctx, options, os.Stdout, progress.New(os.Stderr))
	var invalid *send.OptionsError
	if errors.As(err, &invalid) {
		return &commandline.UsageError{Reason: invalid.Error(), Command: "send"}
	}
	return err
}

// signAsOwner has requests to a local target with the authorization AWS_IAM signed with its own key, so that no AWS
// credentials are needed.
func (a *app) signAsOwner(options *send.Options) error {
	stack, err := settings.Read(a.project, options.Stack)
	if err != nil || stack.Get("access") != pipeline.AccessIAM {
		return err
	}
	options.Region = cmp.Or(options.Region, stack.Region)
	options.SigV4 = true
	options.Credentials = credentials.NewStaticCredentialsProvider(ownerKey.ID, ownerKey.Secret, "")
	return nil
}

// valueOf is the value of a flag, or zero if it is not set.
func valueOf[T any](flag *T) (value T) {
	if flag != nil {
		value = *flag
	}
	return value
}
