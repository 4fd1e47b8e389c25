// Command ingest-pipeline is the Pulumi program: `pulumi up` runs it.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"ingest-pipeline/pipeline"
)

func main() { pulumi.Run(pipeline.Program) }
