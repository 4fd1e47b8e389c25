package provider

import (
	"fmt"

	"github.com/google/uuid"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

type keyInputs struct {
	Description                    string            `json:"description"`
	KeyUsage                       string            `json:"keyUsage"`
	CustomerMasterKeySpec          string            `json:"customerMasterKeySpec"`
	DeletionWindowInDays           int               `json:"deletionWindowInDays"`
	EnableKeyRotation              bool              `json:"enableKeyRotation"`
	RotationPeriodInDays           int               `json:"rotationPeriodInDays"`
	IsEnabled                      bool              `json:"isEnabled"`
	MultiRegion                    bool              `json:"multiRegion"`
	Policy                         string            `json:"policy"`
	BypassPolicyLockoutSafetyCheck bool              `json:"bypassPolicyLockoutSafetyCheck"`
	Tags                           map[string]string `json:"tags"`
}

const keyToken = "aws:kms/key:Key"

func kmsKey() resourceType {
	const nothingEncrypted = "nothing is encrypted"
	return alive(resourceType{
		token: keyToken,
		inputs: properties{
			"description":          text(computed, length(0, 8192)),
			"keyUsage":             text(byDefault("ENCRYPT_DECRYPT"), replaces, oneOf("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"), inert(nothingEncrypted)),
			"deletionWindowInDays": integer(between(7, 30, "days"), inert("a key goes at once")),
			"enableKeyRotation":    boolean(byDefault(false), inert(nothingEncrypted)),
			"rotationPeriodInDays": integer(computed, between(90, 2560, "days"), inert(nothingEncrypted)),
			"isEnabled":            boolean(byDefault(true), inert(nothingEncrypted)),
			"multiRegion":          boolean(computed, replaces, notHere("there is one Region", true)),
			"policy":               document(computed, inert("it is checked, and no service asks it")),
			"customerMasterKeySpec": text(byDefault("SYMMETRIC_DEFAULT"), replaces, inert(nothingEncrypted), oneOf(
				"SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512",
				"ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "SM2")),
			"bypassPolicyLockoutSafetyCheck": boolean(byDefault(false)),
			"customKeyStoreId":               rejected("there are no key stores"),
			"xksKeyId":                       rejected("there are no key stores"),
			"tags":                           tags(),
		},
		outputs: []string{"arn", "keyId"},
	}, lifeOf[keyInputs]{
		put: func(s site, in keyInputs, was *record) (string, state, error) {
			id := idOf(was, uuid.NewString)
			out := state{
				"arn": s.Account.ARN("kms", "key/"+id), "keyId": id, "multiRegion": false, "description": in.Description,
			}
			if in.Policy == "" {
				out["policy"] = defaultKeyPolicy(s.Account)
				return id, out, nil
			}
			return id, out, in.checkPolicy(s)
		},
		update: func(s site, in keyInputs, _ *record) (state, error) { return nil, in.checkPolicy(s) },
		remove: func(site, keyInputs, *record) error { return nil },
	})
}

// defaultKeyPolicy is documented: kms, Default key policy.
func defaultKeyPolicy(account iam.Account) string {
	return fmt.Sprintf(`{"Id":"key-default-1","Statement":[{"Action":"kms:*","Effect":"Allow","Principal":{"AWS":%q},`+
		`"Resource":"*","Sid":"Enable IAM User Permissions"}],"Version":"2012-10-17"}`, account.ARN("iam", "root"))
}

// checkPolicy refuses a key policy that AWS refuses (documented: kms, CreateKey, and the lockout safety check; whoever
// runs the program is the owner of the account here).
func (in keyInputs) checkPolicy(s site) error {
	policy, err := iam.ParsePolicy(in.Policy)
	if err == nil {
		err = s.IAM.CheckPrincipals(policy)
	}
	if err != nil {
		return awserr.New("MalformedPolicyDocumentException", 400, "%s", err)
	}
	request := iam.Request{Action: "kms:PutKeyPolicy", Resource: "*"}
	if !in.BypassPolicyLockoutSafetyCheck && s.IAM.Evaluate(policy, iam.Root(s.Account), request) != iam.Allow {
		return awserr.New("MalformedPolicyDocumentException", 400,
			"The new key policy will not allow you to update the key policy in the future.")
	}
	return nil
}
