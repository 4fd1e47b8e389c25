package provider

import (
	"context"
	"encoding/json"
	"net"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (e *engine) checkConfig(settings props) []string {
	e.t.Helper()
	answer, err := e.client.CheckConfig(context.Background(), &pulumirpc.CheckRequest{
		Urn: urn("pulumi:providers:aws", "default_6_83_0"), News: e.marshal(settings.properties()),
	})
	require.NoError(e.t, err)
	var failures []string
	for _, failure := range answer.GetFailures() {
		failures = append(failures, failure.GetReason())
	}
	return failures
}

func TestSettingsOfTheProviderAreFollowedOrRefusedByName(t *testing.T) {
	e := tables(t)
	for name, test := range map[string]struct {
		settings props
		want     []string
	}{
		"the region that the target has":    {settings: props{"region": "eu-west-1", "version": "6.83.0"}},
		"no region":                         {settings: props{}},
		"a region that is not known yet":    {settings: props{"region": unknown}},
		"credentials, which are not needed": {settings: props{"profile": "me", "accessKey": secret("a"), "skipCredentialsValidation": "true"}},
		"its account":                       {settings: props{"allowedAccountIds": `["123456789012"]`}},
		"another region":                    {props{"region": "us-east-1"}, []string{`region = "us-east-1": the local target was started for the region eu-west-1`}},
		"another account":                   {props{"allowedAccountIds": `["000000000001"]`}, []string{"allowedAccountIds does not have the local target's account 123456789012"}},
		"not this account":                  {props{"forbiddenAccountIds": []any{"123456789012"}}, []string{"forbiddenAccountIds has the local target's account 123456789012"}},
		"a setting of another provider": {props{"project": "x"}, []string{
			`pulumi:providers:aws has no property project that the local target knows (set by the program's resource "default_6_83_0")`}},
		"a role to assume": {props{"assumeRole": `{"roleArn":"arn:aws:iam::210987654321:role/a"}`}, []string{
			`the property assumeRole of pulumi:providers:aws is not emulated by the local target: the local target has one ` +
				`account, without other ways into it (set by the program's resource "default_6_83_0")`}},
		"a wrong encoding": {props{"maxRetries": "many"}, []string{`maxRetries = "many": must be a whole number`}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, e.checkConfig(test.settings)) })
	}
	t.Run("when it is configured too", func(t *testing.T) {
		err := e.configure(props{"region": "us-east-1"})
		require.Error(t, err)
		assert.Equal(t, `configuring the aws provider: region = "us-east-1": the local target was started for the region eu-west-1`, message(err))
	})
}

func TestDefaultTagsAreAddedToTheTagsOfAResource(t *testing.T) {
	e := tables(t)
	require.NoError(t, e.configure(props{"defaultTags": `{"tags":{"team":"data","cost":"1"}}`}))
	inputs := e.mustCheck(bucketToken, "b", nil, props{"bucket": "b", "tags": props{"cost": "2"}})
	assert.Equal(t, state{"team": "data", "cost": "2"}, plainValue(inputs["tags"]))
	t.Run("and what cannot be tagged has none", func(t *testing.T) {
		inputs := e.mustCheck("aws:s3/bucketPolicy:BucketPolicy", "b", nil, props{"bucket": "b", "policy": "{}"})
		assert.NotContains(t, inputs, resource.PropertyKey("tags"))
	})
	t.Run("and unknown ones make the tags unknown", func(t *testing.T) {
		require.NoError(t, e.configure(props{"defaultTags": props{"tags": unknown}}))
		inputs := e.mustCheck(bucketToken, "b", nil, props{"bucket": "b", "tags": props{"cost": "2"}})
		assert.True(t, inputs["tags"].IsComputed())
	})
}

func TestEachConnectionHasItsOwnDefaultTags(t *testing.T) {
	p := &provider{types: newRegistry(), settings: newConnections(), creations: emptyCreations(t)}
	p.services.Cloud = tablesCloud()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	s := listen(p, listener)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	one, other := attach(t, s.Port()), attach(t, s.Port())
	require.NoError(t, one.configure(props{"defaultTags": props{"tags": props{"from": "one"}}}))
	require.NoError(t, other.configure(props{}))
	assert.Equal(t, state{"from": "one"}, plainValue(one.mustCheck(bucketToken, "b", nil, props{})["tags"]))
	assert.NotContains(t, other.mustCheck(bucketToken, "b", nil, props{}), resource.PropertyKey("tags"))
}

func TestAChangedSettingOfTheProviderIsSeenAndReplacesNothing(t *testing.T) {
	e := tables(t)
	answer, err := e.client.DiffConfig(context.Background(), &pulumirpc.DiffRequest{
		Urn:       urn("pulumi:providers:aws", "default"),
		OldInputs: e.marshal(props{"profile": "a", "allowedAccountIds": `["1","2"]`}.properties()),
		News:      e.marshal(props{"profile": "b", "allowedAccountIds": []any{"1", "2"}}.properties()),
	})
	require.NoError(t, err)
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_SOME, answer.GetChanges())
	assert.Equal(t, []string{"profile"}, answer.GetDiffs(), "the other one is only written in another way")
	assert.Empty(t, answer.GetReplaces())
}

func TestTheProviderIntroducesItself(t *testing.T) {
	e := tables(t)
	info, err := e.client.GetPluginInfo(context.Background(), nothing)
	require.NoError(t, err)
	assert.Equal(t, "6.83.0", info.GetVersion())
	answer, err := e.client.GetSchema(context.Background(), &pulumirpc.GetSchemaRequest{})
	require.NoError(t, err)
	var schema struct{ Name, Version string }
	require.NoError(t, json.Unmarshal([]byte(answer.GetSchema()), &schema))
	assert.Equal(t, "aws", schema.Name)
	_, err = e.client.Cancel(context.Background(), nothing)
	require.NoError(t, err)
	e.mustCheck(bucketToken, "b", nil, props{}) // and goes on answering
}

func TestComponentsAndMethodsAreRefusedByName(t *testing.T) {
	e := tables(t)
	_, err := e.client.Construct(context.Background(), &pulumirpc.ConstructRequest{Type: "aws:x:Component", Name: "c", Parallel: 1})
	require.Error(t, err)
	assert.Contains(t, message(err), `no component aws:x:Component (the program's resource "c")`)
	_, err = e.client.Call(context.Background(), &pulumirpc.CallRequest{Tok: "aws:x:Thing/method"})
	require.Error(t, err)
	assert.Contains(t, message(err), "no method aws:x:Thing/method")
}
