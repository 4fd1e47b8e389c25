package provider

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// createAll creates a resource of each type, in one pipeline.
func (w *localTarget) createAll() []*instance {
	w.delivery()
	w.methodSettings()
	api, bucket := w.api().id, w.bucket().id
	for _, token := range newRegistry().tokens() {
		created := false
		for key := range w.parts {
			created = created || strings.HasPrefix(key, token+" ")
		}
		if !created {
			w.part(token, "x", func() props { return lifecycleCases[token].inputs(w) })
		}
	}
	require.NotEmpty(w.t, api+bucket)
	parts := []*instance{}
	for _, part := range w.parts {
		parts = append(parts, part)
	}
	return parts
}

func TestAllResourcesSurviveAKill(t *testing.T) {
	w := newLocalTarget(t)
	parts := w.createAll()
	assert.GreaterOrEqual(t, len(parts), len(newRegistry()))
	for i, part := range parts {
		if part.token == restAPIToken { // it got its policy from a RestApiPolicy
			parts[i] = w.mustRead(part)
		}
	}
	before, err := w.server.Resources()
	require.NoError(t, err)
	invokeURL := w.stage().text("invokeUrl")

	again, err := serveLocalTarget(t, w.kill(t), clockwork.NewFakeClockAt(start))
	require.NoError(t, err)
	after, err := again.server.Resources()
	require.NoError(t, err)
	assert.Equal(t, before, after)
	again.engine = attach(t, again.server.Port())
	for _, part := range parts {
		if part.token == topicToken {
			part = again.mustRead(part) // its policy is that of its TopicPolicy, as in pulumi-aws
		}
		assertSettled(t, again, part)
	}
	answer, err := http.Post(invokeURL+"/v1", "application/json", strings.NewReader(`{"value":"30"}`))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, http.StatusOK, answer.StatusCode, "the endpoint answers before any engine has run")

	t.Run("and can then be deleted", func(t *testing.T) {
		for len(parts) > 0 {
			left := []*instance{}
			var last error
			for _, part := range parts {
				if err := again.delete(part); err != nil {
					left, last = append(left, part), err
				}
			}
			require.Less(t, len(left), len(parts), "nothing more can be deleted: %v", last)
			parts = left
		}
		remaining, err := again.server.Resources()
		require.NoError(t, err)
		for _, r := range remaining {
			assert.Contains(t, r.Outputs["arn"], "log-group:API-Gateway-Execution-Logs_", "API Gateway leaves its logs, as in AWS")
		}
	})
}

func TestAStageSurvivesAKillWithANewerDeployment(t *testing.T) {
	w := newLocalTarget(t)
	stage := w.stage()
	next := w.mustCreate(deploymentToken, "deployment", props{"restApi": w.api().id, "triggers": props{"definition": "2"}})
	w.mustUpdate(stage, props{"restApi": w.api().id, "stageName": "PROD", "deployment": next.id})
	w.mustDelete(w.deployment())
	again := openLocalTarget(t, w.kill(t))
	served, err := again.cloud.APIGateway.GetStage(w.api().id, "PROD")
	require.NoError(t, err)
	assert.Equal(t, next.id, served.DeploymentID)
}

func TestAMethodSurvivesAKillWithANewerValidator(t *testing.T) {
	w := newLocalTarget(t)
	method := w.method()
	w.integrationResponse()
	validator := w.mustCreate("aws:apigateway/requestValidator:RequestValidator", "v", props{"restApi": w.api().id})
	w.mustUpdate(method, w.methodKey(props{"authorization": "NONE", "requestValidatorId": validator.id}))
	again := openLocalTarget(t, w.kill(t))
	again.mustCreate(deploymentToken, "deployment", props{"restApi": w.api().id}) // which needs the method's integration
}

func TestADeliveryStreamSurvivesAKillAfterItsRoleLostItsPermissions(t *testing.T) {
	w := newLocalTarget(t)
	delivery := w.delivery()
	w.mustDelete(w.parts[rolePolicyToken+" firehose"])
	again := openLocalTarget(t, w.kill(t))
	assert.NotEmpty(t, again.mustRead(delivery).id, "as in AWS, where it fails to read")
	again.mustDelete(delivery)
}

func TestAResourceThatARefreshFoundDeletedStaysDeletedAfterAKill(t *testing.T) {
	w := newLocalTarget(t)
	group := w.logGroup()
	require.NoError(t, w.cloud.Logs.DeleteLogGroup("/aws/events"))
	require.Empty(t, w.mustRead(group).id)
	again := openLocalTarget(t, w.kill(t))
	assert.Empty(t, again.cloud.Logs.DescribeLogGroups())
}

func TestTheAccountsSettingSurvivesAKill(t *testing.T) {
	w := newLocalTarget(t)
	w.mustDelete(w.account())
	again := openLocalTarget(t, w.kill(t))
	assert.Equal(t, w.loggingRole().output("arn"), again.cloud.APIGateway.GetAccount().CloudWatchRoleARN)

	t.Run("even if its role is deleted", func(t *testing.T) {
		attachment := w.parts[rolePolicyAttachmentToken+" logging"]
		again.mustDelete(attachment)
		again.mustDelete(w.loggingRole())
		openLocalTarget(t, again.kill(t))
	})
}

func TestAPortInUseByAnotherProcessIsAnError(t *testing.T) {
	w := newLocalTarget(t)
	invokeURL, err := url.Parse(w.stage().text("invokeUrl"))
	require.NoError(t, err)
	dir := w.kill(t)
	other, err := net.Listen("tcp4", invokeURL.Host)
	require.NoError(t, err)
	_, err = tryOpenLocalTarget(t, dir)
	require.Error(t, err)
	assert.Contains(t, err.Error(), "opening API Gateway")
	assert.Contains(t, err.Error(), fmt.Sprintf("listen tcp4 %s", invokeURL.Host))
	require.NoError(t, other.Close())
	openLocalTarget(t, dir)
}

func TestASecondProcessIsRefused(t *testing.T) {
	w := newLocalTarget(t)
	_, err := tryOpenLocalTarget(t, w.cloud.Dir())
	require.Error(t, err)
	assert.Contains(t, err.Error(), fmt.Sprintf("the state folder %s is in use by process %d", w.cloud.Dir(), os.Getpid()))
}
