package kinesis

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestARequestIsRefusedInAWSsWords(t *testing.T) {
	for _, c := range slices.Concat(refusedRecords, unreadableRecords, refusedBatches) {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, nil)
			w.create(StreamConfig{})
			status, f := w.callError(c.action, []byte(c.body))
			assert.Equal(t, 400, status)
			assert.Equal(t, c.wantType, f.Type)
			assert.Equal(t, c.want, f.Message)
			assert.Empty(t, w.all(), "nothing is stored")
		})
	}
}

func make501() []string {
	data := make([]string, 501)
	for i := range data {
		data[i] = fmt.Sprint(i)
	}
	return data
}

// batchOf is a batch of so many bytes, keys included.
func batchOf(bytes int) string {
	var records []string
	for i := 0; bytes > 0; i++ {
		size := min(bytes, 1<<20)
		bytes -= size
		records = append(records, fmt.Sprintf(`{"PartitionKey":"k","Data":%q}`, base64Of(strings.Repeat("x", size-1))))
	}
	return `{"StreamName":"events","Records":[` + strings.Join(records, ",") + `]}`
}

func TestAMemberIsNamedInTheWayAWSDoes(t *testing.T) {
	w := open(t, nil)
	for _, c := range []struct{ body, want string }{
		{`{"Data":1}`, `{"__type":"SerializationException","Message":"class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to a Blob"}`},
		{`{`, `{"__type":"SerializationException"}`},
		{`{"StreamName":"no","PartitionKey":"a","Data":""}`,
			`{"__type":"ResourceNotFoundException","message":"Stream no under account 123456789012 not found."}`},
	} {
		_, response := w.call("PutRecord", []byte(c.body))
		assert.Equal(t, c.want, string(response))
	}
}

func TestRecordsAtTheLimitAreAccepted(t *testing.T) {
	key256 := strings.Repeat("é", 255) + "z"
	for _, c := range []struct{ name, body, data string }{
		{"empty data", `{"StreamName":"events","PartitionKey":"a","Data":""}`, ""},
		{"a key of 256 characters", fmt.Sprintf(`{"StreamName":"events","PartitionKey":%q,"Data":"YQ=="}`, key256), "a"},
		{"1 MiB with the key", fmt.Sprintf(`{"StreamName":"events","PartitionKey":"k","Data":%q}`,
			base64Of(strings.Repeat("x", 1<<20-1))), strings.Repeat("x", 1<<20-1)},
		{"the ARN instead of the name", `{"StreamARN":"` + streamARN + `","PartitionKey":"a","Data":"YQ=="}`, "a"},
		{"both", `{"StreamARN":"` + streamARN + `","StreamName":"events","PartitionKey":"a","Data":"YQ=="}`, "a"},
		{"members that the API does not have", `{"Foo":{"a":[1,-2.5e3,null,{"b":"\u00e9"}]},"StreamName":"events","PartitionKey":"a","Data":"YQ=="}`, "a"},
		{"a member twice", `{"StreamName":"no","StreamName":"events","PartitionKey":"a","Data":"YQ=="}`, "a"},
		{"null for what may be left out", `{"StreamName":"events","PartitionKey":"a","Data":"YQ==","ExplicitHashKey":null,"StreamARN":null}`, "a"},
		{"escapes", `{"StreamName":"ev\u0065nts","PartitionKey":"\ud83d\ude00\n\"","Data":"YQ\u003d="}`, "a"},
		{"white space", " {\t\"StreamName\" :\r\n\"events\" , \"PartitionKey\":\"a\",\"Data\":\"YQ==\" } \n", "a"},
		{"a sequence number for ordering", `{"StreamName":"events","PartitionKey":"a","Data":"YQ==","SequenceNumberForOrdering":"` +
			sequence{created: noon.Unix(), index: 5, arrival: noon.Unix()}.String() + `"}`, "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, nil)
			w.create(StreamConfig{})
			status, response := w.call("PutRecord", []byte(c.body))
			require.Equal(t, 200, status, "%s", response)
			assert.Equal(t, []string{c.data}, w.all())
		})
	}
}

