package aws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/aws/endpoint"
	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/iam/iamapi"
	"ingest-pipeline/local/aws/internal/metric"
	"ingest-pipeline/local/aws/internal/protocol"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/aws/kms"
	"ingest-pipeline/local/aws/logs"
	"ingest-pipeline/local/aws/s3"
	"ingest-pipeline/local/aws/sns"
	"ingest-pipeline/local/aws/sts"
)

// openServices opens the services and wires them to each other. Each comes after those that it calls, and is closed
// before them: what accepts requests is opened last and closed first.
func (c *Cloud) openServices(options Options) error {
	for _, service := range []struct {
		name string
		open func(Options) error
	}{
		{"the endpoint", c.openPort},
		{"IAM", c.openIAM}, {"KMS", c.openKMS}, {"SNS", c.openSNS}, {"CloudWatch", c.openCloudWatch}, {"CloudWatch Logs", c.openLogs},
		{"S3", c.openS3}, {"Kinesis", c.openKinesis}, {"Firehose", c.openFirehose}, {"API Gateway", c.openAPIGateway},
		{"the endpoint", c.openEndpoint},
	} {
		if err := service.open(options); err != nil {
			return fmt.Errorf("opening %s: %w", service.name, err)
		}
	}
	return nil
}

// folder is where a service keeps its state.
func (c *Cloud) folder(service string) string { return filepath.Join(c.dir, service) }

func (c *Cloud) openIAM(options Options) (err error) {
	c.IAM, err = iam.Open(c.folder("iam"), c.Account, iam.WithClock(c.Clock), iam.WithAccessKey(options.AccessKey))
	if err == nil {
		c.STS = sts.New(c.IAM)
	}
	return err
}

func (c *Cloud) openKMS(Options) (err error) {
	c.KMS, err = kms.Open(kms.Options{Dir: c.folder("kms"), Account: c.Account, Clock: c.Clock, IAM: c.IAM})
	return err
}

func (c *Cloud) openSNS(Options) (err error) {
	c.SNS, err = sns.Open(sns.Options{
		Dir: c.folder("sns"), Account: c.Account, Clock: c.Clock, IAM: c.IAM, URL: c.URL,
	})
	if err == nil {
		c.onClose("closing SNS", func(context.Context) error { return c.SNS.Close() })
	}
	return err
}

func (c *Cloud) openCloudWatch(options Options) (err error) {
	c.CloudWatch, err = cloudwatch.Open(cloudwatch.Options{
		Dir: c.folder("cloudwatch"), Account: c.Account, Clock: c.Clock, Publish: c.publish,
		OnStateChange: options.Hooks.OnAlarm, OnProblem: options.Hooks.OnAlarmProblem,
	})
	if err == nil {
		c.onClose("closing CloudWatch", func(context.Context) error { return c.CloudWatch.Close() })
	}
	return err
}

// publish publishes an alarm's notification to its topic.
func (c *Cloud) publish(n cloudwatch.Notification) error {
	_, err := c.SNS.Publish(sns.CloudWatch(n.AlarmARN), n.TopicARN, n.Subject, n.Message)
	return err
}

// metrics finds the metrics of a service's namespace, such as "AWS/Kinesis".
func (c *Cloud) metrics(namespace string) metric.Source {
	return func(name string, dimensions map[string]string) metric.Recorder {
		return c.CloudWatch.Metric(namespace, name, dimensions)
	}
}

func (c *Cloud) openLogs(Options) (err error) {
	c.Logs, err = logs.Open(logs.Options{
		Dir: c.folder("logs"), Account: c.Account, Clock: c.Clock, Metrics: c.metrics("AWS/Logs"),
		FilterMetrics: func(namespace, name, unit string) metric.FilterRecorder {
			return c.CloudWatch.CustomMetric(namespace, name, unit)
		},
	})
	if err == nil {
		c.onClose("closing CloudWatch Logs", func(context.Context) error { return c.Logs.Close() })
	}
	return err
}

func (c *Cloud) openS3(Options) (err error) {
	if c.S3, err = s3.Open(s3.Options{
		Dir: c.folder("s3"), Account: c.Account, Clock: c.Clock, IAM: c.IAM, KMS: c.KMS,
		RefuseWrites: func() bool { return c.Faults().RefuseWrites },
	}); err != nil {
		return err
	}
	c.onClose("closing S3", func(context.Context) error { return c.S3.Close() })
	return nil
}

func (c *Cloud) openKinesis(options Options) (err error) {
	c.Kinesis, err = kinesis.Open(kinesis.Options{
		Dir: c.folder("kinesis"), Account: c.Account, Clock: c.Clock, KMS: c.KMS, OnPut: options.Hooks.OnPut,
		Metrics: c.metrics("AWS/Kinesis"), Fault: func() kinesis.Fault { return c.Faults().Kinesis },
	})
	if err == nil {
		c.onClose("closing Kinesis", func(context.Context) error { return c.Kinesis.Close() })
	}
	return err
}

func (c *Cloud) openFirehose(options Options) (err error) {
	c.Firehose, err = firehose.Open(firehose.Options{
		Dir: c.folder("firehose"), Account: c.Account, Clock: c.Clock,
		IAM: c.IAM, Kinesis: c.Kinesis, S3: c.S3, Logs: c.Logs,
		MaxBufferInterval: options.MaxBufferInterval, Metrics: c.metrics("AWS/Firehose"),
		OnBuffer: options.Hooks.OnBuffer, OnDeliver: options.Hooks.OnDeliver, OnFault: options.Hooks.OnFault,
	})
	if err == nil {
		c.onClose("closing Firehose", c.Firehose.Close)
	}
	return err
}

func (c *Cloud) openAPIGateway(options Options) (err error) {
	var streams apigateway.Backend = c.Kinesis
	if options.Hooks.Kinesis != nil {
		streams = options.Hooks.Kinesis(streams)
	}
	c.APIGateway, err = apigateway.Open(apigateway.Options{
		Dir: c.folder("apigateway"), Account: c.Account, Clock: c.Clock, IAM: c.IAM, Logs: c.Logs,
		Services:     map[string]apigateway.Backend{"kinesis": streams},
		Listen:       c.Listen,
		ThrottleRate: options.ThrottleRate, ThrottleBurst: options.ThrottleBurst,
		OnRequest: options.Hooks.OnRequest, OnResponse: options.Hooks.OnResponse, Metrics: c.metrics("AWS/ApiGateway"),
	})
	if err == nil {
		c.onClose("closing API Gateway", c.APIGateway.Close)
	}
	return err
}

// openPort opens the port of the endpoint for AWS's clients, whose URL the messages of SNS have.
func (c *Cloud) openPort(Options) (err error) {
	if c.listener, err = c.Listen(APIEndpoint); err != nil {
		return err
	}
	c.url = "http://" + c.listener.Addr().String()
	c.onClose("closing the endpoint's port", func(context.Context) error {
		if err := c.listener.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil // the endpoint has closed it
	})
	return nil
}

// openEndpoint opens the endpoint for AWS's clients.
func (c *Cloud) openEndpoint(Options) error {
	c.onClose("closing the endpoint", endpoint.New(endpoint.Options{
		Account: c.Account, Clock: c.Clock, IAM: c.IAM, S3: c.S3,
		Services: []protocol.Service{
			c.Kinesis.API(),
			c.STS.API(),
			iamapi.New(c.IAM),
			c.Firehose.API(),
			c.Logs.API(),
			c.CloudWatch.API(),
			c.SNS.API(),
			c.APIGateway.API(),
		},
	}).Serve(c.listener))
	return nil
}
