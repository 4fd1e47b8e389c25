package pipeline_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/templates"
)

func (r *recorder) trigger(t *testing.T) string {
	t.Helper()
	trigger, ok := r.one(t, "Deployment").input("triggers.definition").(string)
	require.True(t, ok)
	require.Len(t, trigger, 64)
	return trigger
}

// These tests change the templates for a moment, so they do not run in parallel.

func TestAChangedTemplateOrModelIsDeployed(t *testing.T) {
	origins, paused := with("corsAllowedOrigins", `["https://a.example"]`), with("paused", "true")
	for name, file := range map[string]*string{
		"put_record.request.vtl":   &templates.PutRecordRequest,
		"put_records.request.vtl":  &templates.PutRecordsRequest,
		"put_record.response.vtl":  &templates.PutRecordResponse,
		"put_records.response.vtl": &templates.PutRecordsResponse,
		"error.response.vtl":       &templates.ErrorResponse,
		"unavailable.response.vtl": &templates.UnavailableResponse,
		"preflight.request.vtl":    &templates.PreflightRequest,
		"paused.request.vtl":       &templates.PausedRequest,
		"paused.response.vtl":      &templates.PausedResponse,
		"event.schema.json":        &templates.EventSchema,
		"batch.schema.json":        &templates.BatchSchema,
	} {
		t.Run(name, func(t *testing.T) {
			options := []runOption{origins}
			if strings.HasPrefix(name, "paused") {
				options = append(options, paused)
			}
			before, original := run(t, "dev", options...).trigger(t), *file
			*file += " "
			changed := run(t, "dev", options...).trigger(t)
			*file = original
			assert.NotEqual(t, before, changed)
			assert.Equal(t, before, run(t, "dev", options...).trigger(t))
		})
	}
}

func TestChangedOriginsAreDeployed(t *testing.T) {
	one := run(t, "dev", with("corsAllowedOrigins", `["https://a.example"]`)).trigger(t)
	assert.NotEqual(t, run(t, "dev").trigger(t), one)
	assert.NotEqual(t, one, run(t, "dev", with("corsAllowedOrigins", `["https://b.example"]`)).trigger(t))
}

func TestAPauseAndItsEndAreDeployed(t *testing.T) {
	assert.NotEqual(t, run(t, "dev").trigger(t), run(t, "dev", with("paused", "true")).trigger(t))
}

func TestAnotherPartitionOrRegionIsDeployed(t *testing.T) {
	before := run(t, "dev").trigger(t)
	assert.NotEqual(t, before, run(t, "dev", inRegion("aws", "us-east-1")).trigger(t))
	assert.NotEqual(t, before, run(t, "dev", inRegion("aws-cn", "ap-northeast-2")).trigger(t))
}

func TestWhatTheStageServesWithoutADeploymentDoesNotRedeploy(t *testing.T) {
	before := run(t, "dev").trigger(t)
	for key, value := range map[string]string{
		"logs.level": "OFF", "throttle.burst": "7", "stream.retentionHours": "48", "envelope": "true", "stream.shardCount": "2",
		"delivery.bufferIntervalSeconds": "90", "stream.partitionKey": "REQUEST_ID", "logs.retentionDays": "3", "logs.role": "existing",
	} {
		assert.Equal(t, before, run(t, "dev", with(key, value)).trigger(t), key)
	}
}

// TestADeploymentIsReplacedAfterItsPartsAndNotDeletedBeforeThem holds what definition.add promises.
func TestADeploymentIsReplacedAfterItsPartsAndNotDeletedBeforeThem(t *testing.T) {
	r := run(t, "dev", with("corsAllowedOrigins", `["https://a.example"]`))
	from := r.one(t, "Deployment").InputsFrom["triggers"]
	require.NotEmpty(t, from, "the hash has the ids of the resources")
	for _, g := range r.registrations {
		if g.ReplaceByDelete {
			assert.NotContains(t, from, g.URN, g.label())
		}
	}
}
