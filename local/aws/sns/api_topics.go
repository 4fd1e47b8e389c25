package sns

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/constraint"
)

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// pageSize is how many topics or subscriptions are in a page (documented: ListTopics, ListSubscriptions).
const pageSize = 100

// page returns the page of a list, sorted by key, that a token leads to, and the token of the next one; nil: there is none.
// A token holds the key of the last item of its page.
func page[E any](all []E, key func(E) string, token *string) (items []E, next *string, err error) {
	slices.SortFunc(all, func(a, b E) int { return strings.Compare(key(a), key(b)) })
	if token != nil {
		last, err := base64.StdEncoding.DecodeString(*token)
		if err != nil {
			return nil, nil, invalid("NextToken")
		}
		first := slices.IndexFunc(all, func(e E) bool { return key(e) > string(last) })
		if first < 0 {
			first = len(all)
		}
		all = all[first:]
	}
	if len(all) <= pageSize {
		return all, nil, nil
	}
	text := base64.StdEncoding.EncodeToString([]byte(key(all[pageSize-1])))
	return all[:pageSize], &text, nil
}

// required refuses a request without a member. Documented: SNS answers ValidationError, as AWS's service model words it.
func required(members map[string]*string) error {
	var v constraint.Violations
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if members[name] == nil {
			v.Null(name)
		}
	}
	return v.Err("ValidationError")
}

type tagMember struct{ Key, Value *string }

type createTopicInput struct {
	Name                 *string
	Attributes           map[string]string
	Tags                 []tagMember
	DataProtectionPolicy *string
}

type createTopicOutput struct{ TopicArn string }

func (s *Service) createTopic(in *createTopicInput) (*createTopicOutput, error) {
	if err := required(map[string]*string{"name": in.Name}); err != nil {
		return nil, err
	}
	if in.DataProtectionPolicy != nil {
		return nil, invalid("DataProtectionPolicy is not emulated by the local target")
	}
	config := Topic{Name: *in.Name}
	for _, name := range slices.Sorted(maps.Keys(in.Attributes)) {
		if err := config.set(name, in.Attributes[name], "Attributes Reason: "); err != nil {
			return nil, err
		}
	}
	var err error
	if config.Tags, err = tagsOf(in.Tags); err != nil {
		return nil, err
	}
	arn, err := s.CreateTopic(config)
	return &createTopicOutput{arn}, err
}

// set sets an attribute by its name. prefix begins the sentence of a refusal.
func (t *Topic) set(name, value, prefix string) error {
	switch name {
	case "DisplayName":
		t.DisplayName = value
	case "Policy":
		t.Policy = value
	case "KmsMasterKeyId":
		t.KMSMasterKeyID = value
	case "FifoTopic", "ContentBasedDeduplication":
		if value != "false" {
			return invalid("%s%s: FIFO topics are not emulated by the local target", prefix, name)
		}
	case "DeliveryPolicy", "TracingConfig", "SignatureVersion", "ArchivePolicy", "FifoThroughputScope":
		return invalid("%s%s is not emulated by the local target", prefix, name)
	default:
		if strings.HasSuffix(name, "FeedbackRoleArn") || strings.HasSuffix(name, "FeedbackSampleRate") {
			return invalid("%s%s is not emulated by the local target", prefix, name)
		}
		return invalid("AttributeName") // recorded for subscriptions: test_validate_set_sub_attributes
	}
	return nil
}

type topicInput struct{ TopicArn *string }

func (s *Service) deleteTopic(in *topicInput) error {
	if err := required(map[string]*string{"topicArn": in.TopicArn}); err != nil {
		return err
	}
	if err := checkARN("TopicArn", *in.TopicArn); err != nil {
		return err
	}
	return s.DeleteTopic(*in.TopicArn)
}

// checkARN refuses what is no ARN (recorded: test_publish_wrong_arn_format).
func checkARN(parameter, arn string) error {
	if n := strings.Count(arn, ":") + 1; n < 6 {
		return invalid("%s Reason: An ARN must have at least 6 elements, not %d", parameter, n)
	}
	return nil
}

type listTopicsInput struct{ NextToken *string }

type listTopicsOutput struct {
	Topics    []topicMember
	NextToken *string
}

type topicMember struct{ TopicArn string }

func (s *Service) listTopics(in *listTopicsInput) (*listTopicsOutput, error) {
	topics, next, err := page(s.ListTopics(), func(t TopicAttributes) string { return t.ARN }, in.NextToken)
	out := &listTopicsOutput{Topics: []topicMember{}, NextToken: next}
	for _, t := range topics {
		out.Topics = append(out.Topics, topicMember{t.ARN})
	}
	return out, err
}

type attributesOutput struct{ Attributes map[string]string }

// effectiveDeliveryPolicy is recorded (test_create_topic_test_arn).
const effectiveDeliveryPolicy = `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,` +
	`"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},` +
	`"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}`

