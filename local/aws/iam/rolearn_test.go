package iam_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ingest-pipeline/local/aws/iam"
)

func TestARoleARNIsSplitIntoItsParts(t *testing.T) {
	role, ok := iam.ParseRoleARN("arn:aws-cn:iam::123456789012:role/teams/events/delivery")
	assert.True(t, ok)
	assert.Equal(t, iam.RoleARN{Partition: "aws-cn", AccountID: "123456789012", Path: "/teams/events/", Name: "delivery"}, role)
	for _, other := range []string{
		"", "delivery", "arn:aws:iam::123456789012:role/", "arn:aws:iam::123456789012:user/delivery",
		"arn:aws:iam::123:role/delivery", "arn:aws:iam::123456789012:role/a b", "arn:aws:sts::123456789012:assumed-role/delivery/x",
		"arn:azure:iam::123456789012:role/delivery",
	} {
		_, ok := iam.ParseRoleARN(other)
		assert.False(t, ok, other)
	}
}
