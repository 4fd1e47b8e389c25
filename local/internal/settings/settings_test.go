package settings

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// project is a project with the program's own Pulumi.yaml, and a stack file of this content for the stack test.
func project(t *testing.T, stackFile string) string {
	t.Helper()
	dir := t.TempDir()
	declared, err := os.ReadFile(filepath.Join("..", "..", "..", "Pulumi.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), declared, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.test.yaml"), []byte(stackFile), 0o600))
	return dir
}

func TestEverythingThatIsWrongIsReportedTogetherWithItsLine(t *testing.T) {
	dir := project(t, `config:
  aws:region: eu-west-3
  # a comment
  ingest-pipeline:dashboard: two
  ingest-pipeline:alarms: "yes"
  ingest-pipeline:stream: {retentionHours: 12}
  ingest-pipeline:allowedSourceCidrs: 10.0.0.0/8
  ingest-pipeline:bucketName: [a, b]
  ingest-pipeline:dashbord: true
  ingest-pipeline:somethingElse: 2
  ingest-pipelin:envelope: true
  ingest-pipeline:kmsKeyArn:
    secure: v1:AAAA:BBBB
  ingest-pipeline:throttle:
    requestsPerSecond: "200"
    burst: many
    bursts: 2
  ingest-pipeline:apiKeys:
    - name: A
      requestsPerDay: 1
`)
	_, _, err := Load(context.Background(), dir, "test")
	var wrong *Error
	require.ErrorAs(t, err, &wrong)
	assert.Equal(t, []string{
		"Pulumi.test.yaml:4: dashboard = two: must be of type boolean (Pulumi.yaml declares it); write true or false",
		"Pulumi.test.yaml:5: alarms = yes: must be of type object (Pulumi.yaml declares it); write keys and values",
		"Pulumi.test.yaml:6: stream.retentionHours = 12: must be 24–8760 hours (Kinesis); 24 is the cheapest",
		"Pulumi.test.yaml:7: allowedSourceCidrs = 10.0.0.0/8: must be of type array<string> (Pulumi.yaml declares it); write a list, such as [one, two]",
		`Pulumi.test.yaml:8: bucketName = ["a","b"]: must be of type string (Pulumi.yaml declares it); write one text`,
		"Pulumi.test.yaml:9: dashbord: must be a setting that Pulumi.yaml declares (nothing reads it otherwise); did you mean dashboard?",
		"Pulumi.test.yaml:10: somethingElse: must be a setting that Pulumi.yaml declares (nothing reads it otherwise); remove it",
		"Pulumi.test.yaml:11: ingest-pipelin:envelope: must begin with ingest-pipeline: or aws: (nothing reads it otherwise); correct the name",
		"Pulumi.test.yaml:12: kmsKeyArn: must not be encrypted (only the stack that a value was encrypted for can read it); write it in plain text, or set it on AWS only",
		`Pulumi.test.yaml:16: throttle.burst = "many": must be a whole number, in plain decimal digits`,
		"Pulumi.test.yaml:17: throttle.bursts: there is no such setting; throttle has requestsPerSecond, burst",
		"Pulumi.test.yaml:18: apiKeys[0].name = A: must be 1–30 of a–z, 0–9 and - (it is part of the names of resources); choose another name",
	}, wrong.Problems)
	assert.NotContains(t, err.Error(), "v1:AAAA")
}

func TestWhatTheProgramRefusesInADefaultHasTheDefaultsLine(t *testing.T) {
	dir := project(t, "config:\n  aws:region: eu-west-3\n  ingest-pipeline:stream: {mode: PROVISIONED}\n")
	_, _, err := Load(context.Background(), dir, "test")
	var wrong *Error
	require.ErrorAs(t, err, &wrong)
	require.Len(t, wrong.Problems, 1)
	assert.Regexp(t, `^Pulumi\.yaml:\d+: stream\.shardCount = 0: must be `, wrong.Problems[0])

	_, err = Read(dir, "test")
	assert.NoError(t, err, "the engine would not refuse it")
}

func TestValuesAreTheStacksOrTheDeclaredDefaults(t *testing.T) {
	dir := project(t, "config:\n  aws:region: eu-west-3\n  ingest-pipeline:allowedSourceCidrs: [10.0.0.0/8]\n  envelope: true\n")
	s, config, err := Load(context.Background(), dir, "test")
	require.NoError(t, err)
	assert.Equal(t, "eu-west-3", s.Region)
	assert.Equal(t, "true", s.Get("envelope"))
	assert.Equal(t, "AWS_IAM", s.Get("ingest-pipeline:access"))
	assert.Empty(t, s.Get("aws:profile"))
	assert.True(t, config.Envelope)
	assert.Equal(t, []string{"10.0.0.0/8"}, config.AllowedSourceCIDRs)
	assert.Equal(t, 168, config.Stream.RetentionHours)
}

func TestAFileThatCannotBeReadIsNamed(t *testing.T) {
	_, err := Read(project(t, ""), "staging")
	require.ErrorIs(t, err, os.ErrNotExist)
	assert.Contains(t, err.Error(), "Pulumi.staging.yaml")

	_, err = Read(project(t, "config:\n  a: b\n c: d\n"), "test")
	assert.ErrorContains(t, err, "Pulumi.test.yaml: yaml: line 2")

	_, err = Read(project(t, "environment: [shared]\n"), "test")
	assert.ErrorContains(t, err, "Pulumi.test.yaml:1: environment: settings from Pulumi ESC cannot be read without Pulumi Cloud")
}

func TestTheRegionHasToBeSet(t *testing.T) {
	_, err := Read(project(t, "config: {}\n"), "test")
	assert.ErrorContains(t, err, "Pulumi.test.yaml: aws:region: must be set")
}
