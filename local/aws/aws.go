package aws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/aws/kms"
	"ingest-pipeline/local/aws/logs"
	"ingest-pipeline/local/aws/s3"
	"ingest-pipeline/local/aws/sns"
	"ingest-pipeline/local/aws/sts"
)

// DefaultAccountID is the default of Options.Account. No AWS account has it, so that an ARN of the local target is
// recognized anywhere.
const DefaultAccountID = "000000000000"

// DefaultAccessKey is the default of Options.AccessKey. AWS has no such key.
var DefaultAccessKey = iam.AccessKey{ID: "LOCAL", Secret: "LOCAL"}

// APIEndpoint is the name of the endpoint for AWS's clients.
const APIEndpoint = "aws"

// Options says where a Cloud keeps its state and whose it is.
type Options struct {
	// Dir is the state folder; it is made if it is missing. Required.
	Dir string
	// Account is the account and Region. Region is required; ID is 12 digits, default DefaultAccountID; Partition
	// defaults to the one that the Region is in.
	Account iam.Account
	// Clock drives everything that depends on time. Default: the machine's.
	Clock clockwork.Clock
	// Listen opens the listener of an endpoint of 127.0.0.1: of the API with that id, of APIEndpoint, or of a name given to
	// Cloud.Listen. port is the one it had last time, which Dir remembers; 0 if it had none. Default: that port, or any
	// free one.
	Listen func(endpoint string, port int) (net.Listener, error)
	// MaxBufferInterval bounds the buffering intervals of delivery streams from above; 0 leaves them as declared.
	MaxBufferInterval time.Duration
	// ThrottleRate (requests per second) and ThrottleBurst (requests) are the account's quota in API Gateway.
	// Default: 10,000 and 5,000, AWS's own.
	ThrottleRate  float64
	ThrottleBurst int
	// AccessKey signs requests of the account's administrator, who may do everything. Default: DefaultAccessKey.
	AccessKey iam.AccessKey
	Hooks     Hooks
}

// Hooks are called with what happens to events on their way, hop by hop, by the service to which it happens, which waits
// for the hook. Nil hooks are not called.
type Hooks struct {
	// OnRequest is called for each request that reached its integration.
	OnRequest func(apigateway.Hop)
	// OnResponse is called for each request that a stage has answered.
	OnResponse func(apigateway.Response)
	// OnPut is called for each record that a stream stored.
	OnPut func(kinesis.Put)
	// OnBuffer is called when a delivery stream has read records, OnDeliver when an object is durable in S3, OnFault
	// when reading or delivering failed and will be tried again.
	OnBuffer  func(firehose.Buffered)
	OnDeliver func(firehose.Delivered)
	OnFault   func(firehose.Fault)
	// OnAlarm is called when an alarm has changed its state, OnAlarmProblem when that could not be written down.
	OnAlarm        func(cloudwatch.AlarmChange)
	OnAlarmProblem func(error)
	// Kinesis returns what integrations call instead of the streams, to inject failures. Nil: the streams.
	Kinesis func(streams apigateway.Backend) apigateway.Backend
}

// Cloud is the services of one account in one Region. They are safe for concurrent use.
type Cloud struct {
	Account    iam.Account
	Clock      clockwork.Clock
	IAM        *iam.Service
	STS        *sts.Service
	KMS        *kms.Service
	SNS        *sns.Service
	CloudWatch *cloudwatch.Service
	Logs       *logs.Service
	S3         *s3.Service
	Kinesis    *kinesis.Service
	Firehose   *firehose.Service
	APIGateway *apigateway.Service

	dir     string
	ports   *ports
	closers []closer
	// listener is that of the endpoint for AWS's clients, url its URL.
	listener net.Listener
	url      string
	faults   atomic.Pointer[Faults]
}

// Faults are failures on purpose, with which a person sees what the pipeline does about them. The zero value has none.
type Faults struct {
	// Kinesis is what goes wrong when events are put into streams.
	Kinesis kinesis.Fault
	// RefuseWrites makes S3 refuse every object with AccessDenied.
	RefuseWrites bool
}

// SetFaults replaces the faults, for requests from now on. They are kept in memory only: the next Open has none.
func (c *Cloud) SetFaults(faults Faults) { c.faults.Store(&faults) }

// Faults are the faults that are switched on.
func (c *Cloud) Faults() Faults {
	if faults := c.faults.Load(); faults != nil {
		return *faults
	}
	return Faults{}
}

// closer undoes one step of Open.
type closer struct {
	what  string
	close func(ctx context.Context) error
}

// Open locks the state folder and opens the services with the state that is in it. It fails if another process has the
// lock (the error names its id), if the folder belongs to another account or Region, or if a service cannot read its
// state.
func Open(options Options) (*Cloud, error) {
	account, err := completeAccount(options.Account)
	if err != nil {
		return nil, err
	}
	if options.Dir == "" {
		return nil, errors.New("opening the state folder: no folder is given")
	}
	dir, err := filepath.Abs(options.Dir)
	if err != nil {
		return nil, fmt.Errorf("opening the state folder %s: %w", options.Dir, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the state folder: %w", err)
	}
	if options.AccessKey == (iam.AccessKey{}) {
		options.AccessKey = DefaultAccessKey
	}
	if options.Clock == nil {
		options.Clock = clockwork.NewRealClock()
	}
	c := &Cloud{Account: account, Clock: options.Clock, dir: dir}
	if err := c.open(options); err != nil {
		// No request has been accepted yet, so there is nothing to wait for.
		return nil, errors.Join(err, c.Close(context.Background()))
	}
	return c, nil
}

func (c *Cloud) open(options Options) error {
	release, err := lock(c.dir)
	if err != nil {
		return err
	}
	c.onClose("releasing the lock of the state folder", func(context.Context) error { return release() })
	if err := claim(c.dir, c.Account); err != nil {
		return err
	}
	if c.ports, err = openPorts(filepath.Join(c.dir, portsFile), options.Listen); err != nil {
		return err
	}
	return c.openServices(options)
}

func (c *Cloud) onClose(what string, close func(context.Context) error) {
	c.closers = append(c.closers, closer{what, close})
}

// Close stops accepting requests, delivers what the delivery streams hold, and releases the lock of the state folder,
// whether or not a step before it failed. What could not be delivered before ctx was done is delivered after the next Open.
func (c *Cloud) Close(ctx context.Context) error {
	var failures []error
	for i := len(c.closers) - 1; i >= 0; i-- {
		if err := c.closers[i].close(ctx); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", c.closers[i].what, err))
		}
	}
	c.closers = nil
	return errors.Join(failures...)
}

// Listen opens a listener on the port that the endpoint of that name had last time, and remembers it otherwise. The
// caller closes it.
func (c *Cloud) Listen(endpoint string) (net.Listener, error) { return c.ports.listen(endpoint) }

// Dir is the state folder.
func (c *Cloud) Dir() string { return c.dir }

// URL is where all services answer AWS's clients, such as "http://127.0.0.1:40002", for AWS_ENDPOINT_URL.
func (c *Cloud) URL() string { return c.url }
