package aws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/metric"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/aws/logs"
	"ingest-pipeline/local/aws/s3"
	"ingest-pipeline/local/aws/sns"
)

// DefaultAccountID is the account of a Cloud that is not given one. AWS gives it to nobody, so that an ARN which
// escapes from the local target is seen to.
const DefaultAccountID = "000000000000"

// S3Endpoint is the name under which Options.Listen is asked for the listener of the S3 API.
const S3Endpoint = "s3"

// Options says where a Cloud keeps its state and whose it is.
type Options struct {
	// Dir is the state folder; it is made if it is missing. Required.
	Dir string
	// Account is the account and Region. Region is required; ID is 12 digits, default DefaultAccountID; Partition
	// defaults to the one that the Region is in.
	Account iam.Account
	// Clock drives everything that depends on time. Default: the machine's.
	Clock clockwork.Clock
	// Listen opens the listener of an endpoint of 127.0.0.1: of the API with that id, of S3Endpoint, or of a name given to
	// Cloud.Listen. port is the one it had last time, which Dir remembers; 0 if it had none. Default: that port, or any
	// free one.
	Listen func(endpoint string, port int) (net.Listener, error)
	// MaxBufferInterval bounds the buffering intervals of delivery streams from above; 0 leaves them as declared.
	MaxBufferInterval time.Duration
	// ThrottleRate (requests per second) and ThrottleBurst (requests) are the account's quota in API Gateway.
	// Default: 10,000 and 5,000, AWS's own.
	ThrottleRate  float64
	ThrottleBurst int
	// Credentials are the access keys that methods with the authorization AWS_IAM accept. Default: none.
	Credentials []apigateway.Credential
	// Hooks are told what happens to events on their way. None is called unless it is set.
	Hooks Hooks
}

// Hooks are told what happens to events on their way, hop by hop. Each runs in the goroutine of the service that
// calls it, which waits for it.
type Hooks struct {
	// OnRequest is called for each request that reached its integration.
	OnRequest func(apigateway.Hop)
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
	// Kinesis gives what integrations call in place of the streams, which it is handed: to answer what the streams
	// would not, as a service in trouble does. Nil: the streams.
	Kinesis func(streams apigateway.Backend) apigateway.Backend
}

// Cloud is the services of one account in one Region. They are safe for concurrent use.
type Cloud struct {
	Account    iam.Account
	Clock      clockwork.Clock
	IAM        *iam.Service
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
	s3      *endpoint
}

// closer undoes one step of Open.
type closer struct {
	what  string
	close func(ctx context.Context) error
}

// Open takes the state folder and opens the services over what is in it. It fails if another process has the folder
// (the error names its id), if the folder belongs to another account or Region, or if a service cannot read its state.
// Nothing is changed in the folder then.
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
	if options.Clock == nil {
		options.Clock = clockwork.NewRealClock()
	}
	c := &Cloud{Account: account, Clock: options.Clock, dir: dir}
	if err := c.open(options); err != nil {
		// What was opened has taken nothing in yet, so there is nothing to wait for.
		return nil, errors.Join(err, c.Close(context.Background()))
	}
	return c, nil
}

func (c *Cloud) open(options Options) error {
	release, err := lock(c.dir)
	if err != nil {
		return err
	}
	c.onClose("giving the state folder free", func(context.Context) error { return release() })
	if err := claim(c.dir, c.Account); err != nil {
		return err
	}
	if c.ports, err = openPorts(filepath.Join(c.dir, "ports.json"), options.Listen); err != nil {
		return err
	}
	if c.IAM, err = iam.Open(c.folder("iam"), c.Account, iam.WithClock(c.Clock)); err != nil {
		return err
	}
	if err := c.openObservers(options); err != nil {
		return err
	}
	if err := c.openStores(options); err != nil {
		return err
	}
	return c.openDelivery(options)
}

