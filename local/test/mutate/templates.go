package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"ingest-pipeline/local/aws/apigateway/vtl"
)

// embedded matches a file that templates.go embeds, and its variable.
var embedded = regexp.MustCompile(`//go:embed (\S+)\n\s*(\w+) string`)

// override is added to package templates: it reads the changed file of a mutant.
const override = `package templates

import (
	"os"
	"path/filepath"
)

func init() {
	for file, variable := range map[string]*string{%s} {
		if mutant, err := os.ReadFile(filepath.Join(%q, os.Getenv(%q), file)); err == nil {
			*variable = string(mutant)
		}
	}
}
`

// buildTemplates writes the mutants of templates/ into folders named by their ids, and builds the contract's tests.
func buildTemplates(ctx context.Context, root, work string) (*suite, error) {
	dir := filepath.Join(root, "templates")
	source, err := os.ReadFile(filepath.Join(dir, "templates.go"))
	if err != nil {
		return nil, err
	}
	variables := ""
	var mutants []mutant
	for _, match := range embedded.FindAllStringSubmatch(string(source), -1) {
		file, variable := match[1], match[2]
		variables += fmt.Sprintf("%q: &%s, ", file, variable)
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return nil, err
		}
		for _, changed := range mutateTemplate(file, string(content)) {
			id := len(mutants) + 1
			mutants = append(mutants, mutant{id, fmt.Sprintf("templates/%s:%d", file, changed.line), changed.what})
			folder := filepath.Join(work, strconv.Itoa(id))
			if err := os.MkdirAll(folder, 0o700); err != nil {
				return nil, err
			}
			if err := os.WriteFile(filepath.Join(folder, file), []byte(changed.text), 0o600); err != nil {
				return nil, err
			}
		}
	}
	binary, err := compile(ctx, filepath.Join(root, "local"), "./test/contract", filepath.Join(work, "build"), map[string][]byte{
		filepath.Join(dir, "mutants.go"): fmt.Appendf(nil, override, variables, work, environment),
	})
	if err != nil {
		return nil, err
	}
	return &suite{
		name: "templates", mutants: mutants, binary: binary, dir: filepath.Join(root, "local", "test", "contract"),
		// What kills processes, restarts, leaves resources out or waits for alarms is slow and says nothing about a template.
		args: []string{"-test.failfast", "-test.skip=Kill|Restarts|Without|Alarm"},
	}, nil
}

// changedTemplate is a template or a model with one change.
type changedTemplate struct {
	line       int
	what, text string
}

// operator replaces what it finds in a line; references such as ${1} name parts of the match, and next adds one to a
// number.
type operator struct {
	what        string
	find        *regexp.Regexp
	replacement string
}

const next = "next"

// templateOperators change templates. Text with a space in it is for people and stays.
var templateOperators = []operator{
	{"line left out", regexp.MustCompile(`^[^#].*$|^#set.*$`), ""},
	{"comparison inverted", regexp.MustCompile(` == `), " != "},
	{"comparison inverted", regexp.MustCompile(` != `), " == "},
	{"comparison inverted", regexp.MustCompile(` > `), " < "},
	{"condition inverted", regexp.MustCompile(`\$\w+\.(contains|matches)\(`), "!${0}"},
	{"|| for &&", regexp.MustCompile(`&&`), "||"},
	{"&& for ||", regexp.MustCompile(`\|\|`), "&&"},
	{"- for +", regexp.MustCompile(` \+ `), " - "},
	{"number changed", regexp.MustCompile(`([ (])(\d+)`), next},
	{"text changed", regexp.MustCompile(`"([^"\s]*)"`), `"${1}x"`},
	{"text changed", regexp.MustCompile(`'([^'\s]*)'`), `'${1}x'`},
	{"escape removed", regexp.MustCompile(`\$util\.(urlEncode|base64Encode)\(([^()]*)\)`), "${2}"},
	{"reference changed", regexp.MustCompile(`context\.requestId`), "context.extendedRequestId"},
	{"reference changed", regexp.MustCompile(`context\.extendedRequestId`), "context.requestId"},
	{"reference left out", regexp.MustCompile(`\$!?(\w[\w.]*|\{\w[\w.]*\})`), ""},
}

// modelOperators change JSON schemas. A title asserts nothing.
var modelOperators = []operator{
	{"number changed", regexp.MustCompile(`( )(\d+)`), next},
	{"type changed", regexp.MustCompile(`"type": "\w+"`), `"type": "string"`},
	{"keyword left out", regexp.MustCompile(`,\s*"(type|[a-z]+[A-Z]\w+)": ("\w+"|\d+)`), ""},
	{"keyword left out", regexp.MustCompile(`"(type|[a-z]+[A-Z]\w+)": ("\w+"|\d+),`), ""},
}

// mutateTemplate returns the valid mutants of a file.
func mutateTemplate(file, content string) []changedTemplate {
	operators, valid := templateOperators, func(text string) bool { _, err := vtl.Parse(file, text); return err == nil }
	if strings.HasSuffix(file, ".json") {
		operators, valid = modelOperators, func(text string) bool { return json.Valid([]byte(text)) }
	}
	seen := map[string]bool{content: true}
	var all []changedTemplate
	lines := strings.SplitAfter(content, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "##") {
			continue
		}
		before, after := strings.Join(lines[:i], ""), strings.Join(lines[i+1:], "")
		body := strings.TrimSuffix(line, "\n")
		for _, op := range operators {
			for _, at := range op.find.FindAllStringSubmatchIndex(body, -1) {
				replaced := string(op.find.ExpandString(nil, op.replacement, body, at))
				if op.replacement == next {
					number, _ := strconv.Atoi(body[at[4]:at[5]])
					replaced = body[at[2]:at[3]] + strconv.Itoa(number+1)
				}
				text := before + body[:at[0]] + replaced + body[at[1]:] + "\n" + after
				if seen[text] || !valid(text) {
					continue
				}
				seen[text] = true
				all = append(all, changedTemplate{i + 1, fmt.Sprintf("%s: %q in: %s", op.what, body[at[0]:at[1]], body), text})
			}
		}
	}
	return all
}
