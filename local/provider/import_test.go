package provider

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// importID returns the id with which pulumi-aws documents that a resource is imported.
var importID = map[string]func(i *instance) string{
	streamToken: func(i *instance) string { return i.text("name") },
}

func TestEveryTypeIsImportedByTheIDThatPulumiDocuments(t *testing.T) {
	for token, r := range newRegistry() {
		if r.implementation == nil {
			continue
		}
		t.Run(token, func(t *testing.T) {
			require.Contains(t, importID, token, "its id is not tested")
			w := newWorld(t)
			declared := livingCases[token].inputs(w)
			created := w.made(token, "x", declared)
			for _, id := range []string{importID[token](created), created.id} {
				imported := w.refreshed(&instance{token: token, name: "x", id: id})
				require.Equal(t, created.id, imported.id)
				assertImported(t, w, created, imported)
			}
			assert.Empty(t, w.refreshed(&instance{token: token, name: "x", id: missingID(importID[token](created))}).id,
				"what does not exist is not imported")
		})
	}
}

// assertImported checks that the program which declared a resource finds nothing to change once it is imported.
func assertImported(t *testing.T, w *world, created, imported *instance) {
	t.Helper()
	assert.Equal(t, created.outputs, imported.outputs)
	checked := w.checked(created.token, created.name, imported.inputs, asProps(created.inputs))
	diff := w.diff(imported, checked)
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, diff.GetChanges(), "%v", diff.GetDetailedDiff())
	own := w.checked(created.token, created.name, imported.inputs, asProps(imported.inputs))
	diff = w.diff(imported, own)
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, diff.GetChanges(), "the program of its inputs: %v", diff.GetDetailedDiff())
}

// asProps are inputs as a program gives them.
func asProps(inputs resource.PropertyMap) props {
	in := props{}
	for key, value := range inputs {
		if key != defaultsKey {
			in[string(key)] = value
		}
	}
	return in
}

// missingID is an id of the same form that no resource has.
func missingID(id string) string { return id[:len(id)-1] + "0" }
