package sns

import (
	"fmt"
	"strings"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

// defaultPolicy is what a topic has until another policy is put (recorded: test_create_topic_test_arn). It allows
// everything to who acts for the account.
func (s *Service) defaultPolicy(arn string) string {
	return fmt.Sprintf(`{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID",`+
		`"Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes",`+
		`"SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic",`+
		`"SNS:Publish"],"Resource":%q,"Condition":{"StringEquals":{"AWS:SourceOwner":%q}}}]}`, arn, s.options.Account.ID)
}

// SetTopicPolicy replaces a topic's policy (SetTopicAttributes in AWS); "" is AWS's default. Errors: InvalidParameter,
// NotFound.
func (s *Service) SetTopicPolicy(arn, document string) error {
	if document == s.defaultPolicy(arn) {
		document = ""
	}
	policy, err := s.parsePolicy(document)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.find(arn)
	if err != nil {
		return err
	}
	next := *t
	next.Policy, next.policy = document, policy
	return s.put(&next)
}

// parsePolicy parses a topic policy; the one of "" is nil. SNS says little about what is wrong; the local target adds what
// it finds.
func (s *Service) parsePolicy(document string) (*iam.Policy, error) {
	if document == "" {
		return nil, nil
	}
	policy, err := iam.ParsePolicy(document)
	if err != nil {
		return nil, invalid("Policy Error: %s", err)
	}
	if err := s.options.IAM.CheckPrincipals(policy); err != nil {
		return nil, invalid("Policy Error: PrincipalNotFound: %s", err)
	}
	for _, statement := range policy.Statements() {
		if !statement.HasPrincipal {
			return nil, invalid("Policy Error: null: %s has no Principal", statement.Place)
		}
		for _, action := range statement.Actions {
			if action != "*" && !strings.HasPrefix(strings.ToLower(action), "sns:") {
				// Assumed: quoted in error messages that users have published.
				return nil, invalid("Policy statement action out of service scope!")
			}
		}
	}
	return policy, nil
}

// Publisher is who publishes a message.
type Publisher struct {
	// Principal is the service or identity.
	Principal iam.Principal
	// Service is the name of an AWS service that publishes for a resource of the account, "cloudwatch.amazonaws.com";
	// SourceARN is that resource.
	Service, SourceARN string
}

// CloudWatch is an alarm that publishes.
func CloudWatch(alarmARN string) Publisher {
	const name = "cloudwatch.amazonaws.com"
	return Publisher{Principal: iam.ServicePrincipal(name), Service: name, SourceARN: alarmARN}
}

// Owner is the owner of the account, who publishes.
func Owner(account iam.Account) Publisher { return Publisher{Principal: iam.Root(account)} }

// authorize evaluates the topic's policy, and what is known of the key.
func (s *Service) authorize(t *topic, by Publisher) error {
	account := s.options.Account
	if t.policy != nil {
		context := map[string]string{}
		if by.Service != "" {
			context["aws:SourceAccount"], context["aws:SourceArn"] = account.ID, by.SourceARN
		}
		decision := s.options.IAM.Evaluate(t.policy, by.Principal, iam.Request{
			Action: "sns:Publish", Resource: t.arn, Context: context,
		})
		// The owner needs no policy that allows it, only none that denies it (documented: IAM, policy evaluation within one account).
		if decision == iam.ExplicitDeny || (decision == iam.ImplicitDeny && by.Service != "") {
			return awserr.New("AuthorizationError", 403, "%s is not authorized to perform: SNS:Publish on resource: %s "+
				"because no resource-based policy allows the SNS:Publish action", publisherName(by.Service), t.arn)
		}
	}
	// Documented: CloudWatch user guide, Notify_Users_Alarm_Changes.html and the knowledge centre (an alarm cannot publish
	// to a topic that the AWS managed key encrypts, whose policy cannot be changed).
	if by.Service != "" && strings.HasSuffix(t.KMSMasterKeyID, "alias/aws/sns") {
		return awserr.New("KMSAccessDenied", 400, "null (Service: AWSKMS; Status Code: 400; Error Code: "+
			"AccessDeniedException)")
	}
	return nil
}

func publisherName(service string) string {
	if service == "" {
		return "The owner of the account"
	}
	return service
}
