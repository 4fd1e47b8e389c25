package iam

import (
	"fmt"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/awserr"
)

// Policy is a parsed policy document; it does not change.
type Policy struct {
	document   string
	statements []*statement
}

// statement is one statement of a policy, ready to be evaluated.
type statement struct {
	place      string // "Statement[0]"
	sid        string
	deny       bool
	principals *principalSet // nil: the policy belongs to an identity
	// not turns the meaning of the element around: NotAction, NotResource, NotPrincipal.
	notAction, notResource, notPrincipal bool
	actions, resources                   []pattern
	hasResource                          bool
	conditions                           []condition
	// begin and end are offsets in the document, as simulations report them.
	begin, end int
}

// policyKind decides which elements a document must and must not have.
type policyKind int

const (
	// anyPolicy has principals or none, resources or none: the service that owns the policy checks what it needs.
	anyPolicy policyKind = iota
	identityPolicy
	trustPolicy
)

// Sentences of IAM that occur in more than one place. [FIELD] and moto's iam/policy_validation.py, whose cases were
// compared with AWS.
const (
	syntaxError = "Syntax errors in policy."
	legacyError = "The policy failed legacy parsing"
)

// malformed is MalformedPolicyDocument in AWS's sentence, followed by what AWS does not say: the place, and why.
func malformed(sentence, place, why string) error {
	detail := place
	if place != "" && why != "" {
		detail += ": "
	}
	if detail += why; detail != "" {
		sentence += " (" + detail + ")"
	}
	return awserr.New("MalformedPolicyDocument", 400, "%s", sentence)
}

// ParsePolicy reads a policy document of any kind, with principals or without. What AWS would refuse is
// MalformedPolicyDocument in AWS's sentence with the place in the document; an operator, condition key or policy
// variable that the local target does not evaluate is MalformedPolicyDocument too, and says so: nothing is ignored.
func ParsePolicy(document string) (*Policy, error) { return parsePolicy(document, anyPolicy) }

// Document is the JSON that the policy was parsed from.
func (p *Policy) Document() string { return p.document }

func parsePolicy(document string, kind policyKind) (*Policy, error) {
	invalid := syntaxError
	if kind != identityPolicy {
		invalid = "This policy contains invalid Json"
	}
	root, err := readJSON(document)
	if err != nil {
		return nil, malformed(invalid, "", err.Error())
	}
	if root.kind != '{' {
		return nil, malformed(invalid, "", "the document is not an object")
	}
	p := &Policy{document: document}
	variables := false
	for _, m := range root.members {
		switch m.name {
		case "Version":
			if m.value.kind != '"' || m.value.text != "2012-10-17" && m.value.text != "2008-10-17" {
				return nil, malformed("The policy must contain a valid version string", "Version", "2012-10-17 or 2008-10-17")
			}
			// Documented: without a version, or with the older one, ${…} is plain text.
			variables = m.value.text == "2012-10-17"
		case "Id":
			if m.value.kind != '"' {
				return nil, malformed(syntaxError, "Id", "not a string")
			}
		case "Statement":
		default:
			return nil, malformed(syntaxError, m.name, "no such element")
		}
	}
	if p.statements, err = readStatements(root.member("Statement"), kind, variables); err != nil {
		return nil, err
	}
	return p, checkSids(p.statements, kind)
}

func readStatements(block *element, kind policyKind, variables bool) ([]*statement, error) {
	items := []*element{block}
	switch {
	case block == nil || block.kind == '[' && len(block.items) == 0:
		if kind == identityPolicy {
			return nil, malformed(syntaxError, "Statement", "missing or empty")
		}
		return nil, malformed("Could not parse the policy: Statement is empty!", "", "")
	case block.kind == '[':
		items = block.items
	}
	var statements []*statement
	begin := block.begin
	for i, item := range items {
		place := fmt.Sprintf("Statement[%d]", i)
		if item.kind != '{' {
			return nil, malformed(syntaxError, place, "not an object")
		}
		s, err := readStatement(item, place, kind, variables)
		if err != nil {
			return nil, err
		}
		s.begin, s.end = begin, item.end
		begin = item.end
		statements = append(statements, s)
	}
	return statements, nil
}

// checkSids applies the rules for statement ids. Other services than IAM allow more than letters and digits.
func checkSids(statements []*statement, kind policyKind) error {
	seen := map[string]bool{}
	for _, s := range statements {
		if s.sid == "" {
			continue
		}
		if kind != anyPolicy && strings.ContainsFunc(s.sid, func(r rune) bool { return !isAlphanumeric(r) }) {
			return malformed("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "+
				"expression [0-9A-Za-z]*", s.place+".Sid", fmt.Sprintf("%q", s.sid))
		}
		if seen[s.sid] {
			return malformed("Statement IDs (SID) in a single policy must be unique.", s.place+".Sid", fmt.Sprintf("%q", s.sid))
		}
		seen[s.sid] = true
	}
	return nil
}

func isAlphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// StatementInfo is what a service checks before it accepts a resource policy.
type StatementInfo struct {
	// Place is where the statement is, "Statement[0]".
	Place string
	Deny  bool
	// HasPrincipal is false for a statement of an identity's policy.
	HasPrincipal, NotPrincipal bool
	// Everyone is true when the principal is "*".
	Everyone bool
	// AWS (ARNs of identities, ids of accounts), Services, Federated and CanonicalUsers are the principals by kind,
	// without "*".
	AWS, Services, Federated, CanonicalUsers []string
	Actions, Resources                       []string
	NotAction, NotResource, HasResource      bool
	Conditions                               []ConditionInfo
}

// ConditionInfo is one key of one operator in a Condition element.
type ConditionInfo struct {
	// Operator is as written, "StringEqualsIfExists"; Key is in lower case.
	Operator, Key string
	Values        []string
}

// Statements describes the statements in the order of the document.
func (p *Policy) Statements() []StatementInfo {
	infos := make([]StatementInfo, 0, len(p.statements))
	for _, s := range p.statements {
		info := StatementInfo{
			Place: s.place, Deny: s.deny, NotPrincipal: s.notPrincipal, NotAction: s.notAction, NotResource: s.notResource,
			HasResource: s.hasResource,
		}
		if s.principals != nil {
			info.HasPrincipal = true
			info.Everyone = s.principals.everyone
			info.AWS = append(slices.Clone(s.principals.aws), s.principals.accounts...)
			info.Services = s.principals.services
			info.Federated, info.CanonicalUsers = s.principals.federated, s.principals.canonicalUsers
		}
		for _, action := range s.actions {
			info.Actions = append(info.Actions, action.source)
		}
		for _, resource := range s.resources {
			info.Resources = append(info.Resources, resource.source)
		}
		for _, c := range s.conditions {
			info.Conditions = append(info.Conditions, c.info)
		}
		infos = append(infos, info)
	}
	return infos
}
