package aws

import (
	"fmt"
	"regexp"
	"strings"

	"ingest-pipeline/local/aws/iam"
)

var (
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	region    = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
)

// completeAccount fills in what account leaves out.
func completeAccount(account iam.Account) (iam.Account, error) {
	if account.ID == "" {
		account.ID = DefaultAccountID
	}
	if !accountID.MatchString(account.ID) {
		return account, fmt.Errorf("account id %q: must be 12 digits", account.ID)
	}
	if !region.MatchString(account.Region) {
		return account, fmt.Errorf("region %q: must be the code of an AWS Region, such as ap-northeast-2", account.Region)
	}
	if account.Partition == "" {
		account.Partition = partitionOf(account.Region)
	}
	return account, nil
}

// partitionOf is the first word of the ARNs of a Region (documented: AWS General Reference, ARN format).
func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}
