package vtl

import (
	"bytes"
	"unicode/utf8"
)

// Strings are UTF-8 here and UTF-16 in Java, which shows in lengths and indexes. Half of a surrogate pair, which Java can hold and UTF-8
// cannot, is kept as the three bytes that UTF-8 would use for it; repairSurrogates turns it into what Java would write.

const (
	surrogateLow  = 0xDC00
	surrogateHigh = 0xD800
	surrogateEnd  = 0xE000
)

// isASCII says whether indexes into bytes are indexes into Java's characters.
func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// decodeRune is utf8.DecodeRuneInString that also reads halves of surrogate pairs.
func decodeRune(s string) (rune, int) {
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && n == 1 && len(s) >= 3 && s[0] == 0xED && s[1] >= 0xA0 && s[1] < 0xC0 && s[2]&0xC0 == 0x80 {
		return rune(s[0]&0x0F)<<12 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), 3
	}
	return r, n
}

func toUTF16(s string) []uint16 {
	u := make([]uint16, 0, len(s))
	for i := 0; i < len(s); {
		r, n := decodeRune(s[i:])
		i += n
		if r >= 0x10000 {
			r -= 0x10000
			u = append(u, uint16(surrogateHigh+r>>10), uint16(surrogateLow+r&0x3FF))
		} else {
			u = append(u, uint16(r))
		}
	}
	return u
}

func fromUTF16(u []uint16) string {
	b := make([]byte, 0, len(u))
	for i := 0; i < len(u); i++ {
		r := rune(u[i])
		switch {
		case r < surrogateHigh || r >= surrogateEnd:
			b = utf8.AppendRune(b, r)
		case r < surrogateLow && i+1 < len(u) && u[i+1] >= surrogateLow && u[i+1] < surrogateEnd:
			i++
			b = utf8.AppendRune(b, 0x10000+(r-surrogateHigh)<<10+(rune(u[i])-surrogateLow))
		default:
			b = append(b, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0xBF, 0x80|byte(r)&0x3F)
		}
	}
	return string(b)
}

// utf16Len is Java's String.length.
func utf16Len(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			n++
			continue
		}
		r, size := decodeRune(s[i:])
		i += size
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}

// repairSurrogates joins halves that came to stand side by side, and writes ? for halves that stay alone, as Java does when it encodes UTF-8.
func repairSurrogates(b []byte, from int) []byte {
	if !hasSurrogate(b[from:]) {
		return b
	}
	fixed := fromUTF16(toUTF16(string(b[from:])))
	b = b[:from]
	for i := 0; i < len(fixed); {
		r, n := decodeRune(fixed[i:])
		if r >= surrogateHigh && r < surrogateEnd {
			b = append(b, '?')
		} else {
			b = append(b, fixed[i:i+n]...)
		}
		i += n
	}
	return b
}

func hasSurrogate(b []byte) bool {
	for {
		i := bytes.IndexByte(b, 0xED)
		if i < 0 || i+1 >= len(b) {
			return false
		}
		if b[i+1] >= 0xA0 {
			return true
		}
		b = b[i+1:]
	}
}
