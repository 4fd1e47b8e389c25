package logs

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// maxFileName keeps a name and its endings below the 255 bytes that file systems allow.
const maxFileName = 180

// fileName writes the name of a log group or stream as a file name that a person can read: a slash becomes a plus
// sign, what else is not fit becomes %41, and a long name is cut and told apart by a hash. Whether the name is taken
// (on file systems that take a for A, for example) is asked with taken; group.json says which file is whose.
func fileName(name string, taken func(string) bool) string {
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case c == '/':
			b.WriteByte('+')
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-_#[]=,@()$", c) >= 0,
			c == '.' && i > 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	base := b.String()
	if len(base) > maxFileName {
		base = fmt.Sprintf("%s%%%x", base[:maxFileName], sha256.Sum256([]byte(name)))[:maxFileName+17]
	}
	file := base
	for n := 2; taken(file); n++ {
		file = fmt.Sprintf("%s-%d", base, n)
	}
	return file
}
