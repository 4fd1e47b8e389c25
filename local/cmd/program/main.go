// Command program is the pipeline's program as the Pulumi engine runs it in a process of its own, with the templates of
// the project's folder. `up --watch` builds it when a Go file has changed.
package main

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"ingest-pipeline/local/internal/templatefiles"
	"ingest-pipeline/pipeline"
)

func main() {
	if err := templatefiles.Load(os.Getenv(pulumi.EnvPulumiRootDirectory)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	pulumi.Run(pipeline.Program)
}
