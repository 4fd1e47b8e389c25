package iam

import "regexp"

// RoleARN is the ARN of a role, in its parts.
type RoleARN struct {
	Partition, AccountID string
	// Path starts and ends with a slash; it is "/" for most roles.
	Path, Name string
}

// Documented: reference_identifiers.html and, for the name, API_CreateRole.
var roleARN = regexp.MustCompile(`^arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):role(/(?:.+/)?)([\w+=,.@-]{1,64})$`)

// ParseRoleARN splits the ARN of a role; ok is false if it is none. Whether there is such a role is not looked up.
func ParseRoleARN(arn string) (role RoleARN, ok bool) {
	parts := roleARN.FindStringSubmatch(arn)
	if parts == nil {
		return RoleARN{}, false
	}
	return RoleARN{Partition: parts[1], AccountID: parts[2], Path: parts[3], Name: parts[4]}, true
}
