// Command local runs the local target: go run -C local . demo
//
// It is a launcher. The local target itself is compiled from hundreds of packages, and go run would say nothing for
// minutes; the launcher compiles in seconds, then builds the rest and shows how far it is.
package main

import (
	"os"

	"ingest-pipeline/local/launch"
)

func main() { os.Exit(launch.Main(os.Args[1:])) }
