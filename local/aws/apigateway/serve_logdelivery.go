package apigateway

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"sync/atomic"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/logs"
)

// logDelivery writes logs with the account's role. Without a role that works nothing is written and nothing fails: AWS
// too drops logs silently (seen in issue threads of roles that were deleted).
type logDelivery struct {
	account iam.Account
	iam     *iam.Service
	logs    *logs.Service
	roleARN atomic.Pointer[string]
}

func newLogDelivery(options Options) *logDelivery {
	d := &logDelivery{account: options.Account, iam: options.IAM, logs: options.Logs}
	d.setRole("")
	return d
}

func (d *logDelivery) role() string       { return *d.roleARN.Load() }
func (d *logDelivery) setRole(arn string) { d.roleARN.Store(&arn) }

// write writes events to a log stream, which it creates if there is none; and so the log group, where that is API
// Gateway's own.
func (d *logDelivery) write(group, stream string, ownsGroup bool, events []logs.Event) {
	role := d.role()
	if role == "" {
		return
	}
	session, err := d.iam.AssumeRole(role, servicePrincipal, sessionName, nil)
	if err != nil {
		return
	}
	err = d.logs.PutLogEvents(session, group, stream, events...)
	if !isCode(err, "ResourceNotFoundException") {
		return
	}
	if ownsGroup && d.isAllowed(session, "logs:CreateLogGroup", group) {
		err := d.logs.CreateLogGroup(logs.Group{Name: group}) // it never expires: documented (set-up-logging)
		if err != nil && !isCode(err, "ResourceAlreadyExistsException") {
			return
		}
	}
	if !d.isAllowed(session, "logs:CreateLogStream", group) {
		return
	}
	err = d.logs.CreateLogStream(group, stream)
	if err != nil && !isCode(err, "ResourceAlreadyExistsException") {
		return
	}
	_ = d.logs.PutLogEvents(session, group, stream, events...) // a second refusal is dropped, too
}

func (d *logDelivery) isAllowed(session *iam.Session, action, group string) bool {
	return session.Authorize(iam.Request{Action: action, Resource: d.account.ARN("logs", "log-group:"+group)}) == nil
}

func isCode(err error, code string) bool {
	var refusal *awserr.Error
	return errors.As(err, &refusal) && refusal.Code == code
}

// logStreamName is a name like those of API Gateway: 32 hexadecimal digits. AWS spreads a stage over many log streams;
// here it has one (assumed to be of no importance).
func logStreamName(apiID, stageName string) string {
	sum := md5.Sum([]byte(apiID + "/" + stageName))
	return hex.EncodeToString(sum[:])
}
