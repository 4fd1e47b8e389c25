package aws

import (
	"context"
	"fmt"

	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/aws/logs"
	"ingest-pipeline/local/aws/sns"
)

// openObservers opens the services that watch the others, and so come before them and go after them.
func (c *Cloud) openObservers(options Options) (err error) {
	c.SNS, err = sns.Open(sns.Options{Dir: c.folder("sns"), Account: c.Account, Clock: c.Clock, IAM: c.IAM})
	if err != nil {
		return fmt.Errorf("opening SNS: %w", err)
	}
	c.CloudWatch, err = cloudwatch.Open(cloudwatch.Options{
		Dir: c.folder("cloudwatch"), Account: c.Account, Clock: c.Clock, Publish: c.publish,
		OnStateChange: options.Hooks.OnAlarm, OnProblem: options.Hooks.OnAlarmProblem,
	})
	if err != nil {
		return fmt.Errorf("opening CloudWatch: %w", err)
	}
	c.onClose("closing CloudWatch", func(context.Context) error { return c.CloudWatch.Close() })
	return nil
}

// publish takes an alarm's notification to its topic.
func (c *Cloud) publish(n cloudwatch.Notification) error {
	_, err := c.SNS.Publish(sns.CloudWatch(n.AlarmARN), n.TopicARN, n.Subject, n.Message)
	return err
}

func (c *Cloud) logsMetric(name string, dimensions map[string]string) logs.Measure {
	return c.CloudWatch.Metric("AWS/Logs", name, dimensions)
}

func (c *Cloud) firehoseMetric(name string, dimensions map[string]string) firehose.Measure {
	return c.CloudWatch.Metric("AWS/Firehose", name, dimensions)
}

func (c *Cloud) gatewayMetric(name string, dimensions map[string]string) apigateway.Measure {
	return c.CloudWatch.Metric("AWS/ApiGateway", name, dimensions)
}

func (c *Cloud) kinesisMetric(name string, dimensions map[string]string) kinesis.Measure {
	return c.CloudWatch.Metric("AWS/Kinesis", name, dimensions)
}
