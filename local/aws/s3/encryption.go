package s3

import (
	"errors"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

// authorizeKey asks whether the caller may use the customer managed key that the bucket is encrypted with. Documented:
// user guide, UsingKMSEncryption.html.
func (s *Service) authorizeKey(caller *iam.Session, b *bucket, key string) error {
	b.mu.RLock()
	encryption := b.settings.Encryption
	b.mu.RUnlock()
	if encryption.KMSKeyID == "" || s.kms == nil {
		return nil
	}
	encrypted := s.objectARN(b.name, key)
	if encryption.BucketKeyEnabled {
		encrypted = s.account.ARN("s3", b.name)
	}
	return accessDenied(s.kms.Authorize(caller, "kms:GenerateDataKey", encryption.KMSKeyID, map[string]string{
		"kms:ViaService":                   "s3." + s.account.Region + ".amazonaws.com",
		"kms:EncryptionContext:aws:s3:arn": encrypted,
		"kms:EncryptionContextKeys":        "aws:s3:arn",
	}), s.kms.KeyARN(encryption.KMSKeyID))
}

// checkKey refuses to encrypt or decrypt with a key that cannot be used. Codes and sentences are assumed: others quote
// them from LocalStack's test_s3_sse_validate_kms_key_state. On AWS a bucket key may still be used for a while (assumed).
func (s *Service) checkKey(keyID string) error {
	if keyID == "" || s.kms == nil {
		return nil
	}
	err := s.kms.CheckState(keyID)
	var refused *awserr.Error
	if errors.As(err, &refused) {
		return awserr.New("KMS."+refused.Code, 400, "%s", refused.Message)
	}
	return err
}
