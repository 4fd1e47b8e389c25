package protocol

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
)

// Events sends the events of an answer, one after the other, until there are no more; an error of send means that the client is
// gone. An error that it returns is the last event.
type Events func(send func(name string, event any) error) error

// HandleEvents has f answer an action of a JSON service with a stream of events, which begins when f has returned.
func HandleEvents[In any](name string, f func(context.Context, *Call, *In) (Events, error)) Action {
	return Action{name: name, input: reflect.TypeFor[In](), events: func(ctx context.Context, call *Call, in any) (Events, error) {
		return f(ctx, call, in.(*In))
	}}
}

// eventTimeout is how long a client may take to read an event.
const eventTimeout = 30 * time.Second

// sendEvents answers with a stream of events. Documented: Smithy, "Amazon Event Stream" and, for the initial response, awsJson1_1.
func (e *Exchange) sendEvents(events Events) {
	header := e.w.Header()
	header.Set("Content-Type", "application/vnd.amazon.eventstream")
	header.Set("X-Amzn-Requestid", e.requestID)
	e.w.WriteHeader(http.StatusOK)
	defer func() { _ = http.NewResponseController(e.w).SetWriteDeadline(time.Time{}) }()
	send := func(name string, event any) error {
		payload := []byte("{}")
		if event != nil {
			payload = e.handler.shapes.appendJSON(nil, reflect.ValueOf(event), false)
		}
		return e.sendMessage("event", ":event-type", name, payload)
	}
	if send("initial-response", nil) != nil {
		return
	}
	if err := events(send); err != nil {
		failure := refusal(err)
		_ = e.sendMessage("exception", ":exception-type", failure.Code, append(appendString([]byte(`{"message":`), failure.Message), '}'))
	}
}

func (e *Exchange) sendMessage(kind, typeHeader, name string, payload []byte) error {
	message := eventstream.Message{Payload: payload, Headers: eventstream.Headers{
		{Name: ":message-type", Value: eventstream.StringValue(kind)},
		{Name: typeHeader, Value: eventstream.StringValue(name)},
		{Name: ":content-type", Value: eventstream.StringValue("application/json")},
	}}
	control := http.NewResponseController(e.w)
	_ = control.SetWriteDeadline(time.Now().Add(eventTimeout)) // of the connection, which has no other clock
	if err := eventstream.NewEncoder().Encode(e.w, message); err != nil {
		return err
	}
	return control.Flush()
}
