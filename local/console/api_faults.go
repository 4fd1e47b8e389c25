package console

import (
	"fmt"
	"net/http"
	"time"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/kinesis"
)

// faultSwitches are the faults that the page switches.
type faultSwitches struct {
	Throttle     bool `json:"throttle"`
	Fail         bool `json:"fail"`
	RefuseWrites bool `json:"refuseWrites"`
	// LatencyMilliseconds is 0 to 60,000.
	LatencyMilliseconds int `json:"latencyMilliseconds"`
}

// maxLatency is longer than API Gateway waits for an integration.
const maxLatency = time.Minute

func switchesOf(f aws.Faults) faultSwitches {
	return faultSwitches{f.Kinesis.Throttle, f.Kinesis.Fail, f.RefuseWrites, int(f.Kinesis.Latency.Milliseconds())}
}

func (s *Server) getFaults(*http.Request) (any, error) {
	return switchesOf(s.options.Cloud.Faults()), nil
}

func (s *Server) postFaults(r *http.Request) (any, error) {
	var f faultSwitches
	if err := readJSON(r, &f); err != nil {
		return nil, err
	}
	latency := time.Duration(f.LatencyMilliseconds) * time.Millisecond
	if latency < 0 || latency > maxLatency {
		return nil, badRequest(fmt.Sprintf("latencyMilliseconds = %d: must be 0 to %d", f.LatencyMilliseconds, maxLatency.Milliseconds()))
	}
	s.options.Cloud.SetFaults(aws.Faults{
		Kinesis: kinesis.Fault{Throttle: f.Throttle, Fail: f.Fail, Latency: latency}, RefuseWrites: f.RefuseWrites,
	})
	s.options.Monitor.publish("faults", f)
	return f, nil
}
