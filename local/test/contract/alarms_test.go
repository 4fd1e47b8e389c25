package contract_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/aws/kms"
	"ingest-pipeline/local/test/pipelinetest"
)

// monitored is a pipeline with its deployed alarms, on a clock that the test advances.
type monitored struct {
	*pipelinetest.Pipeline
	clock *clockwork.FakeClock
	// send is what producers do every ten seconds.
	send func()
	// lag is how long Firehose pauses after each reading, latency how long Kinesis takes to answer.
	lag, latency atomic.Int64
	// key is the id of the customer managed key.
	key string
	// timers is how many goroutines of the local target wait for the clock when there is nothing to do: CloudWatch's
	// evaluation, the delivery stream, the logs' writer, API Gateway's usage and S3's lifecycle.
	timers int
}

func startMonitored(t *testing.T, settings map[string]string) *monitored {
	t.Helper()
	m := &monitored{clock: clockwork.NewFakeClockAt(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)), timers: 5}
	all := map[string]string{
		"delivery.bufferIntervalSeconds": "300", "alarms.iteratorAgeSeconds": "60", "logs.level": "OFF",
	}
	maps.Copy(all, settings)
	m.Pipeline = pipelinetest.Start(t, pipelinetest.Options{
		Clock: m.clock, CannotDeliver: true,
		Prepare: func(cloud *aws.Cloud) {
			id, err := cloud.KMS.CreateKey(kms.Key{IsEnabled: true}, false)
			require.NoError(t, err)
			m.key, all["kmsKeyArn"] = id, cloud.KMS.KeyARN(id)
		},
		Hooks: aws.Hooks{
			Kinesis: func(streams apigateway.Backend) apigateway.Backend {
				return backendFunc(func(ctx context.Context, caller *iam.Session, action string, body []byte) (int, []byte) {
					m.clock.Advance(time.Duration(m.latency.Load()))
					return streams.Call(ctx, caller, action, body)
				})
			},
			OnBuffer: func(firehose.Buffered) {
				if lag := time.Duration(m.lag.Load()); lag > 0 {
					m.clock.Sleep(lag)
				}
			},
		},
		Settings: all,
	})
	m.send = func() {
		m.Post(t, m.URL, firstEvent)
		m.Post(t, m.BatchURL, "["+firstEvent+"]")
	}
	return m
}

// pass lets time pass, in steps of ten seconds, until done or for so long. It reports whether it was done.
func (m *monitored) pass(t *testing.T, limit time.Duration, done func() bool) bool {
	t.Helper()
	for start := m.clock.Now(); m.clock.Since(start) < limit; {
		m.send()
		m.clock.Advance(10 * time.Second)
		require.NoError(t, m.clock.BlockUntilContext(t.Context(), m.timers))
		if done() {
			return true
		}
	}
	return false
}

// raised are the alarms in state ALARM, by their names in the runbook.
func (m *monitored) raised() []string {
	var names []string
	for _, alarm := range m.Cloud.CloudWatch.DescribeAlarms() {
		if alarm.State == cloudwatch.InAlarm {
			names = append(names, alarm.Description[strings.LastIndex(alarm.Description, " ")+1:])
		}
	}
	return names
}

// publication is the delay with which an alarm's metric is published, which the runbook's times do not include.
func (m *monitored) publication(name string) time.Duration {
	for _, alarm := range m.Cloud.CloudWatch.DescribeAlarms() {
		if strings.HasSuffix(alarm.Description, " "+name) && alarm.Namespace == "AWS/Firehose" {
			return 5 * time.Minute
		}
	}
	return 0
}

// role is the name of the role that has this in its name.
func (m *monitored) role(t *testing.T, part string) string {
	t.Helper()
	roles := m.Cloud.IAM.ListRoles()
	i := slices.IndexFunc(roles, func(r iam.RoleDescription) bool { return strings.Contains(r.Name, part) })
	require.GreaterOrEqual(t, i, 0, part)
	return roles[i].Name
}

// withoutPolicies deletes the policies of a role; repair puts them back.
func (m *monitored) withoutPolicies(t *testing.T, role string) (repair func()) {
	t.Helper()
	name, documents := m.role(t, role), map[string]string{}
	described, err := m.Cloud.IAM.GetRole(name)
	require.NoError(t, err)
	for _, policy := range described.Policies {
		documents[policy], err = m.Cloud.IAM.GetRolePolicy(name, policy)
		require.NoError(t, err)
		require.NoError(t, m.Cloud.IAM.DeleteRolePolicy(name, policy))
	}
	return func() {
		for policy, document := range documents {
			require.NoError(t, m.Cloud.IAM.PutRolePolicy(name, policy, document))
		}
	}
}

var raisedWithin = regexp.MustCompile(`(?s)\n## ([a-z-]+)\n.*?\*\*Raised\*\* within (\d+) minutes`)

