package firehose

import (
	"encoding/json"
	"fmt"
	"time"

	"ingest-pipeline/local/aws/logs"
)

// backoff is when something that failed is tried again.
//
// assumed: after 1, 2, 4, … 60 seconds; AWS says only that it keeps trying (basic-deliver).
type backoff struct {
	failures int
	at       time.Time // zero unless it failed the last time
}

const maxBackoff = time.Minute

// fail counts a failure and returns when to retry.
func (b *backoff) fail(now time.Time) time.Time {
	delay := maxBackoff
	if b.failures < 6 {
		delay = time.Second << b.failures
	}
	b.failures++
	b.at = now.Add(delay)
	return b.at
}

// elapsed reports whether it may be tried now.
func (b *backoff) elapsed(now time.Time) bool { return !now.Before(b.at) }

// messages are what Firehose writes for each error code.
//
// documented (monitoring-with-cloudwatch-logs): the codes and messages of S3 and InternalError. Those of Kinesis are of
// the newer edition of the page. The one about records that expired is assumed: AWS writes none.
var messages = map[string]string{
	"S3.AccessDenied": "Access was denied. Ensure that the trust policy for the provided IAM role allows Kinesis Firehose " +
		"to assume the role, and the access policy allows access to the S3 bucket.",
	"S3.NoSuchBucket": "The specified bucket does not exist. Create the bucket or use a different bucket that does exist.",
	"S3.KMS.NotFoundException": "The provided AWS KMS key was not found. If you are using what you believe to be a valid AWS KMS " +
		"key with the correct role, check if there is a problem with the account to which the AWS KMS key is attached.",
	"S3.MethodNotAllowed": "The specified method is not allowed against this resource. Modify the bucket’s policy to allow " +
		"the correct Amazon S3 operation permissions.",
	"InternalError": "An internal error occurred while attempting to deliver data. Delivery will be retried; if the error " +
		"persists, then it will be reported to AWS for resolution.",
	"Kinesis.AccessDenied": "Access was denied when calling Kinesis. Ensure the access policy on the IAM role used allows " +
		"access to the appropriate Kinesis APIs.",
	"Kinesis.ResourceNotFound": "Firehose failed to read from the stream. If the Firehose is attached with Kinesis Stream, the " +
		"stream may not exist, or the shard may have been merged or split. If the Firehose is of DirectPut type, the Firehose " +
		"may not exist any more.",
	recordsExpired: "%d records expired in the Kinesis stream before they could be delivered. They are lost. Increase the " +
		"retention period of the stream.",
}

const recordsExpired = "Kinesis.RecordsExpired"

// sourceCode is the error code of a failed reading. That of a key that cannot be used is assumed.
func sourceCode(err error) string {
	switch codeOf(err) {
	case "AccessDenied", "AccessDeniedException", "UnrecognizedClientException",
		"KMSAccessDeniedException", "KMSDisabledException", "KMSInvalidStateException", "KMSNotFoundException":
		return "Kinesis.AccessDenied"
	case "ResourceNotFoundException":
		return "Kinesis.ResourceNotFound"
	}
	return "InternalError"
}

// deliveryCode is the error code of a failed delivery. That of a key that cannot be used is assumed.
func deliveryCode(err error) string {
	switch code := codeOf(err); code {
	case "AccessDenied", "AccessDeniedException", "UnrecognizedClientException",
		"KMS.DisabledException", "KMS.KMSInvalidStateException":
		return "S3.AccessDenied"
	case "NoSuchBucket", "MethodNotAllowed", "KMS.NotFoundException":
		return "S3." + code
	}
	return "InternalError"
}

// report writes an entry to the log stream and calls OnFault.
func (d *deliveryStream) report(f Fault) {
	f.DeliveryStream = d.name
	f.Message = messages[f.ErrorCode]
	if f.ErrorCode == recordsExpired {
		f.Message = fmt.Sprintf(f.Message, f.Lost)
	}
	f.LogErr = d.log(f)
	if d.options.OnFault != nil {
		d.options.OnFault(f)
	}
}

// log writes an entry.
//
// documented (controlling-access): it needs logs:PutLogEvents of the destination's role. The form of the entry is known
// from the field: entries of Firehose that users quote have these members.
func (d *deliveryStream) log(f Fault) error {
	l := d.set.config.Logging
	if !l.Enabled {
		return nil
	}
	caller, err := d.assume(d.set.config.RoleARN, deliverySession)
	if err != nil {
		return err
	}
	entry, err := json.Marshal(struct {
		DeliveryStreamARN       string `json:"deliveryStreamARN"`
		Destination             string `json:"destination"`
		DeliveryStreamVersionID int    `json:"deliveryStreamVersionId"`
		Message                 string `json:"message"`
		ErrorCode               string `json:"errorCode"`
	}{d.arn, d.set.config.BucketARN, d.state.Version, f.Message, f.ErrorCode})
	if err != nil {
		return err
	}
	return d.options.entries.PutLogEvents(caller, l.LogGroup, l.LogStream, logs.Event{Time: d.options.Clock.Now(), Message: string(entry)})
}
