// Package clients runs the AWS CLI and boto3 against the local target.
package clients

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/test/pipelinetest"
)

var update = flag.Bool("update", false, "write the output of the commands into docs/aws-clients.md")

// clientsEnv is a Python environment with the AWS CLI and boto3 of .ci/aws-clients.txt.
const clientsEnv = "INGEST_PIPELINE_AWS_CLIENTS"

// tool is a program of the Python environment.
func tool(t *testing.T, name string) string {
	t.Helper()
	environment := os.Getenv(clientsEnv)
	if environment == "" {
		t.Skipf("needs the AWS CLI and boto3: pip install -r .ci/aws-clients.txt in a Python environment, and set %s to its folder", clientsEnv)
	}
	path := filepath.Join(environment, "bin", name)
	require.FileExists(t, path)
	return path
}

// environment is what `env` of the local target sets, and nothing else of the machine's AWS settings.
func environment(p *pipelinetest.Pipeline, tool string) []string {
	return []string{
		"PATH=" + filepath.Dir(tool) + string(os.PathListSeparator) + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC",
		"AWS_ENDPOINT_URL=" + p.Cloud.URL(), "AWS_DEFAULT_REGION=" + p.Cloud.Account.Region,
		"AWS_ACCESS_KEY_ID=" + aws.DefaultAccessKey.ID, "AWS_SECRET_ACCESS_KEY=" + aws.DefaultAccessKey.Secret,
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
		"url=" + p.URL,
	}
}

// block is commands of the page and their output, or a comment that lets time pass.
type block struct {
	commands, output string
	pass             time.Duration
}

var blockPattern = regexp.MustCompile("(?ms)^```sh\n(.*?)^```\n\n^```text\n(.*?)^```\n|^<!-- (\\w+) later -->")

func readBlocks(t *testing.T, page string) (blocks []block) {
	t.Helper()
	for _, match := range blockPattern.FindAllStringSubmatch(page, -1) {
		b := block{commands: match[1], output: match[2]}
		if match[3] != "" {
			var err error
			b.pass, err = time.ParseDuration(match[3])
			require.NoError(t, err)
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// terminal is a shell that runs one block after the other.
type terminal struct {
	in  io.Writer
	out *bufio.Scanner
}

func openTerminal(t *testing.T, environment []string) *terminal {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "bash")
	shell.Env, shell.Dir = environment, t.TempDir()
	in, err := shell.StdinPipe()
	require.NoError(t, err)
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	shell.Stdout, shell.Stderr = writer, writer
	require.NoError(t, shell.Start())
	require.NoError(t, writer.Close())
	t.Cleanup(func() {
		_ = in.Close()
		_ = shell.Wait() // its status is that of the last command
		_ = reader.Close()
	})
	out := bufio.NewScanner(reader)
	out.Buffer(nil, 1<<20)
	return &terminal{in: in, out: out}
}

const endOfOutput = "--- end of the output ---"

// run runs commands and returns what they write.
func (s *terminal) run(t *testing.T, commands string) string {
	t.Helper()
	// The commands do not read what is still to be run.
	_, err := fmt.Fprintf(s.in, "{\n%s} </dev/null\necho; echo '%s'\n", commands, endOfOutput)
	require.NoError(t, err)
	var output strings.Builder
	for s.out.Scan() {
		if s.out.Text() == endOfOutput {
			text := strings.TrimSpace(output.String())
			if text == "" {
				return ""
			}
			return text + "\n"
		}
		output.WriteString(strings.TrimRight(s.out.Text(), " ") + "\n")
	}
	require.FailNow(t, "the shell has ended", "%v\n%s", s.out.Err(), &output)
	return ""
}

// variable is what differs from run to run, and what stands for it where two outputs are compared.
var variable = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?`), "TIME"},
	{regexp.MustCompile(`\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000`), "TIME"},
	{regexp.MustCompile(`\d{4}/\d\d/\d\d/\d\d/\S+`), "KEY"},
	{regexp.MustCompile(`\b\d{10}\.\d+\b`), "TIME"},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "UUID"},
	{regexp.MustCompile(`\b\d{55,57}\b`), "SEQUENCE"},
	{regexp.MustCompile(`1-[0-9a-f]{8}-[0-9a-f]{24}`), "TRACE"},
	{regexp.MustCompile(`"shardId":"shardId-\d+"`), `"shardId":"SHARD"`},
	{regexp.MustCompile(`-[0-9a-f]{7}\b`), "-SUFFIX"},
	{regexp.MustCompile(`"(integrationLatency|responseLatency|responseLength)":"\d+"`), `"$1":"N"`},
	{regexp.MustCompile(`"extendedRequestId":"[^"]+"`), `"extendedRequestId":"ID"`},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`\d+\.\d+ out of the last|\[\d[^\]]*\]`), "[VALUES]"},
}

func normalize(output string) string {
	for _, v := range variable {
		output = v.pattern.ReplaceAllString(output, v.name)
	}
	return strings.TrimSpace(output)
}

func TestTheCommandsOfThePageHaveItsOutput(t *testing.T) {
	cli := tool(t, "aws")
	path := filepath.Join("..", "..", "..", "docs", "aws-clients.md")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	page := string(content)

	// However long the commands take, time passes where the page says so only. AWS's clients, which sign with the machine's
	// time, may be five minutes off.
	clock := clockwork.NewFakeClockAt(time.Now())
	p := pipelinetest.Start(t, pipelinetest.Options{Clock: clock})
	shell := openTerminal(t, environment(p, cli))
	blocks := readBlocks(t, page)
	require.NotEmpty(t, blocks)
	for _, b := range blocks {
		if b.pass > 0 {
			pass(t, clock, b.pass)
			continue
		}
		output := strings.ReplaceAll(shell.run(t, b.commands), pipelinetest.AccountID, aws.DefaultAccountID)
		t.Logf("%s%s", b.commands, output)
		if !*update {
			assert.Equal(t, normalize(b.output), normalize(output), b.commands)
		}
		before := "```sh\n" + b.commands + "```\n\n```text\n"
		require.Contains(t, page, before+b.output)
		page = strings.Replace(page, before+b.output, before+output, 1)
	}
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(page), 0o600))
	}
}

// pass lets time pass in steps in which everything that waits for its time can do its work.
func pass(t *testing.T, clock *clockwork.FakeClock, d time.Duration) {
	t.Helper()
	for ; d > 0; d -= time.Second {
		clock.Advance(time.Second)
	}
}
