package apigateway

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"ingest-pipeline/local/aws/apigateway/vtl"
)

// util is $util: documented (api-gateway-mapping-template-reference). Its functions work on UTF-8; they have no value
// for null (assumed).
type util struct{}

func (util) Property(string) (vtl.Value, bool) { return nil, false }

func (util) String() string { return "$util" }

func (util) Call(method string, args []vtl.Value) (vtl.Value, error) {
	if len(args) != 1 {
		return nil, vtl.ErrNoMethod
	}
	function, ok := utilFunctions[method]
	if !ok {
		return nil, vtl.ErrNoMethod
	}
	switch text := args[0].(type) {
	case nil:
		return nil, nil
	case string:
		return function(text)
	default:
		return function(vtl.String(text))
	}
}

var utilFunctions = map[string]func(string) (vtl.Value, error){
	"escapeJavaScript": func(text string) (vtl.Value, error) { return escapeJavaScript(text), nil },
	"urlEncode":        func(text string) (vtl.Value, error) { return urlEncode(text), nil },
	"base64Encode": func(text string) (vtl.Value, error) {
		return base64.StdEncoding.EncodeToString([]byte(text)), nil
	},
	"parseJson": func(text string) (vtl.Value, error) {
		value, err := vtl.ParseJSON([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("$util.parseJson: %w", err)
		}
		return value, nil
	},
	"urlDecode": func(text string) (vtl.Value, error) {
		decoded, err := url.QueryUnescape(text)
		if err != nil {
			return nil, fmt.Errorf("$util.urlDecode: %w", err)
		}
		return strings.ToValidUTF8(decoded, "\uFFFD"), nil
	},
	"base64Decode": func(text string) (vtl.Value, error) {
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("$util.base64Decode: %w", err)
		}
		return strings.ToValidUTF8(string(decoded), "\uFFFD"), nil
	},
}

// escapeJavaScript escapes a text as Apache Commons Lang's function of that name does: documented that it is
// JavaScript's rules and that ' becomes \' ; that / and all beyond ASCII are escaped is assumed from that library.
func escapeJavaScript(text string) string {
	const upperHex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(text) + 8)
	unit := func(u uint16) {
		b.WriteString(`\u`)
		for shift := 12; shift >= 0; shift -= 4 {
			b.WriteByte(upperHex[u>>shift&15])
		}
	}
	for _, r := range text {
		switch r {
		case '"', '\'', '\\', '/':
			b.WriteByte('\\')
			b.WriteByte(byte(r))
		case '\b':
			b.WriteString(`\b`)
		case '\t':
			b.WriteString(`\t`)
		case '\n':
			b.WriteString(`\n`)
		case '\f':
			b.WriteString(`\f`)
		case '\r':
			b.WriteString(`\r`)
		default:
			switch {
			case ' ' <= r && r < 0x7f:
				b.WriteByte(byte(r))
			case r < 0x10000:
				unit(uint16(r))
			default:
				high, low := utf16.EncodeRune(r)
				unit(uint16(high))
				unit(uint16(low))
			}
		}
	}
	return b.String()
}

// urlEncode is java.net.URLEncoder's application/x-www-form-urlencoded, which differs from Go's in *, ~ and the space.
func urlEncode(text string) string {
	const upperHex = "0123456789ABCDEF"
	plain := true
	for i := 0; i < len(text); i++ {
		if !isFormByte(text[i]) {
			plain = false
			break
		}
	}
	if plain {
		return text
	}
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	var b strings.Builder
	b.Grow(len(text) + 16)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case isFormByte(c):
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			b.Write([]byte{'%', upperHex[c>>4], upperHex[c&15]})
		}
	}
	return b.String()
}

func isFormByte(c byte) bool { return isNameByte(c) || c == '.' || c == '*' }
