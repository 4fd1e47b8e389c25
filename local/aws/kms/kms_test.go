package kms

import (
	"errors"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

var account = iam.Account{ID: "123456789012", Region: "eu-west-1", Partition: "aws"}

type fixture struct {
	*Service
	dir    string
	clock  *clockwork.FakeClock
	iam    *iam.Service
	caller *iam.Session
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{dir: t.TempDir(), clock: clockwork.NewFakeClock()}
	f.iam = iam.New(account, iam.WithClock(f.clock))
	arn, err := f.iam.CreateRole(iam.Role{Name: "producer", TrustPolicy: `{"Version":"2012-10-17","Statement":[{
		"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`})
	require.NoError(t, err)
	f.caller, err = f.iam.AssumeRole(arn, "apigateway.amazonaws.com", "test", nil)
	require.NoError(t, err)
	f.open(t)
	return f
}

// open opens the folder, again if it was open.
func (f *fixture) open(t *testing.T) {
	t.Helper()
	service, err := Open(Options{Dir: f.dir, Account: account, Clock: f.clock, IAM: f.iam})
	require.NoError(t, err)
	f.Service = service
}

func (f *fixture) create(t *testing.T) (id string) {
	t.Helper()
	id, err := f.CreateKey(Key{IsEnabled: true}, false)
	require.NoError(t, err)
	return id
}

func codeOf(err error) string {
	var refused *awserr.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

func TestTheStateOfAKeyDecidesWhetherItCanBeUsed(t *testing.T) {
	f := newFixture(t)
	id := f.create(t)
	require.NoError(t, f.CreateAlias("alias/events", id))
	state := func() string {
		t.Helper()
		want := codeOf(f.CheckState(id))
		assert.Equal(t, want, codeOf(f.CheckState(f.KeyARN(id))))
		f.open(t)
		assert.Equal(t, want, codeOf(f.CheckState(id)), "after a restart")
		return want
	}
	assert.Empty(t, state())
	assert.NoError(t, f.CheckState("alias/events"))

	config, err := f.DescribeKey(id)
	require.NoError(t, err)
	config.IsEnabled = false
	require.NoError(t, f.UpdateKey(id, config, false))
	assert.Equal(t, "DisabledException", state())
	assert.Equal(t, "DisabledException", codeOf(f.CheckState("alias/events")))
	assert.Equal(t, "DisabledException", codeOf(f.CheckState(account.ARN("kms", "alias/events"))))
	config.IsEnabled = true
	require.NoError(t, f.UpdateKey(id, config, false))
	assert.Empty(t, state())

	require.NoError(t, f.ScheduleKeyDeletion(id, 7))
	assert.Equal(t, "KMSInvalidStateException", state())
	f.clock.Advance(7*24*time.Hour - time.Second)
	assert.Equal(t, "KMSInvalidStateException", state())
	f.clock.Advance(time.Second)
	assert.Equal(t, "NotFoundException", state())
}

func TestAKeyThatIsToBeDeletedIsGoneForItsOwner(t *testing.T) {
	f := newFixture(t)
	id, other := f.create(t), f.create(t)
	require.NoError(t, f.CreateAlias("alias/events", f.KeyARN(id)))
	require.NoError(t, f.CreateAlias("alias/other", other))
	require.NoError(t, f.ScheduleKeyDeletion(id, 30))
	assert.Equal(t, []string{other}, f.ListKeys())
	assert.Equal(t, []string{"alias/other"}, f.ListAliases())
	_, err := f.DescribeKey(id)
	for _, err := range []error{
		err, f.UpdateKey(id, Key{Policy: f.defaultPolicy()}, false), f.ScheduleKeyDeletion(id, 30), f.CreateAlias("alias/again", id),
		f.UpdateAlias("alias/other", id),
	} {
		assert.Equal(t, "NotFoundException", codeOf(err))
	}
	target, err := f.DescribeAlias("alias/other")
	require.NoError(t, err)
	assert.Equal(t, other, target)
}

func TestAKeyThatIsNotKnownCountsAsEnabled(t *testing.T) {
	f := newFixture(t)
	id := f.create(t)
	require.NoError(t, f.ScheduleKeyDeletion(id, 7))
	for _, target := range []string{
		"alias/aws/kinesis", "alias/none", "1234abcd-12ab-34cd-56ef-1234567890ab",
		"arn:aws:kms:eu-west-1:111122223333:key/" + id, // of another account
	} {
		assert.NoError(t, f.CheckState(target), target)
	}
}

func TestAKeyIsUsedByThoseWhoMay(t *testing.T) {
	f := newFixture(t)
	id := f.create(t)
	require.NoError(t, f.CreateAlias("alias/events", id))
	use := func(target string) string {
		return codeOf(f.Authorize(f.caller, "kms:Decrypt", target, map[string]string{"kms:ViaService": "s3.eu-west-1.amazonaws.com"}))
	}
	assert.Empty(t, use("alias/aws/s3"), "an AWS managed key needs no permission")
	for _, target := range []string{id, f.KeyARN(id), "alias/events"} {
		assert.Equal(t, "AccessDeniedException", use(target))
	}
	require.NoError(t, f.iam.PutRolePolicy("producer", "key", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
		"Action":"kms:Decrypt","Resource":"`+f.KeyARN(id)+`","Condition":{"StringEquals":{
			"kms:ViaService":"s3.eu-west-1.amazonaws.com","kms:CallerAccount":"123456789012"}}}]}`))
	for _, target := range []string{id, f.KeyARN(id), "alias/events"} {
		assert.Empty(t, use(target))
	}
}
