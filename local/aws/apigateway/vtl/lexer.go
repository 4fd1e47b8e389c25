package vtl

import "unicode/utf8"

// lexState is what the lexer expects at a place in the template; the names are those of Velocity's grammar.
type lexState uint8

const (
	sDefault      lexState = iota // text
	sReference                    // after $
	sRefModifier                  // after $foo.
	sRefMethod                    // between the parentheses of $foo.bar()
	sRefIndex                     // between the brackets of $foo[]
	sDirective                    // between the parentheses of #set() and the like
	sPreDirective                 // after #
	sTextblock
	sMultiLine
	sFormal
	sLineComment
)

// lexer cuts a template into tokens. It is a state machine that follows the one of Velocity 1.7 state by state, since what a template
// means hangs on it in many corners: which white space is eaten, what a lone $ or # is, where a reference ends.
// The parser reads tokens as late as Velocity's does, because it switches states between tokens.
type lexer struct {
	src            string
	pos            int
	state          lexState
	stack          []lexFrame
	lparen, rparen int
	inComment      bool
	inSet          bool
	slashes        [2]int // the run of backslashes found last, start and end, so that long runs are looked at once
}

type lexFrame struct {
	state          lexState
	lparen, rparen int
}

// lexError is a place where no token fits.
type lexError struct {
	pos int
}

func (l *lexer) push() {
	l.stack = append(l.stack, lexFrame{l.state, l.lparen, l.rparen})
	l.lparen = 0
}

func (l *lexer) pop() bool {
	n := len(l.stack) - 1
	if n < 0 {
		l.lparen = 0
		l.state = sDefault
		return false
	}
	f := l.stack[n]
	l.stack = l.stack[:n]
	l.state, l.lparen, l.rparen = f.state, f.lparen, f.rparen
	return true
}

// closeParen finds the state that a ) of a directive belongs to.
func (l *lexer) closeParen() {
	for !l.inComment {
		if l.lparen > 0 {
			if l.lparen == l.rparen+1 {
				l.pop()
			} else {
				l.rparen++
			}
			return
		}
		if !l.pop() {
			return
		}
	}
}

// leftParenNext says whether a ( follows, after white space. It looks past what has been cut into tokens, as Velocity does.
func (l *lexer) leftParenNext() bool {
	for i := l.pos; i < len(l.src); i++ {
		switch l.src[i] {
		case '(':
			return true
		case ' ', '\n', '\r', '\t':
		default:
			return false
		}
	}
	return false
}

// next cuts the next token.
func (l *lexer) next() (token, *lexError) {
	var specials []string
begin:
	start := l.pos
	if start >= len(l.src) {
		return token{kind: kEOF, special: specialText(specials), pos: start}, nil
	}
	for {
		k, n := l.match()
		if k == kNone {
			return token{}, &lexError{l.pos}
		}
		l.pos += n
		switch k {
		case kSkip:
			goto begin
		case kReferenceEnd, kDirectiveEnd:
			specials = append(specials, l.src[start:l.pos])
			l.pos -= n
			l.pop()
			goto begin
		case kDollar, kDollarBang, kTextblockStart, kFormalStart, kMultiLineStart, kHash, kMoreText:
			l.more(k)
			if l.pos >= len(l.src) {
				return token{}, &lexError{start}
			}
		default:
			t := token{kind: k, image: l.src[start:l.pos], special: specialText(specials), pos: start}
			l.act(&t)
			return t, nil
		}
	}
}

// more does what a beginning such as $ or # does to the state; the token goes on.
func (l *lexer) more(k kind) {
	if l.inComment || k == kMoreText {
		return
	}
	switch k {
	case kDollar, kDollarBang:
		if l.state == sReference {
			l.pop()
		}
		l.push()
		l.state = sReference
	case kHash:
		if l.state == sReference || l.state == sRefModifier {
			l.pop()
		}
		l.push()
		l.state = sPreDirective
	case kTextblockStart:
		l.comment(sTextblock)
	case kFormalStart:
		l.pos -= lastCharLen(l.src[:l.pos]) // the character that shows that it is not #**#
		l.comment(sFormal)
	case kMultiLineStart:
		l.comment(sMultiLine)
	}
}

func (l *lexer) comment(s lexState) {
	l.inComment = true
	l.push()
	l.state = s
}

// act does what a token does to the state.
func (l *lexer) act(t *token) {
	switch t.kind {
	case kIndexLBracket:
		l.push()
		l.state = sRefIndex
	case kIndexRBracket, kRCurly:
		l.pop()
	case kLParen:
		l.lparen++
		if l.state == sRefModifier {
			l.state = sRefMethod
		}
	case kRParen:
		l.closeParen()
	case kMethodRParen:
		l.state = sReference
	case kSet:
		l.push()
		l.inSet = true
		l.state = sDirective
		l.lparen++
	case kLineCommentStart:
		if l.state == sReference {
			l.pop()
		}
		l.comment(sLineComment)
	case kLineComment, kFormalComment, kMultiLine, kTextblock:
		l.inComment = false
		l.pop()
	case kString:
		if l.state == sDirective && !l.inSet && l.lparen == 0 {
			l.pop()
		}
	case kEnd, kElse:
		l.pop()
	case kIf, kElseIf:
		l.state = sDirective
	case kInteger, kFloat:
		l.actNumber(t)
	case kDot:
		l.pos--
		t.image = "."
		l.state = sRefModifier
	}
}

// actNumber gives back the .. of a range, and leaves a directive state that was entered by # and a digit.
func (l *lexer) actNumber(t *token) {
	if n := len(t.image); t.kind == kInteger && n > 2 && t.image[n-2:] == ".." {
		l.pos -= 2
		t.image = t.image[:n-2]
	}
	inIndex := t.kind == kInteger && l.state == sRefIndex
	if l.lparen == 0 && !l.inSet && l.state != sRefMethod && !inIndex {
		l.pop()
	}
}

func lastCharLen(s string) int {
	_, n := utf8.DecodeLastRuneInString(s)
	return n
}
