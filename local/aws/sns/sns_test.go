package sns

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/internal/durable"
)

var account = iam.Account{ID: "123456789012", Region: "ap-northeast-2", Partition: "aws"}

const (
	topicARN = "arn:aws:sns:ap-northeast-2:123456789012:alarms"
	alarmARN = "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:too-many"
)

func open(t *testing.T) *Service {
	t.Helper()
	s, err := Open(Options{
		Dir: filepath.Join(t.TempDir(), "sns"), Account: account, IAM: iam.New(account),
		Clock: clockwork.NewFakeClockAt(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)),
	})
	require.NoError(t, err)
	return s
}

func reopen(t *testing.T, s *Service) *Service {
	t.Helper()
	again, err := Open(s.options)
	require.NoError(t, err)
	return again
}

func withTopic(t *testing.T) *Service {
	t.Helper()
	s := open(t)
	arn, err := s.CreateTopic(Topic{Name: "alarms", DisplayName: "Alarms"})
	require.NoError(t, err)
	require.Equal(t, topicARN, arn)
	return s
}

func refusal(t *testing.T, err error) awserr.Error {
	t.Helper()
	var refused *awserr.Error
	require.ErrorAs(t, err, &refused)
	return *refused
}

func TestPublishedMessagesCanBeReadByAPerson(t *testing.T) {
	s := withTopic(t)
	_, err := s.Subscribe(topicARN, "email", "ops@example.com")
	require.NoError(t, err)
	first, err := s.Publish(CloudWatch(alarmARN), topicARN, `ALARM: "too-many" in Asia Pacific (Seoul)`, `{"AlarmName": "too-many"}`)
	require.NoError(t, err)
	second, err := s.Publish(Owner(account), topicARN, "", "plain\n<\"text\">")
	require.NoError(t, err)
	assert.NotEqual(t, first, second)
	topic, err := s.GetTopicAttributes(topicARN)
	require.NoError(t, err)
	content, err := os.ReadFile(topic.File)
	require.NoError(t, err)
	assert.Equal(t, `{"time":"2026-11-22T12:00:00Z","messageId":"`+first+`","topicArn":"`+topicARN+
		`","subject":"ALARM: \"too-many\" in Asia Pacific (Seoul)","message":{"AlarmName":"too-many"},`+
		`"recipients":["ops@example.com (PendingConfirmation)"]}`+"\n"+
		`{"time":"2026-11-22T12:00:00Z","messageId":"`+second+`","topicArn":"`+topicARN+
		`","message":"plain\n<\"text\">","recipients":["ops@example.com (PendingConfirmation)"]}`+"\n", string(content))
	messages, err := s.Messages(topicARN)
	require.NoError(t, err)
	require.Len(t, messages, 2)
	assert.JSONEq(t, `{"AlarmName":"too-many"}`, messages[0].Text())
	assert.Equal(t, "plain\n<\"text\">", messages[1].Text())
}

func TestATopicIsCreatedOnce(t *testing.T) {
	s := withTopic(t)
	again, err := s.CreateTopic(Topic{Name: "alarms", DisplayName: "Alarms"})
	require.NoError(t, err)
	assert.Equal(t, topicARN, again)
	_, err = s.CreateTopic(Topic{Name: "alarms"})
	assert.Equal(t, "Invalid parameter: Attributes Reason: Topic already exists with different attributes", refusal(t, err).Message)
	require.NoError(t, s.UpdateTopic(Topic{Name: "alarms", DisplayName: "New"}))
	require.Len(t, s.ListTopics(), 1)
	assert.Equal(t, "New", s.ListTopics()[0].DisplayName)
	require.ErrorContains(t, s.UpdateTopic(Topic{Name: "none"}), "NotFound: Topic does not exist")
}

func TestADeletedTopicLeavesNothing(t *testing.T) {
	s := withTopic(t)
	_, err := s.Subscribe(topicARN, "email", "ops@example.com")
	require.NoError(t, err)
	_, err = s.Publish(Owner(account), topicARN, "", "x")
	require.NoError(t, err)
	file := s.ListTopics()[0].File
	require.FileExists(t, file)
	require.NoError(t, s.DeleteTopic(topicARN))
	require.NoError(t, s.DeleteTopic(topicARN), "that it does not exist is no error")
	for _, s := range []*Service{s, reopen(t, s)} {
		assert.Empty(t, s.ListTopics())
		assert.Empty(t, s.ListSubscriptions())
	}
	require.NoFileExists(t, file)
	_, err = s.Publish(Owner(account), topicARN, "", "x")
	// Recorded: localstack, test_unknown_topic_publish.
	assert.Equal(t, awserr.Error{Code: "NotFound", Message: "Topic does not exist", Status: 404}, refusal(t, err))
}

