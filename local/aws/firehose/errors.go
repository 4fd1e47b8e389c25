package firehose

import (
	"errors"
	"strconv"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/constraint"
)

// The errors of the API, in AWS's sentences where they are known.

func invalidArgument(format string, args ...any) error {
	return awserr.New("InvalidArgumentException", 400, format, args...)
}

func limitExceeded(format string, args ...any) error {
	return awserr.New("LimitExceededException", 400, format, args...)
}

// notEmulated refuses something that AWS offers and the local target does not, by its name.
func notEmulated(what string) error {
	return invalidArgument("%s is not emulated by the local target.", what)
}

// assumed: quoted in issues of clients.
func errNotFound(account iam.Account, name string) error {
	return awserr.New("ResourceNotFoundException", 400, "Firehose %s not found under account %s.", name, account.ID)
}

// assumed: the sentence is LocalStack's.
func errInUse(account iam.Account, name string) error {
	return awserr.New("ResourceInUseException", 400, "Firehose %s under accountId %s already exists", name, account.ID)
}

// assumed: terraform-provider-aws retries on its beginning, tutorials quote the whole.
func errCannotAssume(roleARN string) error {
	return invalidArgument("Firehose is unable to assume role %s. Please check the role provided.", roleARN)
}

// assumed (aws/aws-cdk issue 5221 quotes a part: "is not authorized to perform: kinesis:DescribeStream on resource").
func errNotAuthorized(roleARN, action, resource string) error {
	return invalidArgument("Role %s is not authorized to perform: %s on resource %s.", roleARN, action, resource)
}

func outOfRange(member string, value, low, high int) error {
	v, bound := strconv.Itoa(value), "greater than or equal to "+strconv.Itoa(low)
	if value > high {
		bound = "less than or equal to " + strconv.Itoa(high)
	}
	return violation(member, v, "Member must have value "+bound)
}

// violation is AWS's sentence about one member.
func violation(member, value, rule string) error {
	var v constraint.Violations
	v.Add(member, value, rule)
	return v.Err(validationException)
}

// codeOf is the AWS error code of err, or empty.
func codeOf(err error) string {
	var refused *awserr.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

var errClosed = errors.New("the service is closed")
