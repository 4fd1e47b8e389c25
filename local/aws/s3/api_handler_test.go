package s3_test

import (
	"encoding/base64"
	"hash/crc32"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/s3"
)

func TestAClientPutsReadsAndDeletesAnObject(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	put := c.request("PUT", "/archive/raw/a.txt", "hello\n", map[string]string{
		"Content-Type": "text/plain", "Cache-Control": "no-store", "x-amz-meta-Source": "curl",
	}, 200)
	assert.Equal(t, `"b1946ac92492d2347c6235b4d2611184"`, put.Header.Get("ETag"))
	assert.Equal(t, "AES256", put.Header.Get("x-amz-server-side-encryption"))
	assert.Equal(t, "hello\n", w.get(t, "raw/a.txt"))

	for _, method := range []string{"GET", "HEAD"} {
		got := c.request(method, "/archive/raw/a.txt", "", nil, 200)
		assert.Equal(t, "text/plain", got.Header.Get("Content-Type"))
		assert.Equal(t, "no-store", got.Header.Get("Cache-Control"))
		assert.Equal(t, "curl", got.Header.Get("x-amz-meta-source"))
		assert.Equal(t, "6", got.Header.Get("Content-Length"))
		assert.Equal(t, `"b1946ac92492d2347c6235b4d2611184"`, got.Header.Get("ETag"))
		assert.Equal(t, start.Format(http.TimeFormat), got.Header.Get("Last-Modified"))
		assert.Empty(t, got.Header.Get("Access-Control-Allow-Origin"))
	}
	assert.Equal(t, "hello\n", c.do("GET", "/archive/raw/a.txt", "", 200))
	c.do("DELETE", "/archive/raw/a.txt", "", 204)
	c.do("DELETE", "/archive/raw/a.txt", "", 204)
	missing := c.do("GET", "/archive/raw/a.txt", "", 404)
	assert.Equal(t, "NoSuchKey", first(t, missing, "Code"))
	assert.Equal(t, "/archive/raw/a.txt", first(t, missing, "Resource"))
	c.do("HEAD", "/archive/raw/a.txt", "", 404)
	assert.Contains(t, c.do("GET", "/nowhere/k", "", 404), "<Code>NoSuchBucket</Code>")
	assert.Contains(t, c.do("GET", "/nowhere", "", 404), "<Code>NoSuchBucket</Code>")
}

func TestRangesAndPreconditionsOfReads(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	w.put(t, "k", "0123456789")
	const etag = `"781e5e245d69b566979b86e28d23f2c7"`
	later := start.Add(time.Hour).Format(http.TimeFormat)
	earlier := start.Add(-time.Hour).Format(http.TimeFormat)
	for name, r := range map[string]struct {
		header map[string]string
		status int
		body   string
	}{
		"first bytes":               {map[string]string{"Range": "bytes=0-3"}, 206, "0123"},
		"from the middle":           {map[string]string{"Range": "bytes=7-"}, 206, "789"},
		"beyond the end":            {map[string]string{"Range": "bytes=7-100"}, 206, "789"},
		"last bytes":                {map[string]string{"Range": "bytes=-2"}, 206, "89"},
		"more than there is":        {map[string]string{"Range": "bytes=-100"}, 206, "0123456789"},
		"after the end":             {map[string]string{"Range": "bytes=10-"}, 416, ""},
		"the same":                  {map[string]string{"If-Match": etag}, 200, "0123456789"},
		"another":                   {map[string]string{"If-Match": `"00"`}, 412, ""},
		"not the same":              {map[string]string{"If-None-Match": etag}, 304, ""},
		"not another":               {map[string]string{"If-None-Match": `"00"`}, 200, "0123456789"},
		"changed since":             {map[string]string{"If-Modified-Since": earlier}, 200, "0123456789"},
		"not changed since":         {map[string]string{"If-Modified-Since": later}, 304, ""},
		"tag before time":           {map[string]string{"If-None-Match": `"00"`, "If-Modified-Since": later}, 200, "0123456789"},
		"unchanged since":           {map[string]string{"If-Unmodified-Since": later}, 200, "0123456789"},
		"not unchanged since":       {map[string]string{"If-Unmodified-Since": earlier}, 412, ""},
		"match before unchanged":    {map[string]string{"If-Match": etag, "If-Unmodified-Since": earlier}, 200, "0123456789"},
		"overridden type by a link": {nil, 200, "0123456789"},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.request("GET", "/archive/k", "", r.header, r.status)
			if r.status < 300 {
				body := make([]byte, 20)
				n, _ := got.Body.Read(body)
				assert.Equal(t, r.body, string(body[:n]))
			}
		})
	}
	got := c.request("GET", "/archive/k?response-content-type=text/csv", "", map[string]string{"Range": "bytes=2-4"}, 206)
	assert.Equal(t, "text/csv", got.Header.Get("Content-Type"))
	assert.Equal(t, "bytes 2-4/10", got.Header.Get("Content-Range"))
	c.request("PUT", "/archive/k", "x", map[string]string{"If-None-Match": "*"}, 412)
	c.request("PUT", "/archive/k", "x", map[string]string{"If-Match": `"00"`}, 412)
	c.request("PUT", "/archive/k", "x", map[string]string{"If-Match": etag}, 200)
}

