package objects_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/s3"
	"ingest-pipeline/local/tools/send/objects"
)

func names(t *testing.T, a objects.Location) []string {
	t.Helper()
	var found []string
	require.NoError(t, a.List(context.Background(), func(o objects.Object) error {
		assert.False(t, o.Modified.IsZero())
		found = append(found, o.Name)
		return nil
	}))
	slices.Sort(found)
	return found
}

func TestOnlyObjectsOfAFolderAreListed(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"2026/11/22/19/a", "2026/11/22/20/b.gz", "c", ".s3/temp/d", "2026/.e", ".f"} {
		path := filepath.Join(dir, "raw", filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte("content of "+name), 0o600))
	}
	a, err := objects.Open(context.Background(), filepath.Join(dir, "raw"), objects.Options{})
	require.NoError(t, err)
	assert.Equal(t, []string{"2026/11/22/19/a", "2026/11/22/20/b.gz", "c"}, names(t, a))
	assert.Equal(t, "content of 2026/11/22/20/b.gz", read(t, a, "2026/11/22/20/b.gz"))
}

func read(t *testing.T, a objects.Location, name string) string {
	t.Helper()
	r, err := a.Open(context.Background(), objects.Object{Name: name})
	require.NoError(t, err)
	content, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	return string(content)
}

func TestAMissingFolderIsEmpty(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "raw")
	a, err := objects.Open(context.Background(), dir, objects.Options{})
	require.NoError(t, err)
	assert.Empty(t, names(t, a))
	require.NoError(t, os.Mkdir(dir, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), nil, 0o600))
	assert.Equal(t, []string{"a"}, names(t, a))
}

func TestAnInvalidLocationIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for place, problem := range map[string]string{
		file:                               "it is a file",
		filepath.Join(file, "raw", "more"): "opening the folder ",
		"s3://":                            "opening s3://: there is no bucket in it; write s3://bucket/prefix",
		"s3:///raw/":                       "there is no bucket in it",
	} {
		_, err := objects.Open(context.Background(), place, objects.Options{})
		require.ErrorContains(t, err, problem, place)
	}
}

func TestListingStopsAtTheVisitorsError(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), nil, 0o600))
	a, err := objects.Open(context.Background(), dir, objects.Options{})
	require.NoError(t, err)
	enough := errors.New("enough")
	require.ErrorIs(t, a.List(context.Background(), func(objects.Object) error { return enough }), enough)

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, a.List(ctx, func(objects.Object) error { return nil }), context.Canceled)
}

// useSettings sets the AWS settings of the environment, and hides those of the machine.
func useSettings(t *testing.T, endpoint, region string) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ACCESS_KEY_ID": "LOCAL", "AWS_SECRET_ACCESS_KEY": "LOCAL", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"AWS_REGION": region, "AWS_DEFAULT_REGION": "", "AWS_ENDPOINT_URL": endpoint, "AWS_ENDPOINT_URL_S3": "",
	} {
		t.Setenv(name, value)
	}
}

// startS3 runs the S3 of the local target with one bucket.
func startS3(t *testing.T, watch func(*http.Request)) (service *s3.Service, url string) {
	t.Helper()
	account := iam.Account{ID: "000000000000", Region: "ap-northeast-2", Partition: "aws"}
	service, err := s3.Open(s3.Options{Dir: t.TempDir(), Account: account})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, service.Close()) })
	_, err = service.CreateBucket("ingest-dev-1a2b")
	require.NoError(t, err)
	administrator := iam.New(account).Administrator()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		watch(r)
		service.ServeAPI(w, r, administrator)
	}))
	t.Cleanup(server.Close)
	useSettings(t, server.URL, account.Region)
	return service, server.URL
}

func put(t *testing.T, url, key, content string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPut, url+"/ingest-dev-1a2b/"+key, strings.NewReader(content))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, 200, response.StatusCode)
}

func TestABucketIsReadThroughTheS3API(t *testing.T) {
	pages := 0
	_, url := startS3(t, func(r *http.Request) {
		if r.URL.Query().Get("list-type") == "2" {
			pages++
		}
	})
	put(t, url, "raw/2026/11/22/19/a", "first\n")
	put(t, url, "raw/2026/11/22/20/b%20c.gz", "\x1f\x8bsecond")
	put(t, url, "errors/c", "not this one")
	put(t, url, "raw/folder/", "")

	a, err := objects.Open(context.Background(), "s3://ingest-dev-1a2b/raw/", objects.Options{})
	require.NoError(t, err)
	assert.Equal(t, "s3://ingest-dev-1a2b/raw/", a.String())
	assert.Equal(t, []string{"raw/2026/11/22/19/a", "raw/2026/11/22/20/b c.gz"}, names(t, a))
	assert.Equal(t, "\x1f\x8bsecond", read(t, a, "raw/2026/11/22/20/b c.gz"), "as it is, not unpacked on the way")
	assert.Equal(t, 1, pages)
}

func TestABucketOfManyPagesIsReadToItsEnd(t *testing.T) {
	pages := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages++
		more, token := "false", ""
		if pages < 3 {
			more, token = "true", "<NextContinuationToken>next</NextContinuationToken>"
		}
		if pages > 1 {
			assert.Equal(t, "next", r.URL.Query().Get("continuation-token"))
		}
		fmt.Fprintf(w, `<ListBucketResult><IsTruncated>%s</IsTruncated>%s<Contents><Key>raw/%d</Key><LastModified>2026-11-22T19:00:00Z</LastModified></Contents></ListBucketResult>`,
			more, token, pages)
	}))
	defer server.Close()
	useSettings(t, server.URL, "")
	a, err := objects.Open(context.Background(), "s3://bucket/raw/", objects.Options{Region: "ap-northeast-2"})
	require.NoError(t, err)
	assert.Equal(t, []string{"raw/1", "raw/2", "raw/3"}, names(t, a))
}

func TestAMissingBucketIsNamed(t *testing.T) {
	startS3(t, func(*http.Request) {})
	a, err := objects.Open(context.Background(), "s3://no-such-bucket/raw/", objects.Options{})
	require.NoError(t, err)
	err = a.List(context.Background(), func(objects.Object) error { return nil })
	require.ErrorContains(t, err, "listing s3://no-such-bucket/raw/: ")
	require.ErrorContains(t, err, "NoSuchBucket")
	_, err = a.Open(context.Background(), objects.Object{Name: "raw/x"})
	require.ErrorContains(t, err, "reading s3://no-such-bucket/raw/x: ")
}

func TestABucketOnAWSNeedsARegion(t *testing.T) {
	useSettings(t, "", "")
	_, err := objects.Open(context.Background(), "s3://bucket/raw/", objects.Options{})
	require.EqualError(t, err, "opening s3://bucket/raw/: the bucket's region is not known: set --region or AWS_REGION")
}
