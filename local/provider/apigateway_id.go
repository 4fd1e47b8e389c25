package provider

import (
	"fmt"
	"strings"

	"ingest-pipeline/local/aws/iam"
)

// gatewayARN is the ARN of something in API Gateway's control plane; it has no account in it (documented: API Gateway
// developer guide, Amazon Resource Name reference).
func gatewayARN(a iam.Account, path string) string {
	return "arn:" + a.Partition + ":apigateway:" + a.Region + "::" + path
}

// splitID returns the parts of an id: with slashes between them, as `pulumi import` has it, or with a prefix and hyphens,
// as create returns it. It returns nil if the id does not have so many parts. Only the last part may contain a hyphen or
// a slash.
func splitID(id, prefix string, count int) []string {
	separator := "/"
	if rest, ok := strings.CutPrefix(id, prefix); ok && prefix != "" {
		id, separator = rest, "-"
	}
	parts := strings.SplitN(id, separator, count)
	if len(parts) != count {
		return nil
	}
	return parts
}

func malformedID(id, form string) error { return fmt.Errorf("the id is %q: must be %s", id, form) }

// splitAPIID splits REST-API-ID/ID. An ID alone is looked for in all APIs; if none has it, the API is empty.
func splitAPIID[T any](s services, id string, list func(apiID string) ([]T, error), idOf func(T) string) (apiID, partID string) {
	if parts := splitID(id, "", 2); parts != nil {
		return parts[0], parts[1]
	}
	for _, api := range s.APIGateway.GetRestAPIs() {
		all, _ := list(api.ID) // an API that has been deleted by now has none
		for _, part := range all {
			if idOf(part) == id {
				return api.ID, id
			}
		}
	}
	return "", id
}

// listInAPIs returns REST-API-ID/ID of everything that list returns for each API and that has an ID.
func listInAPIs[T any](s services, list func(apiID string) ([]T, error), idOf func(T) string) (ids []string) {
	for _, api := range s.APIGateway.GetRestAPIs() {
		all, _ := list(api.ID) // an API that has been deleted by now has none
		for _, part := range all {
			if id := idOf(part); id != "" {
				ids = append(ids, api.ID+"/"+id)
			}
		}
	}
	return ids
}
