package commandline

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestALineWithoutFlagsMeansTheDevStack(t *testing.T) {
	for _, name := range []string{"demo", "up", "serve", "destroy"} {
		line, err := Parse([]string{name}, &bytes.Buffer{})
		require.NoError(t, err)
		assert.Equal(t, name, line.Command)
		assert.Equal(t, "dev", line.Stack())
	}
	line, err := Parse([]string{"demo"}, &bytes.Buffer{})
	require.NoError(t, err)
	assert.Equal(t, time.Second, line.Demo.BufferInterval, "a demonstration does not wait for production's interval")

	line, err = Parse([]string{"up"}, &bytes.Buffer{})
	require.NoError(t, err)
	assert.Zero(t, line.Up.BufferInterval, "up waits as long as the program declares")
}

func TestEveryFlagIsRead(t *testing.T) {
	line, err := Parse([]string{"up", "--stack=prod", "--state", "/tmp/x", "--buffer-interval=5s", "--port=8080", "--aws-port=9000", "-v"}, &bytes.Buffer{})
	require.NoError(t, err)
	assert.Equal(t, Up{Stack: "prod", State: "/tmp/x", BufferInterval: 5 * time.Second, Listen: Listen{Port: 8080, AWSPort: 9000}, Verbose: true}, line.Up)
	assert.Equal(t, "prod", line.Stack())
}

func TestArgumentsAfterTwoDashesGoToGoTest(t *testing.T) {
	line, err := Parse([]string{"test", "--", "-run", "TestOne", "-count=1"}, &bytes.Buffer{})
	require.NoError(t, err)
	assert.Equal(t, []string{"-run", "TestOne", "-count=1"}, line.Test.Args)
	assert.NoError(t, line.CheckStack("no such folder"), "test is about no stack")
}

func TestALineThatCannotBeObeyedSaysWhyAndWhatHelps(t *testing.T) {
	for _, test := range []struct {
		name   string
		given  []string
		reason string
		hint   string
	}{
		{"no command", nil,
			`no command given: expected one of "demo", "up", "serve", "destroy", "env", ...`, "see `go run -C local . --help`"},
		{"a mistyped command", []string{"dem"},
			`unexpected argument dem, did you mean "demo"?`, "see `go run -C local . --help`"},
		{"a mistyped flag", []string{"up", "--prt=3"},
			`unknown flag --prt, did you mean "--port"?`, "see `go run -C local . up --help`"},
		{"a flag of another command", []string{"destroy", "--port=3"},
			`unknown flag --port`, "see `go run -C local . destroy --help`"},
		{"a word too many", []string{"up", "now"},
			`unexpected argument now`, "see `go run -C local . up --help`"},
		{"a flag of go test without the dashes", []string{"test", "-run", "X"},
			`unknown flag -r, did you mean "-h"?`, "arguments for go test come after two dashes: `go run -C local . test -- -run NAME`"},
		{"an interval below 0", []string{"up", "--buffer-interval=-1s"},
			`--buffer-interval=-1s: must be 0s to 15m0s (Firehose's own limit)`, "see `go run -C local . up --help`"},
		{"an interval over Firehose's limit", []string{"demo", "--buffer-interval=901s"},
			`--buffer-interval=15m1s: must be 0s to 15m0s (Firehose's own limit)`, "see `go run -C local . demo --help`"},
		{"a port that is none", []string{"up", "--port=65536"},
			`--port=65536: must be 1 to 65535, or 0 for any free port`, "see `go run -C local . up --help`"},
		{"two mistakes at once", []string{"demo", "--port=-1", "--aws-port=70000"},
			`--port=-1: must be 1 to 65535, or 0 for any free port; --aws-port=70000: must be 1 to 65535, or 0 for any free port`, "see `go run -C local . demo --help`"},
		{"nothing to send", []string{"send", "--count=0", "--rate=-1", "--duration=0s"},
			`--count=0: must be more than 0; --rate=-1: must be more than 0; --duration=0s: must be more than 0`, "see `go run -C local . send --help`"},
		{"a batch of none", []string{"send", "--batch-size=0", "--concurrency=0", "--attempts=0", "--timeout=0s", "--verify-timeout=0s"},
			`--concurrency=0: must be more than 0; --batch-size=0: must be more than 0; --attempts=0: must be more than 0; ` +
				`--timeout=0s: must be more than 0; --verify-timeout=0s: must be more than 0`, "see `go run -C local . send --help`"},
		{"a price of nothing", []string{"cost", "--events-per-second=0", "--event-bytes=0", "--batch-size=-1"},
			`--events-per-second=0: must be more than 0; --event-bytes=0: must be more than 0; --batch-size=-1: must be more than 0`,
			"see `go run -C local . cost --help`"},
		{"a shell that is not known", []string{"env", "--shell=tcsh"},
			`--shell=tcsh: must be posix, fish or powershell`, "see `go run -C local . env --help`"},
		{"events until none", []string{"tail", "--count=0"}, `--count=0: must be more than 0`, "see `go run -C local . tail --help`"},
		{"a replay of none", []string{"replay", "--count=0", "--attempts=0"},
			`--attempts=0: must be more than 0; --count=0: must be more than 0`, "see `go run -C local . replay --help`"},
		{"one port for two", []string{"up", "--port=9000", "--aws-port=9000"},
			`--port and --aws-port are both 9000: they must differ`, "see `go run -C local . up --help`"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			_, err := Parse(test.given, &out)
			var usage *UsageError
			require.ErrorAs(t, err, &usage)
			assert.Equal(t, test.reason, usage.Reason)
			assert.Equal(t, test.hint, usage.Hint())
			assert.Empty(t, out.String(), "only help that was asked for is written")
		})
	}
}

