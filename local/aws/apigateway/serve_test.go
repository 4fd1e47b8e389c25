package apigateway

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/logs"
)

func TestCloseWaitsForRequestsInFlight(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	reached, goOn := make(chan struct{}), make(chan struct{})
	f.backend.during = func(context.Context) {
		close(reached)
		<-goOn
	}
	answered := make(chan reply, 1)
	go func() { answered <- f.post("{}") }()
	<-reached
	closed := make(chan error, 1)
	go func() { closed <- f.Close(context.Background()) }()
	require.Eventually(t, func() bool {
		connection, err := net.Dial("tcp", strings.TrimPrefix(f.BaseURL(testAPI), "http://"))
		if err == nil {
			require.NoError(t, connection.Close())
		}
		return err != nil
	}, time.Minute, time.Millisecond, "no new connections are taken")
	select {
	case err := <-closed:
		t.Fatalf("closed before the request was answered: %v", err)
	default:
	}
	close(goOn)
	require.Equal(t, 200, (<-answered).status)
	require.NoError(t, <-closed)
}

func TestCloseCutsOffWhatOutlivesItsContext(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	reached, goOn := make(chan struct{}), make(chan struct{})
	f.backend.during = func(context.Context) {
		close(reached)
		<-goOn
	}
	failed := make(chan error, 1)
	go func() {
		response, err := f.client.Post(f.BaseURL(testAPI)+"/PROD/v1", "application/json", strings.NewReader("{}"))
		if err == nil {
			err = response.Body.Close()
		}
		failed <- err
	}()
	<-reached
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, f.Close(ended), context.Canceled)
	require.Error(t, <-failed)
	close(goOn)
}

func TestABackendThatTakesTooLongIsATimeout(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.integration.TimeoutMillis = 1000
	f.deploy(r)
	f.backend.during = func(ctx context.Context) {
		ended := ctx.Done()
		require.NoError(t, ctx.Err())
		f.clock.Advance(time.Second)
		<-ended
		require.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
	}
	got := f.post("{}")
	require.Equal(t, 504, got.status)
	got.wantBody(t, `{"message":"Endpoint request timed out"}`)
}

func TestABackendWithinItsTimeoutIsWaitedFor(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.integration.TimeoutMillis = 1000
	f.deploy(r)
	f.backend.during = func(context.Context) { f.clock.Advance(999 * time.Millisecond) }
	require.Equal(t, 200, f.post("{}").status)
}

func TestWhatPanicsIsAnswered500(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.PutGatewayResponse(GatewayResponse{
		APIID: testAPI, ResponseType: "DEFAULT_5XX", ResponseTemplates: map[string]string{"application/json": `{"error":"$context.error.responseType"}`},
	}))
	f.deploy(f.postV1())
	f.backend.during = func(context.Context) { panic("on purpose") }
	got := f.post("{}")
	require.Equal(t, 500, got.status)
	got.wantBody(t, `{"error":"DEFAULT_5XX"}`)
	f.backend.during = nil
	require.Equal(t, 200, f.post("{}").status)
}

func TestAListenerThatPanicsIsAnswered500(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.OnRequest = func(Hop) { panic("on purpose") } })
	f.deploy(f.postV1())
	require.Equal(t, 500, f.post("{}").status)
}

func TestWhatPanicsAfterTheAnswerChangesNothing(t *testing.T) {
	w := httptest.NewRecorder()
	answerPanic(&invocation{writer: w, written: true}, "on purpose")
	require.Empty(t, w.Body.String())
}

func TestRequestsGoOnWhileTheAPIIsEdited(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	var clients sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		clients.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if got := f.post(`{"a":1}`); got.status != 200 || got.body != storedAnswer {
						t.Errorf("answered %d %s", got.status, got.body)
						return
					}
				}
			}
		})
	}
	for range 20 {
		f.deploy()
		f.change(func(s *Stage) { s.Variables = map[string]string{"a": "b"} })
	}
	close(stop)
	clients.Wait()
}

