package pipeline

import (
	"regexp"
	"strings"
)

// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-ARN
var kmsKeyArnPattern = regexp.MustCompile(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$`)

// checkStorage checks encryption, lifecycle and the query table.
func (c Config) checkStorage(check *checker) {
	if c.KMSKeyArn != "" {
		check.matches(keyKMSKeyArn, c.KMSKeyArn, kmsKeyArnPattern,
			"the ARN of a KMS key, not of an alias (a policy cannot name an alias); for example arn:aws:kms:eu-west-1:111122223333:key/…")
	}
	check.between(keyArchiveAfterDays, c.ArchiveAfterDays, 0, 36500, "days", "0 is never")
	check.between(keyExpireAfterDays, c.ExpireAfterDays, 0, 36500, "days", "0 is never")
	// Glacier Instant Retrieval is charged for 90 days at least: https://aws.amazon.com/s3/pricing/
	if c.ExpireAfterDays > 0 && c.ArchiveAfterDays > 0 && c.ExpireAfterDays < c.ArchiveAfterDays+90 {
		check.add(keyExpireAfterDays, c.ExpireAfterDays,
			"must be at least %d days with archiveAfterDays = %d (the archive is charged for 90 days); raise it, or set archiveAfterDays = 0",
			c.ArchiveAfterDays+90, c.ArchiveAfterDays)
	}
	if c.QueryTable && strings.Contains(c.Prefix, "!{") {
		check.add(keyQueryTable, c.QueryTable,
			"must be false with prefix = %s (the table reads the folders YYYY/MM/DD/HH/ that Firehose adds); "+
				"set one of the two", c.Prefix)
	}
	if c.QueryTable && strings.HasPrefix(queryResultsFolder, literalFolder(c.Prefix)) && literalFolder(c.Prefix) != "" {
		check.add(keyPrefix, c.Prefix, "must not hold %s with queryTable = true (query results are not events); for example raw/",
			queryResultsFolder)
	}
}
