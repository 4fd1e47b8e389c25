package kinesis

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// recorded are requests that AWS refuses: mhart/kinesalite test/createStream.js, deleteStream.js, describeStream.js, getRecords.js,
// getShardIterator.js, listStreams.js, mergeShards.js, splitShard.js, addTagsToStream.js. The stream "events" has three shards. In a
// body and a sentence LONG is a name of 129 letters.
var recorded = []struct{ action, body, code, message string }{
	{"CreateStream", `{}`, "ValidationException", "2 validation errors detected: Value null at 'shardCount' failed to satisfy constraint: Member must not be null; " +
		"Value null at 'streamName' failed to satisfy constraint: Member must not be null"},
	{"CreateStream", `{"StreamName":"","ShardCount":0}`, "ValidationException", "3 validation errors detected: Value '0' at 'shardCount' failed to satisfy constraint: " +
		"Member must have value greater than or equal to 1; Value '' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; " +
		"Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1"},
	{"CreateStream", `{"StreamName":"LONG","ShardCount":100000000000}`, "ValidationException", "1 validation error detected: Value 'LONG' at 'streamName' failed to satisfy constraint: " +
		"Member must have length less than or equal to 128"},
	{"CreateStream", `{"StreamName":"large","ShardCount":1000}`, "LimitExceededException", "This request would exceed the shard limit for the account 123456789012 in ap-northeast-2. " +
		"Current shard count for the account: 3. Limit: 200. Number of additional shards that would have resulted from this request: 1000. " +
		"Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits."},
	{"DeleteStream", `{"StreamName":"none"}`, "ResourceNotFoundException", "Stream none under account 123456789012 not found."},
	{"DescribeStream", `{"StreamName":"none"}`, "ResourceNotFoundException", "Stream none under account 123456789012 not found."},
	{"DescribeStream", `{"Limit":100000,"StreamName":"events"}`, "ValidationException", "1 validation error detected: Value '100000' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000"},
	{"ListStreams", `{"Limit":0}`, "ValidationException", "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},

	{"GetShardIterator", `{}`, "ValidationException", "3 validation errors detected: Value null at 'shardId' failed to satisfy constraint: Member must not be null; " +
		"Value null at 'shardIteratorType' failed to satisfy constraint: Member must not be null; Value null at 'streamName' failed to satisfy constraint: Member must not be null"},
	{"GetShardIterator", `{"StreamName":"LONG","ShardId":"LONG","ShardIteratorType":"LATEST"}`, "ValidationException", "2 validation errors detected: " +
		"Value 'LONG' at 'shardId' failed to satisfy constraint: Member must have length less than or equal to 128; Value 'LONG' at 'streamName' failed to satisfy constraint: Member must have length less than or equal to 128"},
	{"GetShardIterator", `{"StreamName":"none","ShardId":"2147483647","ShardIteratorType":"LATEST"}`, "ResourceNotFoundException", "Shard shardId-002147483647 in stream none under account 123456789012 does not exist"},
	{"GetShardIterator", `{"StreamName":"none","ShardId":"-00002147483647","ShardIteratorType":"LATEST"}`, "ResourceNotFoundException", "Shard shardId-002147483647 in stream none under account 123456789012 does not exist"},
	{"GetShardIterator", `{"StreamName":"none","ShardId":"2147483648","ShardIteratorType":"LATEST"}`, "ResourceNotFoundException", "Could not find shard 2147483648 in stream none under account 123456789012."},
	{"GetShardIterator", `{"StreamName":"none","ShardId":"ABKLFD8","ShardIteratorType":"LATEST"}`, "ResourceNotFoundException", "Could not find shard ABKLFD8 in stream none under account 123456789012."},
	{"GetShardIterator", `{"StreamName":"none","ShardId":"2.14E4","ShardIteratorType":"LATEST"}`, "ResourceNotFoundException", "Could not find shard 2.14E4 in stream none under account 123456789012."},
	{"GetShardIterator", `{"StreamName":"events","ShardId":"shardId-5","ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"5"}`, "ResourceNotFoundException",
		"Shard shardId-000000000005 in stream events under account 123456789012 does not exist"},
	{"GetShardIterator", `{"StreamName":"events","ShardId":"shardId-0","ShardIteratorType":"AFTER_SEQUENCE_NUMBER"}`, "InvalidArgumentException",
		"Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. " +
			"Request specified AFTER_SEQUENCE_NUMBER and no StartingSequenceNumber."},
	{"GetShardIterator", `{"StreamName":"events","ShardId":"shardId-0","ShardIteratorType":"LATEST","StartingSequenceNumber":"5"}`, "InvalidArgumentException",
		"Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. " +
			"Request specified LATEST and also a StartingSequenceNumber."},
	{"GetShardIterator", `{"StreamName":"events","ShardId":"shardId-0","ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"5"}`, "InvalidArgumentException",
		"Invalid StartingSequenceNumber. It encodes shardId-000000000005, while it was used in a call to a shard with shardId-000000000000"},
	{"GetShardIterator", `{"StreamName":"events","ShardId":"shardId-0","ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"0"}`, "InvalidArgumentException",
		"StartingSequenceNumber 21267647932558653966460912964485513216 used in GetShardIterator on shard shardId-000000000000 in stream events under account 123456789012 is invalid because it did not come from this stream."},
	{"GetShardIterator", `{"StreamName":"events","ShardId":"shardId-2","ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"425352958651173072921826052383309826"}`, "InvalidArgumentException",
		"StartingSequenceNumber 21693000891209827039382739016868823042 used in GetShardIterator on shard shardId-000000000002 in stream events under account 123456789012 is invalid because it did not come from this stream."},
	{"GetShardIterator", `{"StreamName":"events","ShardId":"shardId-0","ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"26227199374822427428162556223570313216"}`, "InvalidArgumentException",
		"StartingSequenceNumber 26227199374822427428162556223570313216 used in GetShardIterator on shard shardId-000000000000 in stream events under account 123456789012 is invalid."},

	{"GetRecords", `{}`, "ValidationException", "1 validation error detected: Value null at 'shardIterator' failed to satisfy constraint: Member must not be null"},
	{"GetRecords", `{"ShardIterator":"","Limit":0}`, "ValidationException", "2 validation errors detected: Value '0' at 'limit' failed to satisfy constraint: " +
		"Member must have value greater than or equal to 1; Value '' at 'shardIterator' failed to satisfy constraint: Member must have length greater than or equal to 1"},
	{"GetRecords", `{"ShardIterator":"__kinesalite_test_1","Limit":10000}`, "InvalidArgumentException", "Invalid ShardIterator."},

	{"SplitShard", `{}`, "ValidationException", "3 validation errors detected: Value null at 'newStartingHashKey' failed to satisfy constraint: Member must not be null; " +
		"Value null at 'streamName' failed to satisfy constraint: Member must not be null; Value null at 'shardToSplit' failed to satisfy constraint: Member must not be null"},
	{"SplitShard", `{"StreamName":"","ShardToSplit":"","NewStartingHashKey":""}`, "ValidationException", "5 validation errors detected: " +
		`Value '' at 'newStartingHashKey' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\d{0,38}); ` +
		"Value '' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; " +
		"Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
		"Value '' at 'shardToSplit' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; " +
		"Value '' at 'shardToSplit' failed to satisfy constraint: Member must have length greater than or equal to 1"},
	{"SplitShard", `{"StreamName":"none","ShardToSplit":"a-00002147483647","NewStartingHashKey":"0"}`, "ResourceNotFoundException", "Stream none under account 123456789012 not found."},
	{"SplitShard", `{"StreamName":"none","ShardToSplit":"shardId-002147483648","NewStartingHashKey":"0"}`, "ResourceNotFoundException", "Could not find shard shardId-002147483648 in stream none under account 123456789012."},
	{"SplitShard", `{"StreamName":"events","ShardToSplit":"shardId-5","NewStartingHashKey":"0"}`, "ResourceNotFoundException", "Could not find shard shardId-000000000005 in stream events under account 123456789012."},
	{"SplitShard", `{"StreamName":"events","ShardToSplit":"shard-0","NewStartingHashKey":"1"}`, "InvalidArgumentException", "NewStartingHashKey 1 used in SplitShard() on shard shardId-000000000000 in stream events " +
		"under account 123456789012 is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey 113427455640312821154458202477256070484."},
	{"SplitShard", `{"StreamName":"events","ShardToSplit":"shard-0","NewStartingHashKey":"113427455640312821154458202477256070484"}`, "InvalidArgumentException", "NewStartingHashKey 113427455640312821154458202477256070484 used in SplitShard() on shard shardId-000000000000 in stream events " +
		"under account 123456789012 is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey 113427455640312821154458202477256070484."},
	{"SplitShard", `{"StreamName":"events","ShardToSplit":"shard-2","NewStartingHashKey":"999999999999999999999999999999999999999"}`, "InvalidArgumentException", "NewStartingHashKey 999999999999999999999999999999999999999 used in SplitShard() on shard shardId-000000000002 in stream events " +
		"under account 123456789012 is not both greater than one plus the shard's StartingHashKey 226854911280625642308916404954512140970 and less than the shard's EndingHashKey 340282366920938463463374607431768211455."},

	{"MergeShards", `{}`, "ValidationException", "3 validation errors detected: Value null at 'streamName' failed to satisfy constraint: Member must not be null; " +
		"Value null at 'shardToMerge' failed to satisfy constraint: Member must not be null; Value null at 'adjacentShardToMerge' failed to satisfy constraint: Member must not be null"},
	{"MergeShards", `{"StreamName":"events","ShardToMerge":"shard-0","AdjacentShardToMerge":"shard-2"}`, "InvalidArgumentException",
		"Shards shardId-000000000000 and shardId-000000000002 in stream events under account 123456789012 are not an adjacent pair of shards eligible for merging"},
	{"MergeShards", `{"StreamName":"events","ShardToMerge":"shard-1","AdjacentShardToMerge":"shard-0"}`, "InvalidArgumentException",
		"Shards shardId-000000000001 and shardId-000000000000 in stream events under account 123456789012 are not an adjacent pair of shards eligible for merging"},
	{"MergeShards", `{"StreamName":"events","ShardToMerge":"shard-5","AdjacentShardToMerge":"shard-0"}`, "ResourceNotFoundException", "Could not find shard shardId-000000000005 in stream events under account 123456789012."},

	{"AddTagsToStream", `{}`, "ValidationException", "2 validation errors detected: Value null at 'tags' failed to satisfy constraint: Member must not be null; Value null at 'streamName' failed to satisfy constraint: Member must not be null"},
	{"AddTagsToStream", `{"StreamName":"","Tags":{}}`, "ValidationException", "3 validation errors detected: Value '{}' at 'tags' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
		"Value '' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1"},
	{"AddTagsToStream", `{"StreamName":"none","Tags":{"a":"b"}}`, "ResourceNotFoundException", "Stream none under account 123456789012 not found."},
	{"AddTagsToStream", `{"StreamName":"events","Tags":{"a;b":"b"}}`, "InvalidArgumentException", "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @ :."},
	{"AddTagsToStream", `{"StreamName":"events","Tags":{"a%b":"b"}}`, "InvalidArgumentException", "Failed to add tags to stream events under account 123456789012 because some tags contained illegal characters. " +
		"The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@',':'."},
	{"ListShards", `{}`, "InvalidArgumentException", "Either NextToken or StreamName should be provided."},
	{"ListShards", `{"StreamName":"events","NextToken":"x"}`, "InvalidArgumentException", "NextToken and StreamName cannot be provided together."},
	{"IncreaseStreamRetentionPeriod", `{"StreamName":"events","RetentionPeriodHours":23}`, "InvalidArgumentException", "Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short."},
	{"DecreaseStreamRetentionPeriod", `{"StreamName":"events","RetentionPeriodHours":25}`, "InvalidArgumentException", "Requested retention period (25 hours) for stream events can not be longer than existing retention period (24 hours). Use IncreaseRetentionPeriod API."},
}

func TestTheAPIRefusesWhatAWSRefusesInItsWords(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 3})
	long := strings.Repeat("a", 129)
	for _, c := range recorded {
		w.refuses(c.action, strings.ReplaceAll(c.body, "LONG", long), c.code, strings.ReplaceAll(c.message, "LONG", long))
	}
}

