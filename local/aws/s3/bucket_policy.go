package s3

import (
	"errors"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

// maxPolicy is the limit of a bucket policy in bytes. Documented: user guide, add-bucket-policy.html.
const maxPolicy = 20 * 1024

// PutBucketPolicy sets the bucket's policy. Errors: NoSuchBucket, MalformedPolicy; AccessDenied when the policy is
// public and the public access block forbids that.
func (s *Service) PutBucketPolicy(bucketName, document string) error {
	if _, err := s.bucket(bucketName); err != nil {
		return err
	}
	policy, err := s.parseBucketPolicy(bucketName, document)
	if err != nil {
		return err
	}
	return s.change(bucketName, func(next *settings) error {
		if next.PublicAccessBlock != nil && next.PublicAccessBlock.BlockPublicPolicy && isPublic(policy) { // [FIELD]
			arn := s.account.ARN("s3", bucketName)
			return awserr.New("AccessDenied", 403, `User: %s is not authorized to perform: s3:PutBucketPolicy on resource: "%s" `+
				"because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
				s.account.ARN("iam", "root"), arn)
		}
		next.Policy = document
		return nil
	})
}

// DeleteBucketPolicy removes the bucket's policy, if it has one. Errors: NoSuchBucket.
func (s *Service) DeleteBucketPolicy(bucketName string) error {
	return s.change(bucketName, func(next *settings) error {
		next.Policy = ""
		return nil
	})
}

// GetBucketPolicy returns the bucket's policy. Errors: NoSuchBucket, NoSuchBucketPolicy.
func (s *Service) GetBucketPolicy(bucketName string) (document string, err error) {
	is, err := s.read(bucketName)
	if err == nil && is.Policy == "" {
		err = awserr.New("NoSuchBucketPolicy", 404, "The bucket policy does not exist")
	}
	return is.Policy, err
}

// parseBucketPolicy checks what S3 checks beyond the grammar. Sentences: [FIELD].
func (s *Service) parseBucketPolicy(bucketName, document string) (*iam.Policy, error) {
	if len(document) > maxPolicy {
		return nil, malformedPolicy("Policy exceeds the maximum allowed document size.", "")
	}
	policy, err := iam.ParsePolicy(document)
	if err == nil && s.iam != nil {
		err = s.iam.CheckPrincipals(policy)
	}
	var aws *awserr.Error
	if errors.As(err, &aws) {
		return nil, malformedPolicy(aws.Message, "")
	}
	for _, statement := range policy.Statements() {
		switch {
		case !statement.HasPrincipal:
			return nil, malformedPolicy("Missing required field Principal", statement.Place)
		case !statement.HasResource:
			return nil, malformedPolicy("Missing required field Resource", statement.Place)
		}
		if err := s.checkResources(bucketName, statement); err != nil {
			return nil, err
		}
	}
	return policy, nil
}

// checkResources refuses resources other than the bucket and its objects, and actions that do not apply to them.
func (s *Service) checkResources(bucketName string, statement iam.StatementInfo) error {
	arn := s.account.ARN("s3", bucketName)
	var ofBucket, ofObjects bool
	for _, resource := range statement.Resources {
		switch {
		case resource == arn:
			ofBucket = true
		case strings.HasPrefix(resource, arn+"/"):
			ofObjects = true
		case resource == arn+"*", resource == "*":
			ofBucket, ofObjects = true, true
		default:
			return malformedPolicy("Policy has invalid resource", statement.Place+": "+resource)
		}
	}
	for _, action := range statement.Actions {
		vendor, name, _ := strings.Cut(strings.ToLower(action), ":")
		if action != "*" && vendor != "s3" {
			return malformedPolicy("Policy has invalid action", statement.Place+": "+action)
		}
		if !statement.NotAction && !statement.NotResource &&
			(slices.Contains(objectActions, name) && !ofObjects || slices.Contains(bucketActions, name) && !ofBucket) {
			return malformedPolicy("Action does not apply to any resource(s) in statement", statement.Place+": "+action)
		}
	}
	return nil
}

// Actions by what they are done to, as far as this kind of pipeline uses them. Documented: service authorization
// reference, list_amazons3.html.
var (
	objectActions = []string{
		"getobject", "putobject", "deleteobject", "getobjectacl", "putobjectacl", "getobjecttagging", "putobjecttagging",
		"getobjectversion", "deleteobjectversion", "abortmultipartupload", "listmultipartuploadparts", "restoreobject",
	}
	bucketActions = []string{
		"listbucket", "listbucketversions", "listbucketmultipartuploads", "getbucketlocation", "getbucketpolicy",
		"putbucketpolicy", "deletebucketpolicy", "deletebucket", "getbucketversioning", "putbucketversioning",
		"getlifecycleconfiguration", "putlifecycleconfiguration", "getencryptionconfiguration", "putencryptionconfiguration",
	}
)

func malformedPolicy(sentence, place string) error {
	if place != "" {
		sentence += " (" + place + ")"
	}
	return awserr.New("MalformedPolicy", 400, "%s", sentence)
}

// fixedKeys are the condition keys that narrow a grant to everyone enough for it not to be public. Documented: user
// guide, access-control-block-public-access.html, "The meaning of public".
var fixedKeys = []string{
	"aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceaccount", "aws:sourceip", "aws:userid",
	"aws:principalorgid", "aws:principalorgpaths", "aws:principalarn", "aws:principalaccount",
	"s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
}

// isPublic reports whether a policy grants something to everyone.
func isPublic(policy *iam.Policy) bool {
	return slices.ContainsFunc(policy.Statements(), func(statement iam.StatementInfo) bool {
		return !statement.Deny && statement.Everyone && !slices.ContainsFunc(statement.Conditions, isFixed)
	})
}

// isFixed reports whether a condition holds only for values that are written out.
func isFixed(c iam.ConditionInfo) bool {
	if !slices.Contains(fixedKeys, c.Key) || strings.Contains(c.Operator, "Not") || strings.HasSuffix(c.Operator, "IfExists") ||
		c.Operator == "Null" || strings.HasPrefix(c.Operator, "ForAllValues:") {
		return false
	}
	return !slices.ContainsFunc(c.Values, func(value string) bool {
		return strings.ContainsAny(value, "*?") || strings.Contains(value, "${") || value == "0.0.0.0/0" || value == "::/0"
	})
}

// authorize asks the caller's policies and the bucket's.
func (s *Service) authorize(caller *iam.Session, b *bucket, action, resource string, context map[string]string) error {
	b.mu.RLock()
	policy := b.policy
	b.mu.RUnlock()
	return accessDenied(caller.Authorize(iam.Request{
		Action: action, Resource: resource, Context: context, ResourcePolicy: policy,
	}), resource)
}