func TestMessagesOutliveARestart(t *testing.T) {
	s := withTopic(t)
	_, err := s.Publish(Owner(account), topicARN, "", "before")
	require.NoError(t, err)
	file, err := os.OpenFile(s.ListTopics()[0].File, os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	_, err = file.WriteString(`{"time":"torn` + "\n")
	require.NoError(t, err)
	require.NoError(t, file.Close())

	restarted := reopen(t, s)
	_, err = restarted.Publish(Owner(account), topicARN, "", "after")
	require.NoError(t, err)
	messages, err := restarted.Messages(topicARN)
	require.NoError(t, err)
	require.Len(t, messages, 2)
	assert.Equal(t, "before", messages[0].Text())
}

func TestTopicsAreThereAfterARestartAsTheyWere(t *testing.T) {
	s := withTopic(t)
	_, err := s.Subscribe(topicARN, "email", "ops@example.com")
	require.NoError(t, err)
	require.NoError(t, s.UpdateTopic(Topic{
		Name: "alarms", DisplayName: "New", KMSMasterKeyID: "alias/mine", Tags: map[string]string{"team": "events"},
		Policy: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"*"}]}`,
	}))
	restarted := reopen(t, s)
	assert.Equal(t, s.ListTopics(), restarted.ListTopics())
	assert.Equal(t, s.ListSubscriptions(), restarted.ListSubscriptions())
	_, err = restarted.Publish(Owner(account), topicARN, "", "x")
	assert.Equal(t, "AuthorizationError", refusal(t, err).Code, "the policy counts")
	require.NoError(t, restarted.SetTopicPolicy(topicARN, ""))
	_, err = reopen(t, restarted).Publish(Owner(account), topicARN, "", "x")
	require.NoError(t, err)
}

func TestADamagedFileOfTopicsIsNamed(t *testing.T) {
	s := withTopic(t)
	file := filepath.Join(s.options.Dir, "topics.json")
	require.NoError(t, os.WriteFile(file, []byte(`[{"name": "al`), 0o600))
	_, err := Open(s.options)
	var damaged *durable.DamagedError
	require.ErrorAs(t, err, &damaged)
	assert.Equal(t, file, damaged.Name)
}

func TestASubscriptionWaitsForAConfirmationThatNeverComes(t *testing.T) {
	s := withTopic(t)
	made, err := s.Subscribe(topicARN, "email", "ops@example.com")
	require.NoError(t, err)
	assert.Regexp(t, "^"+topicARN+":[0-9a-f-]{36}$", made.ARN)
	again, err := s.Subscribe(topicARN, "email", "ops@example.com")
	require.NoError(t, err)
	assert.Equal(t, made, again)
	other, err := s.Subscribe(topicARN, "email-json", "ops@example.com")
	require.NoError(t, err)
	assert.NotEqual(t, made.ARN, other.ARN)
	assert.Len(t, s.ListSubscriptions(), 2)
	assert.Equal(t, 2, s.ListTopics()[0].SubscriptionsPending)
	require.NoError(t, s.Unsubscribe(made.ARN))
	require.NoError(t, s.Unsubscribe(made.ARN))
	assert.Equal(t, []Subscription{other}, s.ListSubscriptions())
}

func TestWhatSNSWouldRefuseIsRefused(t *testing.T) {
	s := withTopic(t)
	create := func(topic Topic) error { _, err := s.CreateTopic(topic); return err }
	subscribe := func(arn, protocol, endpoint string) error { _, err := s.Subscribe(arn, protocol, endpoint); return err }
	publish := func(arn, subject, message string) error {
		_, err := s.Publish(Owner(account), arn, subject, message)
		return err
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"no name":             {create(Topic{}), "Topic Name"},
		"a name with a dot":   {create(Topic{Name: "a.b"}), "Topic Name"},
		"a long name":         {create(Topic{Name: strings.Repeat("x", 257)}), "Topic Name"},
		"a FIFO topic":        {create(Topic{Name: "a.fifo"}), "FIFO topics are not emulated by the local target"},
		"a long display name": {create(Topic{Name: "a", DisplayName: strings.Repeat("x", 101)}), "DisplayName"},
		"an ARN of nothing":   {publish("x", "", "m"), "TopicArn Reason: An ARN must have at least 6 elements, not 1"},
		"an ARN of two":       {publish("x:y", "", "m"), "TopicArn Reason: An ARN must have at least 6 elements, not 2"},
		"no message":          {publish(topicARN, "", ""), "Empty message"},
		"a long message":      {publish(topicARN, "", strings.Repeat("x", 256<<10+1)), "Message too long"},
		"bytes":               {publish(topicARN, "", "\xff"), "it is not UTF-8"},
		"a long subject":      {publish(topicARN, strings.Repeat("x", 101), "m"), "Subject"},
		"a subject in Korean": {publish(topicARN, "경보", "m"), "Subject"},
		"SMS":                 {subscribe(topicARN, "sms", "+1"), "the protocol sms is not emulated by the local target: http and email are"},
		"pigeons":             {subscribe(topicARN, "pigeon", "x"), "Amazon SNS does not support this protocol string: pigeon"},
		"no address":          {subscribe(topicARN, "email", "ops"), "Email address"},
	} {
		t.Run(name, func(t *testing.T) {
			refused := refusal(t, c.err)
			assert.Equal(t, "InvalidParameter", refused.Code)
			assert.Equal(t, 400, refused.Status)
			assert.Contains(t, refused.Message, c.want)
		})
	}
	require.NoError(t, publish(topicARN, strings.Repeat("x", 100), strings.Repeat("x", 256<<10)))
	_, err := s.Messages(topicARN)
	require.NoError(t, err)
	require.ErrorContains(t, subscribe("arn:aws:sns:ap-northeast-2:123456789012:none", "email", "a@b.c"), "NotFound: Topic does not exist")
}

func TestTheTopicPolicyDecidesWhoPublishes(t *testing.T) {
	allow := func(principal, more string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal +
			`,"Action":"sns:Publish","Resource":"` + topicARN + `"` + more + `}]}`
	}
	for name, c := range map[string]struct {
		policy    string
		published bool
	}{
		"the default":           {"", true},
		"CloudWatch":            {allow(`{"Service":"cloudwatch.amazonaws.com"}`, ""), true},
		"another service":       {allow(`{"Service":"events.amazonaws.com"}`, ""), false},
		"this alarm":            {allow(`{"Service":"cloudwatch.amazonaws.com"}`, `,"Condition":{"ArnLike":{"aws:SourceArn":"`+alarmARN+`"}}`), true},
		"another alarm":         {allow(`{"Service":"cloudwatch.amazonaws.com"}`, `,"Condition":{"ArnLike":{"aws:SourceArn":"`+alarmARN+`s"}}`), false},
		"this account":          {allow(`{"Service":"cloudwatch.amazonaws.com"}`, `,"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}`), true},
		"another account":       {allow(`{"Service":"cloudwatch.amazonaws.com"}`, `,"Condition":{"StringEquals":{"aws:SourceAccount":"999999999999"}}`), false},
		"the owner only":        {allow(`{"AWS":"arn:aws:iam::123456789012:root"}`, ""), false},
		"everybody":             {allow(`"*"`, ""), true},
		"everybody but denied":  {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sns:*","Resource":"` + topicARN + `"},{"Effect":"Deny","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish","Resource":"` + topicARN + `"}]}`, false},
		"the default, as it is": {"default", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := withTopic(t)
			if c.policy == "default" {
				c.policy = s.ListTopics()[0].Policy
				require.Contains(t, c.policy, "__default_policy_ID")
			}
			require.NoError(t, s.SetTopicPolicy(topicARN, c.policy))
			_, err := s.Publish(CloudWatch(alarmARN), topicARN, "", "x")
			if c.published {
				require.NoError(t, err)
			} else {
				assert.Equal(t, "AuthorizationError", refusal(t, err).Code)
			}
			messages, err := s.Messages(topicARN)
			require.NoError(t, err)
			assert.Len(t, messages, map[bool]int{true: 1, false: 0}[c.published])
			_, err = s.Publish(Owner(account), topicARN, "", "x")
			require.NoError(t, err, "the owner needs no policy")
		})
	}
}

func TestATopicPolicyIsChecked(t *testing.T) {
	s := withTopic(t)
	for name, c := range map[string]struct{ policy, want string }{
		"no JSON":        {`{`, "Policy Error: "},
		"no principal":   {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}]}`, "Policy Error: "},
		"another action": {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}`, "Policy statement action out of service scope!"},
		"a missing role": {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/none"},"Action":"sns:Publish","Resource":"*"}]}`, "Policy Error: PrincipalNotFound"},
	} {
		t.Run(name, func(t *testing.T) {
			refused := refusal(t, s.SetTopicPolicy(topicARN, c.policy))
			assert.Equal(t, "InvalidParameter", refused.Code)
			assert.Contains(t, refused.Message, c.want)
		})
	}
	require.ErrorContains(t, s.SetTopicPolicy(topicARN+"x", ""), "NotFound")
	assert.True(t, json.Valid([]byte(s.ListTopics()[0].Policy)))
}

func TestAnAlarmCannotPublishToATopicWithTheKeyOfAWS(t *testing.T) {
	s := open(t)
	_, err := s.CreateTopic(Topic{Name: "alarms", KMSMasterKeyID: "alias/aws/sns"})
	require.NoError(t, err)
	_, err = s.Publish(CloudWatch(alarmARN), topicARN, "", "x")
	assert.Equal(t, "KMSAccessDenied", refusal(t, err).Code)
	_, err = s.Publish(Owner(account), topicARN, "", "x")
	require.NoError(t, err)
}

func TestSeveralCanPublishWhileTheTopicIsDeleted(t *testing.T) {
	s := withTopic(t)
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for range 4 {
		all.Add(1)
		go func() {
			defer all.Done()
			for ctx.Err() == nil {
				if _, err := s.Publish(Owner(account), topicARN, "", "x"); err != nil {
					assert.Equal(t, "NotFound", err.(*awserr.Error).Code) //nolint:errorlint // it is not wrapped
					return
				}
			}
		}()
	}
	file := s.ListTopics()[0].File
	require.NoError(t, s.DeleteTopic(topicARN))
	all.Wait()
	cancel()
	require.NoFileExists(t, file)
}
