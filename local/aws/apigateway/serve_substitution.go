package apigateway

import (
	"strings"
	"unicode/utf8"
)

// substitution is a text in which $context.<name> and its like are replaced: the bodies of gateway responses and the
// format of access logs. It is no VTL: documented (api-gateway-gatewayResponse-definition).
type substitution struct {
	parts []substitutionPart
}

// substitutionPart is plain text, or a value.
type substitutionPart struct {
	text  string
	value variable
	// quoted: the value stands between the quotes of a JSON string, and is $context.error's.
	quoted bool
}

// compileSubstitution finds the references in a text. A reference that names nothing is replaced by missing, and so is
// one without a value: "-" in access logs (documented), nothing in gateway responses (assumed).
func compileSubstitution(text string, in scope, st *stage, missing string) *substitution {
	compiled := &substitution{}
	quoted, json := false, in == inGatewayResponses
	for text != "" {
		cut := strings.IndexByte(text, '$')
		if cut < 0 {
			cut = len(text)
		}
		compiled.add(substitutionPart{text: text[:cut]})
		quoted = insideQuotes(text[:cut], quoted)
		text = text[cut:]
		if text == "" {
			break
		}
		name := referenceName(text[1:])
		value := referenceValue(name, in, st)
		if value == nil {
			compiled.add(substitutionPart{text: "$"})
			text = text[1:]
			continue
		}
		// What $context.error says holds quotes, and is AWS's own text: in a JSON string it is escaped (assumed; other
		// values are not, which issue threads show for access logs).
		escape := json && quoted && strings.HasPrefix(name, "context.error.") && name != "context.error.messageString"
		compiled.add(substitutionPart{value: orMissing(value, missing), quoted: escape})
		text = text[1+len(name):]
	}
	return compiled
}

func (s *substitution) add(part substitutionPart) {
	last := len(s.parts) - 1
	switch {
	case part.value != nil:
		s.parts = append(s.parts, part)
	case part.text == "":
	case last >= 0 && s.parts[last].value == nil:
		s.parts[last].text += part.text
	default:
		s.parts = append(s.parts, part)
	}
}

func (s *substitution) appendTo(dst []byte, v *invocation) []byte {
	for _, part := range s.parts {
		switch {
		case part.value == nil:
			dst = append(dst, part.text...)
		case part.quoted:
			dst = appendEscapedJSON(dst, part.value(v))
		default:
			dst = append(dst, part.value(v)...)
		}
	}
	return dst
}

func orMissing(value variable, missing string) variable {
	if missing == "" {
		return value
	}
	return func(v *invocation) string {
		if text := value(v); text != "" {
			return text
		}
		return missing
	}
}

// referenceName is the longest name at the start of a text: letters, digits, underscores, hyphens, and dots between.
func referenceName(text string) string {
	end := 0
	for end < len(text) {
		c := text[end]
		if c == '.' && end+1 < len(text) && isNameByte(text[end+1]) || isNameByte(c) {
			end++
			continue
		}
		break
	}
	return text[:end]
}

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// referenceValue is what a reference stands for, or nil for text that is no reference.
func referenceValue(name string, in scope, st *stage) variable {
	if context, ok := strings.CutPrefix(name, "context."); ok {
		if value := contextVariable(context, in); value != nil {
			return value
		}
		return none
	}
	if variable, ok := strings.CutPrefix(name, "stageVariables."); ok {
		text := st.Variables[variable]
		return func(*invocation) string { return text }
	}
	if in != inGatewayResponses {
		return nil
	}
	if source := methodSourcePattern.FindStringSubmatch(name); source != nil {
		return parameterSource(source[1], source[2])
	}
	return nil
}

// insideQuotes says whether the end of a text is inside of a JSON string, given whether its start is.
func insideQuotes(text string, quoted bool) bool {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		}
	}
	return quoted
}

const hexDigits = "0123456789abcdef"

// appendEscapedJSON appends a text the way it stands in a JSON string, without the quotes around it.
func appendEscapedJSON(dst []byte, text string) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, size := utf8.DecodeRuneInString(text[i:])
			dst = utf8.AppendRune(dst, r) // what is not UTF-8 becomes U+FFFD
			i += size
			continue
		}
		i++
	}
	return dst
}

// quoteJSON is a text as a JSON string, with its quotes.
func quoteJSON(text string) string {
	quoted := append(make([]byte, 0, len(text)+2), '"')
	return string(append(appendEscapedJSON(quoted, text), '"'))
}
