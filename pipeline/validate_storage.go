package pipeline

import (
	"regexp"
	"strings"
)

// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-ARN
var kmsKeyArnPattern = regexp.MustCompile(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$`)

// checkStorage checks encryption, lifecycle and the query table.
func (a PipelineArgs) checkStorage(check *checker) {
	if arn := literal(a.KMSKeyArn); arn != "" {
		check.matches("kmsKeyArn", arn, kmsKeyArnPattern,
			"the ARN of a KMS key, not of an alias (a policy cannot name an alias); for example arn:aws:kms:eu-west-1:111122223333:key/…")
	}
	check.between("lifecycle.archiveAfterDays", a.Lifecycle.ArchiveAfterDays, 0, 36500, "days", "0 is never")
	check.between("lifecycle.expireAfterDays", a.Lifecycle.ExpireAfterDays, 0, 36500, "days", "0 is never")
	// Glacier Instant Retrieval is charged for 90 days at least: https://aws.amazon.com/s3/pricing/
	if a.Lifecycle.ExpireAfterDays > 0 && a.Lifecycle.ArchiveAfterDays > 0 && a.Lifecycle.ExpireAfterDays < a.Lifecycle.ArchiveAfterDays+90 {
		check.add("lifecycle.expireAfterDays", a.Lifecycle.ExpireAfterDays,
			"must be at least %d days with lifecycle.archiveAfterDays = %d (the archive is charged for 90 days); raise it, or set lifecycle.archiveAfterDays = 0",
			a.Lifecycle.ArchiveAfterDays+90, a.Lifecycle.ArchiveAfterDays)
	}
	if a.QueryTable && strings.Contains(a.Delivery.Prefix, "!{") {
		check.add("queryTable", a.QueryTable,
			"must be false with delivery.prefix = %s (the table reads the folders YYYY/MM/DD/HH/ that Firehose adds); "+
				"set one of the two", a.Delivery.Prefix)
	}
	if a.QueryTable && strings.HasPrefix(queryResultsFolder, literalFolder(a.Delivery.Prefix)) && literalFolder(a.Delivery.Prefix) != "" {
		check.add("delivery.prefix", a.Delivery.Prefix, "must not hold %s with queryTable = true (query results are not events); for example raw/",
			queryResultsFolder)
	}
}
