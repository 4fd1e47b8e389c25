package kinesis

import (
	"context"

	"ingest-pipeline/local/aws/internal/protocol"
)

// API is what AWS's clients can do.
func (s *Service) API() protocol.Service {
	return protocol.Service{
		Name: "kinesis", Target: "Kinesis_20131202",
		Actions: []protocol.Action{
			protocol.HandleJSON("PutRecord", s.callAs("PutRecord")),
			protocol.HandleJSON("PutRecords", s.callAs("PutRecords")),
			protocol.Handle("GetShardIterator", s.getShardIterator),
			protocol.Handle("GetRecords", s.getRecords),
			protocol.Handle("CreateStream", s.createStream),
			protocol.Handle("DeleteStream", s.deleteStream),
			protocol.Handle("ListStreams", s.listStreams),
			protocol.Handle("DescribeStream", s.describeStream),
			protocol.Handle("DescribeStreamSummary", s.describeStreamSummary),
			protocol.Handle("DescribeLimits", s.describeLimits),
			protocol.Handle("ListShards", s.listShards),
			protocol.Handle("SplitShard", s.splitShard),
			protocol.Handle("MergeShards", s.mergeShards),
			protocol.Handle("UpdateShardCount", s.updateShardCount),
			protocol.Handle("UpdateStreamMode", s.updateStreamMode),
			protocol.Handle("IncreaseStreamRetentionPeriod", s.increaseRetention),
			protocol.Handle("DecreaseStreamRetentionPeriod", s.decreaseRetention),
			protocol.Handle("StartStreamEncryption", s.startEncryption),
			protocol.Handle("StopStreamEncryption", s.stopEncryption),
			protocol.Handle("EnableEnhancedMonitoring", s.enableMonitoring),
			protocol.Handle("DisableEnhancedMonitoring", s.disableMonitoring),
			protocol.Handle("AddTagsToStream", s.addTags),
			protocol.Handle("RemoveTagsFromStream", s.removeTags),
			protocol.Handle("ListTagsForStream", s.listTags),
			protocol.Handle("TagResource", s.tagResource),
			protocol.Handle("UntagResource", s.untagResource),
			protocol.Handle("ListTagsForResource", s.listTagsForResource),
			protocol.Handle("RegisterStreamConsumer", s.registerConsumer),
			protocol.Handle("DescribeStreamConsumer", s.describeConsumer),
			protocol.Handle("ListStreamConsumers", s.listConsumers),
			protocol.Handle("DeregisterStreamConsumer", s.deregisterConsumer),
			protocol.HandleEvents("SubscribeToShard", s.subscribeToShard),
		},
	}
}

// callAs has Call answer an action.
func (s *Service) callAs(action string) func(context.Context, *protocol.Call, []byte) (int, []byte) {
	return func(ctx context.Context, call *protocol.Call, body []byte) (int, []byte) {
		return s.Call(ctx, call.Caller, action, body)
	}
}
