package provider

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/cloudwatch"
)

func (w *localTarget) topic() *instance {
	return w.part(topicToken, "alarms", func() props { return props{"name": "alarms"} })
}

func (w *localTarget) alarmInputs() props {
	return props{
		"name": "throttled", "namespace": "AWS/Kinesis", "metricName": "WriteProvisionedThroughputExceeded",
		"dimensions": props{"StreamName": w.stream().output("name")}, "statistic": "Sum", "period": 60,
		"evaluationPeriods": 1, "comparisonOperator": "GreaterThanThreshold", "threshold": 0,
		"treatMissingData": "notBreaching", "alarmActions": []any{w.topic().output("arn")},
	}
}

func (w *localTarget) database() *instance {
	return w.part(catalogDatabaseToken, "archive", func() props { return props{"name": "archive"} })
}

func (w *localTarget) key() *instance {
	return w.part(keyToken, "key", func() props { return props{"deletionWindowInDays": 7} })
}

func (w *localTarget) profile() *instance {
	return w.part(instanceProfileToken, "source", func() props {
		return props{"name": "source", "role": w.role("source", "ec2.amazonaws.com").output("name")}
	})
}

func (w *localTarget) securityGroup() *instance {
	return w.part(securityGroupToken, "closed", func() props {
		return props{"egress": []any{props{"fromPort": 443, "toPort": 443, "protocol": "tcp", "cidrBlocks": []any{"0.0.0.0/0"}}}}
	})
}

