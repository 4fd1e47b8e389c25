package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// PulumiVersion is the version of the Pulumi CLI that pulumi/go.mod pins.
	PulumiVersion = "v3.250.0"
	// MinPulumiVersion is the oldest one that can be driven here: older ones cannot destroy a stack whose program is
	// inline.
	MinPulumiVersion = "v3.181.0"
	// PulumiEnv is the environment variable that names a Pulumi CLI to use instead of looking for one.
	PulumiEnv = "INGEST_PIPELINE_PULUMI"
)

// Pulumi is a Pulumi CLI.
type Pulumi struct {
	// Path is where it is.
	Path string
	// Version is such as "v3.250.0".
	Version string
	// Origin is where it came from, to be shown: "PATH", the environment variable, or "built from Go modules".
	Origin string
}

func (p Pulumi) String() string { return fmt.Sprintf("%s (%s, %s)", p.Version, p.Origin, p.Path) }

// Pulumi finds the Pulumi CLI: the one that PulumiEnv names, else the one on PATH if it is recent enough, else the one
// in the project's .local/bin, which is built there first if it is missing.
func (b *Builder) Pulumi(ctx context.Context, project string) (Pulumi, error) {
	if path := os.Getenv(PulumiEnv); path != "" {
		return named(ctx, path)
	}
	if path, err := exec.LookPath("pulumi"); err == nil {
		version, err := pulumiVersion(ctx, path, pathTimeout)
		switch {
		case ctx.Err() != nil:
			return Pulumi{}, ctx.Err()
		case err != nil:
			fmt.Fprintf(b.Progress.Out, "not using the pulumi on PATH: %v\n", err)
		case !usable(version):
			fmt.Fprintf(b.Progress.Out, "not using the pulumi on PATH: %s is %s, and %s to v3 is needed\n", path, version, MinPulumiVersion)
		default:
			return Pulumi{Path: path, Version: version, Origin: "PATH"}, nil
		}
	}
	program := PulumiProgram(project)
	if _, err := os.Stat(program.Module); err != nil && !exists(program.Output) {
		return Pulumi{}, &Error{
			Doing:  "finding the Pulumi CLI",
			Cause:  errors.New("there is none on PATH that can be used"),
			Advice: fmt.Sprintf("install it, %s or newer: https://www.pulumi.com/docs/install/", MinPulumiVersion),
		}
	}
	if err := b.Build(ctx, program); err != nil {
		return Pulumi{}, err
	}
	return Pulumi{Path: program.Output, Version: PulumiVersion, Origin: "built from Go modules"}, nil
}

// DownloadPulumi starts to download what Pulumi will build the CLI from, if it will have to; stop ends that.
func (b *Builder) DownloadPulumi(ctx context.Context, project string) (stop func()) {
	_, err := exec.LookPath("pulumi")
	if err == nil || os.Getenv(PulumiEnv) != "" {
		return func() {}
	}
	return b.Download(ctx, PulumiProgram(project))
}

// named is the CLI of PulumiEnv. Another one is not used instead.
func named(ctx context.Context, path string) (Pulumi, error) {
	found, err := exec.LookPath(path)
	if err != nil {
		return Pulumi{}, fmt.Errorf("finding the Pulumi CLI that %s names: %w", PulumiEnv, err)
	}
	if found, err = filepath.Abs(found); err != nil {
		return Pulumi{}, fmt.Errorf("finding the Pulumi CLI that %s names: %w", PulumiEnv, err)
	}
	version, err := pulumiVersion(ctx, found, namedTimeout)
	if err != nil {
		return Pulumi{}, fmt.Errorf("asking the Pulumi CLI that %s names for its version: %w", PulumiEnv, err)
	}
	if !usable(version) {
		return Pulumi{}, fmt.Errorf("using the Pulumi CLI that %s names: it is %s, and %s to v3 is needed", PulumiEnv, version, MinPulumiVersion)
	}
	return Pulumi{Path: found, Version: version, Origin: PulumiEnv}, nil
}

// PulumiProgram is the Pulumi CLI that the project pins.
func PulumiProgram(project string) Program {
	return Program{
		Title:   "the Pulumi CLI " + PulumiVersion,
		Module:  filepath.Join(project, "local", "engine", "build", "pulumi"),
		Package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
		Output:  filepath.Join(BinDir(project), executable("pulumi-"+PulumiVersion)),
		// Without Google's control plane for gRPC, of which cloud.google.com/go/storage says how to leave it out: 130 packages that
		// a state in a folder has no use for.
		Tags: "disable_grpc_modules",
		// Without a version in it the Automation API refuses the CLI.
		LDFlags: "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=" + PulumiVersion,
		Plain:   slices.Concat(awsClients, unusedByStacks),
		Fixed:   true,
	}
}

