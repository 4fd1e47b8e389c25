package vtl

// scanner looks ahead to decide between statements, without consuming. It succeeds once limit tokens fitted, or all of what was asked for.
// It tries alternatives in order and goes back, as the lookahead of Velocity's grammar does.
type scanner struct {
	p     *parser
	i     int // the token looked at last
	end   int // the token with which the limit is reached
	done  bool
	depth int
}

// scan says whether what follows fits, as far as limit tokens can tell.
func (p *parser) scan(limit int, fits func(*scanner) bool) bool {
	s := scanner{p: p, i: p.last, end: p.last + limit}
	return fits(&s) || s.done
}

const unlimited = 1 << 40

// is takes a token of one of the kinds.
func (s *scanner) is(kinds ...kind) bool {
	if s.done {
		return true
	}
	p := s.p
	if *p.scans--; *p.scans < 0 {
		p.fail(p.fetch(p.last+1).pos, "parsing template: expression too involved: %w", ErrLimit)
	}
	t := p.fetch(s.i + 1)
	for _, k := range kinds {
		if t.kind == k {
			s.i++
			s.done = s.i == s.end
			return true
		}
	}
	return false
}

func (s *scanner) maybe(k kind) bool {
	s.is(k)
	return true
}

// any tries alternatives from the same token.
func (s *scanner) any(alternatives ...func(*scanner) bool) bool {
	at := s.i
	for _, a := range alternatives {
		if s.done || a(s) {
			return true
		}
		if s.done {
			return true
		}
		s.i = at
	}
	return false
}

// many takes as many as fit.
func (s *scanner) many(one func(*scanner) bool) bool {
	for !s.done {
		at := s.i
		if !one(s) && !s.done {
			s.i = at
			break
		}
	}
	return true
}

func (s *scanner) nested(f func() bool) bool {
	if s.depth++; s.depth > maxParseDepth {
		s.p.fail(s.p.fetch(s.p.last+1).pos, "parsing template: nested more than %d deep: %w", maxParseDepth, ErrLimit)
	}
	ok := f()
	s.depth--
	return ok
}

func scanReference(s *scanner) bool {
	return s.nested(func() bool {
		return s.any(
			func(s *scanner) bool { return s.is(kIdentifier) && scanSteps(s) },
			func(s *scanner) bool { return s.is(kLCurly) && s.is(kIdentifier) && scanSteps(s) && s.is(kRCurly) },
		)
	})
}

func scanSteps(s *scanner) bool {
	return s.many(scanIndex) && s.many(func(s *scanner) bool {
		return s.is(kDot) && s.any(scanMethod, func(s *scanner) bool { return s.is(kIdentifier) }) && s.many(scanIndex)
	})
}

func scanIndex(s *scanner) bool {
	return s.is(kIndexLBracket) && s.maybe(kWhitespace) &&
		s.any(func(s *scanner) bool { return s.is(kString, kInteger, kTrue, kFalse) }, scanReference) &&
		s.maybe(kWhitespace) && s.is(kIndexRBracket)
}

func scanMethod(s *scanner) bool {
	return s.is(kIdentifier) && s.is(kLParen) &&
		s.any(scanParameters, func(*scanner) bool { return true }) && s.is(kMethodRParen)
}

func scanParameters(s *scanner) bool {
	return scanParameter(s) && s.many(func(s *scanner) bool { return s.is(kComma) && scanParameter(s) })
}

func scanParameter(s *scanner) bool {
	return s.maybe(kWhitespace) &&
		s.any(func(s *scanner) bool { return s.is(kString, kInteger) }, scanRange, scanMap, scanArray,
			func(s *scanner) bool { return s.is(kTrue, kFalse) }, scanReference, func(s *scanner) bool { return s.is(kFloat) }) &&
		s.maybe(kWhitespace)
}

func scanEndpoint(s *scanner) bool {
	return s.any(scanReference, func(s *scanner) bool { return s.is(kInteger) })
}

// scanRangeStart is what tells [1..2] from [1, 2].
func scanRangeStart(s *scanner) bool {
	return s.is(kLBracket) && s.maybe(kWhitespace) && scanEndpoint(s) && s.maybe(kWhitespace) && s.is(kDoubleDot)
}

func scanRange(s *scanner) bool {
	return scanRangeStart(s) && s.maybe(kWhitespace) && scanEndpoint(s) && s.maybe(kWhitespace) && s.is(kRBracket)
}

func scanPair(s *scanner) bool {
	return scanParameter(s) && s.is(kColon) && scanParameter(s)
}

func scanMap(s *scanner) bool {
	return s.nested(func() bool {
		return s.is(kLeftCurly) &&
			s.any(func(s *scanner) bool {
				return scanPair(s) && s.many(func(s *scanner) bool { return s.is(kComma) && scanPair(s) })
			}, func(s *scanner) bool { return s.maybe(kWhitespace) }) &&
			s.is(kRightCurly, kRCurly)
	})
}

func scanArray(s *scanner) bool {
	return s.nested(func() bool {
		return s.is(kLBracket) && s.any(scanParameters, func(*scanner) bool { return true }) && s.is(kRBracket)
	})
}

func scanDirectiveArg(s *scanner) bool {
	return s.maybe(kWhitespace) && s.any(
		func(s *scanner) bool { return s.is(kComma) && s.maybe(kWhitespace) },
		func(*scanner) bool { return true }) &&
		s.any(scanReference, func(s *scanner) bool { return s.is(kWord, kString, kInteger) }, scanRange,
			func(s *scanner) bool { return s.is(kFloat) }, scanMap, scanArray, func(s *scanner) bool { return s.is(kTrue, kFalse) })
}

// scanNot takes two tokens at most.
func scanNot(s *scanner) bool {
	return s.maybe(kWhitespace) && s.is(kNot) && s.any(scanNot, scanPrimary)
}

func scanPrimary(s *scanner) bool {
	return s.maybe(kWhitespace) && s.any(func(s *scanner) bool {
		return s.is(kString, kIdentifier, kLCurly, kInteger, kFloat, kLeftCurly, kLBracket, kTrue, kFalse, kLParen)
	})
}
