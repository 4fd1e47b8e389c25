package kinesis

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestARequestIsRefusedInAWSsWords(t *testing.T) {
	long := strings.Repeat("k", 257)
	name129 := strings.Repeat("n", 129)
	const one, pre = "1 validation error detected: ", "failed to satisfy constraint: "
	for _, c := range []struct {
		name, action, body string
		wantType, want     string
	}{
		{"nothing given", "PutRecord", `{}`, "ValidationException",
			"3 validation errors detected: Value null at 'partitionKey' " + pre + "Member must not be null; " +
				"Value null at 'data' " + pre + "Member must not be null; " +
				"Value null at 'streamName' " + pre + "Member must not be null"},
		{"everything empty", "PutRecord",
			`{"StreamName":"","PartitionKey":"","Data":"","ExplicitHashKey":"","SequenceNumberForOrdering":""}`, "ValidationException",
			"5 validation errors detected: " +
				"Value '' at 'sequenceNumberForOrdering' " + pre + `Member must satisfy regular expression pattern: 0|([1-9]\d{0,128}); ` +
				"Value '' at 'partitionKey' " + pre + "Member must have length greater than or equal to 1; " +
				"Value '' at 'explicitHashKey' " + pre + `Member must satisfy regular expression pattern: 0|([1-9]\d{0,38}); ` +
				"Value '' at 'streamName' " + pre + "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; " +
				"Value '' at 'streamName' " + pre + "Member must have length greater than or equal to 1"},
		{"everything too long", "PutRecord",
			fmt.Sprintf(`{"StreamName":%q,"PartitionKey":%q,"Data":%q}`, name129, long, base64Of(strings.Repeat("x", 1<<20+1))),
			"ValidationException",
			"3 validation errors detected: " +
				"Value '" + long + "' at 'partitionKey' " + pre + "Member must have length less than or equal to 256; " +
				"Value 'java.nio.HeapByteBuffer[pos=0 lim=1048577 cap=1048577]' at 'data' " + pre + "Member must have length less than or equal to 1048576; " +
				"Value '" + name129 + "' at 'streamName' " + pre + "Member must have length less than or equal to 128"},
		{"data fits only without its key", "PutRecord",
			fmt.Sprintf(`{"StreamName":"events","PartitionKey":"k","Data":%q}`, base64Of(strings.Repeat("x", 1<<20))),
			"ValidationException",
			one + "Value 'java.nio.HeapByteBuffer[pos=0 lim=1048576 cap=1048576]' at 'data' " + pre + "Member must have length less than or equal to 1048576"},
		{"a key of 129 characters that Java counts twice", "PutRecord",
			fmt.Sprintf(`{"StreamName":"events","PartitionKey":%q,"Data":""}`, strings.Repeat("😀", 129)),
			"ValidationException", one + "Value '" + strings.Repeat("😀", 129) + "' at 'partitionKey' " + pre + "Member must have length less than or equal to 256"},
		{"no such stream", "PutRecord", `{"StreamName":"nowhere","PartitionKey":"a","Data":""}`,
			"ResourceNotFoundException", "Stream nowhere under account 123456789012 not found."},
		{"another account's stream", "PutRecord",
			`{"StreamARN":"arn:aws:kinesis:ap-northeast-2:999999999999:stream/events","PartitionKey":"a","Data":""}`,
			"ResourceNotFoundException", "Stream events under account 123456789012 not found."},
		{"an ARN of something else", "PutRecord", `{"StreamARN":"arn:aws:s3:::events","PartitionKey":"a","Data":""}`,
			"ValidationException", one + "Value 'arn:aws:s3:::events' at 'streamARN' " + pre +
				`Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\d{12}:stream/\S+`},
		{"name and ARN of two streams", "PutRecord",
			`{"StreamARN":"` + streamARN + `","StreamName":"other","PartitionKey":"a","Data":""}`,
			"InvalidArgumentException", "StreamARN " + streamARN + " and StreamName other are not of one stream."},
		{"a hash key of 2^128", "PutRecord",
			`{"StreamName":"events","PartitionKey":"a","Data":"","ExplicitHashKey":"340282366920938463463374607431768211456"}`,
			"InvalidArgumentException", "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. " +
				"Specified value was 340282366920938463463374607431768211456"},
		{"a hash key with 40 digits", "PutRecord",
			`{"StreamName":"events","PartitionKey":"a","Data":"","ExplicitHashKey":"1` + strings.Repeat("0", 39) + `"}`,
			"ValidationException", one + "Value '1" + strings.Repeat("0", 39) + "' at 'explicitHashKey' " + pre +
				`Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})`},
		{"not JSON", "PutRecord", `{"StreamName":`, "SerializationException", ""},
		{"two documents", "PutRecord", `{} {}`, "SerializationException", ""},
		{"no body", "PutRecord", ``, "SerializationException", ""},
		{"a list", "PutRecord", `[]`, "SerializationException", ""},
		{"data is a number", "PutRecord", `{"Data":1}`, "SerializationException",
			"class java.math.BigDecimal can not be converted to a Blob"},
		{"the key is a truth value", "PutRecord", `{"PartitionKey":true}`, "SerializationException",
			"class java.lang.Boolean can not be converted to an String"},
		{"the name is a list", "PutRecord", `{"StreamName":[]}`, "SerializationException",
			"Start of list found where not expected"},
		{"the hash key is an object", "PutRecord", `{"ExplicitHashKey":{}}`, "SerializationException",
			"Start of structure or map found where not expected."},
		{"base64 of a wrong length", "PutRecord", `{"StreamName":"events","PartitionKey":"a","Data":"abc"}`,
			"SerializationException", "Data can not be converted to a Blob: " +
				"Base64 encoded length is expected a multiple of 4 bytes but found: 3"},
		{"base64 with a blank", "PutRecord", `{"StreamName":"events","PartitionKey":"a","Data":"YW E"}`,
			"SerializationException", "Data can not be converted to a Blob: Invalid Base64 character: ' '"},
		{"base64 with a line break", "PutRecord", `{"StreamName":"events","PartitionKey":"a","Data":"YWJj\nZGVm\n\n\n"}`,
			"SerializationException", "Data can not be converted to a Blob: Invalid Base64 character: '\n'"},
		{"base64 with bits left over", "PutRecord", `{"StreamName":"events","PartitionKey":"a","Data":"YR=="}`,
			"SerializationException", "Data can not be converted to a Blob: Invalid last non-pad Base64 character dectected"},
		{"a key that is no text", "PutRecord", "{\"StreamName\":\"events\",\"PartitionKey\":\"\xff\",\"Data\":\"\"}",
			"SerializationException", ""},

		{"no records", "PutRecords", `{"StreamName":"events"}`, "ValidationException",
			one + "Value null at 'records' " + pre + "Member must not be null"},
		{"no record in the list", "PutRecords", `{"StreamName":"","Records":[]}`, "ValidationException",
			"3 validation errors detected: Value '[]' at 'records' " + pre + "Member must have length greater than or equal to 1; " +
				"Value '' at 'streamName' " + pre + "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; " +
				"Value '' at 'streamName' " + pre + "Member must have length greater than or equal to 1"},
		{"501 records", "PutRecords", string(batchBody(make501()...)), "ValidationException",
			one + "Value at 'records' " + pre + "Member must have length less than or equal to 500"},
		{"one record of the batch is wrong", "PutRecords",
			`{"StreamName":"events","Records":[{"Data":"","PartitionKey":"a"},{"Data":""},null]}`, "ValidationException",
			"3 validation errors detected: Value null at 'records.2.member.partitionKey' " + pre + "Member must not be null; " +
				"Value null at 'records.3.member.partitionKey' " + pre + "Member must not be null; " +
				"Value null at 'records.3.member.data' " + pre + "Member must not be null"},
		{"more than 5 MiB", "PutRecords", batchOf(5<<20 + 1), "InvalidArgumentException",
			"Records size exceeds 5 MB limit"},
		{"records that are no list", "PutRecords", `{"Records":{}}`, "SerializationException",
			"Start of structure or map found where not expected."},
		{"records that are text", "PutRecords", `{"Records":"a"}`, "SerializationException", "Expected list or null"},
		{"a record that is a list", "PutRecords", `{"Records":[[]]}`, "SerializationException",
			"Start of list found where not expected"},
		{"a record that is a number", "PutRecords", `{"Records":[1]}`, "SerializationException", "Expected null"},

		{"an action that is not offered", "GetRecords", `{}`, "UnknownOperationException",
			"The action GetRecords of Kinesis is not offered by the local target, only PutRecord and PutRecords."},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, nil)
			w.create(StreamConfig{})
			status, f := w.refused(c.action, []byte(c.body))
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
		{`{"Data":1}`, `{"__type":"SerializationException","Message":"class java.math.BigDecimal can not be converted to a Blob"}`},
		{`{`, `{"__type":"SerializationException"}`},
		{`{"StreamName":"no","PartitionKey":"a","Data":""}`,
			`{"__type":"ResourceNotFoundException","message":"Stream no under account 123456789012 not found."}`},
	} {
		_, response := w.call("PutRecord", []byte(c.body))
		assert.Equal(t, c.want, string(response))
	}
}