func TestTheAnswerToAStoredRecordIsAWSs(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	_, response := w.call("PutRecord", putBody("a", []byte("x")))
	assert.Regexp(t, `^\{"SequenceNumber":"49\d{54}","ShardId":"shardId-000000000000"\}$`, string(response))
	_, response = w.call("PutRecords", batchBody("a"))
	assert.Regexp(t, `^\{"FailedRecordCount":0,"Records":\[\{"SequenceNumber":"49\d{54}","ShardId":"shardId-000000000000"\}\]\}$`, string(response))

	require.NoError(t, w.UpdateStream(StreamConfig{Name: "events", ShardCount: 1, KMSKeyID: "alias/aws/kinesis"}))
	assert.Equal(t, "KMS", w.put("a", "x").EncryptionType)
	_, response = w.call("PutRecords", batchBody("a"))
	assert.Contains(t, string(response), `],"EncryptionType":"KMS"}`)
}

func TestOrderingNumbersAreCheckedAsByAWS(t *testing.T) {
	now := fmt.Sprintf("%09x", noon.Unix())
	later := fmt.Sprintf("%09x", noon.Unix()+2)
	for _, c := range []struct {
		hex  string
		want error
	}{
		// recorded (mhart/kinesalite test/putRecord.js)
		{"2ffffffffff7fffffffffffffff000000000007fffffff2", nil},
		{"20000000000000000000000000000000000000000000002", nil},
		{"20000000000000000000000000000000000000000000001", nil},
		{"2ffffffffff7fffffff7fffffff00" + now + "7fffffff2", nil},
		{"20000000000000000000000000000000000000000000000", errOrderingInvalid},
		{"20000000000000000000000000000000000000000000004", errOrderingInvalid},
		{"30000000000000000000000000000000000000000000001", errOrderingInvalid},
		{"1ffffffffff7fffffffffffffff000000000007fffffff2", errOrderingInvalid},
		{"20000000000800000000000000000000000000000000002", errOrderingInvalid},
		{"20000000000000000000000000000000000000800000002", errOrderingInvalid},
		{"20000000000000000000000000000" + later + "000000002", errOrderingInvalid},
		{"13bb2cc3d80000000000000000000000", errOrderingInvalid},
		{"20000000000000000000000000000000000000000000003", errOrderingVersion},
		// assumed (mhart/kinesalite db/index.js)
		{"0", nil},
		{"7", nil},
		{"13bb2cc3d70000000000000000000000", nil},
		{"3bb2cc3d80000000000000000000000", errOrderingInvalid},
		{"20000000000800000000000000000000000000800000001", nil},
		{"200000000000" + "0" + later + "0000000000000000000000001", errOrderingInvalid},
	} {
		n, ok := new(big.Int).SetString(c.hex, 16)
		require.True(t, ok)
		assert.Equal(t, c.want, checkOrdering(n.String(), noon.Unix()), c.hex)
	}
	w := open(t, nil)
	w.create(StreamConfig{})
	ordered := func(number string) []byte {
		return fmt.Appendf(nil, `{"StreamName":"events","PartitionKey":"a","Data":"","SequenceNumberForOrdering":"%s"}`, number)
	}
	status, _ := w.call("PutRecord", ordered("7"))
	assert.Equal(t, 200, status)
	version := func(v int64) string {
		return new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 185), big.NewInt(v)).String()
	}
	_, f := w.callError("PutRecord", ordered(version(4)))
	assert.Equal(t, "InvalidArgumentException", f.Type)
	assert.Equal(t, "ExclusiveMinimumSequenceNumber "+version(4)+" used in PutRecord on stream events under account 123456789012 is invalid.", f.Message)
	status, f = w.callError("PutRecord", ordered(version(3)))
	assert.Equal(t, 500, status)
	assert.Equal(t, "InternalFailure", f.Type)
}

