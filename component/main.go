// Command pulumi-resource-ingest-pipeline serves the pipeline as a Pulumi package, for programs in any language. The
// Pulumi engine starts it; docs/component.md shows how to install it.
package main

import (
	"context"
	"fmt"
	"os"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"ingest-pipeline/pipeline"
)

const (
	packageName = "ingest-pipeline"
	version     = "0.1.0"
)

func main() {
	served, err := newProvider()
	if err == nil {
		err = served.Run(context.Background(), packageName, version)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func newProvider() (provider.Provider, error) {
	descriptions, err := readDescriptions(pipeline.Source)
	if err != nil {
		return provider.Provider{}, err
	}
	return infer.NewProviderBuilder().
		WithDisplayName("Ingest Pipeline").
		WithDescription("An HTTP endpoint for events that lands each as one JSON line in a folder of an S3 bucket: "+
			"API Gateway, Kinesis, Firehose, S3.").
		WithKeywords("category/cloud", "kind/component", "aws", "kinesis").
		WithLicense("Apache-2.0").
		WithModuleMap(map[tokens.ModuleName]tokens.ModuleName{"pipeline": "index"}).
		WithComponents(&component{
			InferredComponent: infer.ComponentF(pipeline.NewPipeline),
			descriptions:      descriptions,
			defaults:          readDefaults(),
		}).
		Build()
}
