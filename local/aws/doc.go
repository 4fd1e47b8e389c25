// Package aws opens the AWS services of the local target over one state folder and wires them to each other.
//
// The folder is for one process at a time and for one account and Region. Below it each service has a folder of its
// own (apigateway, kinesis, firehose, s3, logs); buckets are plain folders in s3, log streams plain files in logs.
// What the services keep in memory only (roles, APIs, settings) is put back by package provider.
package aws