// awsClients are packages whose generated code is large and does little when it runs: without inlining they compile in six
// tenths of the time.
var awsClients = []string{"github.com/aws/aws-sdk-go-v2/service/..."}

// unusedByStacks are packages of the CLI that do little or nothing when a stack is deployed on this machine: its commands, and
// clients of clouds, for state and secrets that are kept there. Without inlining they compile in about half the time. A package
// that the local target contains as well must not be among them: it would be compiled twice.
var unusedByStacks = []string{
	"cloud.google.com/go/...",
	"github.com/Azure/...",
	"github.com/AzureAD/...",
	"github.com/GoogleCloudPlatform/...",
	"github.com/alecthomas/chroma/...",
	"github.com/ccojocar/zxcvbn-go/...",
	"github.com/google/s2a-go/...",
	"github.com/googleapis/...",
	"github.com/hashicorp/vault/...",
	"github.com/lib/pq/...",
	"github.com/nbutton23/zxcvbn-go/...",
	"github.com/pb33f/libopenapi/...",
	"github.com/pgavlin/goldmark/...",
	"github.com/pulumi/esc/cmd/...",
	"github.com/pulumi/pulumi/pkg/v3/cmd/...",
	"github.com/pulumi/pulumi/pkg/v3/codegen/...",
	"github.com/pulumi/pulumi/pkg/v3/pcl/...",
	"github.com/yuin/goldmark/...",
	"google.golang.org/api/...",
}

// TargetProgram is the local target's own binary.
func TargetProgram(project string) Program {
	return Program{
		Title:   "the local target",
		Module:  filepath.Join(project, "local"),
		Package: "./cmd/local",
		Plain:   awsClients,
		Output:  filepath.Join(BinDir(project), executable("local")),
	}
}

// PipelineProgram is the pipeline's program as a process of its own; see cmd/program.
func PipelineProgram(project string) Program {
	return Program{
		Title:   "the program",
		Module:  filepath.Join(project, "local"),
		Package: "./cmd/program",
		Output:  filepath.Join(BinDir(project), executable("program")),
	}
}

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// The CLI prints its version within a quarter of a second, on a busy machine within some seconds.
var (
	// pathTimeout is for the pulumi on PATH, without which another one is built.
	pathTimeout = 5 * time.Second
	// namedTimeout is for the one that PulumiEnv names, without which there is none.
	namedTimeout = time.Minute
)

func pulumiVersion(ctx context.Context, path string, timeout time.Duration) (string, error) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cmd := exec.CommandContext(limited, path, "version")
	cmd.Env = append(os.Environ(), "PULUMI_SKIP_UPDATE_CHECK=true")
	// A wrapper script that is killed can leave a child that keeps the output open.
	cmd.WaitDelay = 100 * time.Millisecond
	out, err := cmd.Output()
	if limited.Err() != nil && ctx.Err() == nil {
		return "", fmt.Errorf("%s version: no answer within %s", path, timeout)
	}
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) && len(exit.Stderr) > 0 {
			return "", fmt.Errorf("%s version: %w: %s", path, err, strings.TrimSpace(string(exit.Stderr)))
		}
		return "", fmt.Errorf("%s version: %w", path, err)
	}
	version := strings.TrimSpace(string(out))
	if !versionNumbers.MatchString(version) {
		return "", fmt.Errorf("%s version: %q is not a version", path, version)
	}
	return version, nil
}

var versionNumbers = regexp.MustCompile(`^v?(\d+)\.(\d+)\.(\d+)`)

// usable says whether a CLI of this version can be driven: the same major version, and not too old.
func usable(version string) bool {
	have, least := numbers(version), numbers(MinPulumiVersion)
	if have[0] != least[0] {
		return false
	}
	if have[1] != least[1] {
		return have[1] > least[1]
	}
	return have[2] >= least[2]
}

func numbers(version string) (n [3]int) {
	match := versionNumbers.FindStringSubmatch(version)
	for i := range n {
		if match != nil {
			n[i], _ = strconv.Atoi(match[i+1])
		}
	}
	return n
}
