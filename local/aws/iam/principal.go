package iam

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Principal is who makes a request. The zero value is a caller without credentials.
type Principal struct {
	// account is empty for services and for a caller without credentials.
	account string
	// arn is the session's ARN, or the root's.
	arn string
	// role is the role behind a session, user the name of a user, id the unique id of either.
	role, session, user, id string
	// service is the name of an AWS service that acts for itself, "firehose.amazonaws.com".
	service string
}

// Root is the owner of an account, who has its root credentials.
func Root(account Account) Principal {
	return Principal{account: account.ID, arn: account.ARN("iam", "root")}
}

// ServicePrincipal is an AWS service that acts for itself, such as "firehose.amazonaws.com".
func ServicePrincipal(name string) Principal { return Principal{service: name} }

// name is how an error calls the principal. Documented for identities: IAM user guide, troubleshoot_access-denied.html.
func (p Principal) name() string {
	switch {
	case p.arn != "":
		return p.arn
	case p.service != "":
		return p.service
	default:
		return "anonymous"
	}
}

// principalSet is a Principal or NotPrincipal element.
type principalSet struct {
	everyone bool
	// aws holds role, user and session ARNs; accounts the ids of accounts that are named as a whole.
	aws, accounts                       []string
	services, federated, canonicalUsers []string
}

var (
	accountID = regexp.MustCompile(`^\d{12}$`)
	// An ARN of an identity. Wildcards are not allowed in it: documented, reference_policies_elements_principal.html.
	rootARN     = regexp.MustCompile(`^arn:aws(?:-cn|-us-gov)?:iam::(\d{12}):root$`)
	identityARN = regexp.MustCompile(`^arn:aws(?:-cn|-us-gov)?:(?:iam::\d{12}:(?:role|user)/[^*?]+` +
		`|sts::\d{12}:(?:assumed-role/[^*?/]+/[^*?/]+|federated-user/[^*?/]+))$`)
	// Assumed: AWS compares with its list of services, the local target only with the form of their names.
	serviceName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*\.(?:amazonaws\.com(?:\.cn)?|aws\.internal|amazon\.com)$`)
)

// readPrincipals reads "*" or an object of principals by kind.
func readPrincipals(block *element, place string, kind policyKind) (*principalSet, error) {
	set := &principalSet{}
	switch {
	case block.kind == '"' && block.text == "*":
		set.everyone = true
		return set, nil
	case block.kind == '"':
		return nil, malformed(fmt.Sprintf("Invalid principal in policy: %q", block.text), place, "")
	case block.kind != '{':
		return nil, malformed(syntaxError, place, `neither "*" nor an object`)
	case len(block.members) == 0:
		return nil, malformed("Missing required field Principal cannot be empty!", place, "")
	}
	for _, m := range block.members {
		names, err := readTexts(m.value, place+"."+m.name)
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, malformed("Missing required field Principal cannot be empty!", place+"."+m.name, "")
		}
		for _, name := range names {
			if !set.add(m.name, name, kind) {
				return nil, malformed(fmt.Sprintf("Invalid principal in policy: %q:%q", strings.ToUpper(m.name), name), place, "")
			}
		}
	}
	return set, nil
}

// add takes one principal into the set, or says that it is none.
func (set *principalSet) add(kind, name string, policy policyKind) bool {
	switch kind {
	case "AWS":
		root := rootARN.FindStringSubmatch(name)
		switch {
		case name == "*":
			set.everyone = true
		case accountID.MatchString(name):
			set.accounts = append(set.accounts, name)
		case root != nil:
			set.accounts = append(set.accounts, root[1])
		case identityARN.MatchString(name):
			set.aws = append(set.aws, name)
		default:
			return false
		}
	case "Service":
		if !serviceName.MatchString(name) {
			return false
		}
		set.services = append(set.services, name)
	case "Federated":
		set.federated = append(set.federated, name)
	case "CanonicalUser":
		if policy == trustPolicy {
			return false
		}
		set.canonicalUsers = append(set.canonicalUsers, name)
	default:
		return false
	}
	return true
}

// match is how a principal is named by a set.
type match int

const (
	notNamed match = iota
	// namedByAccount: the account is named, so that the account's own policies decide whom they allow. Documented:
	// reference_policies_elements_principal.html, AWS account principals.
	namedByAccount
	// namedItself: the principal itself is named, or everyone is.
	namedItself
)

func (set *principalSet) names(p Principal) match {
	switch {
	case set.everyone:
		return namedItself
	case p.service != "":
		if slices.Contains(set.services, p.service) {
			return namedItself
		}
		return notNamed
	case p.arn != "" && slices.Contains(set.aws, p.arn), p.role != "" && slices.Contains(set.aws, p.role):
		return namedItself
	case p.account != "" && slices.Contains(set.accounts, p.account):
		if p.role == "" && p.user == "" {
			return namedItself // the root of the account
		}
		return namedByAccount
	default:
		return notNamed
	}
}

// exempts reports whether a Deny with this set as NotPrincipal does not apply to the principal. Documented
// (reference_policies_elements_notprincipal.html): AWS evaluates the account first, then the role, so both must be
// in the list.
func (set *principalSet) exempts(p Principal) bool {
	if p.role == "" || set.everyone {
		return set.names(p) != notNamed
	}
	return slices.Contains(set.aws, p.role) && slices.Contains(set.accounts, p.account)
}