func init() {
	const hex17 = `[0-9a-f]{17}`
	maps.Copy(lifecycleCases, map[string]lifecycleCase{
		metricAlarmToken: {
			inputs:  func(w *localTarget) props { return w.alarmInputs() },
			change:  props{"threshold": 5.5},
			id:      `^throttled$`,
			outputs: map[string]string{"arn": `^arn:aws:cloudwatch:eu-west-1:123456789012:alarm:throttled$`, "tagsAll": emptyTable},
		},
		"aws:cloudwatch/dashboard:Dashboard": {
			inputs:  func(*localTarget) props { return props{"dashboardName": "pipeline", "dashboardBody": `{"widgets":[]}`} },
			change:  props{"dashboardBody": `{"widgets":[{"type":"text","properties":{"markdown":"x"}}]}`},
			id:      `^pipeline$`,
			outputs: map[string]string{"dashboardArn": `^arn:aws:cloudwatch::123456789012:dashboard/pipeline$`},
		},
		logMetricFilterToken: {
			inputs: func(w *localTarget) props {
				return props{
					"logGroupName": w.logGroup().output("name"), "pattern": `{ $.status = "429" }`,
					"metricTransformation": props{"name": "Throttled", "namespace": "events", "value": "1", "defaultValue": "0"},
				}
			},
			change: props{"pattern": `{ $.status = 429 }`},
			id:     `^x-[0-9a-f]{7}$`,
		},
		topicToken: {
			inputs: func(*localTarget) props { return props{} },
			change: props{"displayName": "Alarms"},
			id:     `^arn:aws:sns:eu-west-1:123456789012:x-[0-9a-f]{7}$`,
			outputs: map[string]string{
				"arn": `^arn:aws:sns:`, "owner": `^123456789012$`, "policy": `__default_policy_ID`, "tagsAll": emptyTable,
			},
		},
		topicPolicyToken: {
			inputs: func(w *localTarget) props {
				return props{"arn": w.topic().output("arn"), "policy": topicPolicy("cloudwatch.amazonaws.com")}
			},
			change:  props{"policy": topicPolicy("events.amazonaws.com")},
			id:      `^arn:aws:sns:eu-west-1:123456789012:alarms$`,
			outputs: map[string]string{"owner": `^123456789012$`},
		},
		topicSubscriptionToken: {
			inputs: func(w *localTarget) props {
				return props{"topic": w.topic().output("arn"), "protocol": "email", "endpoint": "ops@example.com"}
			},
			change:  props{"confirmationTimeoutInMinutes": 2},
			id:      `^arn:aws:sns:eu-west-1:123456789012:alarms:[0-9a-f-]{36}$`,
			outputs: map[string]string{"pendingConfirmation": `^true$`, "ownerId": `^123456789012$`},
		},
		catalogDatabaseToken: {
			inputs:  func(*localTarget) props { return props{} },
			change:  props{"description": "the archive"},
			id:      `^123456789012:x-[0-9a-f]{7}$`,
			outputs: map[string]string{"arn": `^arn:aws:glue:eu-west-1:123456789012:database/x-[0-9a-f]{7}$`, "catalogId": `^123456789012$`},
		},
		catalogTableToken: {
			inputs: func(w *localTarget) props {
				return props{
					"name": "events", "databaseName": w.database().output("name"), "tableType": "EXTERNAL_TABLE",
					"parameters":    props{"projection.enabled": "true"},
					"partitionKeys": []any{props{"name": "day", "type": "string"}},
					"storageDescriptor": props{
						"location": "s3://archive/raw/", "columns": []any{props{"name": "value", "type": "string"}},
						"inputFormat": "org.apache.hadoop.mapred.TextInputFormat",
						"serDeInfo":   props{"serializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
					},
				}
			},
			change:  props{"description": "the events"},
			id:      `^123456789012:archive:events$`,
			outputs: map[string]string{"arn": `^arn:aws:glue:eu-west-1:123456789012:table/archive/events$`},
		},
		workgroupToken: {
			inputs: func(*localTarget) props {
				return props{"configuration": props{"resultConfiguration": props{"outputLocation": "s3://archive/athena/"}}}
			},
			change:  props{"description": "queries of the archive"},
			id:      `^x-[0-9a-f]{7}$`,
			outputs: map[string]string{"arn": `^arn:aws:athena:eu-west-1:123456789012:workgroup/x-[0-9a-f]{7}$`},
		},
		keyToken: {
			inputs:  func(*localTarget) props { return props{"description": "of the pipeline", "enableKeyRotation": true} },
			change:  props{"description": "of the events"},
			id:      `^[0-9a-f-]{36}$`,
			outputs: map[string]string{"arn": `^arn:aws:kms:eu-west-1:123456789012:key/[0-9a-f-]{36}$`, "policy": `key-default-1`},
		},
		aliasToken: {
			inputs: func(w *localTarget) props { return props{"targetKeyId": w.key().output("keyId")} },
			id:     `^alias/x-[0-9a-f]{7}$`,
			outputs: map[string]string{
				"arn":          `^arn:aws:kms:eu-west-1:123456789012:alias/x-[0-9a-f]{7}$`,
				"targetKeyArn": `^arn:aws:kms:eu-west-1:123456789012:key/[0-9a-f-]{36}$`,
			},
		},
		securityGroupToken: {
			inputs:  func(*localTarget) props { return props{} },
			change:  props{"ingress": []any{props{"fromPort": 22, "toPort": 22, "protocol": "tcp"}}},
			id:      `^sg-` + hex17 + `$`,
			outputs: map[string]string{"arn": `^arn:aws:ec2:eu-west-1:123456789012:security-group/sg-` + hex17 + `$`, "vpcId": `^vpc-0{17}$`},
		},
		instanceToken: {
			inputs: func(w *localTarget) props {
				return props{
					"ami": "ami-0123456789abcdef0", "instanceType": "t4g.nano", "iamInstanceProfile": w.profile().output("name"),
					"vpcSecurityGroupIds": []any{w.securityGroup().id}, "userData": "#!/bin/sh\n",
					"metadataOptions": props{"httpTokens": "required"},
				}
			},
			change:  props{"userData": "#!/bin/sh\ntrue\n"},
			id:      `^i-` + hex17 + `$`,
			outputs: map[string]string{"arn": `^arn:aws:ec2:eu-west-1:123456789012:instance/i-` + hex17 + `$`, "instanceState": `^stopped$`},
		},
		instanceProfileToken: {
			inputs:  func(w *localTarget) props { return props{"role": w.role("source", "ec2.amazonaws.com").output("name")} },
			change:  props{"tags": props{"team": "data"}},
			id:      `^x-[0-9a-f]{7}$`,
			outputs: map[string]string{"arn": `^arn:aws:iam::123456789012:instance-profile/x-[0-9a-f]{7}$`, "uniqueId": `^AIPA[2-7A-Z]{17}$`, "createDate": day},
		},
	})
}

func topicPolicy(service string) props {
	return props{"Version": "2012-10-17", "Statement": []any{props{
		"Effect": "Allow", "Principal": props{"Service": service}, "Action": "sns:Publish",
		"Resource": "arn:aws:sns:eu-west-1:123456789012:alarms",
	}}}
}

func TestAnAlarmOfTheProgramIsOneOfCloudWatch(t *testing.T) {
	w := newLocalTarget(t)
	inputs := w.alarmInputs()
	inputs["datapointsToAlarm"], inputs["actionsEnabled"] = 1, false
	w.mustCreate(metricAlarmToken, "throttled", inputs)
	alarm, err := w.cloud.CloudWatch.DescribeAlarm("throttled")
	require.NoError(t, err)
	assert.Equal(t, cloudwatch.Alarm{
		Name: "throttled", Namespace: "AWS/Kinesis", MetricName: "WriteProvisionedThroughputExceeded",
		Dimensions: cloudwatch.Dimensions{"StreamName": "events"}, Statistic: "Sum", PeriodSeconds: 60,
		EvaluationPeriods: 1, DatapointsToAlarm: 1, ComparisonOperator: "GreaterThanThreshold",
		TreatMissingData: "notBreaching", AlarmActions: []string{"arn:aws:sns:eu-west-1:123456789012:alarms"}, ActionsEnabled: new(bool),
	}, alarm.Alarm)

	query := func(id, metric string) props {
		return props{"id": id, "metric": props{
			"namespace": "AWS/ApiGateway", "metricName": metric, "dimensions": props{"ApiName": "events"}, "period": 60, "stat": "Sum",
		}}
	}
	w.mustCreate(metricAlarmToken, "rate", props{
		"name": "rate", "evaluationPeriods": 1, "comparisonOperator": "GreaterThanThreshold", "threshold": 1,
		"metricQueries": []any{
			props{"id": "rate", "expression": "errors / all * 100", "label": "errors, percent", "returnData": true},
			query("errors", "5XXError"), query("all", "Count"),
		},
	})
	alarm, err = w.cloud.CloudWatch.DescribeAlarm("rate")
	require.NoError(t, err)
	require.Len(t, alarm.Metrics, 3)
	assert.Equal(t, "errors / all * 100", alarm.Metrics[0].Expression)
	assert.True(t, alarm.Metrics[0].ReturnData)
	assert.Equal(t, "5XXError", alarm.Metrics[1].Stat.Name)
}

func TestWhatTheObserversRefuseIsSaidByName(t *testing.T) {
	w := newLocalTarget(t)
	alarm := func(change props) props {
		inputs := w.alarmInputs()
		maps.Copy(inputs, change)
		for name, value := range change {
			if value == nil {
				delete(inputs, name)
			}
		}
		return inputs
	}
	table := props{"name": "events", "databaseName": "none"}
	for name, c := range map[string]struct {
		token  string
		inputs props
		want   string
	}{
		"a bad period":           {metricAlarmToken, alarm(props{"period": 61}), "ValidationError: Period must be 10, 20, 30 or a multiple of 60"},
		"a filter without group": {logMetricFilterToken, props{"name": "f", "logGroupName": "none", "pattern": "", "metricTransformation": props{"name": "M", "namespace": "N", "value": "1"}}, "ResourceNotFoundException: The specified log group does not exist."},
		"a bad pattern":          {logMetricFilterToken, props{"name": "f", "logGroupName": w.logGroup().output("name"), "pattern": "{", "metricTransformation": props{"name": "M", "namespace": "N", "value": "1"}}, "Invalid metric filter pattern"},
		"a dashboard":            {"aws:cloudwatch/dashboard:Dashboard", props{"dashboardName": "d", "dashboardBody": "{}"}, `The dashboard body must have the property "widgets"`},
		"a subscription":         {topicSubscriptionToken, props{"topic": "arn:aws:sns:eu-west-1:123456789012:none", "protocol": "email", "endpoint": "a@b.c"}, "NotFound: Topic does not exist"},
		"a topic's policy":       {topicToken, props{"name": "t", "policy": `{"Version":"2012-10-17","Statement":[]}`}, "InvalidParameter: Invalid parameter: Policy Error"},
		"a table":                {catalogTableToken, table, "EntityNotFoundException: Database none not found."},
		"another catalog":        {catalogDatabaseToken, props{"name": "d", "catalogId": "999999999999"}, "Catalog 999999999999 not found."},
		"an alias":               {aliasToken, props{"name": "alias/a", "targetKeyId": "none"}, "NotFoundException: Key 'arn:aws:kms:eu-west-1:123456789012:key/none' does not exist"},
		"a key that locks out":   {keyToken, props{"policy": topicPolicy("sns.amazonaws.com")}, "The new key policy will not allow you to update the key policy in the future."},
		"a profile":              {instanceProfileToken, props{"name": "p", "role": "none"}, "NoSuchEntity"},
		"an instance's profile":  {instanceToken, props{"ami": "ami-12345678", "instanceType": "t4g.nano", "iamInstanceProfile": "none"}, "Invalid IAM Instance Profile name"},
		"an instance's group":    {instanceToken, props{"ami": "ami-12345678", "instanceType": "t4g.nano", "vpcSecurityGroupIds": []any{"sg-none"}}, "The security group 'sg-none' does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.create(c.token, "x", w.mustCheck(c.token, "x", nil, c.inputs), false)
			require.Error(t, err)
			assert.Contains(t, message(err), c.want)
		})
	}
	assert.Len(t, w.cloud.SNS.ListTopics(), 1, "a topic whose policy is refused is not left behind")
}

