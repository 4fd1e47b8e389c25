package kinesis

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/kms"
)

// encrypted is a stream that is encrypted with a key, and a caller who may use the stream.
type encrypted struct {
	*fixture
	iam    *iam.Service
	keys   *kms.Service
	key    string
	reader *Reader
}

func newEncrypted(t *testing.T) *encrypted {
	t.Helper()
	service, caller := sessionOf(t)
	keys, err := kms.Open(kms.Options{Dir: t.TempDir(), Account: account, IAM: service})
	require.NoError(t, err)
	id, err := keys.CreateKey(kms.Key{IsEnabled: true}, false)
	require.NoError(t, err)
	e := &encrypted{iam: service, keys: keys, key: id, fixture: open(t, func(o *Options) { o.KMS = keys })}
	e.caller = caller
	_, err = e.CreateStream(StreamConfig{Name: "events", ShardCount: 1, KMSKeyID: keys.KeyARN(id)})
	require.NoError(t, err)
	e.reader, err = e.NewReader(caller, streamARN, Latest)
	require.NoError(t, err)
	return e
}

// errors are the codes with which records are refused to producers and consumers.
func (e *encrypted) errors(t *testing.T) (codes []string) {
	t.Helper()
	for action, body := range map[string]string{
		"PutRecord":  `{"StreamName":"events","PartitionKey":"k","Data":"eA=="}`,
		"PutRecords": `{"StreamName":"events","Records":[{"PartitionKey":"k","Data":"eA=="}]}`,
	} {
		status, answer := e.Call(t.Context(), e.caller, action, []byte(body))
		var refused struct {
			Type string `json:"__type"`
		}
		require.NoError(t, json.Unmarshal(answer, &refused))
		assert.Equal(t, refused.Type == "", status == 200, status)
		codes = append(codes, refused.Type)
	}
	status, answer := e.send("GetRecords", `{"ShardIterator":"`+e.iterator("shardId-0", "LATEST")+`"}`)
	refused := failure{}
	require.NoError(t, json.Unmarshal([]byte(answer), &refused))
	assert.Equal(t, refused.Type == "", status == 200, status)
	codes = append(codes, refused.Type)
	_, _, err := e.reader.Poll(10, 1000)
	if err == nil {
		return append(codes, "")
	}
	return append(codes, refusal(err).Code)
}

func (e *encrypted) setEnabled(t *testing.T, enabled bool) {
	t.Helper()
	key, err := e.keys.DescribeKey(e.key)
	require.NoError(t, err)
	key.IsEnabled = enabled
	require.NoError(t, e.keys.UpdateKey(e.key, key, false))
}

func all(code string) []string { return []string{code, code, code, code} }

func TestAStreamIsWrittenAndReadByThoseWhoMayUseItsKey(t *testing.T) {
	e := newEncrypted(t)
	assert.Equal(t, all("KMSAccessDeniedException"), e.errors(t))
	grant := func(statements string) {
		require.NoError(t, e.iam.PutRolePolicy("producer", "key", `{"Version":"2012-10-17","Statement":[`+statements+`]}`))
	}
	allow := func(action, stream string) string {
		return `{"Effect":"Allow","Action":"` + action + `","Resource":"` + e.keys.KeyARN(e.key) + `","Condition":{"StringEquals":{
			"kms:ViaService":"kinesis.ap-northeast-2.amazonaws.com","kms:EncryptionContext:aws:kinesis:arn":"` + stream + `"}}}`
	}
	grant(allow("kms:GenerateDataKey", streamARN))
	assert.Equal(t, []string{"", "", "KMSAccessDeniedException", "KMSAccessDeniedException"}, e.errors(t))
	grant(allow("kms:Decrypt", streamARN))
	assert.Equal(t, []string{"KMSAccessDeniedException", "KMSAccessDeniedException", "", ""}, e.errors(t))
	grant(allow("kms:*", streamARN+"-other"))
	assert.Equal(t, all("KMSAccessDeniedException"), e.errors(t))
	grant(allow("kms:*", streamARN))
	assert.Equal(t, all(""), e.errors(t))
}

func TestAKeyThatIsDisabledStopsTheStream(t *testing.T) {
	e := newEncrypted(t)
	allow(t, e.iam, "kinesis:*", "kms:*")
	require.Equal(t, all(""), e.errors(t))
	e.setEnabled(t, false)
	assert.Equal(t, all("KMSDisabledException"), e.errors(t))
	e.setEnabled(t, true)
	assert.Equal(t, all(""), e.errors(t))
	require.NoError(t, e.keys.ScheduleKeyDeletion(e.key, 7))
	assert.Equal(t, all("KMSInvalidStateException"), e.errors(t))
}

func TestNoStreamIsEncryptedWithAKeyThatIsDisabled(t *testing.T) {
	e := newEncrypted(t)
	e.setEnabled(t, false)
	config := StreamConfig{Name: "more", ShardCount: 1, KMSKeyID: e.key}
	_, err := e.CreateStream(config)
	require.Error(t, err)
	assert.Equal(t, "KMSDisabledException", refusal(err).Code)
	config.KMSKeyID = ""
	_, err = e.CreateStream(config)
	require.NoError(t, err)
	config.KMSKeyID = e.key
	err = e.UpdateStream(config)
	require.Error(t, err)
	assert.Equal(t, "KMSDisabledException", refusal(err).Code)
	config.Name = "events"
	config.KMSKeyID = e.keys.KeyARN(e.key)
	config.RetentionHours = 48
	require.NoError(t, e.UpdateStream(config), "what is not about the key can be changed")
}
