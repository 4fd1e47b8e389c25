package kinesis

import (
	"fmt"
	"strings"
)

// refusedRequest is a request that is refused, with AWS's answer.
type refusedRequest struct {
	name, action, body string
	wantType, want     string
}

// The words that most sentences have.
const one, pre = "1 validation error detected: ", "failed to satisfy constraint: "

var (
	longKey  = strings.Repeat("k", 257)
	longName = strings.Repeat("n", 129)
)

// refusedRecords are those of PutRecord whose members break a rule.
var refusedRecords = []refusedRequest{
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
		fmt.Sprintf(`{"StreamName":%q,"PartitionKey":%q,"Data":%q}`, longName, longKey, base64Of(strings.Repeat("x", 1<<20+1))),
		"ValidationException",
		"3 validation errors detected: " +
			"Value '" + longKey + "' at 'partitionKey' " + pre + "Member must have length less than or equal to 256; " +
			"Value 'java.nio.HeapByteBuffer[pos=0 lim=1048577 cap=1048577]' at 'data' " + pre + "Member must have length less than or equal to 1048576; " +
			"Value '" + longName + "' at 'streamName' " + pre + "Member must have length less than or equal to 128"},
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
}

// unreadableRecords are those of PutRecord that cannot be read.
var unreadableRecords = []refusedRequest{
	{"not JSON", "PutRecord", `{"StreamName":`, "SerializationException", ""},
	{"two documents", "PutRecord", `{} {}`, "SerializationException", ""},
	{"no body", "PutRecord", ``, "SerializationException", ""},
	{"a list", "PutRecord", `[]`, "SerializationException", ""},
	{"data is a number", "PutRecord", `{"Data":1}`, "SerializationException",
		"class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to a Blob"},
	{"the key is a truth value", "PutRecord", `{"PartitionKey":true}`, "SerializationException",
		"class java.lang.Boolean can not be converted to an String"},
	{"the name is a list", "PutRecord", `{"StreamName":[]}`, "SerializationException",
		"Start of list found where not expected"},
	{"the hash key is an object", "PutRecord", `{"ExplicitHashKey":{}}`, "SerializationException",
		"Start of structure or map found where not expected."},
	{"base64 of a wrong length", "PutRecord", `{"StreamName":"events","PartitionKey":"a","Data":"abc"}`,
		"SerializationException", "'abc' can not be converted to a Blob: " +
			"Base64 encoded length is expected a multiple of 4 bytes but found: 3"},
	{"base64 with a blank", "PutRecord", `{"StreamName":"events","PartitionKey":"a","Data":"YW E"}`,
		"SerializationException", "'YW E' can not be converted to a Blob: Invalid Base64 character: ' '"},
	{"base64 with a line break", "PutRecord", `{"StreamName":"events","PartitionKey":"a","Data":"YWJj\nZGVm\n\n\n"}`,
		"SerializationException", "'YWJj\nZGVm\n\n\n' can not be converted to a Blob: Invalid Base64 character: '\n'"},
	{"base64 with bits left over", "PutRecord", `{"StreamName":"events","PartitionKey":"a","Data":"YR=="}`,
		"SerializationException", "'YR==' can not be converted to a Blob: Invalid last non-pad Base64 character dectected"},
	{"a key that is no text", "PutRecord", "{\"StreamName\":\"events\",\"PartitionKey\":\"\xff\",\"Data\":\"\"}",
		"SerializationException", ""},
}

// refusedBatches are those of PutRecords, and of actions that are not offered.
var refusedBatches = []refusedRequest{
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
}
