// Package templates holds what API Gateway executes for the endpoint: the Velocity mapping templates, one file for each
// method and direction, and the JSON Schema models (draft-04) that a request body is validated against first.
//
// The templates are plain VTL and are deployed byte for byte. What varies by stack reaches them as stage variables:
//
//	streamName         the Kinesis stream
//	partitionKey       TRACE_ID, REQUEST_ID or EVENT_FIELD
//	partitionKeyField  the path of the field, with EVENT_FIELD only
//	envelope           "true" or "false"
//	corsAllowedOrigins origins with commas in between, or "any"; with CORS only
package templates

import _ "embed"

// Request templates turn a request of the endpoint into a Kinesis call, or into the status of a mock integration.
var (
	//go:embed put_record.request.vtl
	PutRecordRequest string
	//go:embed put_records.request.vtl
	PutRecordsRequest string
	//go:embed preflight.request.vtl
	PreflightRequest string
	//go:embed paused.request.vtl
	PausedRequest string
)

// Response templates turn the answer of Kinesis, or of a mock integration, into an answer of the endpoint.
var (
	//go:embed put_record.response.vtl
	PutRecordResponse string
	//go:embed put_records.response.vtl
	PutRecordsResponse string
	//go:embed error.response.vtl
	ErrorResponse string
	//go:embed unavailable.response.vtl
	UnavailableResponse string
	//go:embed paused.response.vtl
	PausedResponse string
)

// Models of the request bodies.
var (
	//go:embed event.schema.json
	EventSchema string
	//go:embed batch.schema.json
	BatchSchema string
)
