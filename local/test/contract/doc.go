// Package contract holds the tests of what the endpoint promises, each on the real program running on the local target,
// over HTTP: the table of answers, what may reach Kinesis, what must never reach a client, and that nothing acknowledged
// is lost. ../../docs/clients.md is the contract in words.
package contract
