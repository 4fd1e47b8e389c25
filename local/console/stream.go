package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	// statePeriod is how often a page gets the state.
	statePeriod = time.Second
	// sampledRequests is how many requests of each kind, answered well and not, are passed on in a statePeriod.
	sampledRequests = 8
	// queuedEvents is how many events wait for a page that is slow; further ones are dropped.
	queuedEvents = 256
)

// subscriber is an open page.
type subscriber struct {
	queue chan event
}

// event is a server-sent event.
type event struct {
	name string
	data []byte
}

func (m *Monitor) subscribe() *subscriber {
	s := &subscriber{queue: make(chan event, queuedEvents)}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.subscribers[s] = struct{}{}
	m.pages.Add(1)
	m.renewSamples()
	return s
}

func (m *Monitor) unsubscribe(s *subscriber) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.subscribers, s)
	m.pages.Add(-1)
}

func (m *Monitor) renewSamples() {
	m.samples.Store(sampledRequests)
	m.failures.Store(sampledRequests)
}

// publish sends an event to all pages that keep up.
func (m *Monitor) publish(name string, content any) {
	if m.pages.Load() == 0 {
		return
	}
	data, err := json.Marshal(content)
	if err != nil {
		return // nothing that is published lacks a form in JSON
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for s := range m.subscribers {
		select {
		case s.queue <- event{name, data}:
		default:
		}
	}
}

// stream sends events to a page until it is closed.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	page := s.options.Monitor.subscribe()
	defer s.options.Monitor.unsubscribe(page)
	ticker := time.NewTicker(statePeriod)
	defer ticker.Stop()
	rates := newRates(s.options.Monitor)
	for {
		if err := s.sendState(w, rates); err != nil || control.Flush() != nil {
			return
		}
		s.options.Monitor.renewSamples()
		if !sendEvents(w, control, r, page, ticker) {
			return
		}
	}
}

func (s *Server) sendState(w http.ResponseWriter, rates *rates) error {
	data, err := json.Marshal(s.state(rates))
	if err != nil {
		return err
	}
	return sendEvent(w, event{"state", data})
}

func sendEvent(w http.ResponseWriter, e event) error {
	_, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", e.name, e.data)
	return err
}

// sendEvents sends what is published until the next tick. It returns false when the page is closed.
func sendEvents(w http.ResponseWriter, control *http.ResponseController, r *http.Request, page *subscriber, ticker *time.Ticker) bool {
	for {
		select {
		case <-r.Context().Done():
			return false
		case <-ticker.C:
			return true
		case e := <-page.queue:
			if sendEvent(w, e) != nil || control.Flush() != nil {
				return false
			}
		}
	}
}
