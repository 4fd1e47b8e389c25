// Package iam decides whether a call is allowed: it keeps the roles of one account with their trust and permission
// policies and evaluates them the way AWS Identity and Access Management does.
//
// What it knows of AWS is documented in the IAM user guide, whose pages (docs.aws.amazon.com/IAM/latest/UserGuide/…)
// the comments name.
package iam

import (
	"sync"

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

// ARN names a resource of the account. Services whose resources are global leave out what AWS leaves out: "iam" and
// "sts" have no Region, "s3" has neither Region nor account id.
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

// Service holds the roles and policies of one account. It is safe for concurrent use.
type Service struct {
	account Account
	clock   clockwork.Clock
	dir     string // where roles and instance profiles are kept; "": in memory only

	mu sync.RWMutex
	// roles are by name in lower case: documented (reference_iam-quotas.html), names differ by more than case.
	roles map[string]*role
	// profiles are the instance profiles by name in lower case.
	profiles map[string]InstanceProfile
	// assumed are the answers of AssumeRole that depended on no condition key, until a role changes.
	assumed map[assumption]*Session

	administrator *Session
	accessKey     AccessKey // of the administrator
	tokens        *tokenSealer
}

// Option changes what New and Open make.
type Option func(*Service)

// WithClock sets the clock behind aws:CurrentTime, aws:EpochTime and aws:TokenIssueTime. Default: the machine's.
func WithClock(clock clockwork.Clock) Option { return func(s *Service) { s.clock = clock } }

// WithAccessKey sets the access key of the account's administrator. Default: there is none.
func WithAccessKey(key AccessKey) Option { return func(s *Service) { s.accessKey = key } }

// New returns an account without roles that keeps them in memory only: for tests, and for policies that need no roles.
func New(account Account, options ...Option) *Service {
	s := &Service{
		account: account, clock: clockwork.NewRealClock(), roles: map[string]*role{},
		profiles: map[string]InstanceProfile{}, assumed: map[assumption]*Session{},
		tokens: newTokenSealer(newTokenKey()),
	}
	for _, option := range options {
		option(s)
	}
	s.administrator = s.newAdministrator()
	return s
}
