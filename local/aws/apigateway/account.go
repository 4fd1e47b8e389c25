package apigateway

import (
	"ingest-pipeline/local/aws/iam"
)

// Account is the settings that all APIs of the account and Region share.
type Account struct {
	// CloudWatchRoleARN is the role that logs are written with; empty: none.
	CloudWatchRoleARN string
}

const (
	servicePrincipal = "apigateway.amazonaws.com"
	sessionName      = "BackplaneAssumeRoleSession" // assumed: seen in error messages of integrations
)

// logActions are what the account's role must allow: documented (set-up-logging), the managed policy's own list.
var logActions = []string{
	"logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams",
	"logs:PutLogEvents", "logs:GetLogEvents", "logs:FilterLogEvents",
}

// UpdateAccount sets the role that logs are written with; empty removes it. The role must exist, trust
// apigateway.amazonaws.com and have the permissions to write logs.
func (s *Service) UpdateAccount(change Account) error {
	if change.CloudWatchRoleARN != "" {
		if err := s.checkLoggingRole(change.CloudWatchRoleARN); err != nil {
			return err
		}
	}
	return s.editAccount(func(account *accountConfig) error {
		account.LoggingRoleARN = change.CloudWatchRoleARN
		return nil
	})
}

// GetAccount describes the account's settings.
func (s *Service) GetAccount() Account { return Account{CloudWatchRoleARN: s.logs.role()} }

func (s *Service) checkLoggingRole(arn string) error {
	if err := s.checkRole(arn); err != nil {
		return err
	}
	session, err := s.options.IAM.AssumeRole(arn, servicePrincipal, sessionName, nil)
	if err == nil {
		err = s.authorizeLogging(session)
	}
	if err != nil {
		// Assumed: quoted in issue threads; the same sentence for a role that is missing, not trusting, or without permission.
		return badRequest("The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.")
	}
	return nil
}

// authorizeLogging checks the permissions on the account's log groups. AWS requires all of them on all log groups
// (assumed: it refuses roles that have them for single groups).
func (s *Service) authorizeLogging(session *iam.Session) error {
	for _, action := range logActions {
		if err := session.Authorize(iam.Request{Action: action, Resource: s.options.Account.ARN("logs", "log-group:*")}); err != nil {
			return err
		}
	}
	return nil
}

// checkLogging refuses to enable logging without the account's role: assumed: quoted in issue threads.
func (s *Service) checkLogging() error {
	if s.logs.role() == "" {
		return badRequest("CloudWatch Logs role ARN must be set in account settings to enable logging")
	}
	return nil
}
