package commandline

import (
	"fmt"
	"time"
)

// Send are the flags of send; nil is a flag that is not set.
type Send struct {
	Endpoint

	// File is as typed; a relative path starts at the project's folder.
	File       string `placeholder:"FILE" help:"Send the lines of a file, one JSON object each; - is standard input. Default: generated, numbered events."`
	EventBytes int    `placeholder:"BYTES" help:"Size of a generated event."`
	Count      *int64 `placeholder:"N" help:"Events to send at most. Default: all of a file, 1000 generated ones. At most 1000 to an address that is not on this machine, unless --count or --duration is set."`

	Requests
	Verification
}

// Replay are the flags of replay; nil is a flag that is not set.
type Replay struct {
	Endpoint

	// From and Journal are as typed; relative paths start at the project's folder.
	From         string `placeholder:"LOCATION" help:"Folder of Firehose's error records: s3://bucket/prefix or a folder. Default: that of the local target."`
	Raw          bool   `help:"The lines in --from are events, not error records."`
	KeepEnvelope bool   `help:"Send records with the form of an envelope as they are. Default: only the event in it, since the endpoint wraps it again."`
	Journal      string `placeholder:"DIR" help:"Folder of the file that records which lines were accepted. Default: in the state folder of the local target, or .local/replay for a URL."`
	DryRun       bool   `help:"Print what would be sent, and send nothing."`
	Count        *int64 `placeholder:"N" help:"Events to send at most (default: all)."`

	Requests
	Verification
}

// Endpoint says where events are sent to.
type Endpoint struct {
	URL   string `arg:"" optional:"" help:"Route for one event, such as https://….amazonaws.com/PROD/v1. Default: that of the local target with the stack --stack."`
	Stack string `default:"dev" placeholder:"NAME" help:"Without a URL: the stack of the local target (default dev)."`
	// State is as typed; a relative path starts at the project's folder.
	State string `placeholder:"DIR" help:"State folder of the local target (default .local/NAME). A relative path starts at the project's folder."`
}

// Requests say how events are sent.
type Requests struct {
	Duration *time.Duration `placeholder:"DURATION" help:"Send for this long."`
	Rate     *float64       `placeholder:"N" help:"Events per second at most. Default: no limit on this machine; 10 elsewhere, where events cost money."`

	Concurrency int           `default:"8" placeholder:"N" help:"Concurrent requests (default 8)."`
	BatchSize   int           `default:"1" placeholder:"N" help:"Events in one request, 1 to 500; more than 1 uses the batch route (default 1)."`
	Gzip        bool          `help:"Compress requests with gzip. Their size is limited as if they were not compressed."`
	Attempts    int           `default:"10" placeholder:"N" help:"Attempts for each event (default 10)."`
	Timeout     time.Duration `default:"35s" placeholder:"DURATION" help:"Wait this long for a response (default 35s)."`

	APIKey  string `name:"api-key" env:"INGEST_API_KEY" placeholder:"KEY" help:"API key; better set as $INGEST_API_KEY, which is not visible in lists of processes."`
	SigV4   bool   `name:"sigv4" help:"Sign requests with the AWS credentials of the environment or of --profile."`
	Region  string `placeholder:"REGION" help:"Region of the endpoint and the bucket. Default: that in the URL, else the environment's."`
	Profile string `placeholder:"NAME" help:"Profile with the AWS credentials."`
}

// Verification says how the events are looked for in S3.
type Verification struct {
	Verify bool `help:"Then look for every event in S3; exit with an error if one is missing."`
	// Objects is as typed; a relative path starts at the project's folder.
	Objects       string         `placeholder:"LOCATION" help:"Where --verify looks: s3://bucket/prefix or a folder. Default: the folder of the local target."`
	VerifyTimeout *time.Duration `placeholder:"DURATION" help:"Give up --verify after this long (default 20m)."`
}

// check refuses zero, which stands for a flag that is not set, and less. Package send checks the upper limits.
func (r Requests) check(count *int64, verifyTimeout *time.Duration) []string {
	var problems []string
	positive := func(flag string, ok bool, value any) {
		if !ok {
			problems = append(problems, fmt.Sprintf("%s=%v: must be more than 0", flag, value))
		}
	}
	positive("--concurrency", r.Concurrency > 0, r.Concurrency)
	positive("--batch-size", r.BatchSize > 0, r.BatchSize)
	positive("--attempts", r.Attempts > 0, r.Attempts)
	positive("--timeout", r.Timeout > 0, r.Timeout)
	if count != nil {
		positive("--count", *count > 0, *count)
	}
	if r.Rate != nil {
		positive("--rate", *r.Rate > 0, *r.Rate)
	}
	if r.Duration != nil {
		positive("--duration", *r.Duration > 0, *r.Duration)
	}
	if verifyTimeout != nil {
		positive("--verify-timeout", *verifyTimeout > 0, *verifyTimeout)
	}
	return problems
}
