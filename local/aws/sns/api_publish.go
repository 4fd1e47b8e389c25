package sns

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"

	"ingest-pipeline/local/aws/awserr"
)

type publishInput struct {
	TopicArn, TargetArn, PhoneNumber                                           *string
	Message, Subject, MessageStructure, MessageDeduplicationId, MessageGroupId *string
	MessageAttributes                                                          attributeMap
}

// attributeMap is a map whose entries have a name, not a key, in Query.
type attributeMap struct {
	Entries []attributeMember `aws:"entry,flat"`
}

type attributeMember struct {
	Name  *string
	Value struct {
		DataType, StringValue *string
		BinaryValue           []byte
	}
}

type publishOutput struct{ MessageId string }

func (in *publishInput) publication() (Publication, error) {
	if err := required(map[string]*string{"message": in.Message}); err != nil {
		return Publication{}, err
	}
	p := Publication{Message: *in.Message, Subject: deref(in.Subject)}
	switch {
	case in.PhoneNumber != nil:
		return p, invalid("PhoneNumber Reason: SMS is not emulated by the local target")
	case in.TopicArn != nil && in.TargetArn != nil: // assumed sentence
		return p, invalid("TopicArn or TargetArn Reason: only one of them may be given")
	case in.TopicArn == nil && in.TargetArn == nil: // assumed: quoted in error messages that users have published
		return p, invalid("TopicArn or TargetArn Reason: no value for required parameter")
	case in.Subject != nil && *in.Subject == "": // recorded: test_publish_with_empty_subject
		return p, invalid("Subject")
	case in.MessageDeduplicationId != nil || in.MessageGroupId != nil && strings.HasSuffix(deref(in.TopicArn), ".fifo"):
		return p, invalid("MessageDeduplicationId Reason: FIFO topics are not emulated by the local target")
	case in.MessageStructure != nil && *in.MessageStructure != "json":
		return p, invalid("MessageStructure") // assumed
	}
	p.TopicARN, p.PerProtocol = deref(in.TopicArn)+deref(in.TargetArn), in.MessageStructure != nil
	var err error
	p.Attributes, err = in.MessageAttributes.attributes()
	return p, err
}

// The rules about attributes are documented (sns-message-attributes.html); the sentences are those of LocalStack's
// sns/provider.py, whose tests were run against AWS.
var (
	attributeName = regexp.MustCompile(`^[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*$`)
	attributeType = regexp.MustCompile(`^(String|Number|Binary)\..+$|^(String|Number|Binary|String\.Array)$`)
)

func refuseAttribute(format string, args ...any) error {
	return awserr.New("ParameterValueInvalid", 400, format, args...)
}

func (m attributeMap) attributes() (map[string]Attribute, error) {
	var attributes map[string]Attribute
	for _, entry := range m.Entries {
		name, kind := deref(entry.Name), deref(entry.Value.DataType)
		isBinary := strings.HasPrefix(kind, "Binary")
		value, field, given := deref(entry.Value.StringValue), "String", entry.Value.StringValue != nil
		if isBinary {
			value, field, given = base64.StdEncoding.EncodeToString(entry.Value.BinaryValue), "Binary", entry.Value.BinaryValue != nil
		}
		switch {
		case len(name) > 256 || !attributeName.MatchString(name):
			return nil, refuseAttribute("Invalid non-alphanumeric character was found in the message attribute name. Can only " +
				"include alphanumeric characters, hyphens, underscores, or dots.")
		case kind == "":
			return nil, refuseAttribute("The message attribute '%s' must contain non-empty message attribute type.", name)
		case !attributeType.MatchString(kind):
			return nil, refuseAttribute("The message attribute '%s' has an invalid message attribute type, the set of supported "+
				"type prefixes is Binary, Number, and String.", name)
		case !given && (entry.Value.StringValue != nil || entry.Value.BinaryValue != nil):
			return nil, refuseAttribute("The message attribute '%s' with type '%s' must use field '%s'.", name, kind, field)
		case value == "":
			return nil, refuseAttribute("The message attribute '%s' must contain non-empty message attribute value for message "+
				"attribute type '%s'.", name, kind)
		}
		if strings.HasPrefix(kind, "Number") {
			if _, err := strconv.ParseFloat(value, 64); err != nil {
				return nil, refuseAttribute("Could not cast message attribute '%s' value to number.", name)
			}
		}
		if attributes == nil {
			attributes = map[string]Attribute{}
		}
		attributes[name] = Attribute{Type: kind, Value: value}
	}
	return attributes, nil
}
