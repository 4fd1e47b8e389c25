// Package tail shows the events of a Kinesis stream as they arrive, on the local target or on AWS.
//
// It reads each shard at most four times a second and at half of its throughput, so that Firehose, which reads the same
// shards and shares their limits, does not fall behind. The order of a shard is kept. After a change of the number of shards
// it reads the new shards when their parents are at their end, so that the events of a partition key stay in order.
package tail
