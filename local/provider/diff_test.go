package provider

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// standing is a resource that the engine's state has, with these inputs.
func standing(t *testing.T, token, name string, inputs props) (*engine, *instance) {
	t.Helper()
	e := tables(t)
	checked := e.mustCheck(token, name, nil, inputs)
	return e, &instance{token, name, "the-id", checked, checked}
}

func TestAChangeUpdatesOrReplaces(t *testing.T) {
	const (
		update  = pulumirpc.PropertyDiff_UPDATE
		replace = pulumirpc.PropertyDiff_UPDATE_REPLACE
	)
	integration := func(more props) props {
		in := props{
			"restApi": "a", "resourceId": "r", "httpMethod": "POST", "type": "AWS", "integrationHttpMethod": "POST",
			"uri": "arn:aws:apigateway:eu-west-1:kinesis:action/PutRecord", "credentials": "arn:aws:iam::123456789012:role/a",
			"passthroughBehavior": "NEVER", "requestTemplates": props{"application/json": "old", "text/plain": "same"},
		}
		for key, value := range more {
			in[key] = value
		}
		return in
	}
	delivery := func(source, prefix string) props {
		return props{
			"name": "d", "destination": "extended_s3",
			"kinesisSourceConfiguration": props{"kinesisStreamArn": source, "roleArn": "arn:aws:iam::123456789012:role/a"},
			"extendedS3Configuration": props{
				"bucketArn": "arn:aws:s3:::b", "roleArn": "arn:aws:iam::123456789012:role/a", "prefix": prefix,
			},
		}
	}
	const oneStream, otherStream = "arn:aws:kinesis:eu-west-1:123456789012:stream/a", "arn:aws:kinesis:eu-west-1:123456789012:stream/b"
	for name, test := range map[string]struct {
		token         string
		before, after props
		want          map[string]pulumirpc.PropertyDiff_Kind
		replaces      []string
		deleteFirst   bool
	}{
		"nothing": {
			token:  streamToken,
			before: props{"name": "a", "shardCount": 1}, after: props{"name": "a", "shardCount": 1},
		},
		"a stream's shards": {
			token:  streamToken,
			before: props{"name": "a", "shardCount": 1}, after: props{"name": "a", "shardCount": 2},
			want: map[string]pulumirpc.PropertyDiff_Kind{"shardCount": update},
		},
		"a stream's retention back to the default": {
			token:  streamToken,
			before: props{"name": "a", "shardCount": 1, "retentionPeriod": 48}, after: props{"name": "a", "shardCount": 1},
			want: map[string]pulumirpc.PropertyDiff_Kind{"retentionPeriod": update},
		},
		"a stream to on demand": {
			token:  streamToken,
			before: props{"name": "a", "shardCount": 1}, after: props{"name": "a", "streamModeDetails": props{"streamMode": "ON_DEMAND"}},
			want: map[string]pulumirpc.PropertyDiff_Kind{
				"shardCount": pulumirpc.PropertyDiff_DELETE, "streamModeDetails": pulumirpc.PropertyDiff_ADD,
			},
		},
		"an explicit name of a stream": {
			token:  streamToken,
			before: props{"name": "a", "shardCount": 1}, after: props{"name": "b", "shardCount": 1},
			want: map[string]pulumirpc.PropertyDiff_Kind{"name": replace}, replaces: []string{"name"}, deleteFirst: true,
		},
		"an integration's template": {
			token:  integrationToken,
			before: integration(nil),
			after:  integration(props{"requestTemplates": props{"application/json": "new", "text/plain": "same"}}),
			want:   map[string]pulumirpc.PropertyDiff_Kind{`requestTemplates["application/json"]`: update},
		},
		"an integration's template less": {
			token:  integrationToken,
			before: integration(nil),
			after:  integration(props{"requestTemplates": props{"text/plain": "same"}}),
			want:   map[string]pulumirpc.PropertyDiff_Kind{`requestTemplates["application/json"]`: pulumirpc.PropertyDiff_DELETE},
		},
		"an integration's role": {
			token:  integrationToken,
			before: integration(nil), after: integration(props{"credentials": "arn:aws:iam::123456789012:role/b"}),
			want: map[string]pulumirpc.PropertyDiff_Kind{"credentials": replace}, replaces: []string{"credentials"}, deleteFirst: true,
		},
		"an integration's passthrough": {
			token:  integrationToken,
			before: integration(nil), after: integration(props{"passthroughBehavior": "WHEN_NO_MATCH"}),
			want: map[string]pulumirpc.PropertyDiff_Kind{"passthroughBehavior": replace}, replaces: []string{"passthroughBehavior"}, deleteFirst: true,
		},
		"an integration's passthrough left out, which AWS keeps": {
			token:  integrationToken,
			before: integration(nil), after: integration(props{"passthroughBehavior": resource.NewNullProperty()}),
		},
		"an integration's API that is not known yet": {
			token:  integrationToken,
			before: integration(nil), after: integration(props{"restApi": unknown}),
			want: map[string]pulumirpc.PropertyDiff_Kind{"restApi": replace}, replaces: []string{"restApi"}, deleteFirst: true,
		},
		"a deployment's trigger": {
			token:  deploymentToken,
			before: props{"restApi": "a", "triggers": props{"definition": "1"}}, after: props{"restApi": "a", "triggers": props{"definition": "2"}},
			want: map[string]pulumirpc.PropertyDiff_Kind{"triggers.definition": replace}, replaces: []string{"triggers"},
		},
		"a deployment's triggers taken away": {
			token:  deploymentToken,
			before: props{"restApi": "a", "triggers": props{"definition": "1"}}, after: props{"restApi": "a"},
			want: map[string]pulumirpc.PropertyDiff_Kind{"triggers": pulumirpc.PropertyDiff_DELETE_REPLACE}, replaces: []string{"triggers"},
		},
		"a stage's deployment": {
			token:  stageToken,
			before: props{"restApi": "a", "stageName": "PROD", "deployment": "1"}, after: props{"restApi": "a", "stageName": "PROD", "deployment": "2"},
			want: map[string]pulumirpc.PropertyDiff_Kind{"deployment": update},
		},
		"a delivery stream's prefix": {
			token:  deliveryStreamToken,
			before: delivery(oneStream, "raw/"), after: delivery(oneStream, "cooked/"),
			want: map[string]pulumirpc.PropertyDiff_Kind{"extendedS3Configuration.prefix": update},
		},
		"a delivery stream's source": {
			token:  deliveryStreamToken,
			before: delivery(oneStream, "raw/"), after: delivery(otherStream, "raw/"),
			want:     map[string]pulumirpc.PropertyDiff_Kind{"kinesisSourceConfiguration.kinesisStreamArn": replace},
			replaces: []string{"kinesisSourceConfiguration"}, deleteFirst: true,
		},
		"a policy written in another way": {
			token:  roleToken,
			before: props{"name": "a", "assumeRolePolicy": `{"Version":"2012-10-17","Statement":[]}`},
			after:  props{"name": "a", "assumeRolePolicy": "{ \"Statement\": [],\n\"Version\": \"2012-10-17\" }"},
		},
		"a policy that says another thing": {
			token:  roleToken,
			before: props{"name": "a", "assumeRolePolicy": `{"Statement":[]}`},
			after:  props{"name": "a", "assumeRolePolicy": `{"Statement":[{}]}`},
			want:   map[string]pulumirpc.PropertyDiff_Kind{"assumeRolePolicy": update},
		},
		"metrics in another order": {
			token:  streamToken,
			before: props{"name": "a", "shardCount": 1, "shardLevelMetrics": []any{"IncomingBytes", "OutgoingBytes"}},
			after:  props{"name": "a", "shardCount": 1, "shardLevelMetrics": []any{"OutgoingBytes", "IncomingBytes"}},
		},
		"a lifecycle rule": {
			token:  "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
			before: props{"bucket": "b", "rules": []any{props{"id": "a", "status": "Enabled", "expiration": props{"days": 1}}}},
			after:  props{"bucket": "b", "rules": []any{props{"id": "a", "status": "Enabled", "expiration": props{"days": 2}}}},
			want:   map[string]pulumirpc.PropertyDiff_Kind{"rules[0].expiration.days": update},
		},
		"a lifecycle rule more": {
			token:  "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
			before: props{"bucket": "b", "rules": []any{props{"id": "a", "status": "Enabled"}}},
			after:  props{"bucket": "b", "rules": []any{props{"id": "a", "status": "Enabled"}, props{"id": "b", "status": "Enabled"}}},
			want:   map[string]pulumirpc.PropertyDiff_Kind{"rules": update},
		},
		"a tag that is secret": {
			token:  bucketToken,
			before: props{"bucket": "b", "tags": props{"a": secret("1")}}, after: props{"bucket": "b", "tags": props{"a": secret("2")}},
			want: map[string]pulumirpc.PropertyDiff_Kind{"tags.a": update},
		},
		"a value that became secret": {
			token:  bucketToken,
			before: props{"bucket": "b", "tags": props{"a": "1"}}, after: props{"bucket": "b", "tags": props{"a": secret("1")}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e, was := standing(t, test.token, "x", test.before)
			diff := e.diff(was, e.mustCheck(test.token, "x", was.inputs, test.after))
			kinds := map[string]pulumirpc.PropertyDiff_Kind{}
			for path, difference := range diff.GetDetailedDiff() {
				kinds[path] = difference.GetKind()
				assert.True(t, difference.GetInputDiff())
			}
			changes := pulumirpc.DiffResponse_DIFF_SOME
			if len(test.want) == 0 {
				test.want, changes = map[string]pulumirpc.PropertyDiff_Kind{}, pulumirpc.DiffResponse_DIFF_NONE
			}
			assert.Equal(t, test.want, kinds)
			assert.Equal(t, changes, diff.GetChanges())
			assert.Equal(t, test.deleteFirst, diff.GetDeleteBeforeReplace())
			assert.ElementsMatch(t, test.replaces, diff.GetReplaces())
			assert.True(t, diff.GetHasDetailedDiff())
			for _, name := range append(diff.GetDiffs(), diff.GetReplaces()...) {
				assert.NotContains(t, name, ".", "pulumi-aws names the property, not the path")
				assert.NotContains(t, name, "[")
			}
		})
	}
}

