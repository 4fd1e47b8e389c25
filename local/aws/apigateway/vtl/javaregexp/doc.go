// Package javaregexp runs regular expressions as java.util.regex of Java 17 does.
//
// A pattern is parsed as Java parses it and written anew for one of two engines: Go's regexp, whose time grows with the input only, for
// all patterns and inputs where that gives what Java gives; and github.com/dlclark/regexp2, which backtracks, for look-around, back
// references, possessive and atomic groups, and for corners such as \b next to non-ASCII letters or $ in front of a final newline.
// The latter is stopped after MatchTimeout.
//
// Left out, with an error that names it: \X, \N{…}, \b{g}, \p{In…} (blocks), CANON_EQ.
package javaregexp
