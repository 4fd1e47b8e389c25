package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pluginName is what the Pulumi CLI looks for on PATH.
const pluginName = "pulumi-resource-ingest-pipeline"

// The test binary is the plugin, too, when it is started under the plugin's name.
func TestMain(m *testing.M) {
	if strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == pluginName {
		main()
		return
	}
	os.Exit(m.Run())
}
