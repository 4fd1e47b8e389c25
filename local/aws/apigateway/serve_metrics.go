package apigateway

import (
	"strings"
	"time"

	"ingest-pipeline/local/aws/internal/metric"
)

// meters are the metrics of requests, with one set of dimensions. Documented (api-gateway-metrics-and-dimensions): what
// each counts.
type meters struct{ count, clientErrors, serverErrors, latency, integrationLatency metric.Recorder }

func (s *Service) metersWith(dimensions map[string]string) meters {
	find := func(name string) metric.Recorder { return s.options.Metrics(name, dimensions) }
	return meters{
		count: find("Count"), clientErrors: find("4XXError"), serverErrors: find("5XXError"),
		latency: find("Latency"), integrationLatency: find("IntegrationLatency"),
	}
}

// stageMeters are those of an API and of its stage; none if nothing is measured.
func (s *Service) stageMeters(api *restAPI, stage string) []meters {
	if s.options.Metrics == nil {
		return nil
	}
	name := apiNameDimension(api.API)
	return []meters{
		s.metersWith(map[string]string{"ApiName": name}),
		s.metersWith(map[string]string{"ApiName": name, "Stage": stage}),
	}
}

// methodMeters are those of a method, which API Gateway sends only for methods with detailed metrics.
func (s *Service) methodMeters(api *restAPI, stage, resource, method string, settings MethodSettings) []meters {
	if s.options.Metrics == nil || !settings.MetricsEnabled {
		return nil
	}
	return []meters{s.metersWith(map[string]string{
		"ApiName": apiNameDimension(api.API), "Stage": stage, "Resource": resource, "Method": method,
	})}
}

// apiNameDimension is documented: "API Gateway removes non-ASCII characters from the ApiName dimension […]. If the
// APIName contains no ASCII characters, the API ID is used as the ApiName."
func apiNameDimension(api RestAPI) string {
	name := strings.Map(func(r rune) rune {
		if r > 0x7f {
			return -1
		}
		return r
	}, api.Name)
	if name == "" {
		return api.ID
	}
	return name
}

// measure counts a request that was answered.
func (v *invocation) measure() {
	if len(v.stage.meters) == 0 {
		return
	}
	at := v.start.Add(v.latency)
	for i := range v.stage.meters {
		v.stage.meters[i].request(at, v)
	}
	for i := range v.method.meters {
		v.method.meters[i].request(at, v)
	}
}

// request counts one request. Zeros make the average of the errors their rate: "The Average statistic represents the
// 4XXError error rate".
func (m *meters) request(at time.Time, v *invocation) {
	class := v.answer.status / 100
	m.count.AddAt(at, 1)
	m.clientErrors.AddAt(at, oneIf(class == 4))
	m.serverErrors.AddAt(at, oneIf(class == 5))
	m.latency.AddAt(at, inMilliseconds(v.latency))
	if v.backend.status != 0 {
		m.integrationLatency.AddAt(at, inMilliseconds(v.backend.latency))
	}
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
