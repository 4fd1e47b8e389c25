package apigateway

import "errors"

// errNotWritten marks what only has its signature so far.
var errNotWritten = errors.New("not written yet")

type restAPI struct{}
