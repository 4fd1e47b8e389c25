package apigateway

// Account is the one setting that all APIs of the account and Region share.
type Account struct {
	// CloudWatchRoleARN is the role that logs are written with; empty: none.
	CloudWatchRoleARN string
}

// PutAccount sets the role that logs are written with; empty removes it. The role must exist, trust
// apigateway.amazonaws.com and have the permissions to write logs.
func (s *Service) PutAccount(cloudWatchRoleARN string) error { return errNotWritten }

// Account describes the account's setting.
func (s *Service) Account() Account { return Account{} }
