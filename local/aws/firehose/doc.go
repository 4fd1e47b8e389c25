// Package firehose is Amazon Data Firehose of the local target: delivery streams that read a Kinesis stream with one
// role and write objects to an S3 bucket with another.
//
// Delivery is at least once. The place up to which a stream was read is kept in a file that moves only when the
// object with the records before it is durable in S3, so that after a crash reading goes on there.
//
// Each behaviour of AWS is tagged where it is implemented: documented (with the page) or assumed; the recordings that
// docs/fidelity.md counts have none of Firehose. Where the package differs from AWS: a delivery stream is ACTIVE at once,
// it reads as soon as there is something to read instead of once a second, and only a Kinesis stream as source and S3 as
// destination are offered; the rest is refused by name.
package firehose
