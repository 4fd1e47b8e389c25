// Package logs is CloudWatch Logs: log groups that hold log streams that hold log events, one plain file per log
// stream.
package logs

import (
	"errors"
	"time"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/iam"
)

// Options are what Open needs.
type Options struct {
	// Dir is the folder of all log groups; it is made if it is missing.
	Dir string
	// Account is whose log groups these are.
	Account iam.Account
	// Clock drives flushing and retention. Default: the machine's.
	Clock clockwork.Clock
}

// Service is CloudWatch Logs of one account. It is safe for concurrent use.
type Service struct{}

var errNotYet = errors.New("not written yet")

// Open opens the folder. Log groups that are in it can be written and read at once; CreateLogGroup takes each over
// once after an Open.
func Open(options Options) (*Service, error) { return nil, errNotYet }

// Close writes out what is buffered and stops the service.
func (s *Service) Close() error { return errNotYet }

// Group is a log group.
type Group struct {
	// Name is 1 to 512 characters of a-zA-Z0-9_-/.#
	Name string
	// ARN ends without ":*".
	ARN string
	// RetentionDays is how long events are kept; 0 is for ever.
	RetentionDays int
	// Created is when CreateLogGroup made it.
	Created time.Time
	// Streams are the names of the log streams, sorted.
	Streams []string
}

// Event is a log event.
type Event struct {
	// Time is when it happened, kept to the millisecond. At most 14 days (or the retention) old and two hours ahead.
	Time time.Time
	// Message is 1 to 262,144 bytes less 26, usually one line.
	Message string
}

// CreateLogGroup adds a log group, or takes over the one that an earlier run left in the folder. retentionDays is 0
// (for ever) or one of the values that CloudWatch accepts (1, 3, 5, 7, 14, 30, … 3653). Errors:
// ResourceAlreadyExistsException, InvalidParameterException.
func (s *Service) CreateLogGroup(name string, retentionDays int) error { return errNotYet }

// UpdateRetention changes the retention of a log group (PutRetentionPolicy, or DeleteRetentionPolicy for 0). Errors:
// ResourceNotFoundException, InvalidParameterException.
func (s *Service) UpdateRetention(name string, retentionDays int) error { return errNotYet }

// DeleteLogGroup removes a log group with all its events. Errors: ResourceNotFoundException.
func (s *Service) DeleteLogGroup(name string) error { return errNotYet }

// CreateLogStream adds a log stream to a group, or takes over the one that an earlier run left. The name is 1 to 512
// characters without : and *. Errors: ResourceAlreadyExistsException, ResourceNotFoundException (the group),
// InvalidParameterException.
func (s *Service) CreateLogStream(group, stream string) error { return errNotYet }

// DeleteLogStream removes a log stream with its events. Errors: ResourceNotFoundException.
func (s *Service) DeleteLogStream(group, stream string) error { return errNotYet }

// Groups are all log groups, sorted by name.
func (s *Service) Groups() []Group { return nil }

// Put appends events to a log stream. It needs logs:PutLogEvents on the log stream's ARN, never waits for the disk and
// does not fail because of it. Errors: AccessDeniedException, ResourceNotFoundException, InvalidParameterException.
func (s *Service) Put(caller *iam.Session, group, stream string, events ...Event) error {
	return errNotYet
}

// Read returns the events of a log stream that retention has left, in the order in which they were put. Errors:
// ResourceNotFoundException.
func (s *Service) Read(group, stream string) ([]Event, error) { return nil, errNotYet }
