package vtl

// String is what Java's toString gives: {foo=bar} for a map, [a, b] for a list, "null" for nil.
func String(v Value) string { return "" }
