package provider

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFunctionsTellAboutTheAccount(t *testing.T) {
	e := tables(t)
	for token, want := range map[string]state{
		"aws:index/getRegion:getRegion": {
			"id": "eu-west-1", "name": "eu-west-1", "description": "Europe (Ireland)", "endpoint": "ec2.eu-west-1.amazonaws.com",
		},
		"aws:index/getCallerIdentity:getCallerIdentity": {
			"accountId": "123456789012", "id": "123456789012", "userId": "123456789012", "arn": "arn:aws:iam::123456789012:root",
		},
		"aws:index/getPartition:getPartition": {
			"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws",
		},
	} {
		got, err := e.invoke(token, nil)
		require.NoError(t, err)
		assert.Equal(t, want, plainValues(got), token)
	}
}

func TestAnotherRegionIsNotFound(t *testing.T) {
	_, err := tables(t).invoke("aws:index/getRegion:getRegion", props{"name": "us-east-1"})
	require.Error(t, err)
	assert.Equal(t, "calling aws:index/getRegion:getRegion: the region us-east-1 is not the local target's, which is eu-west-1", message(err))
}

func TestAnyOtherFunctionIsAnErrorThatNamesIt(t *testing.T) {
	_, err := tables(t).invoke("aws:ec2/getVpc:getVpc", nil)
	require.Error(t, err)
	assert.Equal(t, "the local target does not emulate the function aws:ec2/getVpc:getVpc", message(err))
}

func TestAPolicyDocumentIsWrittenAsPulumiDoes(t *testing.T) {
	got, err := tables(t).invoke("aws:iam/getPolicyDocument:getPolicyDocument", props{"statements": []any{
		props{
			"sid": "Put", "actions": []any{"kinesis:PutRecords", "kinesis:PutRecord"}, "resources": []any{"arn:aws:kinesis:::a"},
			"conditions": []any{props{"test": "StringEquals", "variable": "sts:ExternalId", "values": []any{"1"}}},
		},
		props{"effect": "Deny", "notActions": []any{"s3:*"}, "principals": []any{props{"type": "*", "identifiers": []any{"*"}}}},
		props{"actions": []any{"sts:AssumeRole"}, "principals": []any{
			props{"type": "Service", "identifiers": []any{"firehose.amazonaws.com", "apigateway.amazonaws.com"}},
		}},
	}})
	require.NoError(t, err)
	assert.Equal(t, `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Put",
      "Effect": "Allow",
      "Action": [
        "kinesis:PutRecord",
        "kinesis:PutRecords"
      ],
      "Resource": "arn:aws:kinesis:::a",
      "Condition": {
        "StringEquals": {
          "sts:ExternalId": "1"
        }
      }
    },
    {
      "Effect": "Deny",
      "NotAction": "s3:*",
      "Principal": "*"
    },
    {
      "Effect": "Allow",
      "Action": "sts:AssumeRole",
      "Principal": {
        "Service": [
          "apigateway.amazonaws.com",
          "firehose.amazonaws.com"
        ]
      }
    }
  ]
}`, plainValue(got["json"]))
	assert.NotContains(t, plainValue(got["minifiedJson"]), "\n")
}

func TestDocumentsAreNotMerged(t *testing.T) {
	e := tables(t)
	answer, err := e.invokeRaw("aws:iam/getPolicyDocument:getPolicyDocument", props{"sourcePolicyDocuments": []any{"{}"}})
	require.NoError(t, err)
	require.Len(t, answer.GetFailures(), 1)
	assert.Contains(t, answer.GetFailures()[0].GetReason(), "documents are not merged")
}
