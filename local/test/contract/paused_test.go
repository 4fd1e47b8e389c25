package contract_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/test/pipelinetest"
)

func TestWhilePausedEveryRequestIsA429WhateverTheStateOfKinesis(t *testing.T) {
	t.Parallel()
	refused := kinesisError(503, "ServiceUnavailable")
	for name, change := range map[string]func(t *testing.T, p *pipelinetest.Pipeline, kinesis *answering){
		"nothing fails":            func(*testing.T, *pipelinetest.Pipeline, *answering) {},
		"Kinesis is not available": func(_ *testing.T, _ *pipelinetest.Pipeline, kinesis *answering) { kinesis.next.Store(&refused) },
		"the stream is deleted": func(t *testing.T, p *pipelinetest.Pipeline, _ *answering) {
			require.NoError(t, p.Cloud.Kinesis.DeleteStream(p.StreamName))
		},
		"the role cannot be assumed": func(t *testing.T, p *pipelinetest.Pipeline, _ *answering) { deleteRole(t, p, "-to-stream") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kinesis := &answering{}
			p := pipelinetest.Start(t, pipelinetest.Options{
				Settings: map[string]string{"paused": "true", "access": "API_KEY", "corsAllowedOrigins": `["https://www.example.com"]`},
				Hooks:    aws.Hooks{Kinesis: kinesis.intercept}, CannotDeliver: true,
			})
			change(t, p, kinesis)
			for url, bodies := range map[string][]string{
				p.URL: {firstEvent, event(maxEvent), event(maxEvent + 1)}, p.BatchURL: {"[" + firstEvent + "," + firstEvent + "]"},
			} {
				for _, body := range bodies {
					answer := p.Post(t, url, body, "x-api-key", p.APIKeys["default"].Value)
					wantRefusal(t, answer, http.StatusTooManyRequests, "PAUSED")
					assert.Equal(t, "60", answer.Header.Get("Retry-After"))
					assert.Equal(t, "https://www.example.com", answer.Header.Get("Access-Control-Allow-Origin"), "a page can read the answer")
				}
				preflight := p.Send(t, http.MethodOptions, url, nil, "Origin", "https://www.example.com")
				assert.Equal(t, http.StatusNoContent, preflight.Status)
				// What would never be accepted is refused as usual.
				wantRefusal(t, p.Post(t, url, "{}", "x-api-key", p.APIKeys["default"].Value), http.StatusBadRequest, "BAD_REQUEST_BODY")
				wantRefusal(t, p.Post(t, url, firstEvent, "x-api-key", p.APIKeys["default"].Value, "Content-Type", "text/plain"),
					http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE")
				wantRefusal(t, p.Post(t, url, firstEvent), http.StatusForbidden, "INVALID_API_KEY")
			}
		})
	}
}

func TestWhilePausedNothingIsStored(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{"paused": "true"}})
	wantRefusal(t, p.Post(t, p.URL, firstEvent), http.StatusTooManyRequests, "PAUSED")
	wantRefusal(t, p.Post(t, p.BatchURL, "["+firstEvent+"]"), http.StatusTooManyRequests, "PAUSED")
	p.Flush(t)
	assert.Empty(t, p.Lines(t, "raw/"))
	assert.Empty(t, p.Lines(t, "errors/"))
}

// deleteRole deletes the role that has this in its name, with its policies.
func deleteRole(t *testing.T, p *pipelinetest.Pipeline, part string) {
	t.Helper()
	for _, role := range p.Cloud.IAM.ListRoles() {
		if !strings.Contains(role.Name, part) {
			continue
		}
		described, err := p.Cloud.IAM.GetRole(role.Name)
		require.NoError(t, err)
		for _, policy := range described.Policies {
			require.NoError(t, p.Cloud.IAM.DeleteRolePolicy(role.Name, policy))
		}
		require.NoError(t, p.Cloud.IAM.DeleteRole(role.Name))
	}
}