func TestAListingHasPrefixDelimiterAndPages(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	keys := []string{"a", "raw/2026/01/x", "raw/2026/01/y", "raw/2026/02/z", "raw/readme", "raw2/x", "z"}
	for _, key := range keys {
		w.put(t, key, key)
	}
	for name, r := range map[string]struct {
		query          string
		keys, prefixes []string
	}{
		"everything":         {"", keys, nil},
		"prefix":             {"prefix=raw/2026/", keys[1:4], nil},
		"folders":            {"delimiter=/", []string{"a", "z"}, []string{"raw/", "raw2/"}},
		"folder":             {"prefix=raw/&delimiter=/", []string{"raw/readme"}, []string{"raw/2026/"}},
		"part of a name":     {"prefix=raw&delimiter=/", nil, []string{"raw/", "raw2/"}},
		"another delimiter":  {"prefix=raw/&delimiter=20", []string{"raw/readme"}, []string{"raw/20"}},
		"nothing":            {"prefix=x", nil, nil},
		"start after":        {"start-after=raw/2026/01/x", keys[2:], nil},
		"start after folder": {"delimiter=/&start-after=raw/", []string{"z"}, []string{"raw2/"}},
		"no keys at all":     {"max-keys=0", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			listed := c.do("GET", "/archive?list-type=2&"+r.query, "", 200)
			assert.Equal(t, r.keys, all(listed, "Key"))
			var prefixes []string
			for _, common := range all(listed, "CommonPrefixes") {
				prefixes = append(prefixes, all(common, "Prefix")...)
			}
			assert.Equal(t, r.prefixes, prefixes)
			assert.Equal(t, "false", first(t, listed, "IsTruncated"))
		})
	}
	for _, delimiter := range []string{"", "/"} {
		var v1, v2 []string
		items := func(listed string) (items []string) {
			for _, common := range all(listed, "CommonPrefixes") {
				items = append(items, all(common, "Prefix")...)
			}
			return append(items, all(listed, "Key")...)
		}
		for token := ""; ; {
			listed := c.do("GET", "/archive?list-type=2&max-keys=1&delimiter="+delimiter+token, "", 200)
			require.Len(t, items(listed), 1)
			v2 = append(v2, items(listed)...)
			if first(t, listed, "IsTruncated") == "false" {
				break
			}
			token = "&continuation-token=" + url.QueryEscape(first(t, listed, "NextContinuationToken"))
		}
		for marker := ""; ; {
			listed := c.do("GET", "/archive?max-keys=2&delimiter="+delimiter+"&marker="+url.QueryEscape(marker), "", 200)
			v1 = append(v1, items(listed)...)
			if first(t, listed, "IsTruncated") == "false" {
				break
			}
			if marker = all(listed, "Key")[len(all(listed, "Key"))-1]; delimiter != "" {
				marker = first(t, listed, "NextMarker")
			}
		}
		assert.ElementsMatch(t, v1, v2)
		if want := len(keys); delimiter == "" {
			assert.Len(t, v2, want)
		} else {
			assert.Equal(t, []string{"a", "raw/", "raw2/", "z"}, v2)
		}
	}
}

func TestSeveralObjectsAreDeletedAtOnce(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	for _, key := range []string{"a", "b", "kept"} {
		w.put(t, key, "x")
	}
	require.NoError(t, w.PutBucketPolicy("archive", `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",
		"Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::archive/kept"}]}`))
	deleted := c.do("POST", "/archive?delete", "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object>"+
		"<Object><Key>kept</Key></Object><Object><Key>nothing</Key></Object></Delete>", 200)
	assert.Equal(t, []string{"a", "b", "nothing"}, all(strings.Join(all(deleted, "Deleted"), ""), "Key"))
	assert.Contains(t, first(t, deleted, "Error"), "<Code>AccessDenied</Code>")
	assert.Equal(t, []string{"kept"}, w.keys(t, ""))
}

