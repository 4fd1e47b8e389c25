package send

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/tools/send/objects"
)

// Limits and defaults of Options.
const (
	// MaxBatchSize is how many events the batch route accepts in one request.
	MaxBatchSize = 500
	// MaxConcurrency bounds the connections of one producer.
	MaxConcurrency = 1000
	// DefaultCount is how many events are generated if neither a number nor a time is given. It is also the bound for
	// events from a file that are sent to another address than the local target's.
	DefaultCount = 1000
	// DefaultRemoteRate is the default rate, in events per second, for another address than the local target's:
	// sending to AWS costs money.
	DefaultRemoteRate = 10
	// DefaultConcurrency is how many requests are in flight at once.
	DefaultConcurrency = 8
	// DefaultAttempts is how often an event is sent at most, the first time included.
	DefaultAttempts = 10
	// DefaultTimeout is how long one request may take. API Gateway's own timeout is 29 seconds.
	DefaultTimeout = 35 * time.Second
	// DefaultVerifyTimeout is how long verifying waits for missing events: it exceeds the longest buffering interval
	// of Firehose (15 minutes).
	DefaultVerifyTimeout = 20 * time.Minute
	// maxEventBytes is the pipeline's limit for one event, as compact JSON (docs/clients.md).
	maxEventBytes = 1_023_998
	// minEventBytes is enough for the members of a generated event.
	minEventBytes = 96
)

// Options configures a run.
type Options struct {
	// URL is the route for one event, such as https://….amazonaws.com/PROD/v1; its batch route is URL/batch. Plain http
	// is for loopback addresses only. Empty: that of the local target whose state folder is State.
	URL string
	// State is the state folder of a local target and Stack the stack in it: the defaults of URL and Objects.
	State, Stack string

	// File has one JSON object per line; "-" is Stdin. Empty: events are generated, such as
	// {"value":"30","type":"Tip 3","id":…}.
	File string
	// Stdin is read if File is "-".
	Stdin io.Reader
	// Replay sends the events of objects again, instead of those of a file or generated ones. Nil: it does not.
	Replay *Replay
	// EventBytes pads generated events to this size in bytes: minEventBytes to maxEventBytes; 0: no padding.
	EventBytes int

	// Count bounds the number of events, Duration the time; 0: no bound. Without both, DefaultCount events are
	// generated, and a whole file is sent to a loopback address, but only DefaultCount events of it to another.
	Count    int64
	Duration time.Duration
	// Rate is the most events per second, retries included. 0: no limit for a loopback address, DefaultRemoteRate for
	// another.
	Rate float64
	// Concurrency is how many requests are in flight at once: 1 to MaxConcurrency, 0 for DefaultConcurrency.
	Concurrency int
	// BatchSize is how many events go into one request: 1 to MaxBatchSize. 0 and 1 use the single route.
	BatchSize int
	// Gzip compresses the bodies of requests. The limits of the endpoint apply to what they are decompressed to.
	Gzip bool
	// Attempts is how often an event is sent at most, 0 for DefaultAttempts.
	Attempts int
	// Timeout is how long one request may take, 0 for DefaultTimeout.
	Timeout time.Duration

	// APIKey is sent in the header x-api-key. Empty: none.
	APIKey string
	// SigV4 signs requests for execute-api, with Credentials, else with those of the environment or of Profile. Region is
	// by default that of URL, else of the environment or profile.
	SigV4           bool
	Region, Profile string
	// Credentials sign requests. Nil: the SDK's default chain.
	Credentials aws.CredentialsProvider

	// Verify looks for every event in Objects after sending.
	Verify bool
	// Objects is the folder of the objects: s3://bucket/prefix or a local folder. Empty: that of the local target whose
	// state folder is State.
	Objects string
	// VerifyTimeout is how long verifying may take, 0 for DefaultVerifyTimeout.
	VerifyTimeout time.Duration

	// Clock tells the time and waits. Nil is the real clock.
	Clock clockwork.Clock
	// Random randomizes waits and the name of the run. Nil is an unpredictable source.
	Random rand.Source
	// Transport sends the requests to URL. Nil is a transport over the network.
	Transport http.RoundTripper
}

// OptionsError says that Options are invalid. Nothing was sent.
type OptionsError struct {
	// Problems are all problems, each with its flag.
	Problems []string
}

func (e *OptionsError) Error() string { return strings.Join(e.Problems, "; ") }

