// Package aws opens the AWS services of the local target over one state folder and wires them to each other.
//
// The folder is for one process at a time and for one account and Region. Below it each service has a folder of its
// own, in which it keeps its configuration and its data; buckets are plain folders in s3, log streams plain files in logs.
//
// No service depends on Pulumi, and each calls others only through what services.go passes to it. All of them import
// package iam, whose types (account, session, request, policy) are part of every call in AWS, too; iam imports none of
// them. Errors that AWS would answer with are of the type awserr.Error, which callers match with errors.As.
package aws
