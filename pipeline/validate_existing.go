package pipeline

import (
	"regexp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

var (
	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisdatastreams.html
	streamArnPattern = regexp.MustCompile(`^arn:aws[a-z-]*:kinesis:[a-z0-9-]+:[0-9]{12}:stream/[a-zA-Z0-9_.-]{1,57}$`)
	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
	bucketArnPattern = regexp.MustCompile(`^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
	topicArnPattern = regexp.MustCompile(`^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$`)
)

// checkExisting checks the resources that are used instead of creating them.
func (a PipelineArgs) checkExisting(check *checker) {
	for _, existing := range []struct {
		key     string
		arn     pulumi.StringPtrInput
		pattern *regexp.Regexp
		mustBe  string
	}{
		{"streamArn", a.StreamArn, streamArnPattern, "the ARN of a Kinesis stream with a name of at most 57 characters " +
			"(Firehose's limit of 64 for the name followed by -to-s3); for example arn:aws:kinesis:eu-west-1:111122223333:stream/events"},
		{"bucketArn", a.BucketArn, bucketArnPattern, "the ARN of an S3 bucket; for example arn:aws:s3:::events"},
		{"alarmTopicArn", a.AlarmTopicArn, topicArnPattern,
			"the ARN of a standard SNS topic; for example arn:aws:sns:eu-west-1:111122223333:alarms"},
	} {
		if arn, ok := literal(existing.arn); ok {
			check.matches(existing.key, arn, existing.pattern, existing.mustBe)
		}
	}
	if a.StreamArn != nil && a.StreamName != nil {
		name, _ := literal(a.StreamName)
		check.add("streamName", name, "must not be set with streamArn (the stream has its name); remove one of the two")
	}
	if a.BucketArn == nil {
		return
	}
	if a.BucketName != nil {
		name, _ := literal(a.BucketName)
		check.add("bucketName", name, "must not be set with bucketArn (the bucket has its name); remove one of the two")
	}
	const noRules = "must be 0 with bucketArn (the rules of an existing bucket are left as they are); set the rule there"
	if days := a.Lifecycle.ArchiveAfterDays; days != 0 {
		check.add("lifecycle.archiveAfterDays", days, noRules)
	}
	if days := a.Lifecycle.ExpireAfterDays; days != 0 {
		check.add("lifecycle.expireAfterDays", days, noRules)
	}
}
