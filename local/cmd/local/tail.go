package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/tools/send"
	"ingest-pipeline/local/tools/tail"
)

// tail shows the events of a stream until it is interrupted: of the local target of a stack, or on AWS.
func (a *app) tail(ctx context.Context, flags commandline.Tail, state string) error {
	since, err := tail.ParseSince(flags.Since, time.Now())
	if err != nil {
		return &commandline.UsageError{Reason: err.Error(), Command: "tail"}
	}
	options := tail.Options{
		Stream: flags.Stream, Since: since, Filter: flags.Filter, Type: flags.Type, Raw: flags.Raw, Count: valueOf(flags.Count),
	}
	var client *kinesis.Client
	if flags.Stream == "" {
		client, options.Stream, err = a.localStream(flags.Stack, state)
	} else {
		client, err = awsStream(ctx, flags)
	}
	if err != nil {
		return err
	}
	err = tail.Run(ctx, client, options, os.Stdout)
	var invalid *tail.OptionsError
	if errors.As(err, &invalid) {
		return &commandline.UsageError{Reason: invalid.Error(), Command: "tail"}
	}
	return err
}

// localStream is the stream of a stack on the local target.
func (a *app) localStream(stack, state string) (*kinesis.Client, string, error) {
	outputs, err := send.ReadOutputs(state, stack)
	if err != nil {
		return nil, "", fmt.Errorf("%w, or name a stream on AWS", err)
	}
	target, err := a.clientSettings(stack, state)
	if err != nil {
		return nil, "", err
	}
	return kinesis.New(kinesis.Options{
		BaseEndpoint: aws.String(target.url), Region: target.region,
		Credentials: credentials.NewStaticCredentialsProvider(ownerKey.ID, ownerKey.Secret, ""),
	}), outputs.StreamName, nil
}

// awsStream is a client with the AWS settings of the environment and the flags.
func awsStream(ctx context.Context, flags commandline.Tail) (*kinesis.Client, error) {
	load := []func(*config.LoadOptions) error{config.WithSharedConfigProfile(flags.Profile)}
	if flags.Region != "" {
		load = append(load, config.WithRegion(flags.Region))
	}
	settings, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("reading the AWS settings: %w", err)
	}
	if settings.Region == "" {
		return nil, errors.New("the stream's region is not known: set --region or AWS_REGION")
	}
	return kinesis.NewFromConfig(settings), nil
}
