package main

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/internal/settings"
)

// env prints the commands that make AWS's clients talk to the local target of a stack.
func (a *app) env(flags commandline.Env, state string, out io.Writer) error {
	client, err := a.clientSettings(flags.Stack, state)
	if err != nil {
		return err
	}
	sh := shell(flags.Shell)
	if sh == "" {
		sh = usualShell()
	}
	for _, line := range client.commands(sh, os.Environ()) {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return fmt.Errorf("writing the environment: %w", err)
		}
	}
	return nil
}

// clientSettings are what a client of AWS needs for the local target.
type clientSettings struct{ url, region string }

// clientSettings finds a local target that runs.
func (a *app) clientSettings(stack, state string) (clientSettings, error) {
	start := &hintError{hint: "start it with `up` or `serve`, in another terminal"}
	read, err := settings.Read(a.project, stack)
	if err != nil {
		return clientSettings{}, err
	}
	address, err := aws.APIAddress(state)
	if err != nil {
		return clientSettings{}, err
	}
	if address == "" {
		start.error = fmt.Errorf("there is no local target in %s", a.relative(state))
		return clientSettings{}, start
	}
	connection, err := net.Dial("tcp", address)
	if err != nil {
		start.error = fmt.Errorf("the local target in %s does not run: %w", a.relative(state), err)
		return clientSettings{}, start
	}
	_ = connection.Close() // nothing was sent
	return clientSettings{url: "http://" + address, region: read.Region}, nil
}

// commands sets the address, the Region and the key, and what keeps a client from reaching AWS instead: its own
// configuration files, which may have other endpoints or ignore this one, are replaced by an empty file, and what has
// precedence over these variables, or contradicts them, is removed.
func (c clientSettings) commands(sh shell, environment []string) (lines []string) {
	for _, variable := range [][2]string{
		{"AWS_ENDPOINT_URL", c.url},
		{"AWS_REGION", c.region},
		{"AWS_DEFAULT_REGION", c.region}, // the only one that the AWS CLI and boto3 know
		{"AWS_ACCESS_KEY_ID", ownerKey.ID},
		{"AWS_SECRET_ACCESS_KEY", ownerKey.Secret},
		{"AWS_CONFIG_FILE", os.DevNull},
		{"AWS_SHARED_CREDENTIALS_FILE", os.DevNull},
		{"AWS_EC2_METADATA_DISABLED", "true"},
	} {
		lines = append(lines, sh.set(variable[0], variable[1]))
	}
	values := map[string]string{}
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		values[name] = value
		if slices.Contains(contradicting, name) || strings.HasPrefix(name, "AWS_ENDPOINT_URL_") {
			lines = append(lines, sh.unset(name))
		}
	}
	slices.Sort(lines[8:])
	if host, isProxied := c.proxied(values); isProxied {
		for _, name := range []string{"NO_PROXY", "no_proxy"} {
			lines = append(lines, sh.set(name, strings.TrimPrefix(values[name]+","+host, ",")))
		}
	}
	return lines
}

// contradicting are variables that have precedence over those of commands, or with which clients refuse an endpoint.
//
// documented (AWS SDKs and Tools reference guide, feature-ss-endpoints, feature-endpoints and settings-global).
var contradicting = []string{
	"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
	"AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT",
}

// proxied reports whether some clients would send requests to the local target through a proxy, and its host.
func (c clientSettings) proxied(environment map[string]string) (host string, isProxied bool) {
	u, err := url.Parse(c.url)
	if err != nil || environment["HTTP_PROXY"]+environment["http_proxy"] == "" {
		return "", false
	}
	return u.Hostname(), true
}

// evaluateLine is the line that makes AWS's clients talk to the local target in a state folder.
func (a *app) evaluateLine(stack, state, usualState string) string {
	command := commandline.Name + " env"
	if stack != "dev" {
		command += " --stack " + quotePOSIX(stack)
	}
	if state != usualState {
		command += " --state " + quotePOSIX(a.relative(state))
	}
	return usualShell().evaluate(command)
}
