// Package cloudwatch is CloudWatch of one account in one Region: metrics, alarms, dashboards, and the metric filters of
// CloudWatch Logs.
//
// Metrics are kept in memory, three hours of one-minute values; a restart loses them. The state of alarms is
// kept in the state folder: each alarm's state, and the history of all of them in a file that a person can read.
//
// What it knows of AWS is documented in the CloudWatch user guide (docs.aws.amazon.com/AmazonCloudWatch/latest/
// monitoring/…, whose pages the comments name), or recorded from AWS by the tests of LocalStack (localstack/localstack,
// tests/aws/services/cloudwatch, 2023 and 2024, whose names follow the word), or assumed, which includes what
// published messages of alarms show.
package cloudwatch
