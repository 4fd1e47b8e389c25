package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Diff is one property that differs.
type Diff struct {
	// Path is where the property is: "shardCount", "extendedS3Configuration.bufferingInterval".
	Path string
	// Kind is "add", "delete" or "update".
	Kind string
	// Replaces says that it is a reason for replacing the resource.
	Replaces bool
	// Old and New are the property as the program gave it; nil where there was none.
	Old, New any
}

// Unknown stands in the engine's events for a value that is not known before the deployment.
const Unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// diffsOf collects what differs between the two states of a step.
func diffsOf(m apitype.StepEventMetadata) []Diff {
	if m.Old == nil || m.New == nil {
		return nil
	}
	var diffs []Diff
	for _, path := range slices.Sorted(maps.Keys(m.DetailedDiff)) {
		kind := string(m.DetailedDiff[path].Kind)
		short, replaces := strings.CutSuffix(kind, "-replace")
		diffs = append(diffs, Diff{Path: path, Kind: short, Replaces: replaces, Old: at(m.Old.Inputs, path), New: at(m.New.Inputs, path)})
	}
	if len(m.DetailedDiff) > 0 {
		return diffs
	}
	// A provider that gives no details at least names the properties.
	for _, key := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(m.Diffs, m.Keys)))) {
		d := Diff{Path: key, Kind: "update", Replaces: slices.Contains(m.Keys, key), Old: at(m.Old.Inputs, key), New: at(m.New.Inputs, key)}
		switch {
		case d.Old == nil:
			d.Kind = "add"
		case d.New == nil:
			d.Kind = "delete"
		}
		diffs = append(diffs, d)
	}
	return diffs
}

// at finds a property by its path, such as a.b[0]["c.d"]; nil if it is not there.
func at(properties map[string]any, path string) any {
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		return nil
	}
	var value any = properties
	for _, part := range parsed {
		switch v := value.(type) {
		case map[string]any:
			value = v[fmt.Sprint(part)]
		case []any:
			index, isIndex := part.(int)
			if !isIndex || index < 0 || index >= len(v) {
				return nil
			}
			value = v[index]
		default:
			return nil
		}
	}
	return value
}

// String is the difference in one line: "shardCount: 1 => 2". Of long texts it shows the first place that differs.
func (d Diff) String() string {
	text := d.Path + ": "
	switch d.Kind {
	case "add":
		text += show(d.New)
	case "delete":
		text += show(d.Old) + " => nothing"
	default:
		if line, ok := firstDifference(d.Old, d.New); ok {
			text += line
		} else {
			text += show(d.Old) + " => " + show(d.New)
		}
	}
	if d.Replaces {
		text += " (replaces)"
	}
	return text
}

// maxShown is how much of a value is shown, in characters.
const maxShown = 72

func show(value any) string {
	if value == Unknown {
		return "known later"
	}
	if hasSecret(value) {
		return "[secret]"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return shorten(string(text))
}

func shorten(text string) string {
	if runes := []rune(text); len(runes) > maxShown {
		return string(runes[:maxShown]) + "…"
	}
	return text
}

// firstDifference shows two long texts, such as templates and policies, where they begin to differ.
func firstDifference(old, new any) (string, bool) {
	before, isText := old.(string)
	after, isText2 := new.(string)
	if !isText || !isText2 || after == Unknown || len(before) <= maxShown && len(after) <= maxShown {
		return "", false
	}
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	line := 0
	for line < len(a)-1 && line < len(b)-1 && a[line] == b[line] {
		line++
	}
	// Where a line is long as well, what both have at its beginning says nothing.
	x, y := []rune(a[line]), []rune(b[line])
	same := 0
	for same < len(x) && same < len(y) && x[same] == y[same] {
		same++
	}
	skip := max(0, same-maxShown/4)
	lead := ""
	if skip > 0 {
		lead = "…"
	}
	return fmt.Sprintf("line %d: %s => %s", line+1, lead+shorten(string(x[skip:])), lead+shorten(string(y[skip:]))), true
}
