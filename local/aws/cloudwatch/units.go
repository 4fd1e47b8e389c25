package cloudwatch

import "maps"

// units are the units of the metrics that the services of the local target record, by namespace and name. Documented:
// docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html,
// docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html,
// docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html and
// docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html.
var units = map[string]map[string]string{
	"AWS/Kinesis": {
		"IncomingRecords": "Count", "IncomingBytes": "Bytes", "WriteProvisionedThroughputExceeded": "Count",
		"PutRecord.Success": "Count", "PutRecord.Latency": "Milliseconds",
		"PutRecords.Success": "Count", "PutRecords.Latency": "Milliseconds", "PutRecords.TotalRecords": "Count",
		"PutRecords.SuccessfulRecords": "Count", "PutRecords.FailedRecords": "Count", "PutRecords.ThrottledRecords": "Count",
		"GetRecords.Success": "Count", "GetRecords.Records": "Count", "GetRecords.Bytes": "Bytes",
		"GetRecords.IteratorAgeMilliseconds": "Milliseconds",
	},
	"AWS/Firehose": {
		"DeliveryToS3.Success": "None", "DeliveryToS3.Records": "Count", "DeliveryToS3.Bytes": "Bytes",
		"DeliveryToS3.DataFreshness": "Seconds", "DataReadFromKinesisStream.Records": "Count",
		"DataReadFromKinesisStream.Bytes": "Bytes", "ThrottledGetRecords": "Count",
	},
	"AWS/ApiGateway": {
		"Count": "Count", "4XXError": "Count", "5XXError": "Count", "Latency": "Milliseconds", "IntegrationLatency": "Milliseconds",
	},
	"AWS/Logs": {"IncomingLogEvents": "None", "IncomingBytes": "Bytes"},
}

// ServiceMetrics returns the metrics that the services record in a namespace, with their units.
func ServiceMetrics(namespace string) map[string]string { return maps.Clone(units[namespace]) }
