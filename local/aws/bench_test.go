package aws

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/endpoint"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/protocol"
	"ingest-pipeline/local/aws/internal/sigv4"
	"ingest-pipeline/local/aws/kinesis"
)

// connections is how many clients the benchmarks have.
const connections = 32

// signed sends requests as AWS's SDKs do.
type signed struct {
	client *http.Client
	signer *v4.Signer
	region string
}

func newSigned(b *testing.B) *signed {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	b.Cleanup(client.CloseIdleConnections)
	return &signed{client, v4.NewSigner(), seoul.Region}
}

func (s *signed) send(b *testing.B, url, action string, body []byte) []byte {
	r, err := http.NewRequest("POST", url, bytes.NewReader(body))
	require.NoError(b, err)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "Kinesis_20131202."+action)
	key := sdk.Credentials{AccessKeyID: DefaultAccessKey.ID, SecretAccessKey: DefaultAccessKey.Secret}
	require.NoError(b, s.signer.SignHTTP(context.Background(), key, r, sigv4.Hash(body), "kinesis", s.region, time.Now()))
	response, err := s.client.Do(r)
	require.NoError(b, err)
	answer, err := io.ReadAll(response.Body)
	require.NoError(b, err)
	require.NoError(b, response.Body.Close())
	if response.StatusCode != 200 {
		b.Fatalf("%s", answer)
	}
	return answer
}

// bare is a server that reads requests and answers with content, without anything else.
func bare(b *testing.B, content []byte) string {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(b, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write(content)
	})}
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

// parallel has all connections send requests, each with a client of its own.
func parallel(b *testing.B, name string, newClient func() (send func(i int))) {
	b.Run(name, func(b *testing.B) {
		b.SetParallelism(connections / runtime.GOMAXPROCS(0))
		b.RunParallel(func(p *testing.PB) {
			send := newClient()
			for i := 0; p.Next(); i++ {
				send(i)
			}
		})
	})
}

// fastClock runs so fast that no limit of a second is reached: a tenth of a second whenever somebody looks at it.
type fastClock struct {
	clockwork.Clock
	milliseconds *atomic.Int64
}

func (c fastClock) Now() time.Time { return time.UnixMilli(c.milliseconds.Add(100)) }

// BenchmarkEndpoint signs each request, also those to bare net/http, so that the difference is what the endpoint does:
// verifying the signature, and the action.
func BenchmarkEndpoint(b *testing.B) {
	clock := fastClock{clockwork.NewRealClock(), &atomic.Int64{}}
	clock.milliseconds.Store(time.Now().UnixMilli())
	streams, err := kinesis.Open(kinesis.Options{Dir: b.TempDir(), Account: seoul, Clock: clock})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, streams.Close()) })
	_, err = streams.CreateStream(kinesis.StreamConfig{Name: "events", ShardCount: 200})
	require.NoError(b, err)
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(b, err)
	stop := endpoint.New(endpoint.Options{
		Account: seoul, Clock: clockwork.NewRealClock(), IAM: iam.New(seoul, iam.WithAccessKey(DefaultAccessKey)),
		Services: []protocol.Service{streams.API()},
	}).Serve(listener)
	b.Cleanup(func() { require.NoError(b, stop(context.Background())) })
	client, url := newSigned(b), "http://"+listener.Addr().String()

	put := func(url string) func() func(int) {
		return func() func(int) {
			return func(i int) {
				client.send(b, url, "PutRecord", fmt.Appendf(nil, `{"StreamName":"events","PartitionKey":"%d","Data":"eyJ0eXBlIjoiY2xpY2sifQ=="}`, i))
			}
		}
	}
	answer := client.send(b, url, "PutRecord", []byte(`{"StreamName":"events","PartitionKey":"k","Data":""}`))
	parallel(b, "PutRecord", put(url))
	parallel(b, "PutRecord, bare net/http", put(bare(b, answer)))

	// Each client begins with an iterator of its own: at the speed of this clock one lasts for some thousand requests.
	first := func() []byte {
		var out struct{ ShardIterator string }
		answer := client.send(b, url, "GetShardIterator", []byte(`{"StreamName":"events","ShardId":"0","ShardIteratorType":"LATEST"}`))
		require.NoError(b, json.Unmarshal(answer, &out))
		return fmt.Appendf(nil, `{"ShardIterator":%q}`, out.ShardIterator)
	}
	get := func(url string) func() func(int) {
		return func() func(int) {
			request := first()
			return func(int) { request = nextRequest(client.send(b, url, "GetRecords", request)) }
		}
	}
	answer = client.send(b, url, "GetRecords", first())
	parallel(b, "GetRecords", get(url))
	parallel(b, "GetRecords, bare net/http", get(bare(b, answer)))
}

// nextRequest is the request for what comes after an answer of GetRecords.
func nextRequest(answer []byte) []byte {
	_, rest, _ := bytes.Cut(answer, []byte(`"NextShardIterator":"`))
	iterator, _, _ := bytes.Cut(rest, []byte(`"`))
	return fmt.Appendf(nil, `{"ShardIterator":"%s"}`, iterator)
}
