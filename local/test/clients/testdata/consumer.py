"""Reads a stream from its beginning and prints a line for each record, until it has read as many as the second argument says.

It reads the children of a shard when the shard is at its end, so that the records of a partition key stay in order."""

import sys
import time

import boto3

stream, expected = sys.argv[1], int(sys.argv[2])
kinesis = boto3.client("kinesis")


def list_shards():
    shards, arguments = [], {"StreamName": stream}
    while arguments:
        page = kinesis.list_shards(**arguments)
        shards += page["Shards"]
        arguments = {"NextToken": page["NextToken"]} if "NextToken" in page else None
    return shards


def iterator(shard):
    return kinesis.get_shard_iterator(
        StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]


def parents(shard):
    return [shard[name] for name in ("ParentShardId", "AdjacentParentShardId") if name in shard]


iterators, ended, known = {}, set(), {}
read = 0
while read < expected:
    for shard in list_shards():
        known[shard["ShardId"]] = parents(shard)
    for shard, its_parents in known.items():
        if shard not in ended and shard not in iterators and all(p in ended or p not in known for p in its_parents):
            iterators[shard] = iterator(shard)
    for shard, position in list(iterators.items()):
        answer = kinesis.get_records(ShardIterator=position, Limit=25)
        for record in answer["Records"]:
            print(shard, record["Data"].decode(), flush=True)
            read += 1
        if answer.get("NextShardIterator"):
            iterators[shard] = answer["NextShardIterator"]
        else:
            ended.add(shard)
            del iterators[shard]
    time.sleep(0.25)
