package pipeline

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// statement is one statement of a policy document. Sid names what it is for.
type statement struct {
	Sid       string
	Effect    string
	Principal map[string]string
	Actions   []string
	// Resources are ARNs, from outputs only. A trust policy has none.
	Resources  []pulumi.StringInput
	Conditions conditions
}

// conditions are by operator and key. Several values of a key mean any of them.
type conditions map[string]map[string][]pulumi.StringInput

// Rendered forms of a policy document, in the order and spelling of the IAM policy grammar:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
type (
	policyJSON struct {
		Version   string
		Statement []statementJSON
	}
	statementJSON struct {
		Sid       string
		Effect    string
		Principal any      `json:",omitempty"`
		Action    []string `json:",omitempty"`
		Resource  []string `json:",omitempty"`
		Condition any      `json:",omitempty"`
	}
)

// document returns the policy as JSON, once its ARNs are known.
func document(statements ...statement) pulumi.StringOutput {
	var inputs []any
	for _, s := range statements {
		for _, resource := range s.Resources {
			inputs = append(inputs, resource)
		}
		for _, operator := range sortedKeys(s.Conditions) {
			for _, key := range sortedKeys(s.Conditions[operator]) {
				for _, value := range s.Conditions[operator][key] {
					inputs = append(inputs, value)
				}
			}
		}
	}
	return pulumi.All(inputs...).ApplyT(func(values []any) (string, error) {
		next := func() string {
			value := values[0].(string)
			values = values[1:]
			return value
		}
		return render(statements, next)
	}).(pulumi.StringOutput)
}

// render returns the document; next returns the resolved values in the order of document's inputs.
func render(statements []statement, next func() string) (string, error) {
	doc := policyJSON{Version: "2012-10-17"}
	for _, s := range statements {
		out := statementJSON{Sid: s.Sid, Effect: s.Effect, Action: s.Actions}
		switch {
		case s.Principal["*"] != "":
			out.Principal = "*"
		case s.Principal != nil:
			out.Principal = s.Principal
		}
		for range s.Resources {
			out.Resource = append(out.Resource, next())
		}
		condition := map[string]map[string]any{}
		for _, operator := range sortedKeys(s.Conditions) {
			condition[operator] = map[string]any{}
			for _, key := range sortedKeys(s.Conditions[operator]) {
				var values []string
				for range s.Conditions[operator][key] {
					values = append(values, next())
				}
				condition[operator][key] = values
				if len(values) == 1 {
					condition[operator][key] = values[0]
				}
			}
		}
		if len(condition) > 0 {
			out.Condition = condition
		}
		doc.Statement = append(doc.Statement, out)
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return "", fmt.Errorf("rendering policy %s: %w", statements[0].Sid, err)
	}
	return string(text), nil
}

// trustAPIGateway lets API Gateway assume a role. It has no aws:SourceAccount condition on purpose: API Gateway does not
// send that key when it assumes an integration's role, and every call would fail (seen on a live stack:
// aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws, pull request 479). What bounds the
// role is its policy, which names one stream, and that API Gateway refuses a role of another account.
func trustAPIGateway() statement {
	return statement{
		Sid:       "LetAPIGatewayAssume",
		Effect:    "Allow",
		Principal: map[string]string{"Service": "apigateway.amazonaws.com"},
		Actions:   []string{"sts:AssumeRole"},
	}
}

// trustEC2 lets the event generator's instance assume its role.
func trustEC2() statement {
	return statement{
		Sid:       "LetEC2Assume",
		Effect:    "Allow",
		Principal: map[string]string{"Service": "ec2.amazonaws.com"},
		Actions:   []string{"sts:AssumeRole"},
	}
}

// trustFirehose lets Firehose assume a role, for delivery streams of this account only: the external id is the guard
// against a confused deputy that the Firehose guide documents.
// https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#firehose-assume-role
func trustFirehose(accountID pulumi.StringInput) statement {
	return statement{
		Sid:        "LetFirehoseAssume",
		Effect:     "Allow",
		Principal:  map[string]string{"Service": "firehose.amazonaws.com"},
		Actions:    []string{"sts:AssumeRole"},
		Conditions: conditions{"StringEquals": {"sts:ExternalId": {accountID}}},
	}
}

// allowPutToStream lets the endpoint write to the stream, one event or a batch, and nothing else.
func allowPutToStream(streamArn pulumi.StringInput) statement {
	return statement{
		Sid:       "PutToStream",
		Effect:    "Allow",
		Actions:   []string{"kinesis:PutRecord", "kinesis:PutRecords"},
		Resources: []pulumi.StringInput{streamArn},
	}
}

// allowEncryptStream lets a producer write to a stream that is encrypted with a customer managed key.
// https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
func allowEncryptStream(key pulumi.StringInput) statement {
	return statement{
		Sid:       "EncryptStream",
		Effect:    "Allow",
		Actions:   []string{"kms:GenerateDataKey"},
		Resources: []pulumi.StringInput{key},
	}
}