func TestACallIsAuthorizedBeforeItsParametersAreChecked(t *testing.T) {
	for action, body := range map[string][]byte{"PutRecord": putBody("a", []byte("x")), "PutRecords": batchBody("a")} {
		for _, stream := range []string{"events", "nowhere"} {
			body := []byte(strings.Replace(string(body), "events", stream, 1))
			t.Run(action+" to "+stream, func(t *testing.T) {
				w := open(t, nil)
				w.create(StreamConfig{})
				service, caller := sessionOf(t, "kinesis:Get*", map[string]string{"PutRecord": "kinesis:PutRecords", "PutRecords": "kinesis:PutRecord"}[action])
				w.caller = caller
				status, f := w.callError(action, body)
				assert.Equal(t, 400, status)
				assert.Equal(t, "AccessDeniedException", f.Type)
				assert.Contains(t, f.Message, "is not authorized to perform: kinesis:"+action+
					" on resource: arn:aws:kinesis:ap-northeast-2:123456789012:stream/"+stream)
				_, response := w.call(action, body)
				assert.Contains(t, string(response), `"Message":`)

				allow(t, service, "kinesis:"+action)
				status, response = w.call(action, body)
				if stream == "events" {
					assert.Equal(t, 200, status, "the next call has the permission: %s", response)
				} else {
					assert.Contains(t, string(response), "ResourceNotFoundException")
				}
			})
		}
	}
}

func TestOnPutHearsOfEachRecordThatWasStored(t *testing.T) {
	var puts []Put
	w := open(t, func(o *Options) { o.OnPut = func(p Put) { puts = append(puts, p) } })
	w.create(StreamConfig{})
	done := w.put("key", "four")
	require.Len(t, puts, 1)
	assert.Equal(t, Put{Stream: "events", ShardID: done.ShardId, SequenceNumber: done.SequenceNumber,
		PartitionKey: "key", Bytes: 4, Arrived: noon.Local()}, puts[0])
}

// FuzzRequest holds the scanner against encoding/json: what is no JSON is refused, and what is stored is what
// encoding/json reads, wherever the two mean the same.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"StreamName":"events","PartitionKey":"a","Data":"YQ=="}`,
		`{"StreamName":"events","PartitionKey":"\ud83d\ude00","Data":"YQ==","x":[1,2.5e-3,{"y":null}]}`,
		`{"Records":[{"Data":"YQ==","PartitionKey":"a"},{"Data":"","PartitionKey":"b","ExplicitHashKey":"0"}],"StreamName":"s"}`,
		`{"a":01}`, `{"a":-}`, `{"a":"\x"}`, `[[[[`, "{\"a\":\"\x01\"}", `{"a":1,}`, ` null `, `{"PartitionKey":"\ud800\u0041"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, read := range []func(*request, []byte) error{(*request).readPutRecord, (*request).readPutRecords} {
			var q request
			if err := read(&q, body); err != nil {
				continue
			}
			require.True(t, json.Valid(body), "%q was taken", body)
			var want map[string]any
			require.NoError(t, json.Unmarshal(body, &want))
			if name, ok := want["StreamName"].(string); ok && json.Valid(body) && !strings.ContainsRune(name, '\uFFFD') {
				require.Equal(t, name, string(q.streamName.text))
			}
		}
		w := &Service{options: Options{Account: account}}
		w.streams.Store(&map[string]*stream{})
		for _, action := range []string{"PutRecord", "PutRecords"} {
			status, response := w.Call(t.Context(), fuzzCaller, action, body)
			require.Equal(t, 400, status)
			require.True(t, json.Valid(response), "%q", response)
		}
	})
}

var fuzzCaller = session(&testing.B{})
