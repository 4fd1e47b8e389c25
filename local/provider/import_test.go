package provider

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// importID returns the id with which a resource is imported, as the Go SDK of pulumi-aws 6.83.0 documents it for its type.
var importID = map[string]func(i *instance) string{
	accountToken:                 func(*instance) string { return "api-gateway-account" },
	apiKeyToken:                  itsID,
	deploymentToken:              func(i *instance) string { return i.text("restApi") + "/" + i.id },
	integrationToken:             joined("restApi", "resourceId", "httpMethod"),
	integrationResponseToken:     joined("restApi", "resourceId", "httpMethod", "statusCode"),
	methodToken:                  joined("restApi", "resourceId", "httpMethod"),
	methodResponseToken:          joined("restApi", "resourceId", "httpMethod", "statusCode"),
	methodSettingsToken:          joined("restApi", "stageName", "methodPath"),
	"aws:apigateway/model:Model": joined("restApi", "name"),
	"aws:apigateway/requestValidator:RequestValidator": func(i *instance) string { return i.text("restApi") + "/" + i.id },
	resourceToken:                      func(i *instance) string { return i.text("restApi") + "/" + i.id },
	"aws:apigateway/response:Response": joined("restApiId", "responseType"),
	restAPIToken:                       itsID,
	"aws:apigateway/restApiPolicy:RestApiPolicy": itsID,
	stageToken:                           joined("restApi", "stageName"),
	usagePlanToken:                       itsID,
	usagePlanKeyToken:                    func(i *instance) string { return i.text("usagePlanId") + "/" + i.id },
	workgroupToken:                       itsID,
	"aws:cloudwatch/dashboard:Dashboard": itsID,
	logGroupToken:                        itsID,
	"aws:cloudwatch/logMetricFilter:LogMetricFilter": func(i *instance) string { return i.text("logGroupName") + ":" + i.text("name") },
	logStreamToken:                           func(i *instance) string { return i.text("logGroupName") + ":" + i.text("name") },
	"aws:cloudwatch/metricAlarm:MetricAlarm": itsID,
	instanceToken:                            itsID,
	securityGroupToken:                       itsID,
	catalogDatabaseToken:                     func(i *instance) string { return account + ":" + i.text("name") },
	catalogTableToken:                        func(i *instance) string { return account + ":" + i.text("databaseName") + ":" + i.text("name") },
	instanceProfileToken:                     itsID,
	roleToken:                                itsID,
	rolePolicyToken:                          func(i *instance) string { return i.text("role") + ":" + i.text("name") },
	rolePolicyAttachmentToken:                joined("role", "policyArn"),
	deliveryStreamToken:                      func(i *instance) string { return i.text("arn") },
	streamToken:                              func(i *instance) string { return i.text("name") },
	aliasToken:                               func(i *instance) string { return i.text("name") },
	keyToken:                                 func(i *instance) string { return i.text("keyId") },
	bucketToken:                              itsID,
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       itsID,
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     itsID,
	"aws:s3/bucketPolicy:BucketPolicy":                                                           itsID,
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                                     itsID,
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": itsID,
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                                               itsID,
	topicToken:             func(i *instance) string { return i.text("arn") },
	topicPolicyToken:       func(i *instance) string { return i.text("arn") },
	topicSubscriptionToken: func(i *instance) string { return i.text("arn") },
}

func itsID(i *instance) string { return i.id }

// joined returns the values of these properties, with "/" between them.
func joined(names ...string) func(*instance) string {
	return func(i *instance) string {
		values := make([]string, len(names))
		for n, name := range names {
			values[n] = i.text(name)
		}
		return strings.Join(values, "/")
	}
}

func TestEveryTypeIsImportedByTheIDThatPulumiDocuments(t *testing.T) {
	for token, r := range newRegistry() {
		t.Run(token, func(t *testing.T) {
			require.Contains(t, importID, token, "its id is not tested")
			w := newLocalTarget(t)
			declared := lifecycleCases[token].inputs(w)
			delete(declared, "triggers") // of a deployment: AWS never sees them
			created := w.mustCreate(token, "x", declared)
			ids := []string{importID[token](created)}
			if _, _, err := r.parseID(services{Cloud: w.cloud}, created.id); err == nil {
				ids = append(ids, created.id)
			}
			for _, id := range ids {
				imported := w.mustRead(&instance{token: token, name: "x", id: id})
				if token == rolePolicyAttachmentToken {
					imported.id = created.id // its id is random, and another one when it is imported, as in pulumi-aws
				}
				require.Equal(t, created.id, imported.id)
				assertImported(t, w, created, imported)
			}
			assert.Empty(t, w.mustRead(&instance{token: token, name: "x", id: missingID(importID[token](created))}).id,
				"what does not exist is not imported")
		})
	}
}

// assertImported checks that the program which declared a resource finds nothing to change once it is imported.
func assertImported(t *testing.T, w *localTarget, created, imported *instance) {
	t.Helper()
	assert.Equal(t, created.outputs, imported.outputs)
	checked := w.mustCheck(created.token, created.name, imported.inputs, asProps(created.inputs))
	diff := w.diff(imported, checked)
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, diff.GetChanges(), "%v", diff.GetDetailedDiff())
	own := w.mustCheck(created.token, created.name, imported.inputs, asProps(imported.inputs))
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
func missingID(id string) string {
	if strings.HasSuffix(id, "0") {
		return id[:len(id)-1] + "1"
	}
	return id[:len(id)-1] + "0"
}
