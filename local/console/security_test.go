package console_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/test/pipelinetest"
)

func TestRequestsThatAnotherPageHasMadeAreRefused(t *testing.T) {
	t.Parallel()
	f := start(t, pipelinetest.Options{})
	own := strings.TrimSuffix(f.server.URL(), "/")
	for _, c := range []struct {
		name    string
		path    string
		headers []string
		want    int
	}{
		{"the page's own", "/api/state", []string{"Origin", own, "Sec-Fetch-Site", "same-origin"}, 200},
		{"a program of this machine", "/api/state", nil, 200},
		{"a name that was rebound to this address", "/", []string{"Host", "evil.example"}, 403},
		{"this address by a name and its port", "/api/state", []string{"Host", "evil.example:" + own[strings.LastIndex(own, ":")+1:]}, 403},
		{"another origin", "/api/state", []string{"Origin", "http://evil.example"}, 403},
		{"another port of this machine", "/api/state", []string{"Origin", "http://127.0.0.1:1", "Sec-Fetch-Site", "same-site"}, 403},
		{"no origin at all", "/api/state", []string{"Origin", "null"}, 403},
		{"an image of another site", "/api/state", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"the stream for another site", "/api/stream", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a link of another site to the page", "/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, 200},
		{"a link of another site into the page", "/api/state", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, content, header := f.request(http.MethodGet, c.path, "", c.headers...)
			assert.Equal(t, c.want, status, "%s", content)
			policy := header.Get("Content-Security-Policy")
			assert.Contains(t, policy, "default-src 'none'; script-src 'self';")
			assert.Contains(t, policy, "frame-ancestors 'none'")
			assert.NotContains(t, policy, "unsafe")
			assert.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
			assert.Empty(t, header.Get("Access-Control-Allow-Origin"))
		})
	}
}

func TestWhatChangesSomethingNeedsTheTokenOfThePage(t *testing.T) {
	t.Parallel()
	f := start(t, pipelinetest.Options{})
	for _, path := range []string{"/api/send", "/api/faults", "/api/templates/test"} {
		status, content, _ := f.request(http.MethodPost, path, `{"throttle":true}`, "Content-Type", "application/json")
		assert.Equal(t, http.StatusForbidden, status, "%s: %s", path, content)
		status, _, _ = f.request(http.MethodPost, path, `{"throttle":true}`, "Content-Type", "application/json", "X-Console-Token", "wrong")
		assert.Equal(t, http.StatusForbidden, status, path)
		status, _, _ = f.request(http.MethodPost, path, `{"throttle":true}`, "Content-Type", "text/plain", "X-Console-Token", f.token)
		assert.Equal(t, http.StatusUnsupportedMediaType, status, "a form of another site can send text only: %s", path)
		status, _, _ = f.request(http.MethodPost, path, `{"throttle":true}`, "Content-Type", "application/json", "X-Console-Token", f.token, "Origin", "http://evil.example")
		assert.Equal(t, http.StatusForbidden, status, path)
	}
	assert.Zero(t, f.Cloud.Faults())
	status, _, _ := f.request(http.MethodGet, "/api/send", "")
	assert.Equal(t, http.StatusMethodNotAllowed, status)
}

// The page is plain text, elements made by script, and nothing from elsewhere.
func TestTheAssetsLoadNothingFromElsewhereAndInterpretNoMarkup(t *testing.T) {
	t.Parallel()
	forbidden := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\("(style|on)|javascript:|@import|url\(`)
	address := regexp.MustCompile(`(https?:)?//[a-z0-9.-]+\.[a-z]+[^"' )]*`)
	seen := 0
	err := filepath.WalkDir("assets", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		seen++
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Empty(t, forbidden.FindAllString(string(content), -1), path)
		for _, found := range address.FindAllString(string(content), -1) {
			assert.Equal(t, "http://www.w3.org/2000/svg", found, path)
		}
		return nil
	})
	require.NoError(t, err)
	assert.Greater(t, seen, 10)
	page, err := os.ReadFile("assets/index.html")
	require.NoError(t, err)
	assert.NotRegexp(t, `<script(>| [^>]*>)[^<]`, string(page), "no script is in the page itself")
	assert.NotRegexp(t, `<style| style=| on[a-z]+=`, string(page))
}
