package provider

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
)

// localTarget is a provider over the services, with an engine attached. Its methods create the parts of a pipeline when
// they are first called.
type localTarget struct {
	*engine
	cloud  *aws.Cloud
	server *Server
	parts  map[string]*instance
	closed bool
}

// start is when the clock of a local target begins.
var start = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

// openLocalTarget opens the state folder and attaches an engine.
func openLocalTarget(t *testing.T, dir string) *localTarget {
	t.Helper()
	w, err := tryOpenLocalTarget(t, dir)
	require.NoError(t, err)
	return w
}

func tryOpenLocalTarget(t *testing.T, dir string) (*localTarget, error) {
	t.Helper()
	w, err := serveLocalTarget(t, dir, clockwork.NewFakeClockAt(start))
	if err == nil {
		w.engine = attach(t, w.server.Port())
	}
	return w, err
}

// serveLocalTarget opens the state folder without an engine.
func serveLocalTarget(t *testing.T, dir string, clock clockwork.Clock) (*localTarget, error) {
	t.Helper()
	c, err := aws.Open(aws.Options{Dir: dir, Account: testAccount, Clock: clock})
	if err != nil {
		return nil, err
	}
	s, err := Serve(c)
	if err != nil {
		require.NoError(t, c.Close(context.Background()))
		return nil, err
	}
	w := &localTarget{cloud: c, server: s, parts: map[string]*instance{}}
	t.Cleanup(func() { w.close(t) })
	return w, nil
}

// close closes the provider and the services, as Ctrl-C does.
func (w *localTarget) close(t *testing.T) {
	t.Helper()
	if !w.closed {
		w.closed = true
		require.NoError(t, w.server.Close())
		require.NoError(t, w.cloud.Close(context.Background()))
	}
}

// kill returns a copy of the state folder as kill -9 would leave it, and closes the local target to free its ports.
func (w *localTarget) kill(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.CopyFS(dir, os.DirFS(w.cloud.Dir())))
	w.closed = true
	require.NoError(t, w.server.Close())
	_ = w.cloud.Close(context.Background()) // a process that is killed does not complain
	return dir
}

func newLocalTarget(t *testing.T) *localTarget {
	t.Helper()
	return openLocalTarget(t, t.TempDir())
}

// part creates a resource unless it exists.
func (w *localTarget) part(token, name string, inputs func() props) *instance {
	w.t.Helper()
	key := token + " " + name
	if w.parts[key] == nil {
		w.parts[key] = w.mustCreate(token, name, inputs())
	}
	return w.parts[key]
}

const account, regionName = "123456789012", "eu-west-1"

// trust is a policy that lets a service assume a role.
func trust(service string) props {
	return props{"Version": "2012-10-17", "Statement": []any{props{
		"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": props{"Service": service},
	}}}
}

func allow(resource string, actions ...any) props {
	return props{"Version": "2012-10-17", "Statement": []any{
		props{"Effect": "Allow", "Action": actions, "Resource": resource},
	}}
}

func (w *localTarget) role(name, service string) *instance {
	return w.part(roleToken, name, func() props { return props{"name": name, "assumeRolePolicy": trust(service)} })
}

func (w *localTarget) rolePolicy(role *instance, resource string, actions ...any) *instance {
	return w.part(rolePolicyToken, role.name, func() props {
		return props{"name": "grants", "role": role.id, "policy": allow(resource, actions...)}
	})
}

func (w *localTarget) stream() *instance {
	return w.part(streamToken, "events", func() props { return props{"name": "events", "shardCount": 1} })
}

func (w *localTarget) bucket() *instance {
	return w.part(bucketToken, "archive", func() props { return props{"bucket": "archive", "forceDestroy": true} })
}

func (w *localTarget) logGroup() *instance {
	return w.part(logGroupToken, "log", func() props { return props{"name": "/aws/events", "retentionInDays": 7} })
}

func (w *localTarget) logStream() *instance {
	return w.part(logStreamToken, "log", func() props {
		return props{"name": "S3Delivery", "logGroupName": w.logGroup().output("name")}
	})
}

// firehoseRole is a role that may read the stream and write the bucket, with its policy.
func (w *localTarget) firehoseRole() *instance {
	role := w.role("firehose", "firehose.amazonaws.com")
	w.rolePolicy(role, "*", "kinesis:*", "s3:*", "logs:*")
	return role
}

func (w *localTarget) deliveryInputs() props {
	role := w.firehoseRole()
	return props{
		"name": "delivery", "destination": "extended_s3",
		"kinesisSourceConfiguration": props{"kinesisStreamArn": w.stream().output("arn"), "roleArn": role.output("arn")},
		"extendedS3Configuration": props{
			"bucketArn": w.bucket().output("arn"), "roleArn": role.output("arn"), "prefix": "raw/",
			"errorOutputPrefix": "failed/", "bufferingInterval": 60, "bufferingSize": 1, "compressionFormat": "GZIP",
			"cloudwatchLoggingOptions": props{
				"enabled": true, "logGroupName": w.logGroup().output("name"), "logStreamName": w.logStream().output("name"),
			},
		},
	}
}

