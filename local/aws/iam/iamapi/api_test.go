package iamapi_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/iam/iamapi"
	"ingest-pipeline/local/aws/internal/apitest"
)

var account = iam.Account{ID: "123456789012", Region: "eu-west-1", Partition: "aws"}

const trust = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`

// target is IAM behind the endpoint.
type target struct {
	*sdk.Client
	dir    string
	iam    *iam.Service
	server *apitest.Server
}

func newTarget(t *testing.T) *target {
	t.Helper()
	dir := t.TempDir()
	users, err := iam.Open(dir, account, iam.WithAccessKey(apitest.Key))
	require.NoError(t, err)
	server := apitest.Serve(t, account, users, iamapi.New(users))
	return &target{sdk.NewFromConfig(server.Config()), dir, users, server}
}

func (w *target) createRole(t *testing.T, name, path string) {
	t.Helper()
	_, err := w.CreateRole(context.Background(), &sdk.CreateRoleInput{
		RoleName: &name, Path: aws.String(path), AssumeRolePolicyDocument: aws.String(trust),
	})
	require.NoError(t, err)
}

// requireCode checks the code of an error and AWS's sentence at its beginning.
func requireCode(t *testing.T, err error, code, message string) {
	t.Helper()
	var refused smithy.APIError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, code, refused.ErrorCode())
	assert.True(t, strings.HasPrefix(refused.ErrorMessage(), message), "%q", refused.ErrorMessage())
}

// The members are those of LocalStack's recordings TestRoleLifecycle and TestRoleTags.
func TestARoleIsAnsweredAsOnAWS(t *testing.T) {
	w, ctx := newTarget(t), context.Background()

	created, err := w.CreateRole(ctx, &sdk.CreateRoleInput{
		RoleName: aws.String("worker"), Path: aws.String("/team/"), AssumeRolePolicyDocument: aws.String(trust),
		Description: aws.String("Works"), MaxSessionDuration: aws.Int32(7200),
		Tags: []types.Tag{{Key: aws.String("b"), Value: aws.String("")}, {Key: aws.String("a"), Value: aws.String("1")}},
	})
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:iam::123456789012:role/team/worker", *created.Role.Arn)
	assert.Regexp(t, `^AROA[A-Z2-7]{17}$`, *created.Role.RoleId)
	assert.Nil(t, created.Role.MaxSessionDuration, "CreateRole does not answer it")
	assert.Nil(t, created.Role.RoleLastUsed)

	got, err := w.GetRole(ctx, &sdk.GetRoleInput{RoleName: aws.String("worker")})
	require.NoError(t, err)
	role := got.Role
	assert.Equal(t, created.Role.RoleId, role.RoleId)
	assert.Equal(t, created.Role.CreateDate, role.CreateDate)
	assert.Equal(t, int32(7200), *role.MaxSessionDuration)
	assert.Equal(t, "Works", *role.Description)
	assert.NotNil(t, role.RoleLastUsed)
	assert.Equal(t, []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("")}}, role.Tags)
	assert.True(t, strings.HasPrefix(*role.AssumeRolePolicyDocument, "%7B%22Version%22%3A%222012-10-17%22"), *role.AssumeRolePolicyDocument)
	document, err := url.PathUnescape(*role.AssumeRolePolicyDocument)
	require.NoError(t, err)
	assert.Equal(t, trust, document)

	listed, err := w.ListRoles(ctx, &sdk.ListRolesInput{PathPrefix: aws.String("/team/")})
	require.NoError(t, err)
	require.Len(t, listed.Roles, 1)
	assert.Empty(t, listed.Roles[0].Tags)
	assert.Equal(t, int32(7200), *listed.Roles[0].MaxSessionDuration)
}

func TestAChangeOfARoleIsThereAfterARestart(t *testing.T) {
	w, ctx := newTarget(t), context.Background()
	name := aws.String("worker")
	w.createRole(t, *name, "/")

	_, err := w.UpdateRole(ctx, &sdk.UpdateRoleInput{RoleName: name, Description: aws.String("new"), MaxSessionDuration: aws.Int32(7200)})
	require.NoError(t, err)
	_, err = w.UpdateRole(ctx, &sdk.UpdateRoleInput{RoleName: name})
	require.NoError(t, err, "what a request does not have stays")
	described, err := w.UpdateRoleDescription(ctx, &sdk.UpdateRoleDescriptionInput{RoleName: name, Description: aws.String("newer")})
	require.NoError(t, err)
	assert.Equal(t, "newer", *described.Role.Description)
	other := strings.Replace(trust, "ec2", "lambda", 1)
	_, err = w.UpdateAssumeRolePolicy(ctx, &sdk.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: &other})
	require.NoError(t, err)
	_, err = w.TagRole(ctx, &sdk.TagRoleInput{RoleName: name, Tags: []types.Tag{
		{Key: aws.String("Team"), Value: aws.String("data")}, {Key: aws.String("cost"), Value: aws.String("1")},
	}})
	require.NoError(t, err)
	_, err = w.TagRole(ctx, &sdk.TagRoleInput{RoleName: name, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("ops")}}})
	require.NoError(t, err)
	_, err = w.UntagRole(ctx, &sdk.UntagRoleInput{RoleName: name, TagKeys: []string{"cost"}})
	require.NoError(t, err)

	again, err := iam.Open(w.dir, account)
	require.NoError(t, err)
	role, err := again.GetRole("worker")
	require.NoError(t, err)
	assert.Equal(t, iam.Role{
		Name: "worker", Path: "/", TrustPolicy: other, MaxSessionSeconds: 7200, Description: "newer", Tags: map[string]string{"team": "ops"},
	}, role.Role)
	tags, err := w.ListRoleTags(ctx, &sdk.ListRoleTagsInput{RoleName: name})
	require.NoError(t, err)
	assert.Equal(t, []types.Tag{{Key: aws.String("team"), Value: aws.String("ops")}}, tags.Tags)
}

func TestPoliciesOfARole(t *testing.T) {
	w, ctx := newTarget(t), context.Background()
	name := aws.String("worker")
	w.createRole(t, *name, "/")
	const document = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kinesis:*", "Resource": "*"}}`

	_, err := w.PutRolePolicy(ctx, &sdk.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("p"), PolicyDocument: aws.String(document)})
	require.NoError(t, err)
	got, err := w.GetRolePolicy(ctx, &sdk.GetRolePolicyInput{RoleName: name, PolicyName: aws.String("p")})
	require.NoError(t, err)
	assert.NotContains(t, *got.PolicyDocument, "+", "a space is %20")
	decoded, err := url.PathUnescape(*got.PolicyDocument)
	require.NoError(t, err)
	assert.Equal(t, document, decoded)
	names, err := w.ListRolePolicies(ctx, &sdk.ListRolePoliciesInput{RoleName: name})
	require.NoError(t, err)
	assert.Equal(t, []string{"p"}, names.PolicyNames)

	managed := aws.String("arn:aws:iam::aws:policy/AmazonKinesisReadOnlyAccess")
	_, err = w.AttachRolePolicy(ctx, &sdk.AttachRolePolicyInput{RoleName: name, PolicyArn: managed})
	require.NoError(t, err)
	attached, err := w.ListAttachedRolePolicies(ctx, &sdk.ListAttachedRolePoliciesInput{RoleName: name})
	require.NoError(t, err)
	require.Len(t, attached.AttachedPolicies, 1)
	assert.Equal(t, "AmazonKinesisReadOnlyAccess", *attached.AttachedPolicies[0].PolicyName)
	entities, err := w.ListEntitiesForPolicy(ctx, &sdk.ListEntitiesForPolicyInput{PolicyArn: managed})
	require.NoError(t, err)
	require.Len(t, entities.PolicyRoles, 1)
	assert.Equal(t, "worker", *entities.PolicyRoles[0].RoleName)

	_, err = w.DeleteRole(ctx, &sdk.DeleteRoleInput{RoleName: name})
	requireCode(t, err, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
	_, err = w.DetachRolePolicy(ctx, &sdk.DetachRolePolicyInput{RoleName: name, PolicyArn: managed})
	require.NoError(t, err)
	_, err = w.DeleteRole(ctx, &sdk.DeleteRoleInput{RoleName: name})
	requireCode(t, err, "DeleteConflict", "Cannot delete entity, must delete policies first.")
	_, err = w.DeleteRolePolicy(ctx, &sdk.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("p")})
	require.NoError(t, err)
	_, err = w.DeleteRole(ctx, &sdk.DeleteRoleInput{RoleName: name})
	require.NoError(t, err)
	_, err = w.GetRole(ctx, &sdk.GetRoleInput{RoleName: name})
	requireCode(t, err, "NoSuchEntity", "The role with name worker cannot be found.")
}

