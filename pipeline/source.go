package pipeline

import "embed"

// Source is the files whose doc comments describe the args and the outputs of a pipeline; component/ makes the descriptions
// of its schema from them.
//
//go:embed args.go outputs.go
var Source embed.FS
