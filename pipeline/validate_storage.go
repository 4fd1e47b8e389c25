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
		check.matches(keyKMSKeyArn, arn, kmsKeyArnPattern,
			"the ARN of a KMS key, not of an alias (a policy cannot name an alias); for example arn:aws:kms:eu-west-1:111122223333:key/…")
	}
	check.between(keyArchiveAfterDays, a.ArchiveAfterDays, 0, 36500, "days", "0 is never")
	check.between(keyExpireAfterDays, a.ExpireAfterDays, 0, 36500, "days", "0 is never")
	// Glacier Instant Retrieval is charged for 90 days at least: https://aws.amazon.com/s3/pricing/
	if a.ExpireAfterDays > 0 && a.ArchiveAfterDays > 0 && a.ExpireAfterDays < a.ArchiveAfterDays+90 {
		check.add(keyExpireAfterDays, a.ExpireAfterDays,
			"must be at least %d days with archiveAfterDays = %d (the archive is charged for 90 days); raise it, or set archiveAfterDays = 0",
			a.ArchiveAfterDays+90, a.ArchiveAfterDays)
	}
	if a.QueryTable && strings.Contains(a.Prefix, "!{") {
		check.add(keyQueryTable, a.QueryTable,
			"must be false with prefix = %s (the table reads the folders YYYY/MM/DD/HH/ that Firehose adds); "+
				"set one of the two", a.Prefix)
	}
	if a.QueryTable && strings.HasPrefix(queryResultsFolder, literalFolder(a.Prefix)) && literalFolder(a.Prefix) != "" {
		check.add(keyPrefix, a.Prefix, "must not hold %s with queryTable = true (query results are not events); for example raw/",
			queryResultsFolder)
	}
}
