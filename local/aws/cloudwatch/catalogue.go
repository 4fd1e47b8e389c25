package cloudwatch

import (
	"maps"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/awserr"
)

// MetricInfo is a metric that an AWS service sends.
type MetricInfo struct {
	Namespace, Name string
	// Dimensions are the sets of dimension names with which it is sent; each is a metric of its own. Names are sorted.
	Dimensions [][]string
	// Unit is the unit of its values, as the page gives it.
	Unit string
	// Emitted tells that the local target sends it, too, if not for single shards. An alarm on another one stays without
	// data.
	Emitted bool
	// Source is the page of the service's developer guide that documents it.
	Source string
}

// The pages.
const (
	kinesisPage  = "docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html"
	firehosePage = "docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html"
	gatewayPage  = "docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html"
	logsPage     = "docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html"
)

// metrics are the metrics of the services that the local target has.
var metrics = buildMetrics()

func buildMetrics() []MetricInfo {
	var all []MetricInfo
	add := func(namespace, page string, dimensions [][]string, unit string, emitted bool, names ...string) {
		for _, name := range names {
			all = append(all, MetricInfo{
				Namespace: namespace, Name: name, Dimensions: dimensions, Unit: unit, Emitted: emitted, Source: page,
			})
		}
	}
	const kinesis, firehose, gateway, logs = "AWS/Kinesis", "AWS/Firehose", "AWS/ApiGateway", "AWS/Logs"

	stream, shard := [][]string{{"StreamName"}}, [][]string{{"ShardId", "StreamName"}}
	both := [][]string{{"StreamName"}, {"ShardId", "StreamName"}} // the second with enhanced monitoring
	add(kinesis, kinesisPage, both, "Count", true, "IncomingRecords", "WriteProvisionedThroughputExceeded")
	add(kinesis, kinesisPage, both, "Count", false, "ReadProvisionedThroughputExceeded")
	add(kinesis, kinesisPage, both, "Bytes", true, "IncomingBytes")
	add(kinesis, kinesisPage, stream, "Count", true, "PutRecord.Success", "PutRecords.Success", "PutRecords.TotalRecords",
		"PutRecords.SuccessfulRecords", "PutRecords.FailedRecords", "PutRecords.ThrottledRecords", "GetRecords.Success",
		"GetRecords.Records")
	add(kinesis, kinesisPage, stream, "Count", false, "PutRecords.Records") // deprecated in favour of SuccessfulRecords
	add(kinesis, kinesisPage, stream, "Milliseconds", true, "PutRecord.Latency", "PutRecords.Latency",
		"GetRecords.IteratorAgeMilliseconds")
	add(kinesis, kinesisPage, stream, "Milliseconds", false, "GetRecords.Latency")
	add(kinesis, kinesisPage, stream, "Bytes", true, "GetRecords.Bytes")
	add(kinesis, kinesisPage, stream, "Bytes", false, "PutRecord.Bytes", "PutRecords.Bytes")
	add(kinesis, kinesisPage, shard, "Count", false, "OutgoingRecords")
	add(kinesis, kinesisPage, shard, "Bytes", false, "OutgoingBytes")
	add(kinesis, kinesisPage, shard, "Milliseconds", false, "IteratorAgeMilliseconds")

	delivery := [][]string{{"DeliveryStreamName"}}
	add(firehose, firehosePage, delivery, "Bytes", true, "DeliveryToS3.Bytes", "DataReadFromKinesisStream.Bytes")
	add(firehose, firehosePage, delivery, "Count", true, "DeliveryToS3.Records", "DataReadFromKinesisStream.Records",
		"ThrottledGetRecords")
	add(firehose, firehosePage, delivery, "Count", false, "ThrottledDescribeStream", "ThrottledGetShardIterator")
	add(firehose, firehosePage, delivery, "Seconds", true, "DeliveryToS3.DataFreshness")
	add(firehose, firehosePage, delivery, "None", true, "DeliveryToS3.Success")
	add(firehose, firehosePage, delivery, "Milliseconds", false, "KinesisMillisBehindLatest")
	add(firehose, firehosePage, delivery, "Count", false, "BackupToS3.Records", "ExecuteProcessing.Success",
		"SucceedProcessing.Records", "FailedConversion.Records", "SucceedConversion.Records", "KMSKeyAccessDenied",
		"KMSKeyDisabled", "KMSKeyInvalidState", "KMSKeyNotFound")

	api := [][]string{{"ApiName"}, {"ApiName", "Stage"}, {"ApiName", "Method", "Resource", "Stage"}} // the last: detailed
	add(gateway, gatewayPage, api, "Count", true, "Count", "4XXError", "5XXError")
	add(gateway, gatewayPage, api, "Milliseconds", true, "Latency", "IntegrationLatency")
	add(gateway, gatewayPage, api, "Count", false, "CacheHitCount", "CacheMissCount")

	group := [][]string{{}, {"LogGroupName"}}
	add(logs, logsPage, group, "None", true, "IncomingLogEvents")
	add(logs, logsPage, group, "Bytes", true, "IncomingBytes")
	subscription := [][]string{{"DestinationType", "FilterName", "LogGroupName"}}
	add(logs, logsPage, subscription, "None", false, "DeliveryErrors", "DeliveryThrottling", "ForwardedLogEvents")
	add(logs, logsPage, subscription, "Bytes", false, "ForwardedBytes")
	return all
}

// Catalogue is the metrics that the AWS services of the local target send: with which dimensions, in which unit, and
// where that is documented. An alarm on another one never gets data, in AWS either.
func Catalogue() []MetricInfo {
	all := slices.Clone(metrics)
	for i, info := range all {
		all[i].Dimensions = make([][]string, len(info.Dimensions))
		for j, names := range info.Dimensions {
			all[i].Dimensions[j] = slices.Clone(names)
		}
	}
	return all
}

// Find finds a metric of the catalogue.
func Find(namespace, name string) (MetricInfo, bool) {
	i := slices.IndexFunc(metrics, func(m MetricInfo) bool { return m.Namespace == namespace && m.Name == name })
	if i < 0 {
		return MetricInfo{}, false
	}
	return metrics[i], true
}

// CheckMetric says what is wrong with the metric of an alarm that AWS would accept and that would never get data: a
// namespace of AWS without that metric, or a metric that is not sent with exactly those dimensions. Metrics of other
// namespaces are their owners' business. The error is not AWS's, and has the code NoSuchMetric.
func CheckMetric(id MetricID) error {
	if !strings.HasPrefix(id.Namespace, "AWS/") {
		return nil
	}
	info, known := Find(id.Namespace, id.Name)
	if !known {
		return awserr.New("NoSuchMetric", 404, "%s has no metric %s that the catalogue knows", id.Namespace, id.Name)
	}
	given := slices.Sorted(maps.Keys(id.Dimensions))
	var sets []string
	for _, names := range info.Dimensions {
		if slices.Equal(names, given) {
			return nil
		}
		sets = append(sets, "["+strings.Join(names, " ")+"]")
	}
	return awserr.New("NoSuchMetric", 404, "%s %s is not sent with the dimensions [%s], but with %s (%s)",
		id.Namespace, id.Name, strings.Join(given, " "), strings.Join(sets, " or "), info.Source)
}
