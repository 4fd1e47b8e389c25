package command

import (
	"fmt"
	"time"
)

// Send sends events and says what became of each. A flag that is nil was not given.
type Send struct {
	URL   string `arg:"" optional:"" help:"Route for one event, such as https://….amazonaws.com/PROD/v1. Default: that of the local target of --stack."`
	Stack string `default:"dev" placeholder:"NAME" help:"Without a URL: the stack that up serves (default dev)."`
	// State, File and Objects are as typed; relative paths start at the project's folder.
	State string `placeholder:"DIR" help:"State folder of the local target (default .local/NAME). A relative path starts at the project's folder."`

	File       string         `placeholder:"FILE" help:"Send the lines of a file, one JSON object each; - is standard input. Default: generated, numbered events."`
	EventBytes int            `placeholder:"BYTES" help:"Fill generated events up to this size."`
	Count      *int64         `placeholder:"N" help:"Events to send at most. Default: all of a file, 1000 generated ones. To another address than this machine's never more than 1000, unless this or --duration is given."`
	Duration   *time.Duration `placeholder:"DURATION" help:"Send for this long."`
	Rate       *float64       `placeholder:"N" help:"Events per second at most. Default: no limit to this machine; 10 to any other address, where events cost money."`

	Concurrency int           `default:"8" placeholder:"N" help:"Requests under way at once (default 8)."`
	BatchSize   int           `default:"1" placeholder:"N" help:"Events in one request, 1 to 500; more than 1 uses the batch route (default 1)."`
	Attempts    int           `default:"10" placeholder:"N" help:"Send an event at most this often (default 10)."`
	Timeout     time.Duration `default:"35s" placeholder:"DURATION" help:"Wait this long for an answer (default 35s)."`

	APIKey  string `name:"api-key" env:"INGEST_API_KEY" placeholder:"KEY" help:"Key for the header x-api-key; better given as $INGEST_API_KEY, which no list of processes shows."`
	SigV4   bool   `name:"sigv4" help:"Sign requests with the AWS credentials of the environment or of --profile."`
	Region  string `placeholder:"REGION" help:"Region of the endpoint and the bucket. Default: that in the URL, else the environment's."`
	Profile string `placeholder:"NAME" help:"Profile with the AWS credentials."`

	Verify        bool           `help:"Then look for every event in S3 until all are found; the exit code says whether they were."`
	Objects       string         `placeholder:"LOCATION" help:"Where to look: s3://bucket/prefix or a folder. Default: the folder of the local target."`
	S3Endpoint    string         `name:"s3-endpoint" placeholder:"URL" help:"Another S3 than AWS's for an s3:// place, such as the local target's."`
	VerifyTimeout *time.Duration `placeholder:"DURATION" help:"Look for this long (default 20m)."`
}

// check refuses zeros and what is below: for the program they mean that a flag was not given. Its upper limits are
// those of what the events go through, and package send knows them.
func (s Send) check() []string {
	var problems []string
	positive := func(flag string, ok bool, value any) {
		if !ok {
			problems = append(problems, fmt.Sprintf("%s=%v: must be more than 0", flag, value))
		}
	}
	positive("--concurrency", s.Concurrency > 0, s.Concurrency)
	positive("--batch-size", s.BatchSize > 0, s.BatchSize)
	positive("--attempts", s.Attempts > 0, s.Attempts)
	positive("--timeout", s.Timeout > 0, s.Timeout)
	if s.Count != nil {
		positive("--count", *s.Count > 0, *s.Count)
	}
	if s.Rate != nil {
		positive("--rate", *s.Rate > 0, *s.Rate)
	}
	if s.Duration != nil {
		positive("--duration", *s.Duration > 0, *s.Duration)
	}
	if s.VerifyTimeout != nil {
		positive("--verify-timeout", *s.VerifyTimeout > 0, *s.VerifyTimeout)
	}
	return problems
}
