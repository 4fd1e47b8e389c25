package cost

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"ingest-pipeline/local/engine"
	"ingest-pipeline/pipeline"
)

// loadSettings reads the settings of a stack the way the program does: with its own reader, which refuses what it would
// refuse, from the stack file and the defaults in Pulumi.yaml.
func loadSettings(ctx context.Context, project, name string) (settings pipeline.Config, region string, err error) {
	// This also refuses a stack file that is not there, or that only the backend it was made for can read.
	if region, err = engine.Setting(project, name, "aws:region"); err != nil {
		return settings, "", err
	}
	declared, err := workspace.LoadProject(filepath.Join(project, "Pulumi.yaml"))
	if err != nil {
		return settings, "", fmt.Errorf("reading Pulumi.yaml: %w", err)
	}
	values, err := merge(declared, filepath.Join(project, "Pulumi."+name+".yaml"))
	if err != nil {
		return settings, "", fmt.Errorf("reading the settings of the stack %s: %w", name, err)
	}
	// A context without an engine: reading settings needs none.
	reading, err := pulumi.NewContext(ctx, pulumi.RunInfo{Project: declared.Name.String(), Stack: name, Config: values})
	if err != nil {
		return settings, "", fmt.Errorf("reading the settings of the stack %s: %w", name, err)
	}
	defer reading.Close()
	settings, err = pipeline.Load(reading)
	return settings, region, err
}

// merge puts the stack file over the defaults of the project, as the engine does.
func merge(declared *workspace.Project, file string) (map[string]string, error) {
	values := map[string]string{}
	for key, setting := range declared.Config {
		full := declared.Name.String() + ":" + key
		switch preset := setting.Default.(type) {
		case nil:
		case string:
			values[full] = preset
		default:
			text, err := json.Marshal(preset)
			if err != nil {
				return nil, fmt.Errorf("the default of %s: %w", key, err)
			}
			values[full] = string(text)
		}
	}
	silent := diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never})
	given, err := workspace.LoadProjectStack(silent, declared, file)
	if err != nil {
		return nil, err
	}
	for key, value := range given.Config {
		if values[key.String()], err = value.Value(config.NopDecrypter); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return values, nil
}
