package protocol

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
)

// route finds the action of REST-JSON for a request; a part that is written out is preferred to one in braces.
func (h *Handler) route(r *http.Request) (found *Action, parameters map[string]string) {
	parts := pathParts(r.URL.EscapedPath())
	best := -1
	for i := range h.service.Actions {
		a := &h.service.Actions[i]
		if a.method != r.Method {
			continue
		}
		if p, literals, ok := match(pathParts(a.path), parts); ok && literals > best {
			found, parameters, best = a, p, literals
		}
	}
	return found, parameters
}

func pathParts(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// match compares a template with a path; the last parameter may be greedy, as in {key+}.
func match(template, path []string) (parameters map[string]string, literals int, ok bool) {
	parameters = map[string]string{}
	for i, part := range template {
		name, isParameter := strings.CutPrefix(part, "{")
		name = strings.TrimSuffix(name, "}")
		greedy, isGreedy := strings.CutSuffix(name, "+")
		switch {
		case i >= len(path):
			return nil, 0, false
		case isParameter && isGreedy:
			rest, err := url.PathUnescape(strings.Join(path[i:], "/"))
			parameters[greedy] = rest
			return parameters, literals, err == nil
		case isParameter:
			value, err := url.PathUnescape(path[i])
			if err != nil || value == "" {
				return nil, 0, false
			}
			parameters[name] = value
		case part != path[i]:
			return nil, 0, false
		default:
			literals++
		}
	}
	return parameters, literals, len(template) == len(path)
}

// assignRequest stores what is in the path, query string and headers.
func (s *shapes) assignRequest(to reflect.Value, r *http.Request, parameters map[string]string) error {
	query := r.URL.Query()
	described := s.of(to.Type())
	for i := range described.members {
		m := &described.members[i]
		var value any
		switch {
		case m.path:
			value = text(parameters[m.name])
		case m.query && query.Has(m.name):
			value = queryValue(to.FieldByIndex(m.index).Type(), query[m.name])
		case m.header && r.Header.Get(m.name) != "":
			value = text(r.Header.Get(m.name))
		default:
			continue
		}
		if err := s.assign(to.FieldByIndex(m.index), value); err != nil {
			return err
		}
	}
	return nil
}

// queryValue is a parameter of the query string, which can be there several times for a list.
func queryValue(t reflect.Type, values []string) any {
	if t.Kind() != reflect.Slice || t == bytesType {
		return text(values[0])
	}
	list := make([]any, len(values))
	for i, value := range values {
		list[i] = text(value)
	}
	return list
}
