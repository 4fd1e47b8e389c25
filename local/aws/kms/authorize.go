package kms

import (
	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

// Authorize returns nil if caller may do action (kms:GenerateDataKey or kms:Decrypt) with a key, whatever its state. target
// is a key's id or ARN, or an alias. context has the condition keys of the call besides kms:CallerAccount. Errors:
// AccessDeniedException, UnrecognizedClientException.
//
// Documented (concepts.html, AWS managed key): no IAM policy is needed to use an AWS managed key through its service. The
// policies of a key are not evaluated: they count as AWS's default, which leaves the decision to IAM.
func (s *Service) Authorize(caller *iam.Session, action, target string, context map[string]string) error {
	arn := s.KeyARN(target)
	if arn == "" {
		return nil
	}
	context["kms:CallerAccount"] = s.options.Account.ID
	return caller.Authorize(iam.Request{Action: action, Resource: arn, Context: context})
}

// CheckState returns nil if the key can be used by those who may. Errors: DisabledException, KMSInvalidStateException
// while the key waits for its deletion, and NotFoundException after it.
//
// A key that was never created here may exist on AWS, and counts as enabled; an AWS managed key always is. The sentences
// are assumed: others quote them from LocalStack's test_s3_sse_validate_kms_key_state.
func (s *Service) CheckState(target string) error {
	arn := s.KeyARN(target)
	s.mu.RLock()
	k, exists := s.state.Keys[keyID(arn)]
	s.mu.RUnlock()
	switch {
	case !exists || s.arn(keyID(arn)) != arn:
		return nil
	case k.DeletionDate.IsZero() && !k.IsEnabled:
		return awserr.New("DisabledException", 400, "%s is disabled.", arn)
	case k.DeletionDate.IsZero():
		return nil
	case s.options.Clock.Now().Before(k.DeletionDate):
		return awserr.New("KMSInvalidStateException", 400, "%s is pending deletion.", arn)
	}
	return s.noSuchKey(keyID(arn))
}
