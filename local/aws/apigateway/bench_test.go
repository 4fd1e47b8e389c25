package apigateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"

	"ingest-pipeline/local/aws/apigateway/vtl"
	"ingest-pipeline/local/aws/iam"
)

const benchmarkEvent = `{"value":"30","type":"Tip 3"}`

// benchmarkAPI is the API of the exercise, with validation and explicit responses, served by a backend that does
// nothing; logging is off.
func benchmarkAPI(b *testing.B, change ...func(*Options)) *fixture {
	f := newFixture(b, append(change, func(o *Options) { o.Services["kinesis"] = silent{} })...)
	r := routeWithValidation(f, eventSchema)
	r.integration.RequestParameters = map[string]string{"integration.request.header.Content-Type": "'application/x-amz-json-1.1'"}
	r.integration.RequestTemplates["application/json"] = naiveTemplate
	r.mapped[0].SelectionPattern = "200"
	r.mapped[0].ResponseTemplates = map[string]string{"application/json": `#set($sequence = "$!input.path('$.SequenceNumber')")` +
		`{"requestId":"$context.requestId","shardId":"$input.path('$.ShardId')","sequenceNumber":"$sequence"}`}
	f.deploy(r)
	return f
}

// silent is a backend that remembers nothing.
type silent struct{}

func (silent) Call(context.Context, *iam.Session, string, []byte) (int, []byte) {
	return 200, silentAnswer
}

var silentAnswer = []byte(storedAnswer)

// discard is a response writer that keeps nothing.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

func BenchmarkHandler(b *testing.B) {
	serveBenchmark(b, benchmarkAPI(b))
}

func serveBenchmark(b *testing.B, f *fixture) {
	srv := f.apis[testAPI].server
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			request := httptest.NewRequest("POST", "/PROD/v1", strings.NewReader(benchmarkEvent))
			request.Header.Set("Content-Type", "application/json")
			w := &discard{header: http.Header{}}
			srv.ServeHTTP(w, request)
			if w.status != 200 {
				b.Fatal(w.status)
			}
		}
	})
}

// BenchmarkRequest is what BenchmarkHandler spends on making the request itself.
func BenchmarkRequest(b *testing.B) {
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			request := httptest.NewRequest("POST", "/PROD/v1", strings.NewReader(benchmarkEvent))
			request.Header.Set("Content-Type", "application/json")
			if _, err := io.Copy(io.Discard, request.Body); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkRenderRequestTemplate(b *testing.B) {
	parsed, err := vtl.Parse("request", naiveTemplate)
	if err != nil {
		b.Fatal(err)
	}
	template := &mappingTemplate{template: parsed}
	v := &invocation{stage: &stageRuntime{}, request: httptest.NewRequest("POST", "/PROD/v1", nil), traceID: newTraceRoot(1)}
	b.ReportAllocs()
	for b.Loop() {
		v.requestInput.reset(v, benchmarkEvent)
		var err error
		if v.call, err = v.render(v.call[:0], template, &v.requestInput); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRenderPutRecord renders the request template that the pipeline deploys.
func BenchmarkRenderPutRecord(b *testing.B) {
	source, err := os.ReadFile("../../../templates/put_record.request.vtl")
	if err != nil {
		b.Fatal(err)
	}
	parsed, err := vtl.Parse("request", string(source))
	if err != nil {
		b.Fatal(err)
	}
	template := &mappingTemplate{template: parsed, variables: true}
	variables := vtl.NewMap()
	variables.Put("envelope", "true")
	variables.Put("partitionKey", "TRACE_ID")
	variables.Put("streamName", "events")
	v := &invocation{
		stage: &stageRuntime{variables: variables}, method: &methodRuntime{resourcePath: "/v1"},
		request: httptest.NewRequest("POST", "/PROD/v1", nil),
	}
	v.traceID, v.extendedRequestID, v.requestID = newTraceRoot(1), "UBuxiEZSIAMFQ1Q=", "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
	b.ReportAllocs()
	for b.Loop() {
		v.requestInput.reset(v, benchmarkEvent)
		if v.call, err = v.render(v.call[:0], template, &v.requestInput); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	compiled, err := compileSchema("a", "Event", []Model{{Name: "Event", Schema: eventSchema}})
	if err != nil {
		b.Fatal(err)
	}
	v := &invocation{}
	b.ReportAllocs()
	for b.Loop() {
		v.requestInput.reset(v, benchmarkEvent)
		if problem := compiled.check(&v.requestInput); problem != "" {
			b.Fatal(problem)
		}
	}
}

// BenchmarkOverHTTP is the way over a socket, at 32 connections: "bare" reads the body and answers 200, "hop" is the
// API with a backend that does nothing.
func BenchmarkOverHTTP(b *testing.B) {
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	defer bare.Close()
	b.Run("bare", func(b *testing.B) { overHTTP(b, bare.URL) })
	f := benchmarkAPI(b)
	b.Run("hop", func(b *testing.B) { overHTTP(b, f.BaseURL(testAPI)+"/PROD/v1") })
}

func overHTTP(b *testing.B, url string) {
	const connections = 32
	transport := &http.Transport{MaxIdleConnsPerHost: connections}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	b.SetParallelism(connections / runtime.GOMAXPROCS(0))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			response, err := client.Post(url, "application/json", strings.NewReader(benchmarkEvent))
			if err != nil {
				b.Error(err)
				return
			}
			_, err = io.Copy(io.Discard, response.Body)
			if err = errors.Join(err, response.Body.Close()); err != nil || response.StatusCode != 200 {
				b.Error(response.StatusCode, err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}
