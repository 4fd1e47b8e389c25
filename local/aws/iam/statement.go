package iam

import (
	"fmt"
	"slices"
	"strings"
)

// readStatement reads and checks one statement. The order of the checks is the order in which IAM reports.
func readStatement(block *element, place string, kind policyKind, variables bool) (*statement, error) {
	s := &statement{place: place}
	for _, m := range block.members {
		switch m.name {
		case "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition":
		default:
			return nil, malformed(syntaxError, place+"."+m.name, "no such element")
		}
	}
	for _, pair := range [][2]string{{"Action", "NotAction"}, {"Resource", "NotResource"}, {"Principal", "NotPrincipal"}} {
		if block.member(pair[0]) != nil && block.member(pair[1]) != nil {
			return nil, malformed(syntaxError, place, pair[0]+" and "+pair[1]+" in one statement")
		}
	}
	if sid := block.member("Sid"); sid != nil {
		if sid.kind != '"' {
			return nil, malformed(syntaxError, place+".Sid", "not a string")
		}
		s.sid = sid.text
	}
	steps := []func(*statement, *element, policyKind, bool) error{
		readEffect, readPrincipalElement, readActions, readResources,
	}
	for _, step := range steps {
		if err := step(s, block, kind, variables); err != nil {
			return nil, err
		}
	}
	var err error
	s.conditions, err = readConditions(block.member("Condition"), place+".Condition", variables)
	return s, err
}

func readEffect(s *statement, block *element, kind policyKind, _ bool) error {
	effect := block.member("Effect")
	switch {
	case effect == nil && kind == identityPolicy:
		return malformed(syntaxError, s.place+".Effect", "missing")
	case effect == nil:
		return malformed("Missing required field Effect", s.place, "")
	case effect.kind != '"' || effect.text != "Allow" && effect.text != "Deny":
		return malformed("Invalid effect: "+effect.text, s.place+".Effect", "Allow or Deny")
	}
	s.deny = effect.text == "Deny"
	return nil
}

func readPrincipalElement(s *statement, block *element, kind policyKind, _ bool) (err error) {
	name, principal := "Principal", block.member("Principal")
	if not := block.member("NotPrincipal"); not != nil {
		name, principal, s.notPrincipal = "NotPrincipal", not, true
	}
	switch {
	case principal == nil && kind == trustPolicy:
		return malformed("Missing required field Principal", s.place, "")
	case principal == nil:
		return nil
	case kind == identityPolicy:
		return malformed("Policy document should not specify a principal.", s.place+"."+name, "")
	case s.notPrincipal && !s.deny:
		// Documented as discouraged only; refused for trust policies by newer AWS. Refusing it everywhere keeps a policy
		// that grants to the whole world by mistake out of the local target.
		return malformed("Allow with NotPrincipal is not allowed.", s.place+"."+name, "")
	}
	s.principals, err = readPrincipals(principal, s.place+"."+name, kind)
	return err
}

// readActions reads Action or NotAction. IAM compares actions without regard to case.
func readActions(s *statement, block *element, kind policyKind, _ bool) error {
	name, list := "Action", block.member("Action")
	if not := block.member("NotAction"); not != nil {
		name, list, s.notAction = "NotAction", not, true
	}
	place := s.place + "." + name
	texts, err := readTexts(list, place)
	switch {
	case err != nil:
		return err
	case len(texts) == 0 && kind == trustPolicy:
		return malformed("Missing required field Action", s.place, "")
	case len(texts) == 0:
		return malformed("Policy statement must contain actions.", s.place, "")
	}
	for _, text := range texts {
		if err := checkAction(text, place); err != nil {
			return err
		}
		action, err := parsePattern(text, true, false)
		if err != nil {
			return malformed(syntaxError, place, err.Error())
		}
		if kind == trustPolicy && (text == "*" || !action.matchesAny(trustActions)) {
			return malformed("AssumeRole policy may only specify STS AssumeRole actions.", place, fmt.Sprintf("%q", text))
		}
		s.actions = append(s.actions, action)
	}
	return nil
}

// trustActions are the actions that a trust policy may have. That another one is refused is recorded
// (localstack/localstack tests/aws/services/iam/test_iam_roles.py, test_update_assume_role_policy_errors); which these are
// is documented (Service Authorization Reference, STS), and that a pattern has to match one of them assumed.
var trustActions = []string{
	"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:SetContext", "sts:SetSourceIdentity",
	"sts:TagSession",
}

