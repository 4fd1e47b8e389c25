// Package sns is Amazon SNS of one account: topics with their policies, and subscriptions.
//
// What is published to a topic is appended to one file per topic, one JSON document a line, so that a person can read what
// AWS would have mailed. Only http endpoints of this machine are sent anything.
//
// What it knows of AWS is documented in the SNS developer guide and API reference, or recorded from AWS by the tests of
// LocalStack (localstack/localstack, tests/aws/services/sns, 2023 to 2025).
package sns
