package iamapi_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
)

func TestInstanceProfilesShowTheirRole(t *testing.T) {
	w, ctx := newTarget(t), context.Background()
	w.createRole(t, "worker", "/")
	_, err := w.iam.CreateInstanceProfile(iam.InstanceProfile{Name: "source", Role: "worker"})
	require.NoError(t, err)

	got, err := w.GetInstanceProfile(ctx, &sdk.GetInstanceProfileInput{InstanceProfileName: aws.String("source")})
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:iam::123456789012:instance-profile/source", *got.InstanceProfile.Arn)
	require.Len(t, got.InstanceProfile.Roles, 1)
	assert.Equal(t, "worker", *got.InstanceProfile.Roles[0].RoleName)
	listed, err := w.ListInstanceProfiles(ctx, &sdk.ListInstanceProfilesInput{})
	require.NoError(t, err)
	assert.Len(t, listed.InstanceProfiles, 1)
	ofRole, err := w.ListInstanceProfilesForRole(ctx, &sdk.ListInstanceProfilesForRoleInput{RoleName: aws.String("worker")})
	require.NoError(t, err)
	assert.Len(t, ofRole.InstanceProfiles, 1)
	_, err = w.DeleteRole(ctx, &sdk.DeleteRoleInput{RoleName: aws.String("worker")})
	requireCode(t, err, "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
	_, err = w.GetInstanceProfile(ctx, &sdk.GetInstanceProfileInput{InstanceProfileName: aws.String("none")})
	requireCode(t, err, "NoSuchEntity", "Instance Profile none cannot be found.")
}

// Recorded: LocalStack, TestInstanceProfileLifecycle and TestInstanceProfileRoles.
func TestInstanceProfilesAreChangedByClients(t *testing.T) {
	w, ctx := newTarget(t), context.Background()
	w.createRole(t, "worker", "/")
	name, role := aws.String("source"), aws.String("worker")

	created, err := w.CreateInstanceProfile(ctx, &sdk.CreateInstanceProfileInput{InstanceProfileName: name, Path: aws.String("/p/")})
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:iam::123456789012:instance-profile/p/source", *created.InstanceProfile.Arn)
	assert.Empty(t, created.InstanceProfile.Roles)
	_, err = w.CreateInstanceProfile(ctx, &sdk.CreateInstanceProfileInput{InstanceProfileName: name})
	requireCode(t, err, "EntityAlreadyExists", "Instance Profile source already exists.")
	add := &sdk.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: role}
	_, err = w.AddRoleToInstanceProfile(ctx, add)
	require.NoError(t, err)
	_, err = w.AddRoleToInstanceProfile(ctx, add)
	requireCode(t, err, "LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
	_, err = w.TagInstanceProfile(ctx, &sdk.TagInstanceProfileInput{InstanceProfileName: name, Tags: []types.Tag{
		{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")},
	}})
	require.NoError(t, err)
	_, err = w.UntagInstanceProfile(ctx, &sdk.UntagInstanceProfileInput{InstanceProfileName: name, TagKeys: []string{"A"}})
	require.NoError(t, err)
	tags, err := w.ListInstanceProfileTags(ctx, &sdk.ListInstanceProfileTagsInput{InstanceProfileName: name})
	require.NoError(t, err)
	assert.Equal(t, []types.Tag{{Key: aws.String("b"), Value: aws.String("2")}}, tags.Tags)

	again, err := iam.Open(w.dir, account)
	require.NoError(t, err)
	kept, err := again.GetInstanceProfile("source")
	require.NoError(t, err)
	assert.Equal(t, "worker", kept.Role)

	_, err = w.DeleteInstanceProfile(ctx, &sdk.DeleteInstanceProfileInput{InstanceProfileName: name})
	requireCode(t, err, "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
	_, err = w.RemoveRoleFromInstanceProfile(ctx, &sdk.RemoveRoleFromInstanceProfileInput{InstanceProfileName: name, RoleName: aws.String("other")})
	requireCode(t, err, "NoSuchEntity", "The role with name other cannot be found.")
	_, err = w.RemoveRoleFromInstanceProfile(ctx, &sdk.RemoveRoleFromInstanceProfileInput{InstanceProfileName: name, RoleName: role})
	require.NoError(t, err)
	_, err = w.DeleteInstanceProfile(ctx, &sdk.DeleteInstanceProfileInput{InstanceProfileName: name})
	require.NoError(t, err)
	_, err = w.GetInstanceProfile(ctx, &sdk.GetInstanceProfileInput{InstanceProfileName: name})
	requireCode(t, err, "NoSuchEntity", "Instance Profile source cannot be found.")
}
