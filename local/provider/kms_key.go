package provider

import (
	"cmp"

	"ingest-pipeline/local/aws/kms"
)

type keyConfig struct {
	kms.Key
	BypassPolicyLockoutSafetyCheck bool
	DeletionWindowInDays           int
}

const keyToken = "aws:kms/key:Key"

func kmsKey() resourceType {
	const nothingEncrypted = "nothing is encrypted"
	return define(resourceType{
		token: keyToken,
		inputs: properties{
			"description":          text(computed, length(0, 8192)),
			"keyUsage":             text(byDefault("ENCRYPT_DECRYPT"), replaces, oneOf("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"), inert(nothingEncrypted)),
			"deletionWindowInDays": integer(between(7, 30, "days"), providerOnly),
			"enableKeyRotation":    boolean(byDefault(false), inert(nothingEncrypted)),
			"rotationPeriodInDays": integer(computed, between(90, 2560, "days"), inert(nothingEncrypted)),
			"isEnabled":            boolean(byDefault(true)),
			"multiRegion":          boolean(computed, replaces, notHere("there is one Region", true)),
			"policy":               document(computed, inert("it is checked, and no service asks it")),
			"customerMasterKeySpec": text(byDefault("SYMMETRIC_DEFAULT"), replaces, inert(nothingEncrypted), oneOf(
				"SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512",
				"ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "SM2")),
			"bypassPolicyLockoutSafetyCheck": boolean(byDefault(false), providerOnly),
			"customKeyStoreId":               rejected("there are no key stores"),
			"xksKeyId":                       rejected("there are no key stores"),
			"tags":                           tags(),
		},
		outputs: []string{"arn", "keyId"},
	}, operations[keyConfig]{
		create: func(s services, c keyConfig) (string, error) {
			return s.KMS.CreateKey(c.Key, c.BypassPolicyLockoutSafetyCheck)
		},
		read: func(s services, id string, _ keyConfig) (keyConfig, state, error) {
			key, err := s.KMS.DescribeKey(id)
			return keyConfig{Key: key}, state{"arn": s.KMS.KeyARN(id), "keyId": id}, err
		},
		update: func(s services, id string, c keyConfig) error {
			return s.KMS.UpdateKey(id, c.Key, c.BypassPolicyLockoutSafetyCheck)
		},
		delete: func(s services, id string, known keyConfig) error {
			// documented: pulumi-aws, kms.Key: 30 days by default.
			return s.KMS.ScheduleKeyDeletion(id, cmp.Or(known.DeletionWindowInDays, 30))
		},
		list: func(s services) []string { return s.KMS.ListKeys() },
	})
}
