package filename

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestANameCanBeHeldByEveryFileSystem(t *testing.T) {
	for resource, want := range map[string]string{
		"events":       "events",
		"My_Stream.v2": "My_Stream.v2",
		"/aws/api:x":   "+aws+api%3Ax",
		"..":           "%2E%2E",
		".hidden.":     "%2Ehidden%2E",
		"con":          "%63on",
		"NUL.v1":       "%4EUL.v1",
		"lpt1":         "%6Cpt1",
		"console":      "console",
	} {
		assert.Equal(t, want, New(resource, func(string) bool { return false }), resource)
	}
}

func TestANameInUseGetsANumber(t *testing.T) {
	taken := map[string]bool{"events": true, "events-2": true}
	assert.Equal(t, "events-3", New("events", func(name string) bool { return taken[name] }))
}

func TestLongNamesAreCutAndDiffer(t *testing.T) {
	free := func(string) bool { return false }
	a, b := New(strings.Repeat("a", 300)+"1", free), New(strings.Repeat("a", 300)+"2", free)
	assert.NotEqual(t, a, b)
	assert.LessOrEqual(t, len(a), 200)
}
