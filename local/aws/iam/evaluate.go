package iam

import (
	"maps"
	"strconv"
	"strings"
	"time"
)

// Request is one call that wants to be allowed.
type Request struct {
	// Action is the IAM action, such as "kinesis:PutRecord".
	Action string
	// Resource is the ARN that the action is done to, or "*" for the actions that have none.
	Resource string
	// Context holds the condition keys of the call besides those that this package fills in itself (aws:PrincipalArn,
	// aws:PrincipalAccount, aws:PrincipalType, aws:userid, aws:TokenIssueTime, aws:CurrentTime, aws:EpochTime,
	// aws:RequestedRegion, aws:ResourceAccount, aws:PrincipalIsAWSService, aws:ViaAWSService; aws:SecureTransport is
	// "true" unless given). nil is none. Keys may be in any case; the map is not kept.
	Context map[string]string
	// ResourcePolicy is the policy of the resource, such as a bucket's. nil is none.
	ResourcePolicy *Policy
}

// Decision is what a policy says about a request.
type Decision int

const (
	// ImplicitDeny: no statement applies.
	ImplicitDeny Decision = iota
	// Allow: a statement allows the request and none denies it.
	Allow
	// ExplicitDeny: a statement denies the request, whatever others allow.
	ExplicitDeny
)

// query is a request that is being evaluated.
type query struct {
	principal Principal
	action    string
	resource  string
	context   map[string]string
	folded    map[string]string // context with keys in lower case; made when first needed
	service   *Service
	issued    time.Time
	// usedConditionKey is set when the outcome depended on a condition key: such a decision must not be cached.
	usedConditionKey bool
	// simulated is set for the policy simulator: the keys of context go first, and there is no default.
	simulated bool
}

// Evaluate evaluates one policy for a request of a caller that is not a role of the account: the owner, a service or
// a caller without credentials. request.ResourcePolicy is ignored.
func (s *Service) Evaluate(policy *Policy, principal Principal, request Request) Decision {
	q := &query{
		principal: principal, action: request.Action, resource: request.Resource, context: request.Context, service: s,
	}
	return q.evaluate(policy.statements, namedItself)
}

// evaluate evaluates statements in AWS's order: an explicit deny wins, then an allow, else the request is denied. An allow
// of a resource's policy counts only if it names the principal at least as closely as needed.
// Documented: IAM user guide, reference_policies_evaluation-logic.html.
func (q *query) evaluate(statements []*statement, needed match) Decision {
	decision := ImplicitDeny
	for _, s := range statements {
		if !s.deny && decision == Allow || !s.concerns(q, needed) || !s.conditionsHold(q) {
			continue
		}
		if s.deny {
			return ExplicitDeny
		}
		decision = Allow
	}
	return decision
}

// concerns reports whether principal, action and resource of the statement are those of the request.
func (s *statement) concerns(q *query, needed match) bool {
	if s.principals != nil {
		switch {
		case s.notPrincipal:
			if s.principals.exempts(q.principal) {
				return false
			}
		case s.deny:
			if s.principals.names(q.principal) == notNamed {
				return false
			}
		case s.principals.names(q.principal) < needed:
			return false
		}
	}
	matched, _ := anyMatch(s.actions, q.action, q, true)
	if matched == s.notAction {
		return false
	}
	if !s.hasResource {
		return true // a trust policy
	}
	matched, resolvable := anyMatch(s.resources, q.resource, q, false)
	return resolvable && matched != s.notResource
}

// anyMatch reports whether one of the patterns matches; resolvable is false when none does and one of them has a
// variable without a value.
func anyMatch(patterns []pattern, text string, q *query, foldCase bool) (matched, resolvable bool) {
	resolvable = true
	for _, p := range patterns {
		hit, ok := p.matches(text, q, foldCase)
		if hit {
			return true, true
		}
		resolvable = resolvable && ok
	}
	return false, resolvable
}

func (s *statement) conditionsHold(q *query) bool {
	for _, c := range s.conditions {
		if !c.holds(q) {
			return false
		}
	}
	return true
}

// value is the request's value of a condition key in lower case.
func (q *query) value(key string) (string, bool) {
	q.usedConditionKey = true
	if !q.simulated {
		if value, ok := q.own(key); ok {
			return value, true
		}
	}
	if q.folded == nil {
		q.folded = make(map[string]string, len(q.context))
		for name, value := range maps.All(q.context) {
			q.folded[strings.ToLower(name)] = value
		}
	}
	value, ok := q.folded[key]
	switch {
	case ok:
		return value, true
	case q.simulated:
		return q.own(key)
	case key == "aws:securetransport":
		return "true", true // assumed: calls between services do not leave AWS's encrypted network
	}
	return "", false
}

// own returns the condition keys that follow from the caller, the time and the Region. Documented:
// reference_policies_condition-keys.html and, for the principal's keys, reference_policies_variables.html.
func (q *query) own(key string) (string, bool) {
	p := q.principal
	switch key {
	case "aws:currenttime":
		return q.service.clock.Now().UTC().Format(time.RFC3339), true
	case "aws:epochtime":
		return strconv.FormatInt(q.service.clock.Now().Unix(), 10), true
	case "aws:requestedregion":
		return q.service.account.Region, true
	case "aws:principalisawsservice":
		return strconv.FormatBool(p.service != ""), true
	case "aws:principalservicename":
		return p.service, p.service != ""
	case "aws:viaawsservice":
		return "false", true
	case "aws:resourceaccount":
		return q.service.account.ID, true
	case "aws:principalaccount":
		return p.account, p.account != ""
	case "aws:tokenissuetime":
		return q.issued.UTC().Format(time.RFC3339), p.role != "" && !q.issued.IsZero()
	case "aws:principalarn":
		if p.role != "" {
			return p.role, true
		}
		return p.arn, p.arn != ""
	case "aws:principaltype":
		return p.kind(), true
	case "aws:userid":
		return p.userID()
	case "aws:username":
		return p.user, p.user != ""
	}
	return "", false
}

func (p Principal) kind() string {
	switch {
	case p.role != "":
		return "AssumedRole"
	case p.user != "":
		return "User"
	case p.account != "":
		return "Account"
	case p.service != "":
		return "Service"
	default:
		return "Anonymous"
	}
}

func (p Principal) userID() (string, bool) {
	switch {
	case p.role != "":
		return p.id + ":" + p.session, p.session != ""
	case p.user != "":
		return p.id, true
	case p.account != "":
		return p.account, true
	case p.service != "":
		return "", false
	default:
		return "anonymous", true
	}
}
