package apigateway

import (
	"net/url"
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

// find is the method for a path below the stage. Plain parts go before variables, and variables before greedy ones;
// a resource without methods does not stand in the way of another that fits (assumed). A slash at the end is ignored
// (recorded by LocalStack). Values of variables are decoded (assumed) and appended to parameters.
func (n *routeNode) find(verb, path string, parameters []parameter) (*methodRuntime, []parameter) {
	at, parameters := n.descend(strings.TrimRight(path, "/"), parameters)
	if at == nil {
		return nil, parameters
	}
	if m, ok := at.methods[verb]; ok {
		return m, parameters
	}
	return at.methods["ANY"], parameters
}

func (n *routeNode) descend(rest string, parameters []parameter) (*routeNode, []parameter) {
	if rest == "" {
		if len(n.methods) == 0 {
			return nil, parameters
		}
		return n, parameters
	}
	part, below, _ := strings.Cut(rest, "/")
	if next := n.parts[unescapePath(part)]; next != nil {
		if found, with := next.descend(below, parameters); found != nil {
			return found, with
		}
	}
	if n.variable != nil && part != "" {
		value := parameter{n.variable.name, unescapePath(part)}
		if found, with := n.variable.descend(below, append(parameters, value)); found != nil {
			return found, with
		}
	}
	if n.greedy != nil && len(n.greedy.methods) > 0 {
		return n.greedy, append(parameters, parameter{n.greedy.name, unescapePath(rest)})
	}
	return nil, parameters
}

func unescapePath(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	if decoded, err := url.PathUnescape(text); err == nil {
		return strings.ToValidUTF8(decoded, "\uFFFD")
	}
	return text
}