// allowDecryptStream lets Firehose read such a stream, through Kinesis and for this stream only.
// https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
func allowDecryptStream(key, streamArn, region pulumi.StringInput) statement {
	return statement{
		Sid:       "DecryptStream",
		Effect:    "Allow",
		Actions:   []string{"kms:Decrypt"},
		Resources: []pulumi.StringInput{key},
		Conditions: conditions{
			"StringEquals": {"kms:ViaService": {pulumi.Sprintf("kinesis.%s.amazonaws.com", region)}},
			"StringLike":   {"kms:EncryptionContext:aws:kinesis:arn": {streamArn}},
		},
	}
}

// allowEncryptObjects lets Firehose write objects with a customer managed key, through S3 and for this bucket only. With a
// bucket key, the encryption context is the bucket and not the object.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
func allowEncryptObjects(key, bucketArn, region pulumi.StringInput) statement {
	return statement{
		Sid:       "EncryptObjects",
		Effect:    "Allow",
		Actions:   []string{"kms:Decrypt", "kms:GenerateDataKey"},
		Resources: []pulumi.StringInput{key},
		Conditions: conditions{
			"StringEquals": {"kms:ViaService": {pulumi.Sprintf("s3.%s.amazonaws.com", region)}},
			"StringLike":   {"kms:EncryptionContext:aws:s3:arn": {bucketArn, pulumi.Sprintf("%s/*", bucketArn)}},
		},
	}
}

// allowReadStream lets Firehose poll the stream.
// https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
func allowReadStream(streamArn pulumi.StringInput) statement {
	return statement{
		Sid:    "ReadStream",
		Effect: "Allow",
		Actions: []string{
			"kinesis:DescribeStream",
			"kinesis:GetRecords",
			"kinesis:GetShardIterator",
			"kinesis:ListShards",
		},
		Resources: []pulumi.StringInput{streamArn},
	}
}

// allowFindBucket allows the actions whose resource is the bucket itself.
func allowFindBucket(bucketArn pulumi.StringInput) statement {
	return statement{
		Sid:       "FindBucket",
		Effect:    "Allow",
		Actions:   []string{"s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"},
		Resources: []pulumi.StringInput{bucketArn},
	}
}

// allowDeliverToFolders lets Firehose write objects, below the folders it delivers to and nowhere else.
func allowDeliverToFolders(bucketArn pulumi.StringInput, folders ...string) statement {
	s := statement{
		Sid:     "DeliverToFolders",
		Effect:  "Allow",
		Actions: []string{"s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"},
	}
	for _, folder := range folders {
		s.Resources = append(s.Resources, pulumi.Sprintf("%s/%s*", bucketArn, folder))
	}
	return s
}

// allowLogDeliveryErrors lets Firehose write to the one log stream that the program made for it.
func allowLogDeliveryErrors(logStreamArn pulumi.StringInput) statement {
	return statement{
		Sid:       "LogDeliveryErrors",
		Effect:    "Allow",
		Actions:   []string{"logs:PutLogEvents"},
		Resources: []pulumi.StringInput{logStreamArn},
	}
}

// denyPlainHTTP denies every request to the bucket that is not encrypted in transit.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
func denyPlainHTTP(bucketArn pulumi.StringInput) statement {
	return statement{
		Sid:        "DenyPlainHTTP",
		Effect:     "Deny",
		Principal:  map[string]string{"*": "*"},
		Actions:    []string{"s3:*"},
		Resources:  []pulumi.StringInput{bucketArn, pulumi.Sprintf("%s/*", bucketArn)},
		Conditions: conditions{"Bool": {"aws:SecureTransport": {pulumi.String("false")}}},
	}
}

// allowInvoke allows every request that no other statement denies. A resource policy without it would allow none.
func allowInvoke(executionArn pulumi.StringInput) statement {
	return statement{
		Sid:       "AllowInvoke",
		Effect:    "Allow",
		Principal: map[string]string{"*": "*"},
		Actions:   []string{"execute-api:Invoke"},
		// "stage/verb/path": every method of every stage of this one API.
		Resources: []pulumi.StringInput{pulumi.Sprintf("%s/*", executionArn)},
	}
}

// denyOtherNetworks denies every request from outside the networks. An Allow would not be enough: with AWS_IAM, a caller of
// the same account needs an Allow of either the resource policy or its own policy.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
func denyOtherNetworks(executionArn pulumi.StringInput, cidrs []string) statement {
	var networks []pulumi.StringInput
	for _, cidr := range cidrs {
		networks = append(networks, pulumi.String(cidr))
	}
	return statement{
		Sid:        "DenyOtherNetworks",
		Effect:     "Deny",
		Principal:  map[string]string{"*": "*"},
		Actions:    []string{"execute-api:Invoke"},
		Resources:  []pulumi.StringInput{pulumi.Sprintf("%s/*", executionArn)},
		Conditions: conditions{"NotIpAddress": {"aws:SourceIp": networks}},
	}
}
