package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
)

const (
	// searchedLogBytes is how much of the end of each log stream is looked through.
	searchedLogBytes = 8 << 20
	listedLogEvents  = 300
)

type logGroup struct {
	Name          string `json:"name"`
	RetentionDays int    `json:"retentionDays"`
	Streams       int    `json:"streams"`
}

func (s *Server) getLogGroups(*http.Request) (any, error) {
	groups := []logGroup{}
	for _, g := range s.options.Cloud.Logs.DescribeLogGroups() {
		groups = append(groups, logGroup{g.Name, g.RetentionInDays, len(g.Streams)})
	}
	return groups, nil
}

type logEvent struct {
	Group   string    `json:"group"`
	Stream  string    `json:"stream"`
	At      time.Time `json:"at"`
	Message string    `json:"message"`
}

// getLogEvents lists the newest events of a log group, or of all of them, that contain a text, oldest first.
func (s *Server) getLogEvents(r *http.Request) (any, error) {
	group, text := r.URL.Query().Get("group"), r.URL.Query().Get("q")
	found := []logEvent{}
	for _, g := range s.options.Cloud.Logs.DescribeLogGroups() {
		if group != "" && g.Name != group {
			continue
		}
		for _, stream := range g.Streams {
			events, err := s.newestLogEvents(g.Name, stream, text)
			if err != nil {
				return nil, err
			}
			found = append(found, events...)
		}
	}
	slices.SortStableFunc(found, func(a, b logEvent) int { return a.At.Compare(b.At) })
	return found[max(0, len(found)-listedLogEvents):], nil
}

func (s *Server) newestLogEvents(group, stream, text string) ([]logEvent, error) {
	var found []logEvent
	for e, err := range s.options.Cloud.Logs.Tail(group, stream, searchedLogBytes) {
		if err != nil {
			var deleted *awserr.Error
			if errors.As(err, &deleted) {
				break // a moment ago
			}
			return nil, err
		}
		if text != "" && !strings.Contains(e.Message, text) {
			continue
		}
		if found = append(found, logEvent{group, stream, e.Time, e.Message}); len(found) == 2*listedLogEvents {
			found = append(found[:0], found[listedLogEvents:]...)
		}
	}
	return found, nil
}
