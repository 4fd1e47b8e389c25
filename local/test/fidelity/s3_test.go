package fidelity

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/s3"
)

// s3Request is an HTTP request to the S3 API. The query is that of botocore, which asks for URL encoding.
type s3Request struct {
	Method, Target, Body string
	Header               map[string]string
}

// TestS3AnswersAsRecorded compares requests to the bucket "bucket"; Setup lists its keys, which all have the content of
// the recordings, or requests that come first. {token} in a target is the NextContinuationToken of the request before.
func TestS3AnswersAsRecorded(t *testing.T) {
	compare(t, "s3", func(t *testing.T, r request) answer {
		service, err := s3.Open(s3.Options{Dir: t.TempDir(), Account: account})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, service.Close()) })
		_, err = service.CreateBucket("bucket")
		require.NoError(t, err)
		administrator := iam.New(account).Administrator()
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			service.ServeAPI(w, r, administrator)
		}))
		t.Cleanup(server.Close)
		var before struct {
			Keys     []string
			Requests []s3Request
		}
		if r.Setup != nil {
			require.NoError(t, json.Unmarshal(r.Setup, &before))
		}
		for _, key := range before.Keys {
			a := sendS3(t, server.URL, s3Request{Method: http.MethodPut, Target: "/bucket/" + key, Body: "content 123"}, "")
			require.Equal(t, http.StatusOK, a.Status, a.Message)
		}
		token := ""
		for _, q := range before.Requests {
			a := sendS3(t, server.URL, q, token)
			require.Equal(t, http.StatusOK, a.Status, a.Message)
			token, _ = a.Body["NextContinuationToken"].(string)
		}
		var q s3Request
		require.NoError(t, json.Unmarshal(r.Request, &q))
		return sendS3(t, server.URL, q, token)
	})
}

func sendS3(t *testing.T, endpoint string, q s3Request, token string) answer {
	t.Helper()
	if q.Method == "" {
		q.Method = http.MethodGet
	}
	request, err := http.NewRequestWithContext(t.Context(), q.Method, endpoint+strings.ReplaceAll(q.Target, "{token}", token), strings.NewReader(q.Body))
	require.NoError(t, err)
	for name, value := range q.Header {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	a := answer{Status: response.StatusCode, Body: map[string]any{}}
	for _, name := range []string{"ETag", "Content-Length", "Content-Type"} {
		if value := response.Header.Get(name); value != "" {
			a.Body[name] = value
		}
	}
	if len(content) == 0 {
		return a
	}
	if response.StatusCode >= 400 {
		var refused struct{ Code, Message string }
		require.NoError(t, xml.Unmarshal(content, &refused), string(content))
		return answer{Status: response.StatusCode, Error: refused.Code, Message: refused.Message}
	}
	if strings.HasPrefix(strings.TrimSpace(string(content)), "<?xml") {
		a.Body = result(t, content)
	}
	return a
}

// result are the members of an XML result by name: texts, and lists of keys and of prefixes.
func result(t *testing.T, content []byte) map[string]any {
	t.Helper()
	var members struct {
		All []struct {
			XMLName xml.Name
			Text    string `xml:",chardata"`
			Key     string
			Prefix  string
		} `xml:",any"`
	}
	require.NoError(t, xml.Unmarshal(content, &members), string(content))
	body := map[string]any{"Contents": []any{}, "CommonPrefixes": []any{}}
	for _, m := range members.All {
		switch name := m.XMLName.Local; name {
		case "Contents":
			body[name] = append(body[name].([]any), m.Key)
		case "CommonPrefixes":
			body[name] = append(body[name].([]any), m.Prefix)
		default:
			body[name] = m.Text
		}
	}
	return body
}