func TestWhatIsAtTheLimitIsTaken(t *testing.T) {
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

func TestOrderingNumbersThatAWSRefuses(t *testing.T) {
	now := fmt.Sprintf("%09x", noon.Unix())
	later := fmt.Sprintf("%09x", noon.Unix()+2)
	for _, c := range []struct {
		hex string
		ok  bool
	}{
		// recorded (mhart/kinesalite test/putRecord.js)
		{"2ffffffffff7fffffffffffffff000000000007fffffff2", true},
		{"20000000000000000000000000000000000000000000002", true},
		{"20000000000000000000000000000000000000000000001", true},
		{"2ffffffffff7fffffff7fffffff00" + now + "7fffffff2", true},
		{"20000000000000000000000000000000000000000000000", false},
		{"20000000000000000000000000000000000000000000004", false},
		{"30000000000000000000000000000000000000000000001", false},
		{"1ffffffffff7fffffffffffffff000000000007fffffff2", false},
		{"20000000000800000000000000000000000000000000002", false},
		{"20000000000000000000000000000000000000800000002", false},
		{"20000000000000000000000000000" + later + "000000002", false},
		{"13bb2cc3d80000000000000000000000", false},
	} {
		n, ok := new(big.Int).SetString(c.hex, 16)
		require.True(t, ok)
		assert.Equal(t, c.ok, validOrdering(n.String(), noon.Unix()), c.hex)
	}
	w := open(t, nil)
	w.create(StreamConfig{})
	_, f := w.refused("PutRecord", []byte(`{"StreamName":"events","PartitionKey":"a","Data":"","SequenceNumberForOrdering":"7"}`))
	assert.Equal(t, "InvalidArgumentException", f.Type)
	assert.Equal(t, "ExclusiveMinimumSequenceNumber 7 used in PutRecord on stream events under account 123456789012 is invalid.", f.Message)
}

func TestACallNeedsItsOwnPermissionBeforeAnythingIsTold(t *testing.T) {
	for action, body := range map[string][]byte{"PutRecord": putBody("a", []byte("x")), "PutRecords": batchBody("a")} {
		for _, stream := range []string{"events", "nowhere"} {
			body := []byte(strings.Replace(string(body), "events", stream, 1))
			t.Run(action+" to "+stream, func(t *testing.T) {
				w := open(t, nil)
				w.create(StreamConfig{})
				service, caller := sessionOf(t, "kinesis:Get*", map[string]string{"PutRecord": "kinesis:PutRecords", "PutRecords": "kinesis:PutRecord"}[action])
				w.caller = caller
				status, f := w.refused(action, body)
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
