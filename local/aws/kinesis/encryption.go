package kinesis

import (
	"errors"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/kms"
)

// encryption is what a stream needs to know of its key.
type encryption struct {
	keys    *kms.Service // nil: every key can be used
	account iam.Account
}

// authorizeKey refuses a caller who may not do action with the key that the stream is encrypted with, and everybody while
// the key cannot be used.
//
// documented (permissions-user-key-KMS): producers need kms:GenerateDataKey and consumers kms:Decrypt, for a customer
// managed key. On AWS it takes minutes until a key that was disabled is refused, because Kinesis caches data keys.
func (st *stream) authorizeKey(caller *iam.Session, action string) error {
	m, _ := st.snapshot()
	if m.KMSKeyID == "" || st.encryption.keys == nil {
		return nil
	}
	err := st.encryption.keys.Authorize(caller, action, m.KMSKeyID, map[string]string{
		"kms:ViaService":                        "kinesis." + st.encryption.account.Region + ".amazonaws.com",
		"kms:EncryptionContext:aws:kinesis:arn": st.arn,
		"kms:EncryptionContextKeys":             "aws:kinesis:arn",
	})
	if err == nil {
		err = st.encryption.keys.CheckState(m.KMSKeyID)
	}
	return keyError(err)
}

// checkKey refuses to encrypt a stream with a key that cannot be used (documented: API_StartStreamEncryption).
func (s *Service) checkKey(keyID string) error {
	if keyID == "" || s.options.KMS == nil {
		return nil
	}
	return keyError(s.options.KMS.CheckState(keyID))
}

// keyError is an error of KMS under the code that Kinesis gives it (documented: API_PutRecord); the sentences are assumed.
func keyError(err error) error {
	var refused *awserr.Error
	if !errors.As(err, &refused) {
		return err
	}
	code := map[string]string{
		"AccessDeniedException": "KMSAccessDeniedException", "DisabledException": "KMSDisabledException",
		"NotFoundException": "KMSNotFoundException",
	}[refused.Code]
	if code == "" {
		return err
	}
	return awserr.New(code, 400, "%s", refused.Message)
}