// Check reports all problems of the options as an *OptionsError, without any input or output.
func (o Options) Check() error {
	c := &checker{}
	c.require(o.Count >= 0, "--count=%d: must be 1 or more", o.Count)
	c.require(o.Duration >= 0, "--duration=%s: must be longer than 0s", o.Duration)
	c.require(o.Rate >= 0 && o.Rate <= 1e6, "--rate=%v: must be more than 0 and at most 1000000 events/s", o.Rate)
	c.require(o.Concurrency >= 0 && o.Concurrency <= MaxConcurrency,
		"--concurrency=%d: must be 1 to %d requests", o.Concurrency, MaxConcurrency)
	c.require(o.BatchSize >= 0 && o.BatchSize <= MaxBatchSize,
		"--batch-size=%d: must be 1 to %d events (the batch route takes no more)", o.BatchSize, MaxBatchSize)
	c.require(o.Attempts >= 0 && o.Attempts <= 1000, "--attempts=%d: must be 1 to 1000", o.Attempts)
	c.require(o.Timeout >= 0, "--timeout=%s: must be longer than 0s", o.Timeout)
	c.require(o.VerifyTimeout >= 0, "--verify-timeout=%s: must be longer than 0s", o.VerifyTimeout)
	c.require(o.EventBytes == 0 || o.EventBytes >= minEventBytes && o.EventBytes <= maxEventBytes,
		"--event-bytes=%d: must be %d to %d bytes", o.EventBytes, minEventBytes, maxEventBytes)
	c.require(o.EventBytes == 0 || o.File == "", "--event-bytes is for generated events: it cannot be used with --file")
	c.require(o.APIKey == "" || !strings.ContainsAny(o.APIKey, "\r\n"), "--api-key: must be one line")
	inS3 := objects.InS3(o.Objects) || o.Replay != nil && objects.InS3(o.Replay.From)
	c.require(o.SigV4 || o.Profile == "" || inS3, "--profile names AWS credentials: it needs --sigv4 or a location s3://…")
	c.require(o.Verify || o.Objects == "" && o.VerifyTimeout == 0, "--objects and --verify-timeout need --verify")
	if o.Replay != nil {
		o.checkReplay(c)
	}
	if o.URL != "" {
		_, problem := parseURL(o.URL)
		c.require(problem == "", "%s: %s", o.URL, problem)
	}
	if len(c.problems) > 0 {
		return &OptionsError{Problems: c.problems}
	}
	return nil
}

type checker struct{ problems []string }

func (c *checker) require(ok bool, format string, args ...any) {
	if !ok {
		c.problems = append(c.problems, fmt.Sprintf(format, args...))
	}
}

// parseURL parses the URL of an endpoint; problem says what is wrong with it.
func parseURL(text string) (u *url.URL, problem string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, "must be the URL of the route for one event, such as https://….amazonaws.com/PROD/v1"
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, "must be a URL without user, query or fragment"
	case strings.HasSuffix(u.Path, "/batch"):
		return nil, "must be the route for one event: leave /batch out and set --batch-size"
	case u.Scheme == "http" && !loopback(u):
		return nil, "must begin with https:// (plain http is for the local target)"
	}
	u.Path = strings.TrimSuffix(u.Path, "/")
	return u, ""
}

// loopback says whether u is an address of this machine, where sending costs nothing.
func loopback(u *url.URL) bool {
	if u.Hostname() == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(u.Hostname())
	return err == nil && address.IsLoopback()
}

// complete fills in the defaults, which depend on the target.
func (o Options) complete(target *url.URL) Options {
	remote := !loopback(target)
	if o.Count == 0 && o.Duration == 0 && o.Replay == nil && (o.File == "" || remote) {
		o.Count = DefaultCount
	}
	if o.Rate == 0 && remote {
		o.Rate = DefaultRemoteRate
	}
	for _, value := range []struct {
		at     *int
		preset int
	}{{&o.Concurrency, DefaultConcurrency}, {&o.BatchSize, 1}, {&o.Attempts, DefaultAttempts}} {
		if *value.at == 0 {
			*value.at = value.preset
		}
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.VerifyTimeout == 0 {
		o.VerifyTimeout = DefaultVerifyTimeout
	}
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	if o.Random == nil {
		o.Random = rand.NewPCG(rand.Uint64(), rand.Uint64())
	}
	return o
}
