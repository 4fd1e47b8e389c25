package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/jonboulle/clockwork"
)

const (
	// statePeriod is how often a page gets the state.
	statePeriod = time.Second
	// sampledRequests is how many requests of each kind, answered well and not, are passed on in a statePeriod.
	sampledRequests = 8
	// queuedEvents is how many events wait for a page that is slow. With further ones it is disconnected.
	queuedEvents = 256
)

// subscriber is an open page.
type subscriber struct {
	queue chan event
	// disconnect ends the page's stream.
	disconnect func()
}

// event is a server-sent event.
type event struct {
	name string
	data []byte
}

func (m *Monitor) subscribe(disconnect func()) *subscriber {
	s := &subscriber{make(chan event, queuedEvents), disconnect}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.subscribers[s] = struct{}{}
	m.pages.Add(1)
	return s
}

func (m *Monitor) unsubscribe(s *subscriber) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.subscribers, s)
	m.pages.Add(-1)
}

// renewSamples begins a statePeriod, in which requests are passed on, if it has come.
func (m *Monitor) renewSamples() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now := m.clock.Now().Truncate(statePeriod); !now.Equal(m.sampled) {
		m.sampled = now
		m.samples.Store(sampledRequests)
		m.failures.Store(sampledRequests)
	}
}

// publish sends an event to all pages.
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
			s.disconnect()
		}
	}
}

// stream sends events to a page until it is closed, or does not keep up. A browser connects again by itself.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	page := s.options.Monitor.subscribe(func() {
		cancel()
		_ = control.SetWriteDeadline(time.Now()) // for a write that waits; a connection that is closed needs none
	})
	defer s.options.Monitor.unsubscribe(page)
	ticker := s.options.Monitor.clock.NewTicker(statePeriod)
	defer ticker.Stop()
	rates := newRates(s.options.Monitor)
	for {
		s.options.Monitor.renewSamples()
		if err := s.sendState(w, rates); err != nil || control.Flush() != nil {
			return
		}
		if !sendEvents(ctx, w, page, ticker) {
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
func sendEvents(ctx context.Context, w http.ResponseWriter, page *subscriber, ticker clockwork.Ticker) bool {
	control := http.NewResponseController(w)
	for {
		select {
		case <-ctx.Done():
			return false
		case <-ticker.Chan():
			return true
		case e := <-page.queue:
			if sendEvent(w, e) != nil || control.Flush() != nil {
				return false
			}
		}
	}
}
