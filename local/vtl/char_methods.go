package vtl

import "unicode"

// charStatic is the methods of Character that take one Character.
func charStatic(c, a char, name string) (Value, error) {
	r := rune(a)
	switch name {
	case "compareTo":
		return int64(c) - int64(a), nil
	case "isDigit":
		return unicode.IsDigit(r), nil
	case "isLetter":
		return unicode.IsLetter(r), nil
	case "isLetterOrDigit":
		return unicode.IsLetter(r) || unicode.IsDigit(r), nil
	case "isWhitespace":
		return isJavaSpace(r), nil
	case "isUpperCase":
		return unicode.IsUpper(r), nil
	case "isLowerCase":
		return unicode.IsLower(r), nil
	case "toUpperCase":
		return char(unicode.ToUpper(r)), nil
	case "toLowerCase":
		return char(unicode.ToLower(r)), nil
	case "toString":
		return a.String(), nil
	case "getNumericValue":
		switch {
		case r >= '0' && r <= '9':
			return int64(r - '0'), nil
		case r >= 'a' && r <= 'z':
			return int64(r-'a') + 10, nil
		case r >= 'A' && r <= 'Z':
			return int64(r-'A') + 10, nil
		}
		return int64(-1), nil
	}
	return nil, ErrNoMethod
}