func TestTheLimitsAreInclusive(t *testing.T) {
	for _, given := range [][]string{
		{"up", "--buffer-interval=15m"}, {"up", "--buffer-interval=0s"}, {"up", "--port=65535", "--aws-port=1"}, {"up", "--port=0", "--aws-port=0"},
	} {
		_, err := Parse(given, &bytes.Buffer{})
		assert.NoError(t, err, given)
	}
}

func TestHelpNamesEveryCommand(t *testing.T) {
	var out bytes.Buffer
	_, err := Parse([]string{"--help"}, &out)
	require.ErrorIs(t, err, ErrHelp)
	for _, name := range []string{"demo", "up", "serve", "destroy", "env", "send", "replay", "tail", "cost", "test"} {
		assert.Contains(t, out.String(), "\n  "+name+" ")
	}
}

func TestTheVersionIsPrintedAndIsTheNewestInTheChangelog(t *testing.T) {
	var out bytes.Buffer
	_, err := Parse([]string{"--version"}, &out)
	require.ErrorIs(t, err, ErrHelp)
	printed := regexp.MustCompile(`^ingest-pipeline (\d+\.\d+\.\d+), .*go1\S+, \w+/\w+\n$`).FindStringSubmatch(out.String())
	require.NotNil(t, printed, out.String())

	changelog, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "CHANGELOG.md"))
	require.NoError(t, err)
	newest := regexp.MustCompile(`(?m)^## (\S+)`).FindStringSubmatch(string(changelog))
	require.NotNil(t, newest)
	assert.Equal(t, newest[1], printed[1])
}

func TestAStackNeedsItsStackFile(t *testing.T) {
	project := t.TempDir()
	for _, name := range []string{"Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"} {
		require.NoError(t, os.WriteFile(filepath.Join(project, name), nil, 0o600))
	}
	line, err := Parse([]string{"up", "--stack=staging"}, &bytes.Buffer{})
	require.NoError(t, err)
	var usage *UsageError
	require.ErrorAs(t, line.CheckStack(project), &usage)
	assert.Equal(t, "--stack=staging: there is no Pulumi.staging.yaml in "+project+"; stacks: dev, prod", usage.Reason)

	line, err = Parse([]string{"up", "--stack=prod"}, &bytes.Buffer{})
	require.NoError(t, err)
	assert.NoError(t, line.CheckStack(project))
}

func TestTheStateFolderIsTheStacksUnlessOneIsGiven(t *testing.T) {
	for _, test := range []struct {
		name  string
		given []string
		want  string
	}{
		{"the stack's own", []string{"up", "--stack=prod"}, "/project/.local/prod"},
		{"relative to the project", []string{"up", "--state=here"}, "/project/here"},
		{"of serve", []string{"serve"}, "/project/.local/serve"},
		{"absolute", []string{"destroy", "--state=/there/"}, "/there"},
	} {
		t.Run(test.name, func(t *testing.T) {
			line, err := Parse(test.given, &bytes.Buffer{})
			require.NoError(t, err)
			assert.Equal(t, filepath.FromSlash(test.want), line.StateDir("/project"))
		})
	}
}

func TestAnEndpointThatIsGivenNeedsNoStack(t *testing.T) {
	line, err := Parse([]string{"send", "https://abc.execute-api.ap-northeast-2.amazonaws.com/PROD/v1", "--stack=none"}, &bytes.Buffer{})
	require.NoError(t, err)
	assert.NoError(t, line.CheckStack(t.TempDir()))

	line, err = Parse([]string{"send", "--stack=none"}, &bytes.Buffer{})
	require.NoError(t, err)
	assert.Error(t, line.CheckStack(t.TempDir()))
	assert.Equal(t, filepath.FromSlash("/project/.local/none"), line.StateDir("/project"))
	assert.Nil(t, line.Send.Count, "what was not given is not a number")

	line, err = Parse([]string{"send", "--state=here"}, &bytes.Buffer{})
	require.NoError(t, err)
	assert.Equal(t, filepath.FromSlash("/project/here"), line.StateDir("/project"))
}
