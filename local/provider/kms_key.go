package provider

import (
	"fmt"

	"github.com/google/uuid"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

type keyConfig struct {
	Description                    string
	KeyUsage                       string
	CustomerMasterKeySpec          string
	EnableKeyRotation              bool
	RotationPeriodInDays           int
	IsEnabled                      bool
	MultiRegion                    bool
	Policy                         string
	BypassPolicyLockoutSafetyCheck bool
	Tags                           map[string]string
}

const keyToken = "aws:kms/key:Key"

func kmsKey() resourceType {
	const nothingEncrypted = "nothing is encrypted"
	return define(resourceType{
		token: keyToken,
		inputs: properties{
			"description":          text(computed, length(0, 8192)),
			"keyUsage":             text(byDefault("ENCRYPT_DECRYPT"), replaces, oneOf("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"), inert(nothingEncrypted)),
			"deletionWindowInDays": integer(between(7, 30, "days"), providerOnly, inert("a key is deleted at once")),
			"enableKeyRotation":    boolean(byDefault(false), inert(nothingEncrypted)),
			"rotationPeriodInDays": integer(computed, between(90, 2560, "days"), inert(nothingEncrypted)),
			"isEnabled":            boolean(byDefault(true), inert(nothingEncrypted)),
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
	}, stored[keyConfig]{
		token: keyToken, notFound: "NotFoundException",
		create: func(s services, c keyConfig) (string, keyConfig, error) {
			if c.Policy == "" {
				c.Policy = defaultKeyPolicy(s.Account)
				return uuid.NewString(), c, nil
			}
			return uuid.NewString(), c, c.checkPolicy(s)
		},
		update: func(s services, _ string, c keyConfig) error { return c.checkPolicy(s) },
		// documented: kms, DeleteAlias: a key's aliases are deleted with it.
		delete: func(s services, id string, _ keyConfig) error {
			return deleteStored(s.store, aliasToken, func(alias aliasConfig) bool { return keyID(alias.TargetKeyID) == id })
		},
		attributes: func(s services, id string, _ keyConfig) (state, error) {
			return state{"arn": s.Account.ARN("kms", "key/"+id), "keyId": id}, nil
		},
	}.operations())
}

// defaultKeyPolicy is documented: kms, Default key policy.
func defaultKeyPolicy(account iam.Account) string {
	return fmt.Sprintf(`{"Id":"key-default-1","Statement":[{"Action":"kms:*","Effect":"Allow","Principal":{"AWS":%q},`+
		`"Resource":"*","Sid":"Enable IAM User Permissions"}],"Version":"2012-10-17"}`, account.ARN("iam", "root"))
}

// checkPolicy refuses a key policy that AWS refuses (documented: kms, CreateKey, and the lockout safety check; whoever
// runs the program is the owner of the account here).
func (c keyConfig) checkPolicy(s services) error {
	policy, err := iam.ParsePolicy(c.Policy)
	if err == nil {
		err = s.IAM.CheckPrincipals(policy)
	}
	if err != nil {
		return awserr.New("MalformedPolicyDocumentException", 400, "%s", err)
	}
	request := iam.Request{Action: "kms:PutKeyPolicy", Resource: "*"}
	if !c.BypassPolicyLockoutSafetyCheck && s.IAM.Evaluate(policy, iam.Root(s.Account), request) != iam.Allow {
		return awserr.New("MalformedPolicyDocumentException", 400,
			"The new key policy will not allow you to update the key policy in the future.")
	}
	return nil
}
