package provider

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// everything makes a resource of each type, in one pipeline.
func (w *world) everything() []*instance {
	w.delivery()
	w.methodSettings()
	api, bucket := w.api().id, w.bucket().id
	for _, token := range newRegistry().tokens() {
		made := false
		for key := range w.parts {
			made = made || strings.HasPrefix(key, token+" ")
		}
		if !made {
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

func TestEverythingComesBackAfterAKill(t *testing.T) {
	w := newWorld(t)
	parts := w.everything()
	assert.GreaterOrEqual(t, len(parts), len(newRegistry()))
	for i, part := range parts {
		if part.token == restAPIToken { // it got its policy from a RestApiPolicy
			parts[i] = w.refreshed(part)
		}
	}
	before, err := w.server.Resources()
	require.NoError(t, err)
	invokeURL := w.stage().text("invokeUrl")

	again, err := serveWorld(t, w.killed(t))
	require.NoError(t, err)
	after, err := again.server.Resources()
	require.NoError(t, err)
	assert.Equal(t, before, after)
	again.engine = attach(t, again.server.Port())
	for _, part := range parts {
		if part.token == topicToken {
			part = again.refreshed(part) // its policy is that of its TopicPolicy, as in pulumi-aws
		}
		assertSettled(t, again, part)
	}
	answer, err := http.Post(invokeURL+"/v1", "application/json", strings.NewReader(`{"value":"30"}`))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, http.StatusOK, answer.StatusCode, "the endpoint answers before any engine has run")

	t.Run("and can be destroyed", func(t *testing.T) {
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

func TestAStageComesBackWithADeploymentThatIsYounger(t *testing.T) {
	w := newWorld(t)
	stage := w.stage()
	next := w.made(deploymentToken, "deployment", props{"restApi": w.api().id, "triggers": props{"definition": "2"}})
	w.updated(stage, props{"restApi": w.api().id, "stageName": "PROD", "deployment": next.id})
	w.deleted(w.deployment())
	again := openWorld(t, w.killed(t))
	served, err := again.cloud.APIGateway.GetStage(w.api().id, "PROD")
	require.NoError(t, err)
	assert.Equal(t, next.id, served.DeploymentID)
}

func TestAMethodComesBackWithAValidatorThatIsYounger(t *testing.T) {
	w := newWorld(t)
	method := w.method()
	w.integrationResponse()
	validator := w.made("aws:apigateway/requestValidator:RequestValidator", "v", props{"restApi": w.api().id})
	w.updated(method, w.methodKey(props{"authorization": "NONE", "requestValidatorId": validator.id}))
	again := openWorld(t, w.killed(t))
	again.made(deploymentToken, "deployment", props{"restApi": w.api().id}) // which needs the method's integration
}

func TestADeliveryStreamWhoseRoleLostItsPermissionsIsThereAfterARestart(t *testing.T) {
	w := newWorld(t)
	delivery := w.delivery()
	w.deleted(w.parts[rolePolicyToken+" firehose"])
	again := openWorld(t, w.killed(t))
	assert.NotEmpty(t, again.refreshed(delivery).id, "as in AWS, where it fails to read")
	again.deleted(delivery)
}

func TestWhatARefreshFoundGoneDoesNotComeBack(t *testing.T) {
	w := newWorld(t)
	group := w.logGroup()
	require.NoError(t, w.cloud.Logs.DeleteLogGroup("/aws/events"))
	require.Empty(t, w.refreshed(group).id)
	again := openWorld(t, w.killed(t))
	assert.Empty(t, again.cloud.Logs.DescribeLogGroups())
}

func TestTheAccountsSettingIsThereAfterARestart(t *testing.T) {
	w := newWorld(t)
	w.deleted(w.account())
	again := openWorld(t, w.killed(t))
	assert.Equal(t, w.loggingRole().output("arn"), again.cloud.APIGateway.GetAccount().CloudWatchRoleARN)

	t.Run("and may dangle", func(t *testing.T) {
		attachment := w.parts[rolePolicyAttachmentToken+" logging"]
		again.deleted(attachment)
		again.deleted(w.loggingRole())
		openWorld(t, again.killed(t))
	})
}

func TestAPortThatSomebodyElseHasTakenIsAnError(t *testing.T) {
	w := newWorld(t)
	invokeURL, err := url.Parse(w.stage().text("invokeUrl"))
	require.NoError(t, err)
	dir := w.killed(t)
	other, err := net.Listen("tcp4", invokeURL.Host)
	require.NoError(t, err)
	_, err = tryWorld(t, dir)
	require.Error(t, err)
	assert.Contains(t, err.Error(), "opening API Gateway")
	assert.Contains(t, err.Error(), fmt.Sprintf("listen tcp4 %s", invokeURL.Host))
	require.NoError(t, other.Close())
	openWorld(t, dir)
}

func TestASecondProcessIsRefused(t *testing.T) {
	w := newWorld(t)
	_, err := tryWorld(t, w.cloud.Dir())
	require.Error(t, err)
	assert.Contains(t, err.Error(), fmt.Sprintf("the state folder %s is in use by process %d", w.cloud.Dir(), os.Getpid()))
}
