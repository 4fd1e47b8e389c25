package provider

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAProgramSubscribesAnHTTPEndpoint(t *testing.T) {
	w := newLocalTarget(t)
	topic := w.mustCreate(topicToken, "topic", props{"name": "alarms"})
	subscription := w.mustCreate(topicSubscriptionToken, "subscription", props{
		"topic": topic.id, "protocol": "http", "endpoint": "http://127.0.0.1:1/alarms", "rawMessageDelivery": true,
	})
	assert.Equal(t, true, plainValue(subscription.outputs["pendingConfirmation"]))
	kept, err := w.cloud.SNS.GetSubscription(subscription.id)
	require.NoError(t, err)
	assert.True(t, kept.RawMessageDelivery)
	_, err = w.cloud.SNS.ConfirmSubscription(topic.id, kept.Token, true, false)
	require.NoError(t, err)
	now := w.mustRead(subscription)
	assert.Equal(t, false, plainValue(now.outputs["pendingConfirmation"]))
	assert.Equal(t, true, plainValue(now.outputs["confirmationWasAuthenticated"]))
}
