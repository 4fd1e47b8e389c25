package iam

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnInstanceProfileSurvivesARestart(t *testing.T) {
	dir, account := t.TempDir(), Account{ID: "123456789012", Region: "eu-west-1", Partition: "aws"}
	s, err := Open(dir, account)
	require.NoError(t, err)
	_, err = s.CreateRole(Role{Name: "source", TrustPolicy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow",` +
		`"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`})
	require.NoError(t, err)
	created, err := s.CreateInstanceProfile(InstanceProfile{Name: "profile", Path: "/p/", Role: "source", Tags: map[string]string{"a": "b"}})
	require.NoError(t, err)

	s, err = Open(dir, account)
	require.NoError(t, err)

	kept, err := s.GetInstanceProfile("PROFILE")
	require.NoError(t, err)
	assert.Equal(t, created, kept)
	assert.Equal(t, "arn:aws:iam::123456789012:instance-profile/p/profile", s.InstanceProfileARN(kept))
	assert.EqualError(t, s.DeleteRole("source"), "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.")
	kept.Role = ""
	require.NoError(t, s.UpdateInstanceProfile(kept))
	assert.NoError(t, s.DeleteRole("source"))
	require.NoError(t, s.DeleteInstanceProfile("profile"))
	assert.EqualError(t, s.DeleteInstanceProfile("profile"), "NoSuchEntity: Instance Profile profile cannot be found.")
}

// Recorded: LocalStack, TestRoleTags::test_role_tag_errors and TestInstanceProfileLifecycle::test_instance_profile_errors.
func TestTagsAreRefusedAsOnAWS(t *testing.T) {
	const at = "ValidationError: 1 validation error detected: Value at "
	many := map[string]string{}
	for _, letter := range strings.Split("abcdefghijklmnopqrstuvwxyz0123456789éèêëàâäîïôöùûüÿçñ", "") {
		many[letter] = ""
	}
	for want, tags := range map[string]map[string]string{
		at + "'tags' failed to satisfy constraint: Member must have length less than or equal to 50":                                         many,
		at + "'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128":                           {strings.Repeat("k", 129): ""},
		at + "'tags.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 256":                         {"k": strings.Repeat("v", 257)},
		at + `'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`: {"k!": ""},
		"InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.":                                            {"k": "", "K": ""},
	} {
		_, err := New(Account{ID: "123456789012"}).CreateInstanceProfile(InstanceProfile{Name: "p", Tags: tags})
		assert.EqualError(t, err, want)
	}
}

func TestTheManagedPoliciesHaveTheIDsOfAWS(t *testing.T) {
	policies := New(Account{ID: "123456789012", Partition: "aws"}).ManagedPolicies()
	require.Len(t, policies, len(managedIDs))
	for _, policy := range policies {
		assert.Regexp(t, `^ANPA[A-Z0-9]{17}$`, policy.ID, policy.Name)
		assert.Regexp(t, `^v\d+$`, policy.Version, policy.Name)
		assert.Equal(t, "arn:aws:iam::aws:policy"+policy.Path+policy.Name, policy.ARN)
	}
}
