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

// world is a provider over a real cloud, with an engine attached. The parts of a pipeline are made when they are asked
// for, each once.
type world struct {
	*engine
	cloud  *aws.Cloud
	server *Server
	parts  map[string]*instance
	ended  bool
}

// start is when the clock of a world begins.
var start = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

// openWorld opens the state folder and attaches an engine.
func openWorld(t *testing.T, dir string) *world {
	t.Helper()
	w, err := tryWorld(t, dir)
	require.NoError(t, err)
	return w
}

func tryWorld(t *testing.T, dir string) (*world, error) {
	t.Helper()
	w, err := serveWorld(t, dir)
	if err == nil {
		w.engine = attach(t, w.server.Port())
	}
	return w, err
}

// serveWorld opens the state folder without an engine.
func serveWorld(t *testing.T, dir string) (*world, error) {
	t.Helper()
	c, err := aws.Open(aws.Options{Dir: dir, Account: testAccount, Clock: clockwork.NewFakeClockAt(start)})
	if err != nil {
		return nil, err
	}
	s, err := Serve(c)
	if err != nil {
		require.NoError(t, c.Close(context.Background()))
		return nil, err
	}
	w := &world{cloud: c, server: s, parts: map[string]*instance{}}
	t.Cleanup(func() { w.close(t) })
	return w, nil
}

// close ends the provider and the cloud, as at Ctrl-C.
func (w *world) close(t *testing.T) {
	t.Helper()
	if !w.ended {
		w.ended = true
		require.NoError(t, w.server.Close())
		require.NoError(t, w.cloud.Close(context.Background()))
	}
}

// killed returns a copy of the state folder as it is at this moment, as after kill -9, and ends the world so that its
// ports are free.
func (w *world) killed(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.CopyFS(dir, os.DirFS(w.cloud.Dir())))
	w.ended = true
	require.NoError(t, w.server.Close())
	_ = w.cloud.Close(context.Background()) // a process that is killed does not complain
	return dir
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return openWorld(t, t.TempDir())
}

// part makes a resource if it is not there yet.
func (w *world) part(token, name string, inputs func() props) *instance {
	w.t.Helper()
	key := token + " " + name
	if w.parts[key] == nil {
		w.parts[key] = w.made(token, name, inputs())
	}
	return w.parts[key]
}

const account, regionName = "123456789012", "eu-west-1"

// trust is the policy of a role that this service may assume.
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

func (w *world) role(name, service string) *instance {
	return w.part(roleToken, name, func() props { return props{"name": name, "assumeRolePolicy": trust(service)} })
}

func (w *world) rolePolicy(role *instance, resource string, actions ...any) *instance {
	return w.part(rolePolicyToken, role.name, func() props {
		return props{"name": "grants", "role": role.id, "policy": allow(resource, actions...)}
	})
}

func (w *world) stream() *instance {
	return w.part(streamToken, "events", func() props { return props{"name": "events", "shardCount": 1} })
}

func (w *world) bucket() *instance {
	return w.part(bucketToken, "archive", func() props { return props{"bucket": "archive", "forceDestroy": true} })
}

func (w *world) logGroup() *instance {
	return w.part(logGroupToken, "log", func() props { return props{"name": "/aws/events", "retentionInDays": 7} })
}

func (w *world) logStream() *instance {
	return w.part(logStreamToken, "log", func() props {
		return props{"name": "S3Delivery", "logGroupName": w.logGroup().output("name")}
	})
}

// firehoseRole is a role that may read the stream and write the bucket, with its policy.
func (w *world) firehoseRole() *instance {
	role := w.role("firehose", "firehose.amazonaws.com")
	w.rolePolicy(role, "*", "kinesis:*", "s3:*", "logs:*")
	return role
}

func (w *world) deliveryInputs() props {
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

func (w *world) delivery() *instance {
	return w.part(deliveryStreamToken, "delivery", w.deliveryInputs)
}

func (w *world) api() *instance {
	return w.part(restAPIToken, "api", func() props {
		return props{"name": "ingest", "endpointConfiguration": props{"types": "REGIONAL"}}
	})
}

func (w *world) resource() *instance {
	return w.part(resourceToken, "v1", func() props {
		return props{"restApi": w.api().id, "parentId": w.api().output("rootResourceId"), "pathPart": "v1"}
	})
}

func (w *world) methodKey(more props) props {
	key := props{"restApi": w.api().id, "resourceId": w.resource().id, "httpMethod": "POST"}
	for name, value := range more {
		key[name] = value
	}
	return key
}

func (w *world) method() *instance {
	return w.part(methodToken, "post", func() props { return w.methodKey(props{"authorization": "NONE"}) })
}

func (w *world) methodResponse() *instance {
	w.method()
	return w.part(methodResponseToken, "post-200", func() props { return w.methodKey(props{"statusCode": "200"}) })
}

// senderRole is the role that the integration runs with.
func (w *world) senderRole() *instance {
	role := w.role("sender", "apigateway.amazonaws.com")
	w.rolePolicy(role, w.stream().text("arn"), "kinesis:PutRecord")
	return role
}

func (w *world) integrationInputs() props {
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

func (w *world) integration() *instance {
	return w.part(integrationToken, "post", w.integrationInputs)
}

func (w *world) integrationResponse() *instance {
	w.methodResponse()
	w.integration()
	return w.part(integrationResponseToken, "post-200", func() props {
		return w.methodKey(props{"statusCode": "200", "selectionPattern": "200"})
	})
}

func (w *world) deployment() *instance {
	w.integrationResponse()
	return w.part(deploymentToken, "deployment", func() props {
		return props{"restApi": w.api().id, "triggers": props{"definition": "1"}}
	})
}

func (w *world) stage() *instance {
	return w.part(stageToken, "prod", func() props {
		return props{"restApi": w.api().id, "stageName": "PROD", "deployment": w.deployment().id}
	})
}

// loggingRole is a role with which API Gateway may write logs.
func (w *world) loggingRole() *instance {
	role := w.role("logging", "apigateway.amazonaws.com")
	w.part(rolePolicyAttachmentToken, "logging", func() props {
		return props{"role": role.id, "policyArn": "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"}
	})
	return role
}

func (w *world) account() *instance {
	return w.part(accountToken, "account", func() props {
		return props{"cloudwatchRoleArn": w.loggingRole().output("arn")}
	})
}

func (w *world) methodSettings() *instance {
	w.account()
	return w.part(methodSettingsToken, "all", func() props {
		return props{
			"restApi": w.api().id, "stageName": w.stage().output("stageName"), "methodPath": "*/*",
			"settings": props{"loggingLevel": "INFO"},
		}
	})
}

func (w *world) usagePlan() *instance {
	return w.part(usagePlanToken, "plan", func() props {
		return props{"name": "plan", "apiStages": []any{props{"apiId": w.api().id, "stage": w.stage().output("stageName")}}}
	})
}

func (w *world) apiKey() *instance {
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
