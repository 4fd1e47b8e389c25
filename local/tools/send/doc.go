// Package send is a producer for the endpoint, on the local target or on AWS, that loses nothing and reports the fate
// of every event.
//
// It follows docs/clients.md: only a 200 counts as stored; after a 429, a 5xx or no response, events are sent again
// after Retry-After or with exponential backoff, of a batch only the events at failedIndexes;
// nothing is sent again after a 400, 413 or 415; a 403 stops the run.
//
// With Options.Verify it then reads the objects in S3 until every accepted event was found or the time is up. For that
// it keeps a few bits in memory for each generated event, or a few bytes for each distinct event of a file. Objects are
// streamed.
package send