func TestTheOwnerMayDoWhatTheBucketsPolicyDoesNotDeny(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	w.put(t, "raw/a", "x")
	require.NoError(t, w.PutBucketPolicy("archive", `{"Version": "2012-10-17", "Statement": [
		{"Sid": "TLS only", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::archive", "arn:aws:s3:::archive/*"],
			"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
		{"Sid": "new TLS only", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::archive", "arn:aws:s3:::archive/*"],
			"Condition": {"NumericLessThan": {"s3:TlsVersion": 1.2}}},
		{"Effect": "Deny", "Principal": {"AWS": "123456789012"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::archive/secret/*"},
		{"Effect": "Deny", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::archive", "Condition": {"StringLike": {"s3:prefix": "secret/*"}}},
		{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::archive/*", "Condition": {"StringNotEqualsIfExists": {"s3:x-amz-server-side-encryption": "aws:kms"}}}]}`))
	assert.Equal(t, "x", c.do("GET", "/archive/raw/a", "", 200), "plain HTTP over loopback counts as TLS")
	assert.Equal(t, []string{"raw/a"}, all(c.do("GET", "/archive?list-type=2", "", 200), "Key"))
	denied := c.do("GET", "/archive/secret/a", "", 403)
	assert.Equal(t, "AccessDenied", first(t, denied, "Code"))
	assert.Equal(t, `User: arn:aws:iam::123456789012:user/admin is not authorized to perform: s3:GetObject on resource: &#34;arn:aws:s3:::archive/secret/a&#34; `+
		`with an explicit deny in a resource-based policy`, first(t, denied, "Message"))
	c.do("HEAD", "/archive/secret/a", "", 403)
	c.do("GET", "/archive?prefix=secret/x", "", 403)
	c.request("PUT", "/archive/a", "x", map[string]string{"x-amz-server-side-encryption": "AES256"}, 403)
	c.request("PUT", "/archive/a", "x", map[string]string{"x-amz-server-side-encryption": "aws:kms"}, 200)
	c.request("PUT", "/archive/b", "", map[string]string{"x-amz-copy-source": "/archive/secret/a"}, 403)
	assert.Contains(t, c.do("GET", "/archive?policy", "", 200), "TLS only")
	require.NoError(t, w.DeleteBucketPolicy("archive"))
	c.do("GET", "/archive?policy", "", 404)
}