func TestTheAPIRefusesWithoutPermissionBeforeItLooks(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	iterator := w.iterator("shardId-0", "LATEST")
	w.caller = session(t, "kinesis:PutRecord")
	for action, body := range map[string]string{
		"CreateStream": `{"StreamName":"other","ShardCount":1}`, "DeleteStream": `{"StreamName":"events"}`, "ListStreams": `{}`,
		"DescribeStream": `{"StreamName":"none"}`, "DescribeStreamSummary": `{"StreamName":"events"}`, "DescribeLimits": `{}`,
		"ListShards": `{"StreamName":"events"}`, "GetShardIterator": `{"StreamName":"none","ShardId":"0","ShardIteratorType":"LATEST"}`,
		"GetRecords": `{"ShardIterator":"` + iterator + `"}`, "SplitShard": `{"StreamName":"events","ShardToSplit":"0","NewStartingHashKey":"5"}`,
		"MergeShards":                   `{"StreamName":"events","ShardToMerge":"0","AdjacentShardToMerge":"1"}`,
		"UpdateShardCount":              `{"StreamName":"events","TargetShardCount":2,"ScalingType":"UNIFORM_SCALING"}`,
		"UpdateStreamMode":              `{"StreamARN":"` + streamARN + `","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`,
		"IncreaseStreamRetentionPeriod": `{"StreamName":"events","RetentionPeriodHours":48}`, "DecreaseStreamRetentionPeriod": `{"StreamName":"events","RetentionPeriodHours":24}`,
		"StartStreamEncryption": `{"StreamName":"events","EncryptionType":"KMS","KeyId":"alias/aws/kinesis"}`, "StopStreamEncryption": `{"StreamName":"events","EncryptionType":"KMS","KeyId":"x"}`,
		"EnableEnhancedMonitoring": `{"StreamName":"events","ShardLevelMetrics":["ALL"]}`, "DisableEnhancedMonitoring": `{"StreamName":"events","ShardLevelMetrics":["ALL"]}`,
		"AddTagsToStream": `{"StreamName":"events","Tags":{"a":"b"}}`, "RemoveTagsFromStream": `{"StreamName":"events","TagKeys":["a"]}`, "ListTagsForStream": `{"StreamName":"events"}`,
		"TagResource": `{"ResourceARN":"` + streamARN + `","Tags":{"a":"b"}}`, "UntagResource": `{"ResourceARN":"` + streamARN + `","TagKeys":["a"]}`, "ListTagsForResource": `{"ResourceARN":"` + streamARN + `"}`,
		"RegisterStreamConsumer": `{"StreamARN":"` + streamARN + `","ConsumerName":"c"}`, "DescribeStreamConsumer": `{"StreamARN":"` + streamARN + `","ConsumerName":"c"}`,
		"ListStreamConsumers": `{"StreamARN":"` + streamARN + `"}`, "DeregisterStreamConsumer": `{"StreamARN":"` + streamARN + `","ConsumerName":"c"}`,
		"PutRecords": `{"StreamName":"events","Records":[{"Data":"","PartitionKey":"a"}]}`,
	} {
		status, response := w.send(action, body)
		require.Equal(t, 400, status, action)
		require.Contains(t, response, `"AccessDeniedException"`, action)
		require.Contains(t, response, "is not authorized to perform: kinesis:"+action+" on resource: ", action)
	}
}
