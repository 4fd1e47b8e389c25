package pipeline

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// problems checks the settings against each other and against the limits of AWS, but for those at the paths in skip. It returns
// every problem there is, each as "path = value: must be … (why); what to do".
func (a PipelineArgs) problems(skip map[string]bool) []error {
	check := &checker{skip: skip}
	for _, part := range []func(*checker){
		a.checkExisting, a.checkStream, a.checkDelivery, a.checkLifecycle, a.checkEndpoint, a.checkAPIKeys, a.checkEvents, a.checkCapacity,
		a.checkLogs, a.checkAlarms, a.checkTags,
	} {
		part(check)
	}
	return check.found
}

// literal is the text of an input that is one. An output is checked by AWS.
func literal(input pulumi.StringPtrInput) (text string, ok bool) {
	literal, ok := input.(pulumi.String)
	return string(literal), ok
}

// checker collects problems, but none about a path in skip, whose value could not be read.
type checker struct {
	skip  map[string]bool
	found []error
}

func (c *checker) add(key string, value any, format string, args ...any) {
	if !c.skip[key] {
		c.found = append(c.found, fmt.Errorf("%s = %v: %s", key, value, fmt.Sprintf(format, args...)))
	}
}

func (c *checker) between(key string, value, low, high int, unitAndReason, whatToDo string) {
	if value < low || value > high {
		c.add(key, value, "must be %d–%d %s; %s", low, high, unitAndReason, whatToDo)
	}
}

func (c *checker) oneOf(key, value, whatToDo string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.add(key, value, "must be %s or %s; %s",
			strings.Join(allowed[:len(allowed)-1], ", "), allowed[len(allowed)-1], whatToDo)
	}
}

func (c *checker) matches(key, value string, pattern *regexp.Regexp, mustBe string) {
	if !pattern.MatchString(value) {
		c.add(key, value, "must be %s", mustBe)
	}
}

// A bucket has 63 characters, a role 64: the longest is ingest-apigateway-logging-<stack>-1a2b3c4.
var stackNamePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$`)
