package apigateway

import (
	"net/http"

	"ingest-pipeline/local/aws/awserr"
)

// The four refusals that the API of API Gateway has (documented: the Errors section of each operation).

func badRequest(format string, args ...any) error {
	return awserr.New("BadRequestException", http.StatusBadRequest, format, args...)
}

func notFound(format string, args ...any) error {
	return awserr.New("NotFoundException", http.StatusNotFound, format, args...)
}

func conflict(format string, args ...any) error {
	return awserr.New("ConflictException", http.StatusConflict, format, args...)
}

func accessDenied(format string, args ...any) error {
	return awserr.New("AccessDeniedException", http.StatusForbidden, format, args...)
}

// notEmulated refuses something that AWS offers and the local target does not, by its name.
func notEmulated(what string) error {
	return badRequest("%s is not emulated by the local target", what)
}
