package iamapi

import (
	"context"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/protocol"
)

// getUser describes the caller: the account's one user, or nobody.
func (a *api) getUser(_ context.Context, call *protocol.Call, in *struct{ UserName *string }) (*getUserOutput, error) {
	administrator := a.iam.Administrator()
	name := iam.AdministratorName
	switch {
	case in.UserName != nil:
		name = *in.UserName
	case call.Caller.RoleARN() != "": // assumed: quoted in issue threads
		return nil, awserr.New(invalid, 400, "Must specify userName when calling with non-User credentials")
	}
	if err := authorize(call, "GetUser", call.Account.ARN("iam", "user/"+name)); err != nil {
		return nil, err
	}
	if name != iam.AdministratorName { // recorded: LocalStack, test_iam_users
		return nil, awserr.New("NoSuchEntity", 404, "The user with name %s cannot be found.", name)
	}
	return &getUserOutput{user{
		Path: "/", UserName: name, UserID: administrator.UserID(), ARN: administrator.ARN(),
	}}, nil
}

type getUserOutput struct{ User user }

type user struct {
	Path, UserName string
	UserID         string `aws:"UserId"`
	ARN            string `aws:"Arn"`
}
