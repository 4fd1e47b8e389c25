package aws

import (
	"context"
	"fmt"

	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/aws/internal/metric"
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

// metrics finds the metrics of a service's namespace, such as "AWS/Kinesis".
func (c *Cloud) metrics(namespace string) metric.Source {
	return func(name string, dimensions map[string]string) metric.Recorder {
		return c.CloudWatch.Metric(namespace, name, dimensions)
	}
}
