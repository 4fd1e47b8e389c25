package protocol

import (
	"errors"

	"ingest-pipeline/local/aws/awserr"
)

const accessDeniedException = "AccessDeniedException"

// refusal is an error as AWS would answer it. What is no refusal but a failure of the service is an InternalFailure, whose
// cause AWS does not reveal: documented (CommonErrors); recorded (mhart/kinesalite test/putRecord.js): it has no sentence.
func refusal(err error) *awserr.Error {
	var refused *awserr.Error
	if errors.As(err, &refused) {
		return refused
	}
	return awserr.New("InternalFailure", 500, "")
}

// queryErrors are the errors that all services have under other names and statuses in Query. Documented: the common errors
// in the API references of IAM, STS and Kinesis.
var queryErrors = map[string]struct {
	code   string
	status int
}{
	accessDeniedException:                 {"AccessDenied", 403},
	"ExpiredTokenException":               {"ExpiredToken", 403},
	"IncompleteSignatureException":        {"IncompleteSignature", 400},
	"InvalidSignatureException":           {"SignatureDoesNotMatch", 403},
	"MissingAuthenticationTokenException": {"MissingAuthenticationToken", 403},
	"UnknownOperationException":           {"InvalidAction", 400},
	"UnrecognizedClientException":         {"InvalidClientTokenId", 403},
}

// restErrors are those that have another status in REST-JSON.
var restErrors = map[string]int{
	accessDeniedException: 403, "ExpiredTokenException": 403, "IncompleteSignatureException": 403,
	"InvalidSignatureException": 403, "MissingAuthenticationTokenException": 403, "UnknownOperationException": 404,
	"UnrecognizedClientException": 403,
}

// withShapeName is an error with the name of its shape in place of the code that it has in Query.
func (s Service) withShapeName(e *awserr.Error) *awserr.Error {
	if _, isShape := s.Errors[e.Code]; isShape {
		return e
	}
	for shape, code := range s.Errors {
		if code == e.Code {
			return &awserr.Error{Code: shape, Status: e.Status, Message: e.Message}
		}
	}
	return e
}

// withQueryCode is an error with the code that it has in Query in place of the name of its shape.
func (s Service) withQueryCode(e *awserr.Error) *awserr.Error {
	if code, isShape := s.Errors[e.Code]; isShape {
		return &awserr.Error{Code: code, Status: e.Status, Message: e.Message}
	}
	return e
}

// inQuery is an error as Query has it.
func inQuery(e *awserr.Error) *awserr.Error {
	if other, ok := queryErrors[e.Code]; ok {
		return &awserr.Error{Code: other.code, Status: other.status, Message: e.Message}
	}
	return e
}
