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
	Message json.RawMessage `json:"message"`
	// Recipients are the subscriptions that AWS would have mailed it to had they been confirmed.
	Recipients []string `json:"recipients"`
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

// Publish appends a message to the topic's file and returns its id. subject is "" or up to 100 printable ASCII
// characters. Errors: InvalidParameter, NotFound, AuthorizationError, KMSAccessDenied.
func (s *Service) Publish(by Publisher, topicARN, subject, message string) (messageID string, err error) {
	switch {
	case message == "":
		return "", invalid("Empty message")
	case len(message) > maxMessageBytes:
		return "", invalid("Message too long")
	case !utf8.ValidString(message):
		return "", invalid("Message Reason: it is not UTF-8")
	case subject != "" && !subjectForm.MatchString(subject):
		return "", invalid("Subject")
	}
	s.mu.Lock()
	t, err := s.find(topicARN)
	if err != nil {
		s.mu.Unlock()
		return "", err
	}
	recipients := []string{}
	for _, sub := range t.Subscriptions {
		recipients = append(recipients, fmt.Sprintf("%s (%s)", sub.Endpoint, PendingConfirmation))
	}
	err = s.authorize(t, by)
	t.file.Lock() // before the topic can be deleted
	s.mu.Unlock()
	defer t.file.Unlock()
	if err != nil {
		return "", err
	}
	m := Message{
		Time: s.options.Clock.Now().UTC(), MessageID: uuid.NewString(), TopicARN: topicARN, Subject: subject,
		Message: asJSON(message), Recipients: recipients,
	}
	return m.MessageID, appendLine(s.messageFile(t.Name), m)
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