func TestOneRequestsDataNeverReachesAnother(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.integration.RequestTemplates["application/json"] = `$input.body|$input.params('q')|$context.identity.userAgent|$context.left`
	r.mapped[0].ResponseTemplates = map[string]string{"application/json": `$input.params('q')#if($input.params('q') == "a")` +
		`#set($context.left = "left")#set($context.responseOverride.status = 201)#set($context.responseOverride.header.X-Left = "left")#end`}
	f.deploy(r)
	for range 20 {
		got := f.send("POST /PROD/v1?q=a", `{"long":"`+strings.Repeat("a", 1000)+`"}`, "User-Agent", "one")
		require.Equal(t, 201, got.status)
		got = f.send("POST /PROD/v1", `{}`, "User-Agent", "two")
		require.Equal(t, `{}||two|`, f.backend.last(t))
		require.Equal(t, 200, got.status)
		require.Empty(t, got.body)
		require.NotContains(t, got.header, "X-Left")
	}
}

func TestAPortInUseIsAnErrorThatNamesTheAPI(t *testing.T) {
	f := newFixture(t)
	busy := errors.New("address already in use")
	service, err := Open(Options{
		Dir: t.TempDir(), Account: testAccount, IAM: f.iam, Logs: f.logs,
		Listen: func(string) (net.Listener, error) { return nil, busy },
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, service.Close(context.Background())) }()
	_, err = service.createRestAPI("other", RestAPI{Name: "other"})
	require.ErrorIs(t, err, busy)
	require.ErrorContains(t, err, "listening for API other")
	_, err = service.GetRestAPI("other")
	require.Error(t, err, "it was not made")
}

func TestOpenNeedsItsServices(t *testing.T) {
	_, err := Open(Options{Dir: t.TempDir()})
	require.ErrorContains(t, err, "Dir, IAM and Logs are required")
	kept, err := logs.Open(logs.Options{Dir: t.TempDir(), Account: testAccount})
	require.NoError(t, err)
	defer func() { require.NoError(t, kept.Close()) }()
	_, err = Open(Options{Dir: "/dev/null/x", IAM: iam.New(testAccount), Logs: kept})
	require.Error(t, err)
}

func TestADeadlineEndsAtItsTime(t *testing.T) {
	clock := clockwork.NewFakeClockAt(testMoment)
	ctx := &deadline{Context: context.Background(), clock: clock, at: testMoment.Add(time.Second)}
	require.NoError(t, ctx.Err())
	ended := ctx.Done()
	require.Equal(t, ended, ctx.Done(), "there is one channel")
	clock.Advance(time.Second)
	<-ended
	require.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
	at, ok := ctx.Deadline()
	require.True(t, ok)
	require.Equal(t, testMoment.Add(time.Second), at)
	ctx.release()
}

func TestAClientThatGoesAwayDoesNotStopItsRequest(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	reached, gone, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	f.backend.during = func(ctx context.Context) {
		close(reached)
		<-gone
		done <- ctx.Err()
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-reached
		cancel()
	}()
	request, err := http.NewRequestWithContext(ctx, "POST", f.BaseURL(testAPI)+"/PROD/v1", strings.NewReader("{}"))
	require.NoError(t, err)
	response, err := f.client.Do(request)
	if err == nil {
		_, err = io.ReadAll(response.Body)
		require.NoError(t, response.Body.Close())
	}
	require.ErrorIs(t, err, context.Canceled)
	close(gone)
	require.NoError(t, <-done, "an event that was accepted is stored, whether or not the client waits for it")
}

func TestAClientThatSendsBeforeItReadsGetsIts413(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	for name, header := range map[string]string{
		"with a length": "Content-Length: 16777216\r\n\r\n", "in chunks": "Transfer-Encoding: chunked\r\n\r\n1000000\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(f.BaseURL(testAPI), "http://"))
			require.NoError(t, err)
			defer conn.Close()
			body := strings.Repeat("x", 16<<20)
			if name == "in chunks" {
				body += "\r\n0\r\n\r\n"
			}
			_, err = io.WriteString(conn, "POST /PROD/v1 HTTP/1.1\r\nHost: h\r\n"+header+body)
			require.NoError(t, err)
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			require.Equal(t, 413, response.StatusCode)
		})
	}
}
