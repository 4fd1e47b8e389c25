package iam_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/internal/durable"
)

const readOnly = "arn:aws:iam::aws:policy/AmazonKinesisReadOnlyAccess"

func TestRolesAreThereAfterARestartAsTheyWere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "iam")
	account, err := iam.Open(dir, testAccount)
	require.NoError(t, err)
	arn, err := account.CreateRole(iam.Role{
		Name: "Writer", Path: "/events/", TrustPolicy: trust(`"*"`), MaxSessionSeconds: 7200, Description: "writes",
		Tags: map[string]string{"team": "events"},
	})
	require.NoError(t, err)
	require.NoError(t, account.PutRolePolicy("Writer", "put", allow(`"kinesis:PutRecord"`, `"*"`)))
	require.NoError(t, account.PutRolePolicy("Writer", "gone", allow(`"s3:*"`, `"*"`)))
	require.NoError(t, account.DeleteRolePolicy("Writer", "gone"))
	require.NoError(t, account.AttachRolePolicy("Writer", readOnly))
	_, err = account.CreateRole(iam.Role{Name: "gone", TrustPolicy: trust(`"*"`)})
	require.NoError(t, err)
	require.NoError(t, account.DeleteRole("gone"))
	before, err := account.GetRole("Writer")
	require.NoError(t, err)

	account, err = iam.Open(dir, testAccount)
	require.NoError(t, err)
	after, err := account.GetRole("writer")
	require.NoError(t, err)
	assert.Equal(t, before, after)
	_, err = account.GetRole("gone")
	require.ErrorContains(t, err, "NoSuchEntity")
	document, err := account.GetRolePolicy("Writer", "put")
	require.NoError(t, err)
	assert.Equal(t, allow(`"kinesis:PutRecord"`, `"*"`), document)
	session, err := account.AssumeRole(arn, gateway, "session", nil)
	require.NoError(t, err)
	for action, allowed := range map[string]bool{"kinesis:PutRecord": true, "kinesis:GetRecords": true, "s3:GetObject": false} {
		err := session.Authorize(iam.Request{Action: action, Resource: stream})
		assert.Equal(t, allowed, err == nil, "%s: %v", action, err)
	}
}

func TestAChangeThatCannotBeKeptIsNotMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "iam")
	account, err := iam.Open(dir, testAccount)
	require.NoError(t, err)
	arn := withRole(t, account, "writer", trust(`"*"`))
	require.NoError(t, os.RemoveAll(dir))
	require.Error(t, account.PutRolePolicy("writer", "put", allow(`"kinesis:PutRecord"`, `"*"`)))
	_, err = account.CreateRole(iam.Role{Name: "other", TrustPolicy: trust(`"*"`)})
	require.Error(t, err)
	require.Error(t, account.DeleteRole("writer"))

	_, err = account.GetRole("other")
	require.ErrorContains(t, err, "NoSuchEntity")
	session, err := account.AssumeRole(arn, gateway, "session", nil)
	require.NoError(t, err)
	require.ErrorContains(t, session.Authorize(iam.Request{Action: "kinesis:PutRecord", Resource: stream}), "AccessDeniedException")
}

func TestADamagedFileIsNamed(t *testing.T) {
	for name, content := range map[string]string{
		"cut":            `[{"name": "wri`,
		"another policy": `[{"name": "writer", "path": "/", "trustPolicy": "{}", "maxSessionSeconds": 3600}]`,
		"a new field":    `[{"name": "writer", "color": "red"}]`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "roles.json")
			require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
			_, err := iam.Open(dir, testAccount)
			var damaged *durable.DamagedError
			require.ErrorAs(t, err, &damaged)
			assert.Equal(t, file, damaged.Name)
		})
	}
}
