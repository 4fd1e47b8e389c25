package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"

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
	options := a.sendOptions(flags.Endpoint, flags.Requests, flags.Verification, state)
	options.File, options.Stdin, options.EventBytes, options.Count = flags.File, os.Stdin, flags.EventBytes, valueOf(flags.Count)
	if options.File != "" && options.File != "-" {
		options.File = commandline.Path(a.project, options.File)
	}
	return a.runSend(ctx, options, "send")
}

// replay sends events of objects again.
func (a *app) replay(ctx context.Context, flags commandline.Replay, state string) error {
	options := a.sendOptions(flags.Endpoint, flags.Requests, flags.Verification, state)
	options.Count = valueOf(flags.Count)
	options.Replay = &send.Replay{
		From: a.location(flags.From), Raw: flags.Raw, KeepEnvelope: flags.KeepEnvelope, DryRun: flags.DryRun,
	}
	switch {
	case flags.Journal != "":
		options.Replay.Journal = commandline.Path(a.project, flags.Journal)
	case flags.URL == "":
		options.Replay.Journal = filepath.Join(state, "replay")
	default:
		options.Replay.Journal = filepath.Join(a.project, ".local", "replay")
	}
	return a.runSend(ctx, options, "replay")
}

func (a *app) sendOptions(endpoint commandline.Endpoint, requests commandline.Requests, verification commandline.Verification, state string) send.Options {
	return send.Options{
		URL: endpoint.URL, State: state, Stack: endpoint.Stack,
		Duration: valueOf(requests.Duration), Rate: valueOf(requests.Rate),
		Concurrency: requests.Concurrency, BatchSize: requests.BatchSize, Gzip: requests.Gzip, Attempts: requests.Attempts, Timeout: requests.Timeout,
		APIKey: requests.APIKey, SigV4: requests.SigV4, Region: requests.Region, Profile: requests.Profile,
		Verify: verification.Verify, Objects: a.location(verification.Objects), VerifyTimeout: valueOf(verification.VerifyTimeout),
	}
}

// location is a location of objects with an absolute path.
func (a *app) location(typed string) string {
	if typed == "" || objects.InS3(typed) {
		return typed
	}
	return commandline.Path(a.project, typed)
}

func (a *app) runSend(ctx context.Context, options send.Options, command string) error {
	if options.URL == "" && !options.SigV4 {
		if err := a.signAsOwner(&options); err != nil {
			return err
		}
	}
	err := send.Run(ctx, options, os.Stdout, progress.New(os.Stderr))
	var invalid *send.OptionsError
	if errors.As(err, &invalid) {
		return &commandline.UsageError{Reason: invalid.Error(), Command: command}
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
