package kinesis

import (
	"errors"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

// The errors of the API, in AWS's sentences.

// recorded (mhart/kinesalite test/putRecord.js).
func errNotFound(account iam.Account, stream string) error {
	return awserr.New("ResourceNotFoundException", 400, "Stream %s under account %s not found.", stream, account.ID)
}

// documented (API_PutRecords, example).
func throttledMessage(account iam.Account, stream, shard string) string {
	return "Rate exceeded for shard " + shard + " in stream " + stream + " under account " + account.ID + "."
}

// recorded (mhart/kinesalite test/putRecord.js).
func errExplicitHashKey(key []byte) error {
	return awserr.New("InvalidArgumentException", 400,
		"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was %s", key)
}

// recorded (mhart/kinesalite test/putRecord.js).
func errOrdering(account iam.Account, stream, number string) error {
	return awserr.New("InvalidArgumentException", 400,
		"ExclusiveMinimumSequenceNumber %s used in PutRecord on stream %s under account %s is invalid.",
		number, stream, account.ID)
}

func invalidArgument(format string, args ...any) error {
	return awserr.New("InvalidArgumentException", 400, format, args...)
}

func errResourceInUse(format string, args ...any) error {
	return awserr.New("ResourceInUseException", 400, format, args...)
}

func limitExceeded(format string, args ...any) error {
	return awserr.New("LimitExceededException", 400, format, args...)
}

// refusal is err as AWS would word it. What is no refusal but a failure of this service is an InternalFailure, whose
// cause AWS does not reveal.
//
// documented (CommonErrors): InternalFailure is HTTP 500 and ServiceUnavailable 503. recorded (mhart/kinesalite
// test/putRecord.js): InternalFailure has no sentence.
func refusal(err error) *awserr.Error {
	var refused *awserr.Error
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.Is(err, errClosed), errors.Is(err, errCancelled):
		return awserr.New("ServiceUnavailable", 503, "The request has failed due to a temporary failure of the server.")
	}
	return awserr.New("InternalFailure", 500, "")
}