// runbookTimes are the minutes within which the runbook says that each alarm is raised.
func runbookTimes(t *testing.T) map[string]time.Duration {
	t.Helper()
	runbook, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "runbook.md"))
	require.NoError(t, err)
	times := map[string]time.Duration{}
	for _, section := range strings.Split(string(runbook), "\n## ") {
		if found := raisedWithin.FindStringSubmatch("\n## " + section); found != nil {
			minutes, err := strconv.Atoi(found[2])
			require.NoError(t, err)
			times[found[1]] = time.Duration(minutes) * time.Minute
		}
	}
	return times
}

// TestEachWayInWhichEventsStopArrivingRaisesAnAlarmAndClearsIt breaks the pipeline while events are sent, waits for the
// alarms within the times of the runbook, and repairs it. Each alarm of the runbook is among them.
func TestEachWayInWhichEventsStopArrivingRaisesAnAlarmAndClearsIt(t *testing.T) {
	t.Parallel()
	times := runbookTimes(t)
	missing := maps.Clone(times)
	defer func() { assert.Empty(t, missing, "the failures raise every alarm but these") }()
	for _, failure := range []struct {
		name   string
		alarms []string
		cause  func(t *testing.T, m *monitored) (repair func())
	}{
		{"the stage is throttled", []string{"throttled"}, func(t *testing.T, m *monitored) func() {
			api := m.Cloud.APIGateway.GetRestAPIs()[0].ID
			stages, err := m.Cloud.APIGateway.GetStages(api)
			require.NoError(t, err)
			settings, err := m.Cloud.APIGateway.GetMethodSettings(api, stages[0].Name, "*/*")
			require.NoError(t, err)
			slow, rate, burst := settings, 0.001, 1
			slow.ThrottlingRateLimit, slow.ThrottlingBurstLimit = &rate, &burst
			require.NoError(t, m.Cloud.APIGateway.UpdateMethodSettings(slow))
			return func() { require.NoError(t, m.Cloud.APIGateway.UpdateMethodSettings(settings)) }
		}},
		{"the shard is over its limit", []string{"write-throttled", "throttled"}, func(t *testing.T, m *monitored) func() {
			send := m.send
			batch := "[" + strings.Repeat(firstEvent+",", 499) + firstEvent + "]"
			m.send = func() {
				for range 3 {
					m.Post(t, m.BatchURL, batch)
				}
			}
			return func() { m.send = send }
		}},
		{"the shard is over its limit for single events", []string{"put-failed", "write-throttled", "throttled"}, func(t *testing.T, m *monitored) func() {
			send, large := m.send, event(900_000)
			m.send = func() {
				for range 2 {
					m.Post(t, m.URL, large)
				}
			}
			return func() { m.send = send }
		}},
		{"Kinesis cannot store", []string{"put-failed", "batch-put-failed", "server-errors"}, func(_ *testing.T, m *monitored) func() {
			m.Cloud.SetFaults(aws.Faults{Kinesis: kinesis.Fault{Fail: true}})
			return func() { m.Cloud.SetFaults(aws.Faults{}) }
		}},
		{"Kinesis is slow", []string{"slow"}, func(_ *testing.T, m *monitored) func() {
			m.latency.Store(int64(2 * time.Second))
			return func() { m.latency.Store(0) }
		}},
		{"the integration's role is broken", []string{"server-errors"}, func(t *testing.T, m *monitored) func() {
			return m.withoutPolicies(t, "-to-stream")
		}},
		{"the stream is deleted", []string{"server-errors"}, func(t *testing.T, m *monitored) func() {
			stream, err := m.Cloud.Kinesis.DescribeStream(m.StreamName)
			require.NoError(t, err)
			require.NoError(t, m.Cloud.Kinesis.DeleteStream(m.StreamName))
			return func() {
				_, err := m.Cloud.Kinesis.CreateStream(stream.StreamConfig)
				require.NoError(t, err)
			}
		}},
		{"the key is disabled", []string{"server-errors", "delivery-errors"}, func(t *testing.T, m *monitored) func() {
			key, err := m.Cloud.KMS.DescribeKey(m.key)
			require.NoError(t, err)
			disabled := key
			disabled.IsEnabled = false
			require.NoError(t, m.Cloud.KMS.UpdateKey(m.key, disabled, false))
			return func() { require.NoError(t, m.Cloud.KMS.UpdateKey(m.key, key, false)) }
		}},
		{"Firehose cannot read", []string{"reader-stopped", "delivery-errors"}, func(t *testing.T, m *monitored) func() {
			return m.withoutPolicies(t, "-source")
		}},
		{"the delivery stream is deleted", []string{"reader-stopped"}, func(t *testing.T, m *monitored) func() {
			delivery, err := m.Cloud.Firehose.DescribeDeliveryStream(m.DeliveryStream)
			require.NoError(t, err)
			require.NoError(t, m.Cloud.Firehose.DeleteDeliveryStream(m.DeliveryStream))
			m.timers--
			return func() {
				_, err := m.Cloud.Firehose.CreateDeliveryStream(delivery.Config)
				require.NoError(t, err)
				m.timers++
			}
		}},
		{"Firehose cannot write", []string{"delivery-failed", "delivery-late"}, func(t *testing.T, m *monitored) func() {
			require.NoError(t, m.Cloud.S3.PutBucketPolicy(m.Bucket, fmt.Sprintf(denyWrites, m.Bucket)))
			return func() { require.NoError(t, m.Cloud.S3.DeleteBucketPolicy(m.Bucket)) }
		}},
		{"Firehose lags", []string{"reader-behind"}, func(t *testing.T, m *monitored) func() {
			// It reads one event in 20 seconds, while one arrives every ten.
			send, large := m.send, event(900_000)
			m.send = func() { m.Post(t, m.URL, large) }
			m.lag.Store(int64(20 * time.Second))
			m.pass(t, 4*time.Minute, func() bool { return false })
			return func() {
				m.send = send
				m.lag.Store(0)
			}
		}},
	} {
		for _, alarm := range failure.alarms {
			delete(missing, alarm)
		}
		t.Run(failure.name, func(t *testing.T) {
			t.Parallel()
			m := startMonitored(t, nil)
			require.False(t, m.pass(t, 20*time.Minute, func() bool { return len(m.raised()) > 0 }), "%v while all is well", m.raised())

			repair := failure.cause(t, m)
			broken, after := m.clock.Now(), map[string]time.Duration{}
			raised := m.pass(t, 20*time.Minute, func() bool {
				for _, alarm := range m.raised() {
					if _, known := after[alarm]; !known {
						after[alarm] = m.clock.Since(broken)
					}
				}
				return !slices.ContainsFunc(failure.alarms, func(alarm string) bool { return after[alarm] == 0 })
			})
			require.True(t, raised, "%v", after)
			for _, alarm := range failure.alarms {
				require.Contains(t, times, alarm, "the runbook does not say when it is raised")
				assert.LessOrEqual(t, after[alarm], times[alarm]+m.publication(alarm), alarm)
			}

			repair()
			require.True(t, m.pass(t, 30*time.Minute, func() bool { return len(m.raised()) == 0 }), "%v stay", m.raised())
			require.False(t, m.pass(t, 20*time.Minute, func() bool { return len(m.raised()) > 0 }), "%v again", m.raised())
		})
	}
}

