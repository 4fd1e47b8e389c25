package apigateway

import (
	"net/url"
	"regexp"
	"strings"
)

// routeNode is one resource in the tree of a deployment's paths.
type routeNode struct {
	parts    map[string]*routeNode // by plain part
	variable *routeNode            // {name}
	greedy   *routeNode            // {name+}
	name     string                // of this node's variable
	methods  map[string]*methodRuntime
}

func newRouteNode() *routeNode {
	return &routeNode{parts: map[string]*routeNode{}, methods: map[string]*methodRuntime{}}
}

// add makes the node of a resource's path, with those above it.
func (n *routeNode) add(path string) *routeNode {
	at := n
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if part == "" {
			continue
		}
		next := &at.variable
		switch {
		case strings.HasSuffix(part, "+}"):
			next = &at.greedy
		case !strings.HasPrefix(part, "{"):
			if at.parts[part] == nil {
				at.parts[part] = newRouteNode()
			}
			at = at.parts[part]
			continue
		}
		if *next == nil {
			*next = newRouteNode()
		}
		at = *next
		at.name = strings.TrimSuffix(strings.Trim(part, "{}"), "+")
	}
	return at
}

// find is the method for a path below the stage, with the values of the path's variables appended to parameters. Plain
// parts go before variables, and variables before greedy ones; a resource without methods does not stand in the way of
// another that fits (assumed). A resource without the method stands in the way of variables (assumed), but not of greedy
// ones, and empty parts are ignored (both assumed).
func (n *routeNode) find(verb, path string, parameters []parameter) (*methodRuntime, []parameter) {
	m, parameters, _ := n.descend(verb, path, parameters)
	return m, parameters
}

// descend also returns whether it has found a resource that lacks the method.
func (n *routeNode) descend(verb, path string, parameters []parameter) (m *methodRuntime, with []parameter, lacking bool) {
	path = strings.Trim(path, "/")
	if path == "" {
		m := n.method(verb)
		return m, parameters, m == nil && len(n.methods) > 0
	}
	part, below, _ := strings.Cut(path, "/")
	if next := n.parts[unescapePath(part)]; next != nil {
		if m, with, lacking = next.descend(verb, below, parameters); m != nil {
			return m, with, false
		}
	}
	if n.variable != nil && !lacking {
		value := parameter{n.variable.name, unescapePath(part)}
		if m, with, lacking = n.variable.descend(verb, below, append(parameters, value)); m != nil {
			return m, with, false
		}
	}
	if n.greedy != nil {
		if m := n.greedy.method(verb); m != nil {
			return m, append(parameters, parameter{n.greedy.name, unescapeGreedy(path)}), false
		}
	}
	return nil, parameters, lacking
}

func (n *routeNode) method(verb string) *methodRuntime {
	if m, ok := n.methods[verb]; ok {
		return m
	}
	return n.methods["ANY"]
}

// unescapeGreedy decodes the value of a greedy variable, in which an encoded plus stays encoded (assumed).
func unescapeGreedy(text string) string {
	parts := encodedPlus.Split(text, -1)
	pluses := encodedPlus.FindAllString(text, -1)
	decoded := unescapePath(parts[0])
	for i, plus := range pluses {
		decoded += plus + unescapePath(parts[i+1])
	}
	return decoded
}

var encodedPlus = regexp.MustCompile(`(?i)%2B`)

// unescapePath decodes a part of a path (assumed). What is not well encoded stays as it is.
func unescapePath(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	if decoded, err := url.PathUnescape(text); err == nil {
		return strings.ToValidUTF8(decoded, "\uFFFD")
	}
	return text
}
