// Package vtl runs Velocity templates: the language that API Gateway's mapping templates are written in.
// It knows nothing of API Gateway; $input, $util and $context are Objects that the caller hands in.
package vtl
