// Package awserr holds the one error type with which the services of the local target refuse a call:
// the code, HTTP status and sentence that AWS would answer with.
package awserr

import "fmt"

// Error is a refusal in AWS's words.
type Error struct {
	// Code is the error code of the AWS API, such as "ResourceNotFoundException".
	Code string
	// Message is AWS's sentence. It may hold account ids and ARNs, as AWS's own do: whoever passes it on to a
	// client of the endpoint has to take them out.
	Message string
	// Status is the HTTP status of the AWS API's answer.
	Status int
}

// New words an error. status is the HTTP status that the AWS API gives to code.
func New(code string, status int, format string, args ...any) *Error {
	return &Error{Code: code, Status: status, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }
