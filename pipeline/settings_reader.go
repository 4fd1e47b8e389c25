package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

// settingsReader reads settings strictly and collects all problems. The SDK's readers do not: GetInt returns 0 for "abc",
// TryInt reads 010 as 8, and Require panics at the first missing key.
type settingsReader struct {
	ctx  *pulumi.Context
	conf *config.Config
	// file is the settings file of the stack, for messages.
	file     string
	problems []error
	// unread are the keys whose value could not be read; their zero value is not checked any further.
	unread map[string]bool
	known  map[string]bool
}

func (r *settingsReader) fail(key, format string, args ...any) {
	if r.unread == nil {
		r.unread = map[string]bool{}
	}
	r.unread[key] = true
	r.problems = append(r.problems, fmt.Errorf(format, args...))
}

// text returns the value as written. Every setting has a default in Pulumi.yaml, since the engine requires a value for each
// that is declared; where unset is valid, the default is empty.
func (r *settingsReader) text(key string) string {
	if r.known == nil {
		r.known = map[string]bool{}
	}
	r.known[key] = true
	value, err := r.conf.Try(key)
	if errors.Is(err, config.ErrMissingVar) {
		r.fail(key, "%s is not set: its default in Pulumi.yaml is gone; set it in %s", key, r.file)
		return ""
	}
	if err != nil {
		r.fail(key, "%s: %w; see %s", key, err, r.file)
		return ""
	}
	if r.ctx.IsConfigSecret(r.ctx.Project() + ":" + key) {
		r.fail(key, "%s = [secret]: must not be a secret (the stack's state holds settings in clear text); set it again without --secret; see %s",
			key, r.file)
	}
	return value
}

// name returns the name or ARN of a resource, or nil if it is empty.
func (r *settingsReader) name(key string) pulumi.StringPtrInput {
	if value := r.text(key); value != "" {
		return pulumi.String(value)
	}
	return nil
}

func (r *settingsReader) number(key string) int {
	value := r.text(key)
	if r.unread[key] {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil || strconv.Itoa(n) != value {
		r.fail(key, "%s = %q: must be a whole number, in plain decimal digits; see %s", key, value, r.file)
		return 0
	}
	return n
}

func (r *settingsReader) list(key string) []string {
	value := r.text(key)
	if r.unread[key] {
		return nil
	}
	var list []string
	if err := json.Unmarshal([]byte(value), &list); err != nil {
		r.fail(key, "%s = %s: must be a list of texts; see %s", key, value, r.file)
	}
	return list
}

func (r *settingsReader) boolean(key string) bool {
	value := r.text(key)
	if !r.unread[key] && value != "true" && value != "false" {
		r.fail(key, "%s = %q: must be true or false; see %s", key, value, r.file)
	}
	return value == "true"
}

// unknownKeys reports settings of the project that do not exist: a misspelt key would silently mean its default. The SDK has
// no list of the settings, but the engine passes them to the program in this variable.
func (r *settingsReader) unknownKeys(project string) []error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(os.Getenv(pulumi.EnvConfig)), &all); err != nil {
		return nil
	}
	var problems []error
	for _, full := range sortedKeys(all) {
		key, ours := strings.CutPrefix(full, project+":")
		if ours && !r.known[key] {
			problems = append(problems, fmt.Errorf("%s: there is no such setting; Pulumi.yaml lists them; see %s", key, r.file))
		}
	}
	return problems
}
