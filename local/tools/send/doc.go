// Package send is a producer for the endpoint, on the local target or on AWS, that loses nothing and says what became
// of every event.
//
// It behaves as docs/clients.md asks of every client: only a 200 counts as stored, 429 and what may pass (5xx, no
// answer) are tried again after Retry-After or a time that doubles, of a batch only the events at failedIndexes,
// nothing is sent again after a 400, 413 or 415, and a 403 stops the run.
//
// With Options.Verify it then reads the objects in S3 until every accepted event was found, or time is up. What it
// keeps for that is a few bits for each generated event and a few bytes for each different event of a file; objects are
// read as streams.
package send
