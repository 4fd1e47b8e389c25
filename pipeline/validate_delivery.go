package pipeline

import (
	"regexp"
	"slices"
	"strings"
)

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
var bucketNamePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-ARN
var kmsKeyArnPattern = regexp.MustCompile(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$`)

// https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
var prefixExpression = regexp.MustCompile(`!\{[^}]*\}?`)

func (a PipelineArgs) checkDelivery(check *checker) {
	if name, ok := literal(a.BucketName); ok {
		check.matches("bucketName", name, bucketNamePattern,
			"3–63 of a–z, 0–9, . - (S3); choose another name, or leave the line out and one is made")
	}
	if arn, ok := literal(a.KMSKeyArn); ok {
		check.matches("kmsKeyArn", arn, kmsKeyArnPattern,
			"the ARN of a KMS key, not of an alias (a policy cannot name an alias); for example arn:aws:kms:eu-west-1:111122223333:key/…")
	}
	a.checkPrefixes(check)
	check.between("delivery.bufferSizeMiB", a.Delivery.BufferSizeMiB, 1, 128, "MiB (Firehose)", "5 is its own default")
	check.between("delivery.bufferIntervalSeconds", a.Delivery.BufferIntervalSeconds, 0, 900, "seconds (Firehose)",
		"300 is its own default, 60 shows events sooner")
	check.oneOf("delivery.compression", a.Delivery.Compression, "GZIP is cheaper to store, UNCOMPRESSED easier to read",
		"GZIP", "UNCOMPRESSED")
	a.checkQueryTable(check)
}

func (a PipelineArgs) checkPrefixes(check *checker) {
	const errorType = "!{firehose:error-output-type}"
	for _, folder := range []struct {
		key, value string
		allowed    []string
	}{
		{"delivery.prefix", a.Delivery.Prefix, []string{"!{timestamp:", "!{firehose:random-string}"}},
		{"delivery.errorPrefix", a.Delivery.ErrorPrefix, []string{"!{timestamp:", "!{firehose:random-string}", errorType}},
	} {
		literal := prefixExpression.ReplaceAllString(folder.value, "x")
		switch {
		case !strings.HasSuffix(folder.value, "/") || strings.HasPrefix(folder.value, "/") || strings.Contains(literal, "//"):
			check.add(folder.key, folder.value,
				"must be a folder, ending and not beginning with / (Firehose puts what follows right behind it); for example raw/")
		case literalFolder(folder.value) == "":
			check.add(folder.key, folder.value,
				"must begin with a fixed folder (the role may write nowhere else); for example raw/ before the expression")
		case len(folder.value) > 512:
			check.add(folder.key, folder.value, "must have at most 512 characters (Firehose); shorten it")
		}
		for _, expression := range prefixExpression.FindAllString(folder.value, -1) {
			known := slices.ContainsFunc(folder.allowed, func(a string) bool { return strings.HasPrefix(expression, a) })
			if !known || !strings.HasSuffix(expression, "}") {
				check.add(folder.key, folder.value, "must not contain %s (Firehose knows %s… here); remove it",
					expression, strings.Join(folder.allowed, "…}, "))
			}
		}
	}
	if strings.Contains(a.Delivery.Prefix, "!{") && !strings.Contains(a.Delivery.ErrorPrefix, errorType) {
		check.add("delivery.errorPrefix", a.Delivery.ErrorPrefix,
			"must contain %s when prefix has an expression (Firehose); for example errors/%s/", errorType, errorType)
	}
	data, failed := literalFolder(a.Delivery.Prefix), literalFolder(a.Delivery.ErrorPrefix)
	if data != "" && failed != "" && (strings.HasPrefix(data, failed) || strings.HasPrefix(failed, data)) {
		check.add("delivery.errorPrefix", a.Delivery.ErrorPrefix,
			"must not share its folder with delivery.prefix = %s (a reader of one would find the other); for example errors/", a.Delivery.Prefix)
	}
}

func (a PipelineArgs) checkQueryTable(check *checker) {
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

func (a PipelineArgs) checkLifecycle(check *checker) {
	check.between("lifecycle.archiveAfterDays", a.Lifecycle.ArchiveAfterDays, 0, 36500, "days", "0 is never")
	check.between("lifecycle.expireAfterDays", a.Lifecycle.ExpireAfterDays, 0, 36500, "days", "0 is never")
	// Glacier Instant Retrieval is charged for 90 days at least: https://aws.amazon.com/s3/pricing/
	if a.Lifecycle.ExpireAfterDays > 0 && a.Lifecycle.ArchiveAfterDays > 0 && a.Lifecycle.ExpireAfterDays < a.Lifecycle.ArchiveAfterDays+90 {
		check.add("lifecycle.expireAfterDays", a.Lifecycle.ExpireAfterDays,
			"must be at least %d days with lifecycle.archiveAfterDays = %d (the archive is charged for 90 days); raise it, or set lifecycle.archiveAfterDays = 0",
			a.Lifecycle.ArchiveAfterDays+90, a.Lifecycle.ArchiveAfterDays)
	}
}
