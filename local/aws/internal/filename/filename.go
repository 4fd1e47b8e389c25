// Package filename writes the names of resources as file names.
package filename

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// longest leaves room for an ending in the 255 bytes that file systems allow.
const longest = 180

// New returns a name for the file or folder of a resource, which is readable and which every common file system can
// hold: a slash becomes a plus sign, another byte that is not fit becomes %41, and a long name is cut and made unique by
// a hash. A number is added to a name that is taken, as "events" is by "Events" on file systems that ignore the case:
// what is in the file has to say which resource it belongs to.
func New(resource string, taken func(name string) bool) string {
	var b strings.Builder
	for i := range len(resource) {
		switch c := resource[i]; {
		case c == '/':
			b.WriteByte('+')
		case !plain(c), c == '.' && (i == 0 || i == len(resource)-1), i == 0 && IsDevice(resource):
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	base := b.String()
	if len(base) > longest {
		base = fmt.Sprintf("%s%%%x", base[:longest], sha256.Sum256([]byte(resource)))[:longest+17]
	}
	name := base
	for n := 2; taken(name); n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	return name
}

func plain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.#[]=,@()$", c) >= 0
}

// IsDevice reports whether Windows has a device of that name, whatever its extension.
func IsDevice(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch base {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(base) == 4 && (strings.HasPrefix(base, "COM") || strings.HasPrefix(base, "LPT")) && base[3] >= '0' && base[3] <= '9'
}
