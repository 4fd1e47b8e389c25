package provider

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAChangeByOthersShowsInARefresh changes resources beside the engine, as an AWS client would.
func TestAChangeByOthersShowsInARefresh(t *testing.T) {
	for token, r := range newRegistry() {
		if r.update == nil {
			continue
		}
		change := props{}
		for name, value := range lifecycleCases[token].change {
			if r.holds(name, r.inputs[name]) {
				change[name] = value
			}
		}
		if len(change) == 0 {
			continue
		}
		t.Run(token, func(t *testing.T) {
			w := newLocalTarget(t)
			inputs := lifecycleCases[token].inputs(w)
			created := w.mustCreate(token, "x", inputs)
			changed := props{}
			for name, value := range inputs {
				changed[name] = value
			}
			for name, value := range change {
				changed[name] = value
			}
			news := w.mustCheck(token, "x", created.inputs, changed)
			in := keepComputed(r.inputs, plainValues(news), plainValues(created.outputs))
			require.NoError(t, r.update(w.server.provider.services, created.id, in))

			now := w.mustRead(created)
			for name := range change {
				key := resource.PropertyKey(name)
				_, wasGiven := created.inputs[key]
				assert.True(t, includes(plainValue(now.outputs[key]), plainValue(news[key])), "output %s", name)
				if wasGiven {
					assert.NotEqual(t, created.inputs[key], now.inputs[key], "input %s", name)
					diff := w.diff(now, created.inputs)
					assert.Equal(t, pulumirpc.DiffResponse_DIFF_SOME, diff.GetChanges(), "the program would change it back")
				}
			}
		})
	}
}
