package iam

import (
	"errors"
	"fmt"
	"strings"
)

// globalKeys are the aws: condition keys whose value, or whose absence, the local target gets right. Documented: IAM
// user guide, reference_policies_condition-keys.html. The keys that AWS leaves out of a role session's requests here
// (no organization, no VPC endpoint, no federation, no MFA) are absent in the local target for the same reason.
var globalKeys = map[string]bool{
	"aws:currenttime": true, "aws:epochtime": true, "aws:tokenissuetime": true,
	"aws:principalarn": true, "aws:principalaccount": true, "aws:principaltype": true, "aws:userid": true,
	"aws:username": true, "aws:principalisawsservice": true, "aws:principalservicename": true,
	"aws:viaawsservice": true, "aws:calledvia": true, "aws:calledviafirst": true, "aws:calledvialast": true,
	"aws:securetransport": true, "aws:requestedregion": true, "aws:resourceaccount": true,
	"aws:sourcearn": true, "aws:sourceaccount": true, "aws:sourceip": true, "aws:useragent": true, "aws:referer": true,
	"aws:principalorgid": true, "aws:principalorgpaths": true, "aws:resourceorgid": true, "aws:resourceorgpaths": true,
	"aws:sourceorgid": true, "aws:sourceorgpaths": true,
	"aws:sourcevpc": true, "aws:sourcevpce": true, "aws:vpcsourceip": true,
	"aws:multifactorauthpresent": true, "aws:multifactorauthage": true, "aws:federatedprovider": true,
	"aws:sourceidentity": true,
}

// checkConditionKey refuses a key that AWS would refuse, and one whose value the local target would get wrong. Keys of
// single services (kms:ViaService) are taken as they come: the service that evaluates the policy gives them.
func checkConditionKey(key string) error {
	vendor, name, found := strings.Cut(key, ":")
	if !found || vendor == "" || name == "" {
		return errors.New("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.") //nolint:staticcheck // ST1005: AWS's own sentence
	}
	if !strings.EqualFold(vendor, "aws") || globalKeys[strings.ToLower(key)] {
		return nil
	}
	for _, tagged := range []string{"PrincipalTag/", "RequestTag/", "ResourceTag/", "TagKeys"} {
		if len(name) >= len(tagged) && strings.EqualFold(name[:len(tagged)], tagged) {
			return fmt.Errorf("the condition key %s is not supported by the local target, which keeps no tags", key)
		}
	}
	return fmt.Errorf("the condition key %s is not supported by the local target", key)
}