func TestAnIdleStackRaisesNoAlarm(t *testing.T) {
	t.Parallel()
	m := startMonitored(t, nil)
	m.send = func() {}
	assert.False(t, m.pass(t, 2*time.Hour, func() bool { return len(m.raised()) > 0 }), "%v", m.raised())
	require.Equal(t, http.StatusOK, m.Post(t, m.URL, firstEvent).Status)
	assert.False(t, m.pass(t, time.Hour, func() bool { return len(m.raised()) > 0 }), "%v after the only event", m.raised())
}

// Alarms see what Firehose reads minutes after it has read it.
func TestAStackWithLittleTrafficRaisesNoAlarm(t *testing.T) {
	t.Parallel()
	for _, every := range []time.Duration{time.Minute, 290 * time.Second, 10 * time.Minute} {
		m := startMonitored(t, nil)
		send, last := m.send, time.Time{}
		m.send = func() {
			if now := m.clock.Now(); now.Sub(last) >= every {
				send()
				last = now
			}
		}
		assert.False(t, m.pass(t, 2*time.Hour, func() bool { return len(m.raised()) > 0 }), "%v with events every %s", m.raised(), every)
	}
}

func TestTheThrottledAlarmIsAboutTheShareOfRequests(t *testing.T) {
	t.Parallel()
	m := startMonitored(t, map[string]string{"alarms.throttledPercent": "40"})
	accepted, refused := 2, 1
	m.send = func() {
		for range accepted {
			m.Post(t, m.URL, firstEvent)
		}
		m.Cloud.SetFaults(aws.Faults{Kinesis: kinesis.Fault{Throttle: true}})
		for range refused {
			m.Post(t, m.URL, firstEvent)
		}
		m.Cloud.SetFaults(aws.Faults{})
	}
	throttled := func() bool { return slices.Contains(m.raised(), "throttled") }
	assert.False(t, m.pass(t, 20*time.Minute, throttled), "a third of the requests")
	accepted, refused = 0, 6
	m.pass(t, 20*time.Second, throttled)
	accepted, refused = 2, 0
	assert.False(t, m.pass(t, 20*time.Minute, throttled), "a short peak")
	accepted, refused = 1, 1
	assert.True(t, m.pass(t, 6*time.Minute, throttled), "half of the requests")
	refused = 0
	assert.True(t, m.pass(t, 10*time.Minute, func() bool { return !throttled() }), "it clears")
}

func TestAPausedStackRaisesNoAlarmButThatClientsAreRefused(t *testing.T) {
	t.Parallel()
	m := startMonitored(t, map[string]string{"paused": "true"})
	m.pass(t, 30*time.Minute, func() bool { return false })
	assert.Equal(t, []string{"throttled"}, m.raised())
}