func TestListsComeInPages(t *testing.T) {
	w, ctx := newTarget(t), context.Background()
	for i := range 7 {
		w.createRole(t, fmt.Sprintf("role-%d", i), "/")
	}
	var names []string
	pages := sdk.NewListRolesPaginator(w, &sdk.ListRolesInput{MaxItems: aws.Int32(3)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		require.NoError(t, err)
		assert.LessOrEqual(t, len(page.Roles), 3)
		for _, role := range page.Roles {
			names = append(names, *role.RoleName)
		}
		if len(names) == 3 { // a page follows the one before although its last role is gone
			_, err := w.DeleteRole(ctx, &sdk.DeleteRoleInput{RoleName: aws.String("role-2")})
			require.NoError(t, err)
		}
	}
	assert.Equal(t, []string{"role-0", "role-1", "role-2", "role-3", "role-4", "role-5", "role-6"}, names)

	_, err := w.ListRoles(ctx, &sdk.ListRolesInput{MaxItems: aws.Int32(1001)})
	requireCode(t, err, "ValidationError", "1 validation error detected: Value '1001' at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000")
	_, err = w.ListRoles(ctx, &sdk.ListRolesInput{Marker: aws.String("?")})
	requireCode(t, err, "ValidationError", "Invalid Marker.")
}

func TestTheManagedPoliciesCanBeRead(t *testing.T) {
	w, ctx := newTarget(t), context.Background()
	arn := aws.String("arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs")

	policy, err := w.GetPolicy(ctx, &sdk.GetPolicyInput{PolicyArn: arn})
	require.NoError(t, err)
	assert.Equal(t, "AmazonAPIGatewayPushToCloudWatchLogs", *policy.Policy.PolicyName)
	assert.Equal(t, "/service-role/", *policy.Policy.Path)
	version, err := w.GetPolicyVersion(ctx, &sdk.GetPolicyVersionInput{PolicyArn: arn, VersionId: policy.Policy.DefaultVersionId})
	require.NoError(t, err)
	document, err := url.PathUnescape(*version.PolicyVersion.Document)
	require.NoError(t, err)
	assert.Contains(t, document, "logs:PutLogEvents")
	versions, err := w.ListPolicyVersions(ctx, &sdk.ListPolicyVersionsInput{PolicyArn: arn})
	require.NoError(t, err)
	require.Len(t, versions.Versions, 1)
	assert.True(t, versions.Versions[0].IsDefaultVersion)

	listed, err := w.ListPolicies(ctx, &sdk.ListPoliciesInput{PathPrefix: aws.String("/service-role/")})
	require.NoError(t, err)
	require.Len(t, listed.Policies, 1)
	assert.Equal(t, policy.Policy.Arn, listed.Policies[0].Arn)
	for _, none := range []*sdk.ListPoliciesInput{{Scope: types.PolicyScopeTypeLocal}, {OnlyAttached: true}} {
		listed, err := w.ListPolicies(ctx, none)
		require.NoError(t, err)
		assert.Empty(t, listed.Policies)
	}

	_, err = w.GetPolicyVersion(ctx, &sdk.GetPolicyVersionInput{PolicyArn: arn, VersionId: aws.String("1")})
	requireCode(t, err, "ValidationError", "1 validation error detected: Value at 'versionId' failed to satisfy constraint: "+
		`Member must satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`)
	_, err = w.GetPolicyVersion(ctx, &sdk.GetPolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v9")})
	requireCode(t, err, "NoSuchEntity", "Policy "+*arn+" version v9 does not exist")
	_, err = w.GetPolicy(ctx, &sdk.GetPolicyInput{PolicyArn: aws.String("arn:aws:iam::123456789012:policy/none")})
	requireCode(t, err, "NoSuchEntity", "Policy arn:aws:iam::123456789012:policy/none was not found.")
}

func TestTheCallerIsTheUserThatGetUserDescribes(t *testing.T) {
	w, ctx := newTarget(t), context.Background()
	got, err := w.GetUser(ctx, &sdk.GetUserInput{})
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:iam::123456789012:user/admin", *got.User.Arn)
	_, err = w.GetUser(ctx, &sdk.GetUserInput{UserName: aws.String("eve")})
	requireCode(t, err, "NoSuchEntity", "The user with name eve cannot be found.")

	session := sdk.NewFromConfig(w.server.ConfigOf(t, `{"Effect":"Allow","Action":"iam:*","Resource":"*"}`))
	_, err = session.GetUser(ctx, &sdk.GetUserInput{})
	requireCode(t, err, "ValidationError", "Must specify userName when calling with non-User credentials")
}

func TestACallerNeedsThePermissionForEachRole(t *testing.T) {
	w, ctx := newTarget(t), context.Background()
	w.createRole(t, "worker", "/")
	w.createRole(t, "other", "/")
	session := sdk.NewFromConfig(w.server.ConfigOf(t,
		`{"Effect":"Allow","Action":"iam:GetRole","Resource":"arn:aws:iam::123456789012:role/worker"}`))

	_, err := session.GetRole(ctx, &sdk.GetRoleInput{RoleName: aws.String("worker")})
	require.NoError(t, err)
	_, err = session.GetRole(ctx, &sdk.GetRoleInput{RoleName: aws.String("other")})
	requireCode(t, err, "AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/limited/test is not authorized to perform: "+
		"iam:GetRole on resource: arn:aws:iam::123456789012:role/other because no identity-based policy allows the iam:GetRole action")
	_, err = session.ListRoles(ctx, &sdk.ListRolesInput{})
	requireCode(t, err, "AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/limited/test is not authorized to perform: "+
		"iam:ListRoles on resource: arn:aws:iam::123456789012:role/")
}

// Recorded: LocalStack, TestRoleTags::test_role_tag_errors, TestRoleLifecycle::test_role_errors,
// test_update_assume_role_policy_errors and TestRoleManagedPolicies::test_role_managed_policy_errors.
func TestBadInputIsRefusedAsOnAWS(t *testing.T) {
	w, ctx := newTarget(t), context.Background()
	w.createRole(t, "worker", "/")
	name := aws.String("worker")
	refused := func(code, message string, call func() error) {
		t.Helper()
		requireCode(t, call(), code, message)
	}
	refused("EntityAlreadyExists", "Role with name worker already exists.", func() error {
		_, err := w.CreateRole(ctx, &sdk.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(trust)})
		return err
	})
	refused("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.", func() error {
		_, err := w.TagRole(ctx, &sdk.TagRoleInput{RoleName: name, Tags: []types.Tag{
			{Key: aws.String("a"), Value: aws.String("")}, {Key: aws.String("A"), Value: aws.String("")},
		}})
		return err
	})
	refused("MalformedPolicyDocument", "This policy contains invalid Json", func() error {
		_, err := w.UpdateAssumeRolePolicy(ctx, &sdk.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: aws.String("{")})
		return err
	})
	refused("MalformedPolicyDocument", "AssumeRole policy may only specify STS AssumeRole actions.", func() error {
		_, err := w.UpdateAssumeRolePolicy(ctx, &sdk.UpdateAssumeRolePolicyInput{
			RoleName: name, PolicyDocument: aws.String(strings.Replace(trust, "sts:AssumeRole", "s3:GetObject", 1)),
		})
		return err
	})
	refused("ValidationError", "ARN longpolicynamebutnoarn is not valid.", func() error {
		_, err := w.AttachRolePolicy(ctx, &sdk.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String("longpolicynamebutnoarn")})
		return err
	})
	refused("NoSuchEntity", "Policy arn:aws:iam::123456789012:policy/nonexistent-policy does not exist or is not attachable.", func() error {
		_, err := w.AttachRolePolicy(ctx, &sdk.AttachRolePolicyInput{
			RoleName: name, PolicyArn: aws.String("arn:aws:iam::123456789012:policy/nonexistent-policy"),
		})
		return err
	})
	refused("NoSuchEntity", "The role policy with name p cannot be found.", func() error {
		_, err := w.DeleteRolePolicy(ctx, &sdk.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("p")})
		return err
	})
}