func TestABodyInAWSChunksIsUnwrapped(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	sum := crc32.ChecksumIEEE([]byte("hello world"))
	checksum := base64.StdEncoding.EncodeToString([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
	put := func(kind, body string, header map[string]string, status int) string {
		all := map[string]string{"x-amz-content-sha256": kind, "x-amz-decoded-content-length": "11", "Content-Encoding": "aws-chunked"}
		for name, value := range header {
			all[name] = value
		}
		response := c.request("PUT", "/archive/k", body, all, status)
		text := make([]byte, 1000)
		n, _ := response.Body.Read(text)
		return string(text[:n])
	}
	unsigned := func(checksum string) string {
		return "b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:" + checksum + "\r\n\r\n"
	}
	trailer := map[string]string{"x-amz-trailer": "x-amz-checksum-crc32", "Content-Encoding": "gzip,aws-chunked"}
	put("STREAMING-UNSIGNED-PAYLOAD-TRAILER", unsigned(checksum), trailer, 200)
	got := c.request("GET", "/archive/k", "", map[string]string{"Accept-Encoding": "identity"}, 200)
	assert.Equal(t, "gzip", got.Header.Get("Content-Encoding"))
	assert.Equal(t, "hello world", w.get(t, "k"))

	require.NoError(t, w.DeleteObject("archive", "k"))
	assert.Contains(t, put("STREAMING-UNSIGNED-PAYLOAD-TRAILER", unsigned("AAAAAA=="), trailer, 400), "<Code>BadDigest</Code>")
	assert.Contains(t, put("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "b\r\nhello", trailer, 400), "<Code>IncompleteBody</Code>")
	assert.Contains(t, put("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "zz\r\nhello", trailer, 400), "<Code>InvalidArgument</Code>")
	assert.Contains(t, put("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "5\r\nhello\r\n0\r\n\r\n", map[string]string{}, 400), "<Code>IncompleteBody</Code>")
	c.request("PUT", "/archive/k", "hello world", map[string]string{"x-amz-checksum-crc32": "AAAAAA=="}, 400)
	c.request("PUT", "/archive/k", "hello world", map[string]string{"Content-MD5": base64.StdEncoding.EncodeToString(make([]byte, 16))}, 400)
	assert.Empty(t, w.keys(t, ""))
	c.request("PUT", "/archive/k", "hello world", map[string]string{"x-amz-checksum-crc32": checksum}, 200)
}

func TestWhatIsNotImplementedIsSaidByName(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	w.put(t, "k", "kept")
	for _, r := range []struct{ method, target, header, value, message string }{
		{"PUT", "/archive/k?tagging", "", "", "PUT on object with the parameter tagging"},
		{"PUT", "/archive/k?acl", "", "", "PUT on object with the parameter acl"},
		{"GET", "/archive/k?partNumber=1", "", "", "GET on object with the parameter partNumber"},
		{"GET", "/archive/k?versionId=x", "", "", "GET on object with the parameter versionId"},
		{"DELETE", "/archive?lifecycle", "", "", "DELETE on bucket with the parameter lifecycle"},
		{"PUT", "/archive?policy", "", "", "PUT on bucket with the parameter policy"},
		{"POST", "/archive", "", "", "POST on bucket"},
		{"POST", "/archive/k?select", "", "", "POST on object?select"},
		{"PUT", "/archive/k", "x-amz-tagging", "a=b", "the header x-amz-tagging"},
		{"PUT", "/archive/k", "x-amz-object-lock-mode", "GOVERNANCE", "the header x-amz-object-lock-mode"},
		{"PUT", "/archive/k", "If-None-Match", `"00"`, `If-None-Match with anything but * (&#34;00&#34;)`},
	} {
		header := map[string]string{}
		if r.header != "" {
			header[r.header] = r.value
		}
		response := c.request(r.method, r.target, "", header, 501)
		text := make([]byte, 1000)
		n, _ := response.Body.Read(text)
		assert.Equal(t, "The local target does not implement "+r.message, first(t, string(text[:n]), "Message"))
	}
	assert.Equal(t, "kept", w.get(t, "k"))
	c.request("PUT", "/archive/k", "x", map[string]string{"x-amz-acl": "public-read"}, 400)
	c.request("PUT", "/archive/k", "x", map[string]string{"x-amz-storage-class": "TAPE"}, 400)
	c.request("PUT", "/archive/k", "x", map[string]string{"x-amz-storage-class": "STANDARD_IA", "x-amz-acl": "private"}, 200)
	assert.Equal(t, []string{"STANDARD_IA"}, all(c.do("GET", "/archive", "", 200), "StorageClass"))
	c.do("GET", "/archive/k?versionId=null", "", 200)
	c.do("PATCH", "/archive/k", "", 501)
}

func TestABucketCanBeInTheNameOfTheHost(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	w.put(t, "k", "x")
	for _, host := range []string{"archive.localhost:9000", "archive.s3.localhost"} {
		got := c.request("GET", "/k", "", map[string]string{"Host": host}, 200)
		assert.Equal(t, "1", got.Header.Get("Content-Length"))
	}
	c.request("GET", "/archive/k", "", map[string]string{"Host": "s3.localhost"}, 200)
	c.request("OPTIONS", "/archive/k", "", map[string]string{"Origin": "http://localhost:3000", "Access-Control-Request-Method": "PUT"}, 403)
}

func TestBucketsAreCreatedListedAndDeletedOverHTTP(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	assert.Equal(t, "IllegalLocationConstraintException", first(t, c.do("PUT", "/other-bucket", "", 400), "Code"))
	assert.Equal(t, "IllegalLocationConstraintException", first(t, c.do("PUT", "/other-bucket", inRegion("eu-central-1"), 400), "Code"))
	assert.Equal(t, "InvalidLocationConstraint", first(t, c.do("PUT", "/other-bucket", inRegion("us-east-1"), 400), "Code"))
	assert.Equal(t, "MalformedXML", first(t, c.do("PUT", "/other-bucket", "<a", 400), "Code"))
	c.do("PUT", "/other-bucket", inRegion(account.Region), 200)
	assert.Equal(t, "BucketAlreadyOwnedByYou", first(t, c.do("PUT", "/other-bucket", inRegion(account.Region), 409), "Code"))
	assert.Contains(t, c.do("PUT", "/Bad_Name", inRegion(account.Region), 400), "<Code>InvalidBucketName</Code>")
	assert.Equal(t, []string{"archive", "other-bucket"}, all(strings.Join(all(c.do("GET", "/", "", 200), "Bucket"), ""), "Name"))
	assert.Contains(t, c.do("GET", "/archive?location", "", 200), ">eu-west-1</LocationConstraint>")
	c.do("HEAD", "/archive", "", 200)
	c.do("HEAD", "/nowhere", "", 404)
	w.put(t, "k", "x")
	conflict := c.request("DELETE", "/archive", "", map[string]string{"x-minio-force-delete": "true"}, 409)
	assert.Equal(t, "application/xml", conflict.Header.Get("Content-Type"))
	c.do("DELETE", "/other-bucket", "", 204)
	assert.Contains(t, c.do("GET", "/archive?versioning", "", 200), "VersioningConfiguration")
}
