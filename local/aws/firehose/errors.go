package firehose

import (
	"errors"
	"strconv"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

// The errors of the API, in AWS's sentences where they are known.

func invalidArgument(format string, args ...any) error {
	return awserr.New("InvalidArgumentException", 400, format, args...)
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
	return constraint(member, v, "Member must have value "+bound)
}

// constraint is AWS's sentence about one member.
func constraint(member, value, rule string) error {
	return awserr.New("ValidationException", 400,
		"1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s", value, member, rule)
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