func TestDeletingALogGroupDeletesItsMetricFilters(t *testing.T) {
	w := newLocalTarget(t)
	filter := w.mustCreate(logMetricFilterToken, "f", lifecycleCases[logMetricFilterToken].inputs(w))
	w.mustDelete(w.logGroup())
	assert.Empty(t, w.mustRead(filter).id)
	assert.Empty(t, w.cloud.Logs.DescribeMetricFilters(""))
}

func TestATopicKeepsThePolicyOfItsTopicPolicy(t *testing.T) {
	w := newLocalTarget(t)
	topic := w.topic()
	w.mustCreate(topicPolicyToken, "p", props{"arn": topic.output("arn"), "policy": topicPolicy("cloudwatch.amazonaws.com")})
	w.mustUpdate(topic, props{"name": "alarms", "displayName": "Alarms"})
	described, err := w.cloud.SNS.GetTopicAttributes(topic.id)
	require.NoError(t, err)
	assert.Contains(t, described.Policy, "cloudwatch.amazonaws.com")
	assert.Equal(t, "Alarms", described.DisplayName)
}

func TestAnAliasCanPointToAnotherKey(t *testing.T) {
	w := newLocalTarget(t)
	alias := w.mustCreate(aliasToken, "a", props{"name": "alias/events", "targetKeyId": w.key().output("keyId")})
	assert.Equal(t, w.key().text("arn"), alias.text("targetKeyArn"))
	other := w.mustCreate(keyToken, "other", nil)
	alias = w.mustUpdate(alias, props{"name": "alias/events", "targetKeyId": other.output("arn")})
	assert.Equal(t, other.text("arn"), alias.text("targetKeyArn"))
}

func TestTheImageOfAmazonLinuxIsFoundByItsParameter(t *testing.T) {
	e := tables(t)
	name := "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
	first, err := e.invoke("aws:ssm/getParameter:getParameter", props{"name": name})
	require.NoError(t, err)
	again, err := e.invoke("aws:ssm/getParameter:getParameter", props{"name": name})
	require.NoError(t, err)
	assert.Equal(t, first, again)
	assert.Regexp(t, `^ami-[0-9a-f]{17}$`, plainValues(first)["value"])
	assert.Equal(t, "arn:aws:ssm:eu-west-1::parameter"+name, plainValues(first)["arn"])
	_, err = e.invoke("aws:ssm/getParameter:getParameter", props{"name": "/my/secret"})
	require.Error(t, err)
	assert.Contains(t, message(err), "ParameterNotFound: /my/secret")
}
