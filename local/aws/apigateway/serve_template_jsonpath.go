package apigateway

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ohler55/ojg/jp"

	"ingest-pipeline/local/aws/apigateway/vtl"
)

// JSONPath as Jayway's library has it, which API Gateway uses: documented (api-gateway-mapping-template-reference names
// JSONPath only). Plain paths ($.a['b'][0]) are walked here: ojg refuses names that Jayway accepts, such as $.a-b, and is
// slower. The rest (wildcards, slices, unions, filters, descent) is ojg's, over the same values.

// path is a parsed JSONPath.
type path struct {
	steps []step  // a plain path
	other jp.Expr // any other; nil for a plain path
	// function is the one at the end of the path: "length", "size" or "keys"; empty: none.
	function string
}

// step is a member of an object, or an element of an array.
type step struct {
	name  string
	index int
	array bool
}

// paths caches parsed paths. A template may build paths from a loop's counter or a client's values, so the number and the
// size of what is cached is bounded.
var (
	paths       sync.Map // string -> *path
	cachedPaths atomic.Int64
)

const (
	maxCachedPaths     = 4096
	maxCachedPathBytes = 256
)

// parsePath reads a path. One without "$" is taken from the root, as Jayway does.
func parsePath(expression string) (*path, error) {
	if found, ok := paths.Load(expression); ok {
		return found.(*path), nil
	}
	parsed, err := readPath(expression)
	if err != nil {
		return nil, err
	}
	if len(expression) <= maxCachedPathBytes && cachedPaths.Load() < maxCachedPaths {
		if _, had := paths.LoadOrStore(expression, parsed); !had {
			cachedPaths.Add(1)
		}
	}
	return parsed, nil
}

func readPath(expression string) (*path, error) {
	source := strings.TrimSpace(expression)
	if source == "" {
		return nil, fmt.Errorf("invalid JSON path: it is empty")
	}
	if source[0] != '$' {
		source = "$." + source
	}
	parsed := &path{}
	if open := strings.LastIndex(source, "."); open > 0 && strings.HasSuffix(source, "()") {
		parsed.function = source[open+1 : len(source)-2]
		switch parsed.function {
		case "length", "size", "keys":
			source = source[:open]
		default:
			if !strings.ContainsAny(parsed.function, "'\"[]") {
				return nil, fmt.Errorf("invalid JSON path %s: the function %s() is not emulated by the local target", expression, parsed.function)
			}
			parsed.function = ""
		}
	}
	if steps, ok := plainSteps(source[1:]); ok {
		parsed.steps = steps
		return parsed, nil
	}
	other, err := jp.ParseString(source)
	if err != nil {
		return nil, fmt.Errorf("invalid JSON path %s: %w", expression, err)
	}
	parsed.other = other
	return parsed, nil
}

// plainSteps reads .name, ['name'], ["name"] and [n] up to the end, or says that there is something else.
func plainSteps(rest string) (steps []step, ok bool) {
	for rest != "" {
		switch {
		case rest[0] == '.':
			end := 1
			for end < len(rest) && !strings.ContainsRune(".[]()*?@'\" ,:", rune(rest[end])) {
				end++
			}
			if end == 1 {
				return nil, false
			}
			steps = append(steps, step{name: rest[1:end]})
			rest = rest[end:]
		case strings.HasPrefix(rest, "['") || strings.HasPrefix(rest, `["`):
			end := strings.IndexByte(rest[2:], rest[1])
			if end < 0 || !strings.HasPrefix(rest[2+end+1:], "]") || strings.Contains(rest[2:2+end], `\`) {
				return nil, false
			}
			steps = append(steps, step{name: rest[2 : 2+end]})
			rest = rest[2+end+2:]
		case rest[0] == '[':
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return nil, false
			}
			index, err := strconv.Atoi(rest[1:end])
			if err != nil {
				return nil, false
			}
			steps = append(steps, step{index: index, array: true})
			rest = rest[end+1:]
		default:
			return nil, false
		}
	}
	return steps, true
}

// find is what the path leads to in a document, and whether it leads anywhere. A path that may lead to several values
// gives a list of them, which may be empty.
func (p *path) find(document vtl.Value) (vtl.Value, bool) {
	value, ok := p.walk(document)
	if p.function == "" || !ok {
		return value, ok
	}
	return applyFunction(p.function, value)
}

func (p *path) walk(document vtl.Value) (vtl.Value, bool) {
	if p.other != nil {
		found := p.other.Get(wrap(document))
		if p.other.Normal() {
			if len(found) == 0 {
				return nil, false
			}
			return unwrap(found[0]), true
		}
		list := vtl.NewJSONList()
		for _, value := range found {
			list.Append(unwrap(value))
		}
		return list, true
	}
	value := document
	for _, s := range p.steps {
		switch at := value.(type) {
		case *vtl.Map:
			var ok bool
			if value, ok = at.Get(s.name); !ok || s.array {
				return nil, false
			}
		case *vtl.List:
			index := s.index
			if index < 0 {
				index += at.Len()
			}
			if !s.array || index < 0 || index >= at.Len() {
				return nil, false
			}
			value = at.At(index)
		default:
			return nil, false
		}
	}
	return value, true
}

func applyFunction(name string, value vtl.Value) (vtl.Value, bool) {
	switch v := value.(type) {
	case *vtl.Map:
		if name == "keys" {
			keys := vtl.NewList()
			for key := range v.All() {
				keys.Append(key)
			}
			return keys, true
		}
		return int64(v.Len()), true
	case *vtl.List:
		if name != "keys" {
			return int64(v.Len()), true
		}
	case string:
		if name != "keys" {
			return int64(len([]rune(v))), true
		}
	}
	return nil, false
}

// wrap gives ojg a view of a value: maps keep their order.
func wrap(value vtl.Value) any {
	switch v := value.(type) {
	case *vtl.Map:
		return keyed{v}
	case *vtl.List:
		return indexed{v}
	default:
		return v
	}
}

func unwrap(value any) vtl.Value {
	switch v := value.(type) {
	case keyed:
		return v.of
	case indexed:
		return v.of
	default:
		return v
	}
}

type keyed struct{ of *vtl.Map }

func (k keyed) ValueForKey(key string) (any, bool) {
	value, ok := k.of.Get(key)
	return wrap(value), ok
}
func (k keyed) SetValueForKey(key string, value any) { k.of.Put(key, unwrap(value)) }
func (k keyed) RemoveValueForKey(key string)         { k.of.Delete(key) }
func (k keyed) Keys() []string {
	keys := make([]string, 0, k.of.Len())
	for key := range k.of.All() {
		keys = append(keys, vtl.String(key))
	}
	return keys
}

type indexed struct{ of *vtl.List }

func (x indexed) ValueAtIndex(index int) any {
	if index < 0 || index >= x.of.Len() {
		return nil
	}
	return wrap(x.of.At(index))
}

func (x indexed) SetValueAtIndex(index int, value any) {
	if 0 <= index && index < x.of.Len() {
		x.of.Items()[index] = unwrap(value)
	}
}
func (x indexed) Size() int { return x.of.Len() }