func TestASimulationExplainsADecision(t *testing.T) {
	w, ctx := newTarget(t), context.Background()
	name := aws.String("worker")
	w.createRole(t, *name, "/")
	arn := aws.String("arn:aws:iam::123456789012:role/worker")
	_, err := w.PutRolePolicy(ctx, &sdk.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("p"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kinesis:PutRecord","Resource":"arn:aws:kinesis:*:*:stream/events",` +
			`"Condition":{"Bool":{"aws:SecureTransport":"true"}}}}`)})
	require.NoError(t, err)
	stream := "arn:aws:kinesis:eu-west-1:123456789012:stream/events"

	simulated, err := w.SimulatePrincipalPolicy(ctx, &sdk.SimulatePrincipalPolicyInput{
		PolicySourceArn: arn, ActionNames: []string{"kinesis:PutRecord", "kinesis:DeleteStream"}, ResourceArns: []string{stream},
		ContextEntries: []types.ContextEntry{{
			ContextKeyName: aws.String("aws:SecureTransport"), ContextKeyType: types.ContextKeyTypeEnumBoolean, ContextKeyValues: []string{"true"},
		}},
	})
	require.NoError(t, err)
	require.Len(t, simulated.EvaluationResults, 2)
	allowed := simulated.EvaluationResults[0]
	assert.Equal(t, types.PolicyEvaluationDecisionTypeAllowed, allowed.EvalDecision)
	assert.Equal(t, stream, *allowed.EvalResourceName)
	require.Len(t, allowed.MatchedStatements, 1)
	assert.Equal(t, "role_worker_p", *allowed.MatchedStatements[0].SourcePolicyId)
	assert.Equal(t, types.Position{Line: 1, Column: 38}, *allowed.MatchedStatements[0].StartPosition)
	require.Len(t, allowed.ResourceSpecificResults, 1)
	assert.Equal(t, types.PolicyEvaluationDecisionTypeImplicitDeny, simulated.EvaluationResults[1].EvalDecision)

	simulated, err = w.SimulatePrincipalPolicy(ctx, &sdk.SimulatePrincipalPolicyInput{
		PolicySourceArn: arn, ActionNames: []string{"kinesis:PutRecord"}, PolicyInputList: []string{
			`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"kinesis:*","Resource":"*"}}`,
		},
	})
	require.NoError(t, err)
	denied := simulated.EvaluationResults[0]
	assert.Equal(t, types.PolicyEvaluationDecisionTypeExplicitDeny, denied.EvalDecision)
	assert.Equal(t, []string{"aws:securetransport"}, denied.MissingContextValues)
	assert.Equal(t, "PolicyInputList.1", *denied.MatchedStatements[0].SourcePolicyId)

	custom, err := w.SimulateCustomPolicy(ctx, &sdk.SimulateCustomPolicyInput{
		ActionNames: []string{"s3:GetObject", "s3:PutObject", "s3:ListBucket"}, MaxItems: aws.Int32(2),
		PolicyInputList: []string{`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}`},
	})
	require.NoError(t, err)
	assert.Len(t, custom.EvaluationResults, 2)
	assert.True(t, custom.IsTruncated)
	assert.Equal(t, types.PolicyEvaluationDecisionTypeAllowed, custom.EvaluationResults[0].EvalDecision)

	_, err = w.SimulatePrincipalPolicy(ctx, &sdk.SimulatePrincipalPolicyInput{
		PolicySourceArn: aws.String(*arn + "2"), ActionNames: []string{"kinesis:PutRecord"},
	})
	requireCode(t, err, "NoSuchEntity", "The role with name worker2 cannot be found.")
	_, err = w.SimulatePrincipalPolicy(ctx, &sdk.SimulatePrincipalPolicyInput{PolicySourceArn: arn, ActionNames: []string{"put"}})
	requireCode(t, err, "InvalidInput", "Invalid Action Name: put")
}

func TestChangesAtTheSameTimeAreAllKept(t *testing.T) {
	w := newTarget(t)
	w.createRole(t, "worker", "/")
	var changing sync.WaitGroup
	for i := range 20 {
		changing.Go(func() {
			_, err := w.TagRole(context.Background(), &sdk.TagRoleInput{RoleName: aws.String("worker"), Tags: []types.Tag{
				{Key: aws.String(fmt.Sprint("k", i)), Value: aws.String("")},
			}})
			assert.NoError(t, err)
		})
	}
	changing.Wait()
	role, err := w.iam.GetRole("worker")
	require.NoError(t, err)
	assert.Len(t, role.Tags, 20)
}
