package s3

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"ingest-pipeline/local/aws/internal/filename"
)

// naming turns keys into file names and back. A key is cut at its slashes: the last segment is a file in the folders
// that the others name. Ordinary segments are file names as they are; the rest is written so that no key can leave the
// bucket's folder, two keys never share a file, and every common file system can hold the name:
//
//	%41            a byte that is not fit for a file name (control characters, \ : * ? " < > | %, bytes that are not
//	               UTF-8, a dot or space at the end, the first letter of CON, NUL, …)
//	%empty         a segment without characters, as in "a//b" or "a/"
//	name%file      the object "name", where the folder "name" of the object "name/x" has taken the plain name
//	name%more      a folder that holds the continuation of a segment of more than 200 bytes
//	name%meta      a sidecar; sidecars are in a separate tree
//
// A literal percent sign is always written %25, so the five forms cannot be mistaken.
type naming struct {
	// foldCase is for file systems that ignore the case of names: upper-case and non-ASCII letters are written %41 too.
	foldCase bool
}

const (
	emptySegment = "%empty"
	asFile       = "%file"
	asMore       = "%more"
	asMeta       = "%meta"
	// longestName leaves room for a suffix in the 255 bytes that file systems allow.
	longestName = 200
)

// path gives the folders and the file of a key, without a suffix on the file.
func (n naming) path(key string) (folders []string, file string) {
	segments := strings.Split(key, "/")
	for _, segment := range segments[:len(segments)-1] {
		more, name := n.segment(segment)
		folders = append(append(folders, more...), name)
	}
	more, file := n.segment(segments[len(segments)-1])
	return append(folders, more...), file
}

// segment writes one segment; more are the folders that a long one needs first.
func (n naming) segment(segment string) (more []string, name string) {
	if segment == "" {
		return nil, emptySegment
	}
	var b strings.Builder
	for i := 0; i < len(segment); {
		r, size := utf8.DecodeRuneInString(segment[i:])
		unit := segment[i : i+size]
		if !n.plain(segment, i, r, size) {
			unit = escape(unit)
		}
		if b.Len()+len(unit) > longestName {
			more = append(more, b.String()+asMore)
			b.Reset()
		}
		b.WriteString(unit)
		i += size
	}
	return more, b.String()
}

// plain reports whether the character at i may stand in a file name as it is.
func (n naming) plain(segment string, i int, r rune, size int) bool {
	switch {
	case r == utf8.RuneError && size == 1, unicode.IsControl(r), !unicode.IsPrint(r) && r != ' ':
		return false
	case strings.ContainsRune(`%\:*?"<>|`, r):
		return false
	case (r == '.' || r == ' ') && i+size == len(segment):
		return false
	case i == 0 && filename.IsDevice(segment):
		return false
	case n.foldCase && (r >= utf8.RuneSelf || unicode.IsUpper(r)):
		return false
	}
	return true
}

const hexDigits = "0123456789ABCDEF"

func escape(unit string) string {
	var b strings.Builder
	for i := range len(unit) {
		b.WriteByte('%')
		b.WriteByte(hexDigits[unit[i]>>4])
		b.WriteByte(hexDigits[unit[i]&15])
	}
	return b.String()
}

// unescape reads a file name without its suffix back. ok is false for a name that no segment is written as.
func (n naming) unescape(name string) (segment string, ok bool) {
	if name == emptySegment {
		return "", true
	}
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] != '%' {
			b.WriteByte(name[i])
			continue
		}
		if i+2 >= len(name) {
			return "", false
		}
		high, low := strings.IndexByte(hexDigits, name[i+1]), strings.IndexByte(hexDigits, name[i+2])
		if high < 0 || low < 0 {
			return "", false
		}
		b.WriteByte(byte(high<<4 | low))
		i += 2
	}
	return b.String(), true
}
