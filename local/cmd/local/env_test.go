package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/cmd/local/commandline"
)

func TestTheEnvironmentLetsNoSettingOfTheUserLeadAClientToAWS(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it is evaluated by sh")
	}
	commands := clientSettings{url: "http://127.0.0.1:4002", region: "eu-central-1"}.commands(posix, []string{
		"AWS_PROFILE=production", "AWS_SESSION_TOKEN=t", "AWS_ENDPOINT_URL_S3=https://s3.example.com", "AWS_ENDPOINT_URL_KINESIS=x",
		"AWS_USE_FIPS_ENDPOINT=true", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", "HTTP_PROXY=http://proxy", "NO_PROXY=it's here", "HOME=/h",
	})
	sh := exec.Command("sh", "-c", strings.Join(commands, "\n")+"\nenv")
	sh.Env = []string{
		"PATH=" + os.Getenv("PATH"), "AWS_PROFILE=production", "AWS_SESSION_TOKEN=t", "AWS_ENDPOINT_URL_S3=https://s3.example.com",
		"AWS_ENDPOINT_URL_KINESIS=x", "AWS_USE_FIPS_ENDPOINT=true", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", "NO_PROXY=it's here",
		"AWS_ACCESS_KEY_ID=AKIAREAL", "AWS_CONFIG_FILE=/home/me/.aws/config",
	}
	out, err := sh.CombinedOutput()
	require.NoError(t, err, "%s", out)
	var set []string
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "AWS_") || strings.HasPrefix(strings.ToUpper(line), "NO_PROXY") {
			set = append(set, strings.TrimSpace(line))
		}
	}
	assert.ElementsMatch(t, []string{
		"AWS_ENDPOINT_URL=http://127.0.0.1:4002", "AWS_REGION=eu-central-1", "AWS_DEFAULT_REGION=eu-central-1",
		"AWS_ACCESS_KEY_ID=LOCAL", "AWS_SECRET_ACCESS_KEY=LOCAL", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"AWS_EC2_METADATA_DISABLED=true", "NO_PROXY=it's here,127.0.0.1", "no_proxy=127.0.0.1",
	}, set)
}

func TestEachShellSetsAndRemovesVariablesItsOwnWay(t *testing.T) {
	for sh, want := range map[shell][3]string{
		posix:      {`export A='it'\''s \'`, "unset A", `eval "$(env)"`},
		fish:       {`set -gx A 'it\'s \\';`, "set -e A;", "env | source"},
		powershell: {`$env:A = 'it''s \'`, "Remove-Item Env:A -ErrorAction Ignore", "env | Out-String | Invoke-Expression"},
	} {
		assert.Equal(t, want, [3]string{sh.set("A", `it's \`), sh.unset("A"), sh.evaluate("env")}, string(sh))
	}
}

func TestTheEnvironmentOfALocalTargetThatDoesNotRunIsAnError(t *testing.T) {
	project, dir := copyProject(t), t.TempDir()
	a, out := newApp(project)
	err := a.env(commandline.Env{Stack: "dev"}, dir, out)
	require.EqualError(t, err, "there is no local target in "+dir)

	free, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(free.Addr().String())
	require.NoError(t, err)
	require.NoError(t, free.Close())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ports.json"), []byte(`{"aws":`+port+`}`), 0o600))
	err = a.env(commandline.Env{Stack: "dev"}, dir, out)
	require.ErrorContains(t, err, "the local target in "+dir+" does not run: ")
	var hint interface{ Hint() string }
	require.ErrorAs(t, err, &hint)
	assert.Equal(t, "start it with `up` or `serve`, in another terminal", hint.Hint())
	assert.Empty(t, out.String())
}

func TestAnInterruptLeavesNothingButEventsInTheOutputOfTail(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent an interrupt")
	}
	project := copyProject(t)
	up := startUp(t, project, filepath.Join(project, ".local", "dev"), commandline.Up{})
	status, answer := post(t, up.url, `{"n":1}`)
	require.Equal(t, 200, status, answer)
	self, err := os.Executable()
	require.NoError(t, err)
	tail := exec.Command(self, "tail", "--since", "1h", "--raw")
	tail.Dir, tail.Env = project, append(os.Environ(), runAsCommand+"=yes")
	stdout, stderr := &screen{}, &screen{}
	tail.Stdout, tail.Stderr = stdout, stderr
	require.NoError(t, tail.Start())
	stdout.shows(t, `\{"n":1\}`)
	require.NoError(t, tail.Process.Signal(os.Interrupt))
	require.NoError(t, tail.Wait(), stderr)
	assert.Equal(t, `{"n":1}`+"\n", stdout.String())
	require.NoError(t, up.stop())
}

// The stack runs in another process, as it does for a user who has a second terminal.
func TestTheOtherCommandsFindTheLocalTargetThatUpServes(t *testing.T) {
	t.Parallel()
	project := copyProject(t)
	up := startUp(t, project, filepath.Join(project, ".local", "dev"), commandline.Up{})
	assert.Contains(t, up.String(), "  "+usualShell().evaluate("go run -C local . env")+"\n")

	env := startProcess(t, project, "env", "--shell", "posix")
	require.NoError(t, env.cmd.Wait(), env)
	assert.Contains(t, env.String(), "export AWS_ENDPOINT_URL="+up.awsURL+"\n")

	status, answer := post(t, up.url, `{"type":"a","n":1}`)
	require.Equal(t, 200, status, answer)
	status, answer = post(t, up.url, `{"type":"b","n":2}`)
	require.Equal(t, 200, status, answer)
	tail := startProcess(t, project, "tail", "--since", "1h", "--count", "1", "--type", "b")
	require.NoError(t, tail.cmd.Wait(), tail)
	assert.Regexp(t, `^\S+Z +\d+\.\ds shardId-\d{12} \{"type":"b","n":2\}\n$`, tail.String())
	require.NoError(t, up.stop())
}