// getTopicAttributes is recorded (test_create_topic_test_arn).
func (s *Service) getTopicAttributes(in *topicInput) (*attributesOutput, error) {
	if err := required(map[string]*string{"topicArn": in.TopicArn}); err != nil {
		return nil, err
	}
	t, err := s.GetTopicAttributes(*in.TopicArn)
	if err != nil {
		return nil, err
	}
	attributes := map[string]string{
		"TopicArn": t.ARN, "Owner": s.options.Account.ID, "DisplayName": t.DisplayName, "Policy": t.Policy,
		"EffectiveDeliveryPolicy": effectiveDeliveryPolicy,
		"SubscriptionsConfirmed":  strconv.Itoa(t.SubscriptionsConfirmed),
		"SubscriptionsPending":    strconv.Itoa(t.SubscriptionsPending),
		"SubscriptionsDeleted":    strconv.Itoa(t.SubscriptionsDeleted),
	}
	if t.KMSMasterKeyID != "" {
		attributes["KmsMasterKeyId"] = t.KMSMasterKeyID
	}
	return &attributesOutput{attributes}, nil
}

type setTopicAttributesInput struct{ TopicArn, AttributeName, AttributeValue *string }

func (s *Service) setTopicAttributes(in *setTopicAttributesInput) error {
	if err := required(map[string]*string{"topicArn": in.TopicArn, "attributeName": in.AttributeName}); err != nil {
		return err
	}
	t, err := s.GetTopicAttributes(*in.TopicArn)
	if err != nil {
		return err
	}
	if *in.AttributeName == "Policy" {
		if !json.Valid([]byte(deref(in.AttributeValue))) {
			return invalid("Policy Error: null") // assumed: quoted in error messages that users have published
		}
		return s.SetTopicPolicy(*in.TopicArn, *in.AttributeValue)
	}
	config := t.Topic
	config.Policy = "" // stays
	if err := config.set(*in.AttributeName, deref(in.AttributeValue), ""); err != nil {
		return err
	}
	return s.UpdateTopic(config)
}

// tagsOf reads tags. Recorded: test_tags.
func tagsOf(list []tagMember) (map[string]string, error) {
	var v constraint.Violations
	var tags map[string]string
	for _, t := range list {
		v.Required("tags.member.key", t.Key, 1, 128)
		v.Required("tags.member.value", t.Value, 0, 256)
		if _, twice := tags[deref(t.Key)]; twice {
			return nil, invalid("Duplicated keys are not allowed.")
		}
		if tags == nil {
			tags = map[string]string{}
		}
		tags[deref(t.Key)] = deref(t.Value)
	}
	return tags, v.Err("ValidationError")
}

type tagResourceInput struct {
	ResourceArn *string
	Tags        []tagMember
}

// maxTags is how many tags a topic can have (documented: TagResource).
const maxTags = 50

type tagResourceOutput struct{}

func (s *Service) tagResource(in *tagResourceInput) (*tagResourceOutput, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	return &tagResourceOutput{}, s.changeTags(in.ResourceArn, func(all map[string]string) { maps.Copy(all, tags) })
}

type untagResourceInput struct {
	ResourceArn *string
	TagKeys     []string
}

type untagResourceOutput struct{}

func (s *Service) untagResource(in *untagResourceInput) (*untagResourceOutput, error) {
	return &untagResourceOutput{}, s.changeTags(in.ResourceArn, func(all map[string]string) {
		maps.DeleteFunc(all, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
	})
}

// changeTags changes the tags of a topic.
func (s *Service) changeTags(arn *string, change func(map[string]string)) error {
	if err := required(map[string]*string{"resourceArn": arn}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.topics[*arn]
	if t == nil {
		return noSuchResource()
	}
	next := *t
	next.Tags = map[string]string{}
	maps.Copy(next.Tags, t.Tags)
	change(next.Tags)
	if len(next.Tags) > maxTags {
		return awserr.New("TagLimitExceeded", 400, "Could not complete request: tag quota of per resource exceeded") // assumed sentence
	}
	return s.put(&next)
}

// noSuchResource is documented as a code; assumed: the sentence.
func noSuchResource() error { return awserr.New("ResourceNotFound", 404, "Resource does not exist") }

type listTagsForResourceInput struct{ ResourceArn *string }

type listTagsForResourceOutput struct{ Tags []tagMember }

func (s *Service) listTagsForResource(in *listTagsForResourceInput) (*listTagsForResourceOutput, error) {
	if err := required(map[string]*string{"resourceArn": in.ResourceArn}); err != nil {
		return nil, err
	}
	t, err := s.GetTopicAttributes(*in.ResourceArn)
	if err != nil {
		return nil, noSuchResource()
	}
	out := &listTagsForResourceOutput{Tags: []tagMember{}}
	for _, key := range slices.Sorted(maps.Keys(t.Tags)) {
		value := t.Tags[key]
		out.Tags = append(out.Tags, tagMember{&key, &value})
	}
	return out, nil
}
