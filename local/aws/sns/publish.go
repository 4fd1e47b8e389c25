package sns

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// maxMessageBytes is how long a message can be (documented: Publish, 256 KiB).
const maxMessageBytes = 256 << 10

// Message is one message that was published, a line of the topic's file.
type Message struct {
	Time      time.Time `json:"time"`
	MessageID string    `json:"messageId"`
	TopicARN  string    `json:"topicArn"`
	Subject   string    `json:"subject,omitempty"`
	// Message is what was published: as it is if it is a JSON object, otherwise as a JSON string.
	Message    json.RawMessage      `json:"message"`
	Attributes map[string]Attribute `json:"attributes,omitempty"`
	// Recipients are the subscriptions that it was sent to, and those that AWS would have sent it to had they been confirmed.
	Recipients []string `json:"recipients"`
}

// Attribute is an attribute of a message: its type, such as Number, and its value, that of a Binary in base64.
type Attribute struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// Publication is what is published.
type Publication struct {
	TopicARN string
	// Subject is "" or up to 100 printable ASCII characters.
	Subject string
	// Message is up to 256 KiB, with the attributes. With PerProtocol it is a JSON object of texts: "default", and others
	// for single protocols.
	Message     string
	PerProtocol bool
	Attributes  map[string]Attribute
}

// Text is the message as it was published.
func (m Message) Text() string {
	var text string
	if json.Unmarshal(m.Message, &text) == nil {
		return text
	}
	return string(m.Message)
}

// subjectForm is documented: Publish, Subject.
var subjectForm = regexp.MustCompile(`^[\x21-\x7e][\x20-\x7e]{0,99}$`)

// Publish publishes a message and returns its id: it is appended to the topic's file, and sent to the endpoints of
// confirmed subscriptions later. Errors: InvalidParameter, NotFound, AuthorizationError, KMSAccessDenied.
func (s *Service) Publish(by Publisher, topicARN, subject, message string) (messageID string, err error) {
	return s.publish(Publication{TopicARN: topicARN, Subject: subject, Message: message}, func(t *topic) error {
		return s.authorize(t, by)
	})
}

// publish is Publish with any way to authorize the publisher.
func (s *Service) publish(p Publication, authorize func(*topic) error) (messageID string, err error) {
	texts, err := p.texts()
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	t, err := s.find(p.TopicARN)
	if err != nil {
		s.mu.Unlock()
		return "", err
	}
	err = authorize(t)
	t.file.Lock() // before the topic can be deleted
	s.mu.Unlock()
	defer t.file.Unlock()
	if err != nil {
		return "", err
	}
	m := Message{
		Time: s.options.Clock.Now().UTC(), MessageID: uuid.NewString(), TopicARN: p.TopicARN, Subject: p.Subject,
		Message: asJSON(texts.of("email")), Attributes: p.Attributes, Recipients: []string{},
	}
	for _, sub := range t.Subscriptions {
		if sub.Confirmed {
			m.Recipients = append(m.Recipients, sub.Endpoint)
		} else {
			m.Recipients = append(m.Recipients, fmt.Sprintf("%s (%s)", sub.Endpoint, PendingConfirmation))
		}
	}
	if err := appendLine(s.messageFile(t.Name), m); err != nil {
		return "", err
	}
	for _, sub := range t.Subscriptions {
		if sub.Confirmed {
			s.send(s.message(sub, m, texts.of(sub.Protocol)))
		}
	}
	return m.MessageID, nil
}

// texts are a message's texts by protocol; "default" is for the others.
type texts map[string]string

func (t texts) of(protocol string) string {
	if text, ok := t[protocol]; ok {
		return text
	}
	return t["default"]
}

// texts checks a publication and returns its texts. Recorded: test_empty_sns_message, test_publish_too_long_message,
// test_message_structure_json_exc.
func (p Publication) texts() (texts, error) {
	size := len(p.Message)
	for name, a := range p.Attributes {
		size += len(name) + len(a.Type) + len(a.Value)
	}
	switch {
	case p.Message == "":
		return nil, invalid("Empty message")
	case size > maxMessageBytes:
		return nil, invalid("Message too long")
	case !utf8.ValidString(p.Message):
		return nil, invalid("Message Reason: it is not UTF-8")
	case p.Subject != "" && !subjectForm.MatchString(p.Subject):
		return nil, invalid("Subject")
	case !p.PerProtocol:
		return texts{"default": p.Message}, nil
	}
	var entries map[string]any
	if err := json.Unmarshal([]byte(p.Message), &entries); err != nil {
		return nil, invalid("Message Structure - JSON message body failed to parse")
	}
	all := texts{}
	for protocol, entry := range entries {
		if text, ok := entry.(string); ok {
			all[protocol] = text
		}
	}
	if _, ok := all["default"]; !ok {
		return nil, invalid("Message Structure - No default entry in JSON message body")
	}
	return all, nil
}

// asJSON is the message as it is if it is a JSON object, otherwise as a JSON string.
func asJSON(message string) json.RawMessage {
	trimmed := bytes.TrimLeftFunc([]byte(message), unicode.IsSpace)
	if len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(trimmed) {
		return trimmed
	}
	text, err := encode(message)
	if err != nil {
		return json.RawMessage(`""`) // a Go string always has a JSON form
	}
	return text
}

// encode writes JSON without the escapes that are for HTML pages: a person reads it.
func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return out.Bytes(), err
}

func appendLine(name string, m Message) error {
	line, err := encode(m)
	if err != nil {
		return fmt.Errorf("writing the message: %w", err)
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing the message: %w", err)
	}
	_, err = file.Write(line)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("writing the message: %w", err)
	}
	return nil
}

// Messages are the messages of a topic, oldest first. Errors: InvalidParameter, NotFound.
func (s *Service) Messages(topicARN string) ([]Message, error) {
	t, err := s.GetTopicAttributes(topicARN)
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(t.File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the messages of %s: %w", t.Name, err)
	}
	var all []Message
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, 2*maxMessageBytes*6) // a control character takes six bytes in JSON
	for lines.Scan() {
		var m Message
		// A torn line is what a kill can leave behind.
		if json.Unmarshal(lines.Bytes(), &m) == nil {
			all = append(all, m)
		}
	}
	return all, lines.Err()
}
