package logs

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"ingest-pipeline/local/aws/awserr"
)

// Codes are documented with each operation; sentences are those of moto's logs/models.py, which were compared with AWS.

func noSuchGroup() error {
	return awserr.New("ResourceNotFoundException", 400, "The specified log group does not exist.")
}

func noSuchStream() error {
	return awserr.New("ResourceNotFoundException", 400, "The specified log stream does not exist.")
}

func invalidParameter(format string, args ...any) error {
	return awserr.New("InvalidParameterException", 400, format, args...)
}

// groupName: documented, API_CreateLogGroup.
var groupName = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)

func checkGroupName(name string) error {
	switch {
	case len(name) > 512:
		// Recorded: LocalStack, test_create_log_group_invalid_name_length.
		return invalidParameter("Invalid LogGroup or LogStream, both must have length less than or equal to 512.")
	case name == "":
		return invalidParameter("1 validation error detected: Value '' at 'logGroupName' failed to satisfy constraint: Member " +
			"must have length greater than or equal to 1")
	case !groupName.MatchString(name):
		return invalidParameter("1 validation error detected: Value '%s' at 'logGroupName' failed to satisfy constraint: Member "+
			`must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`, name)
	case strings.HasPrefix(name, "aws/"): // documented: API_CreateLogGroup
		return invalidParameter("Log group names starting with aws/ are reserved for AWS: %s", name)
	}
	return nil
}

// checkStreamName: documented, API_CreateLogStream.
func checkStreamName(name string) error {
	switch {
	case utf8.RuneCountInString(name) > 512:
		return invalidParameter("Invalid LogGroup or LogStream, both must have length less than or equal to 512.") // as for a log group
	case name == "" || !utf8.ValidString(name):
		return invalidParameter("1 validation error detected: Value '%s' at 'logStreamName' failed to satisfy constraint: Member "+
			"must have length between 1 and 512", name)
	case strings.ContainsAny(name, ":*"):
		return invalidParameter("1 validation error detected: Value '%s' at 'logStreamName' failed to satisfy constraint: Member "+
			"must satisfy regular expression pattern: [^:*]*", name)
	}
	return nil
}

// retentions are the days that CloudWatch keeps events for. Documented: API_PutRetentionPolicy.
var retentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

func checkRetention(days int) error {
	if days != 0 && !slices.Contains(retentions, days) {
		return invalidParameter("1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: Member "+
			"must satisfy enum value set: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, "+
			"3288, 3653]", days)
	}
	return nil
}
