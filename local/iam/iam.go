// Package iam decides whether a call is allowed: it keeps the roles of one account with their trust and permission
// policies and evaluates them the way AWS Identity and Access Management does.
//
// Roles live in memory only; whoever restarts the local target puts them again.
package iam

import (
	"errors"

	"github.com/jonboulle/clockwork"
)

// Account is the AWS account and Region that everything in the local target belongs to.
type Account struct {
	// ID is the account id, 12 digits.
	ID string
	// Region is the Region's code, such as "eu-west-1".
	Region string
	// Partition is the first word of every ARN: "aws", "aws-cn" or "aws-us-gov".
	Partition string
}

// ARN names a resource of the account. Services whose resources are global leave out what AWS leaves out: "iam" has
// no Region, "s3" neither Region nor account id.
func (a Account) ARN(service, resource string) string {
	switch service {
	case "s3":
		return "arn:" + a.Partition + ":s3:::" + resource
	case "iam", "sts":
		return "arn:" + a.Partition + ":" + service + "::" + a.ID + ":" + resource
	default:
		return "arn:" + a.Partition + ":" + service + ":" + a.Region + ":" + a.ID + ":" + resource
	}
}

// Option changes what New makes.
type Option func(*Service)

// WithClock sets the clock behind aws:CurrentTime and aws:EpochTime. Default: the machine's.
func WithClock(clock clockwork.Clock) Option { return func(s *Service) { s.clock = clock } }

// Service holds the roles and policies of one account. It is safe for concurrent use.
type Service struct {
	account Account
	clock   clockwork.Clock
}

// New makes an account without roles.
func New(account Account, options ...Option) *Service {
	s := &Service{account: account, clock: clockwork.NewRealClock()}
	for _, option := range options {
		option(s)
	}
	return s
}

// Role is what CreateRole takes.
type Role struct {
	// Name is 1 to 64 letters, digits and any of +=,.@_- ; it is unique in the account whatever its case.
	Name string
	// Path starts and ends with a slash; up to 512 characters. Default "/".
	Path string
	// TrustPolicy is the JSON document that says who may assume the role; up to 2,048 characters without white space.
	TrustPolicy string
	// MaxSessionSeconds is 3,600 to 43,200. Default 3,600. Kept, but sessions of the local target do not expire.
	MaxSessionSeconds int
	// Description is up to 1,000 characters.
	Description string
}

var errNotYet = errors.New("not written yet")

// CreateRole adds a role and returns its ARN. Errors: EntityAlreadyExists, MalformedPolicyDocument, ValidationError,
// LimitExceeded.
func (s *Service) CreateRole(role Role) (arn string, err error) { return "", errNotYet }

// PutRole creates the role, or changes the trust policy, description and session length of the one that has its name
// (UpdateAssumeRolePolicy and UpdateRole in AWS); policies stay. A changed path is a ValidationError: AWS cannot move
// a role either.
func (s *Service) PutRole(role Role) (arn string, err error) { return "", errNotYet }

// DeleteRole removes a role; its sessions are refused from then on. Errors: NoSuchEntity; DeleteConflict while
// policies are embedded or attached.
func (s *Service) DeleteRole(name string) error { return errNotYet }

// PutRolePolicy embeds the policy document in the role, replacing the one that has its name. Errors: NoSuchEntity,
// MalformedPolicyDocument, ValidationError, LimitExceeded (10,240 characters for all embedded policies of a role,
// white space not counted).
func (s *Service) PutRolePolicy(role, name, document string) error { return errNotYet }

// DeleteRolePolicy removes an embedded policy. Errors: NoSuchEntity.
func (s *Service) DeleteRolePolicy(role, name string) error { return errNotYet }

// AttachRolePolicy attaches one of the AWS managed policies that the local target knows; attaching twice changes
// nothing. Errors: NoSuchEntity that names the role or policy, LimitExceeded at the 11th.
func (s *Service) AttachRolePolicy(role, policyARN string) error { return errNotYet }

// DetachRolePolicy detaches a managed policy. Errors: NoSuchEntity.
func (s *Service) DetachRolePolicy(role, policyARN string) error { return errNotYet }

// RoleDescription is a role as GetRole shows it.
type RoleDescription struct {
	Role
	ARN string
	// ID is the unique id, "AROA…": a role that is deleted and made again has another.
	ID string
	// Policies are the names of the embedded policies, sorted; Attached the ARNs of the managed ones, sorted.
	Policies, Attached []string
}

// GetRole describes a role. Errors: NoSuchEntity.
func (s *Service) GetRole(name string) (RoleDescription, error) {
	return RoleDescription{}, errNotYet
}

// GetRolePolicy returns the document of an embedded policy as it was put. Errors: NoSuchEntity.
func (s *Service) GetRolePolicy(role, name string) (document string, err error) {
	return "", errNotYet
}

// AssumeRole gives the service ("apigateway.amazonaws.com") a session of the role, if the role's trust policy lets it.
// context holds the condition keys of the call, such as sts:ExternalId or aws:SourceArn; nil is none. A role that does
// not exist is the same AccessDenied as one that does not trust the service, as in AWS. Cheap enough to be called for
// each request.
func (s *Service) AssumeRole(roleARN, service, sessionName string, context map[string]string) (*Session, error) {
	return nil, errNotYet
}

// Session is an assumed role. It is safe for concurrent use, and follows every change of the role's policies at once.
type Session struct{}

// ARN is the session's own ARN, arn:aws:sts::<account>:assumed-role/<role>/<session>.
func (s *Session) ARN() string { return "" }

// RoleARN is the ARN of the role.
func (s *Session) RoleARN() string { return "" }

// Request is one call that wants to be allowed.
type Request struct {
	// Action is the IAM action, such as "kinesis:PutRecord".
	Action string
	// Resource is the ARN that the action is done to, or "*" for the actions that have none.
	Resource string
	// Context holds the condition keys of the call besides those that this package fills in itself (aws:PrincipalArn,
	// aws:PrincipalAccount, aws:PrincipalType, aws:userid, aws:CurrentTime, aws:EpochTime, aws:RequestedRegion,
	// aws:PrincipalIsAWSService, aws:ViaAWSService, aws:SecureTransport = "true" unless given). nil is none. The map is
	// not kept.
	Context map[string]string
	// ResourcePolicy is the policy of the resource, such as a bucket's. nil is none.
	ResourcePolicy *Policy
}

// Authorize returns nil when the role's policies and the resource's allow the request, otherwise an *awserr.Error
// AccessDeniedException in AWS's sentence. Decisions are cached until a policy of the role changes.
func (s *Session) Authorize(request Request) error { return errNotYet }

// Policy is a parsed policy document; it does not change.
type Policy struct{}

// ParsePolicy reads a policy document of any kind. What AWS would refuse is MalformedPolicyDocument in AWS's sentence
// with the place in the document; an operator, condition key or policy variable that the local target does not
// evaluate is MalformedPolicyDocument too, and says so: nothing is ignored.
func ParsePolicy(document string) (*Policy, error) { return nil, errNotYet }
