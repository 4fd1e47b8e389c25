package kinesis

import (
	"context"

	"ingest-pipeline/local/aws/internal/protocol"
)

// API is what AWS's clients can do.
func (s *Service) API() protocol.Service {
	return protocol.Service{
		Name: "kinesis", Target: "Kinesis_20131202",
		Actions: []protocol.Action{
			protocol.HandleJSON("PutRecord", s.callAs("PutRecord")),
			protocol.HandleJSON("PutRecords", s.callAs("PutRecords")),
		},
	}
}

// callAs has Call answer an action.
func (s *Service) callAs(action string) func(context.Context, *protocol.Call, []byte) (int, []byte) {
	return func(ctx context.Context, call *protocol.Call, body []byte) (int, []byte) {
		return s.Call(ctx, call.Caller, action, body)
	}
}