// matchesAny reports whether a pattern of actions, which have no variables, matches one of them.
func (p pattern) matchesAny(actions []string) bool {
	return slices.ContainsFunc(actions, func(action string) bool {
		matched, _ := p.matches(action, nil, true)
		return matched
	})
}

func checkAction(action, place string) error {
	vendor, name, prefixed := strings.Cut(action, ":")
	switch {
	case action == "*":
		return nil
	case !prefixed || name == "":
		return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.", place,
			fmt.Sprintf("%q", action))
	case strings.Contains(name, ":"):
		return malformed("Actions/Condition can contain only one colon.", place, fmt.Sprintf("%q", action))
	case vendor == "" || strings.ContainsFunc(vendor, func(r rune) bool { return !isAlphanumeric(r) && r != '-' && r != '.' }):
		return malformed(fmt.Sprintf("Vendor %s is not valid", vendor), place, fmt.Sprintf("%q", action))
	}
	return nil
}

func readResources(s *statement, block *element, kind policyKind, variables bool) error {
	name, list := "Resource", block.member("Resource")
	if not := block.member("NotResource"); not != nil {
		name, list, s.notResource = "NotResource", not, true
	}
	if kind == trustPolicy && list != nil {
		return malformed("Has prohibited field "+name, s.place, "")
	}
	place := s.place + "." + name
	texts, err := readTexts(list, place)
	switch {
	case err != nil:
		return err
	case len(texts) == 0 && kind == identityPolicy:
		return malformed("Policy statement must contain resources.", s.place, "")
	}
	s.hasResource = len(texts) > 0
	for _, text := range texts {
		if kind == identityPolicy {
			if err := checkResource(text, place); err != nil {
				return err
			}
		}
		if before, _, found := strings.Cut(text, "${"); variables && found && strings.Count(before, ":") < arnParts-1 {
			return malformed(legacyError, place, fmt.Sprintf("%q has a policy variable before the fifth colon", text))
		}
		resource, err := parsePattern(text, true, variables)
		if err != nil {
			return malformed(syntaxError, place, err.Error())
		}
		s.resources = append(s.resources, resource)
	}
	return nil
}

// checkResource refuses the resources that IAM refuses in an identity's policy.
func checkResource(resource, place string) error {
	if resource == "*" {
		return nil
	}
	quoted := fmt.Sprintf("%q", resource)
	pieces := strings.SplitN(resource, ":", arnParts)
	if len(pieces) == 1 || pieces[0] != "arn" {
		return malformed(fmt.Sprintf(`Resource %s must be in ARN format or "*".`, resource), place, "")
	}
	switch partition := pieces[1]; {
	case partition != "aws" && partition != "aws-cn" && partition != "aws-us-gov":
		return malformed(fmt.Sprintf(`Partition "%s" is not valid for resource "%s".`, partition, resource), place, "")
	case len(pieces) < 3 || strings.ContainsAny(pieces[2], "*?"):
		return malformed("Resource vendor must be fully qualified and cannot contain regexes.", place, quoted)
	case len(pieces) < arnParts || pieces[2] == "":
		return malformed(legacyError, place, quoted+" has fewer than six parts")
	case pieces[2] == "iam" && pieces[3] != "":
		return malformed(fmt.Sprintf("IAM resource %s cannot contain region information.", resource), place, "")
	case pieces[2] == "s3" && pieces[3] != "" && !strings.HasPrefix(pieces[5], "accesspoint/"):
		return malformed(fmt.Sprintf("Resource %s can not contain region information.", resource), place, "")
	}
	return nil
}

// readTexts reads a string or a list of strings; nil is an empty list.
func readTexts(list *element, place string) ([]string, error) {
	if list == nil {
		return nil, nil
	}
	items := []*element{list}
	if list.kind == '[' {
		items = list.items
	}
	texts := make([]string, 0, len(items))
	for _, item := range items {
		if item.kind != '"' {
			return nil, malformed(syntaxError, place, "neither a string nor a list of strings")
		}
		texts = append(texts, item.text)
	}
	return texts, nil
}