// openStores opens the services that others use.
func (c *Cloud) openStores(options Options) (err error) {
	if c.Logs, err = logs.Open(logs.Options{
		Dir: c.folder("logs"), Account: c.Account, Clock: c.Clock, Metrics: c.metrics("AWS/Logs"),
		FilterMetrics: func(namespace, name, unit string) metric.FilterRecorder {
			return c.CloudWatch.CustomMetric(namespace, name, unit)
		},
	}); err != nil {
		return fmt.Errorf("opening CloudWatch Logs: %w", err)
	}
	c.onClose("closing CloudWatch Logs", func(context.Context) error { return c.Logs.Close() })
	if c.S3, err = s3.Open(s3.Options{Dir: c.folder("s3"), Account: c.Account, Clock: c.Clock, IAM: c.IAM}); err != nil {
		return fmt.Errorf("opening S3: %w", err)
	}
	c.onClose("closing S3", func(context.Context) error { return c.S3.Close() })
	if c.s3, err = serve(S3Endpoint, c.Listen, c.S3.Handler()); err != nil {
		return err
	}
	c.onClose("closing the S3 endpoint", c.s3.close)
	c.Kinesis, err = kinesis.Open(kinesis.Options{
		Dir: c.folder("kinesis"), Account: c.Account, Clock: c.Clock, OnPut: options.Hooks.OnPut,
		Metrics: c.metrics("AWS/Kinesis"),
	})
	if err != nil {
		return fmt.Errorf("opening Kinesis: %w", err)
	}
	c.onClose("closing Kinesis", func(context.Context) error { return c.Kinesis.Close() })
	return nil
}

// openDelivery opens the services that move events: the one that takes them in last, so that it is closed first.
func (c *Cloud) openDelivery(options Options) (err error) {
	c.Firehose, err = firehose.Open(firehose.Options{
		Dir: c.folder("firehose"), Account: c.Account, Clock: c.Clock,
		IAM: c.IAM, Kinesis: c.Kinesis, S3: c.S3, Logs: c.Logs,
		MaxBufferInterval: options.MaxBufferInterval, Metrics: c.metrics("AWS/Firehose"),
		OnBuffer: options.Hooks.OnBuffer, OnDeliver: options.Hooks.OnDeliver, OnFault: options.Hooks.OnFault,
	})
	if err != nil {
		return fmt.Errorf("opening Firehose: %w", err)
	}
	c.onClose("closing Firehose", c.Firehose.Close)
	var streams apigateway.Backend = c.Kinesis
	if options.Hooks.Kinesis != nil {
		streams = options.Hooks.Kinesis(streams)
	}
	c.APIGateway, err = apigateway.Open(apigateway.Options{
		Dir: c.folder("apigateway"), Account: c.Account, Clock: c.Clock, IAM: c.IAM, Logs: c.Logs,
		Services:     map[string]apigateway.Backend{"kinesis": streams},
		Listen:       c.Listen,
		Credentials:  options.Credentials,
		ThrottleRate: options.ThrottleRate, ThrottleBurst: options.ThrottleBurst,
		OnRequest: options.Hooks.OnRequest, Metrics: c.metrics("AWS/ApiGateway"),
	})
	if err != nil {
		return fmt.Errorf("opening API Gateway: %w", err)
	}
	c.onClose("closing API Gateway", c.APIGateway.Close)
	return nil
}

func (c *Cloud) folder(service string) string { return filepath.Join(c.dir, service) }

func (c *Cloud) onClose(what string, close func(context.Context) error) {
	c.closers = append(c.closers, closer{what, close})
}

// Close stops taking in requests, delivers what the delivery streams hold, and gives the state folder free, whether or
// not a step before it failed. What could not be delivered before ctx was done is delivered after the next Open.
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

// S3URL is where the S3 API answers, such as "http://127.0.0.1:40002", for aws s3 ls --endpoint-url.
func (c *Cloud) S3URL() string { return c.s3.url }

var (
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	region    = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
)

// completeAccount fills in what account leaves out.
func completeAccount(account iam.Account) (iam.Account, error) {
	if account.ID == "" {
		account.ID = DefaultAccountID
	}
	if !accountID.MatchString(account.ID) {
		return account, fmt.Errorf("account id %q: must be 12 digits", account.ID)
	}
	if !region.MatchString(account.Region) {
		return account, fmt.Errorf("region %q: must be the code of an AWS Region, such as ap-northeast-2", account.Region)
	}
	if account.Partition == "" {
		account.Partition = partitionOf(account.Region)
	}
	return account, nil
}

// partitionOf is the first word of the ARNs of a Region (documented: AWS General Reference, ARN format).
func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}
