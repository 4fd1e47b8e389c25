package javaregexp

import (
	"strings"
	"unicode"
)

// property is the set of \p{name}.
func property(name string, f flags) (set, bool) {
	if k, v, ok := strings.Cut(name, "="); ok {
		switch strings.ToLower(k) {
		case "script", "sc":
			return script(v)
		case "general_category", "gc":
			return category(v)
		}
		return nil, false
	}
	if s, ok := posix[name]; ok {
		if f.insensitive && (name == "Lower" || name == "Upper") {
			return alpha, true
		}
		return s, true
	}
	if rest, ok := strings.CutPrefix(name, "java"); ok {
		return javaProperty(rest)
	}
	if rest, ok := strings.CutPrefix(name, "Is"); ok {
		if s, ok := binaryProperty(rest); ok {
			return s, true
		}
		if s, ok := category(rest); ok {
			return s, true
		}
		return script(rest)
	}
	return category(name)
}

func category(name string) (set, bool) {
	switch name {
	case "LC":
		return union(table(unicode.Lu), table(unicode.Ll), table(unicode.Lt)), true
	case "LD":
		return union(table(unicode.L), table(unicode.Nd)), true
	case "L1":
		return chars(0, 0xFF), true
	case "all":
		return chars(0, unicode.MaxRune), true
	}
	if len(name) > 2 {
		return nil, false
	}
	t, ok := unicode.Categories[name]
	if !ok {
		return nil, false
	}
	return table(t), true
}

func script(name string) (set, bool) {
	for n, t := range unicode.Scripts {
		if strings.EqualFold(n, name) {
			return table(t), true
		}
	}
	return nil, false
}

func javaProperty(name string) (set, bool) {
	switch name {
	case "LowerCase":
		return union(table(unicode.Ll), table(unicode.Other_Lowercase)), true
	case "UpperCase":
		return union(table(unicode.Lu), table(unicode.Other_Uppercase)), true
	case "Letter", "Alphabetic":
		return table(unicode.L), true
	case "Digit":
		return table(unicode.Nd), true
	case "LetterOrDigit":
		return union(table(unicode.L), table(unicode.Nd)), true
	case "Whitespace":
		noBreak := of("\u00A0\u2007\u202F").negate()
		return union(table(unicode.Z).and(noBreak), chars(0x09, 0x0D), chars(0x1C, 0x1F)), true
	}
	return nil, false
}

func binaryProperty(name string) (set, bool) {
	switch strings.ToUpper(strings.ReplaceAll(name, "_", "")) {
	case "ALPHABETIC":
		return union(table(unicode.L), table(unicode.Nl), table(unicode.Other_Alphabetic)), true
	case "LETTER":
		return table(unicode.L), true
	case "IDEOGRAPHIC":
		return table(unicode.Ideographic), true
	case "LOWERCASE":
		return union(table(unicode.Ll), table(unicode.Other_Lowercase)), true
	case "UPPERCASE":
		return union(table(unicode.Lu), table(unicode.Other_Uppercase)), true
	case "TITLECASE":
		return table(unicode.Lt), true
	case "WHITESPACE":
		return table(unicode.White_Space), true
	case "CONTROL":
		return table(unicode.Cc), true
	case "PUNCTUATION":
		return table(unicode.P), true
	case "HEXDIGIT":
		return table(unicode.Hex_Digit), true
	case "DIGIT":
		return table(unicode.Nd), true
	}
	return nil, false
}