func TestARandomNameNeedsNoDeletionBeforeTheReplacement(t *testing.T) {
	policy := `{"Statement":[]}`
	e, was := standing(t, roleToken, "sender", props{"assumeRolePolicy": policy, "path": "/a/"})
	diff := e.diff(was, e.mustCheck(roleToken, "sender", was.inputs, props{"assumeRolePolicy": policy, "path": "/b/"}))
	assert.Equal(t, []string{"path"}, diff.GetReplaces())
	assert.False(t, diff.GetDeleteBeforeReplace())
}

func TestAnUpdateOfAResourceThatDoesNotExistSaysWhatToDo(t *testing.T) {
	w := newLocalTarget(t)
	stream := w.stream()
	require.NoError(t, w.cloud.Kinesis.DeleteStream("events"))
	news := w.mustCheck(streamToken, "events", stream.inputs, props{"name": "events", "shardCount": 1, "retentionPeriod": 48})
	_, err := w.update(stream, news, false)
	require.Error(t, err)
	assert.Contains(t, message(err), `updating aws:kinesis/stream:Stream "events": ResourceNotFoundException`)
	assert.Contains(t, message(err), "refresh the stack to have it created again")
}

func TestASetWithAnUnknownElementIsNeverTheSame(t *testing.T) {
	p := list(object(properties{}), unordered)
	assert.True(t, same(p, []any{state{}, state{"a": "b"}}, []any{state{"a": "b"}, state{}}))
	assert.False(t, same(p, []any{state{}}, []any{unknownValue{}}))
}