func (w *localTarget) delivery() *instance {
	return w.part(deliveryStreamToken, "delivery", w.deliveryInputs)
}

func (w *localTarget) api() *instance {
	return w.part(restAPIToken, "api", func() props {
		return props{"name": "ingest", "endpointConfiguration": props{"types": "REGIONAL"}}
	})
}

func (w *localTarget) resource() *instance {
	return w.part(resourceToken, "v1", func() props {
		return props{"restApi": w.api().id, "parentId": w.api().output("rootResourceId"), "pathPart": "v1"}
	})
}

func (w *localTarget) methodKey(more props) props {
	key := props{"restApi": w.api().id, "resourceId": w.resource().id, "httpMethod": "POST"}
	for name, value := range more {
		key[name] = value
	}
	return key
}

func (w *localTarget) method() *instance {
	return w.part(methodToken, "post", func() props { return w.methodKey(props{"authorization": "NONE"}) })
}

func (w *localTarget) methodResponse() *instance {
	w.method()
	return w.part(methodResponseToken, "post-200", func() props { return w.methodKey(props{"statusCode": "200"}) })
}

// senderRole is the role that the integration runs with.
func (w *localTarget) senderRole() *instance {
	role := w.role("sender", "apigateway.amazonaws.com")
	w.rolePolicy(role, w.stream().text("arn"), "kinesis:PutRecord")
	return role
}

func (w *localTarget) integrationInputs() props {
	w.method()
	return w.methodKey(props{
		"type": "AWS", "integrationHttpMethod": "POST", "passthroughBehavior": "NEVER",
		"uri":         "arn:aws:apigateway:" + regionName + ":kinesis:action/PutRecord",
		"credentials": w.senderRole().output("arn"),
		"requestParameters": props{
			"integration.request.header.Content-Type": "'application/x-amz-json-1.1'",
		},
		"requestTemplates": props{"application/json": `{"StreamName":"events","PartitionKey":"$context.requestId",` +
			`"Data":"$util.base64Encode($input.json('$'))"}`},
	})
}

func (w *localTarget) integration() *instance {
	return w.part(integrationToken, "post", w.integrationInputs)
}

func (w *localTarget) integrationResponse() *instance {
	w.methodResponse()
	w.integration()
	return w.part(integrationResponseToken, "post-200", func() props {
		return w.methodKey(props{"statusCode": "200", "selectionPattern": "200"})
	})
}

func (w *localTarget) deployment() *instance {
	w.integrationResponse()
	return w.part(deploymentToken, "deployment", func() props {
		return props{"restApi": w.api().id, "triggers": props{"definition": "1"}}
	})
}

func (w *localTarget) stage() *instance {
	return w.part(stageToken, "prod", func() props {
		return props{"restApi": w.api().id, "stageName": "PROD", "deployment": w.deployment().id}
	})
}

// loggingRole is a role with which API Gateway may write logs.
func (w *localTarget) loggingRole() *instance {
	role := w.role("logging", "apigateway.amazonaws.com")
	w.part(rolePolicyAttachmentToken, "logging", func() props {
		return props{"role": role.id, "policyArn": "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"}
	})
	return role
}

func (w *localTarget) account() *instance {
	return w.part(accountToken, "account", func() props {
		return props{"cloudwatchRoleArn": w.loggingRole().output("arn")}
	})
}

func (w *localTarget) methodSettings() *instance {
	w.account()
	return w.part(methodSettingsToken, "all", func() props {
		return props{
			"restApi": w.api().id, "stageName": w.stage().output("stageName"), "methodPath": "*/*",
			"settings": props{"loggingLevel": "INFO"},
		}
	})
}

func (w *localTarget) usagePlan() *instance {
	return w.part(usagePlanToken, "plan", func() props {
		return props{"name": "plan", "apiStages": []any{props{"apiId": w.api().id, "stage": w.stage().output("stageName")}}}
	})
}

func (w *localTarget) apiKey() *instance {
	return w.part(apiKeyToken, "key", func() props { return props{"name": "key"} })
}

const (
	accountToken             = "aws:apigateway/account:Account"
	logGroupToken            = "aws:cloudwatch/logGroup:LogGroup"
	methodResponseToken      = "aws:apigateway/methodResponse:MethodResponse"
	methodToken              = "aws:apigateway/method:Method"
	methodSettingsToken      = "aws:apigateway/methodSettings:MethodSettings"
	integrationResponseToken = "aws:apigateway/integrationResponse:IntegrationResponse"
	resourceToken            = "aws:apigateway/resource:Resource"
	usagePlanToken           = "aws:apigateway/usagePlan:UsagePlan"
)
