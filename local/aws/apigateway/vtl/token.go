package vtl

import "strings"

// kind is what a token is. The order matters: of two tokens of one length that match, the first listed wins.
type kind uint8

const (
	kEOF kind = iota
	kIndexLBracket
	kIndexRBracket
	kLBracket
	kRBracket
	kComma
	kDoubleDot
	kColon
	kLeftCurly
	kRightCurly
	kLParen
	kRParen
	kMethodRParen
	kEscapeDirective
	kSet
	kDollar           // more: the token goes on in another state
	kDollarBang       // more
	kTextblockStart   // more
	kFormalStart      // more
	kMultiLineStart   // more
	kHash             // more
	kLineCommentStart // ##
	kDoubleEscape
	kEscape
	kText
	kLineComment   // the end of the line
	kFormalComment // *#
	kMultiLine     // *#
	kTextblock     // ]]#
	kSkip          // a character of a comment
	kMoreText      // a character of a textblock
	kWhitespace
	kString
	kTrue
	kFalse
	kMinus
	kPlus
	kMultiply
	kDivide
	kModulus
	kAnd
	kOr
	kLT
	kLE
	kGT
	kGE
	kEQ
	kNE
	kNot
	kAssign
	kEnd
	kIf
	kElseIf
	kElse
	kInteger
	kFloat
	kWord
	kBracketedWord
	kIdentifier
	kDot
	kLCurly
	kRCurly
	kReferenceEnd // special: the character that ends a reference, read again after it
	kDirectiveEnd // special: the character that shows that a # began no directive, read again after it
	kEmptyIndex   // $[ $![ $.
	kNone
)

// token is a piece of the template. Its image is what the parser makes of it, which for references loses escapes.
type token struct {
	kind    kind
	image   string
	special string // $ and # that turned out to be text and belong in front of this token
	pos     int    // offset of the first byte
}

// literal is the token as it stood in the template, as far as Velocity remembers.
func (t *token) literal() string {
	if t.kind == kMultiLine {
		return ""
	}
	if t.special == "" {
		return t.image
	}
	return t.special + t.image
}

// specialText is what Velocity keeps of the characters that ended a would-be reference or directive:
// the $ and # themselves and backslashes in front of $.
func specialText(images []string) string {
	if len(images) == 0 || strings.HasPrefix(images[len(images)-1], "##") {
		return ""
	}
	var b strings.Builder
	for _, s := range images {
		for i := 0; i < len(s); i++ {
			switch c := s[i]; c {
			case '#', '$':
				b.WriteByte(c)
			case '\\':
				j := i
				for j < len(s) && s[j] == '\\' {
					j++
				}
				if j < len(s) && s[j] == '$' {
					b.WriteString(s[i : j+1])
					i = j + 1
				}
			}
		}
	}
	return b.String()
}

// tokenNames is how error messages call tokens.
var tokenNames = map[kind]string{
	kEOF: "the end of the template", kIndexLBracket: "[", kIndexRBracket: "]", kLBracket: "[", kRBracket: "]", kComma: ",",
	kDoubleDot: "..", kColon: ":", kLeftCurly: "{", kRightCurly: "}", kLParen: "(", kRParen: ")", kMethodRParen: ")",
	kSet: "#set(", kAssign: "=", kEnd: "#end", kIf: "#if", kElseIf: "#elseif", kElse: "#else", kInteger: "an integer",
	kIdentifier: "a name", kLCurly: "{", kRCurly: "}", kString: "a string", kWhitespace: "white space", kDot: ".",
}
