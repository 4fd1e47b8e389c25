package s3

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/iam"
)

// operation is what a request asks for.
type operation struct {
	// action is the IAM action, "s3:GetObject".
	action      string
	bucket, key string
	caller      *iam.Session
	// direct is set for what gofakes3 is not asked about.
	direct func(*Service, *answer, *http.Request, operation)
}

// route is a kind of request: a method on the service, a bucket or an object, with or without a subresource.
type route struct {
	method      string
	on          string // "service", "bucket" or "object"
	subresource string // the query parameter that turns the request into another; empty is none
	action      string
	query       []string // the other parameters that are understood
	direct      func(*Service, *answer, *http.Request, operation)
}

// routes are the requests that the local target understands; all others are NotImplemented by name, since gofakes3
// would handle "PUT /bucket/key?tagging" as the upload of an object.
var routes = []route{
	{"GET", "service", "", "s3:ListAllMyBuckets", []string{"max-buckets", "prefix", "continuation-token"}, nil},

	{"GET", "bucket", "", "s3:ListBucket", []string{"list-type", "prefix", "delimiter", "marker", "continuation-token",
		"start-after", "max-keys", "encoding-type", "fetch-owner"}, listObjects},
	{"GET", "bucket", "location", "s3:GetBucketLocation", nil, getBucketLocation},
	{"GET", "bucket", "policy", "s3:GetBucketPolicy", nil, getBucketPolicy},
	{"GET", "bucket", "versioning", "s3:GetBucketVersioning", nil, getBucketVersioning},
	{"GET", "bucket", "uploads", "s3:ListBucketMultipartUploads", []string{"prefix", "delimiter", "key-marker",
		"upload-id-marker", "max-uploads", "encoding-type"}, nil},
	{"HEAD", "bucket", "", "s3:ListBucket", nil, nil},
	{"PUT", "bucket", "", "s3:CreateBucket", nil, createBucket},
	{"DELETE", "bucket", "", "s3:DeleteBucket", nil, nil},
	{"POST", "bucket", "delete", "s3:DeleteObject", nil, nil}, // each key is authorized by itself

	{"GET", "object", "", "s3:GetObject", responseOverrides, nil},
	{"HEAD", "object", "", "s3:GetObject", responseOverrides, nil},
	{"PUT", "object", "", "s3:PutObject", nil, nil},
	{"DELETE", "object", "", "s3:DeleteObject", nil, nil},
	{"POST", "object", "uploads", "s3:PutObject", nil, nil},
	{"PUT", "object", "uploadId", "s3:PutObject", []string{"partNumber"}, nil},
	{"POST", "object", "uploadId", "s3:PutObject", nil, nil},
	{"DELETE", "object", "uploadId", "s3:AbortMultipartUpload", nil, nil},
	{"GET", "object", "uploadId", "s3:ListMultipartUploadParts", []string{"max-parts", "part-number-marker", "encoding-type"}, nil},
}

var responseOverrides = []string{"response-content-type", "response-content-language", "response-expires",
	"response-cache-control", "response-content-disposition", "response-content-encoding"}

// signing are the query parameters of presigned requests, and those that change nothing.
var signing = []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders",
	"X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-Content-Sha256", "AWSAccessKeyId", "Signature", "Expires", "x-id"}

// operationOf finds out what a request asks for.
func operationOf(r *http.Request) (operation, error) {
	bucketName, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	on := "object"
	if bucketName == "" {
		on = "service"
	} else if key == "" {
		on = "bucket"
	}
	query := r.URL.Query()
	if slices.Equal(query["versionId"], []string{"null"}) { // the one version that there is
		query.Del("versionId")
		r.URL.RawQuery = query.Encode()
	}
	var found *route
	for i := range routes {
		if at := &routes[i]; at.method == r.Method && at.on == on && (at.subresource == "" || query.Has(at.subresource)) {
			if found == nil || at.subresource != "" {
				found = at
			}
		}
	}
	if found == nil {
		return operation{}, notImplemented("%s on %s", r.Method, describeRequest(on, query))
	}
	for name := range query {
		if name != found.subresource && !slices.Contains(found.query, name) && !slices.Contains(signing, name) {
			return operation{}, notImplemented("%s on %s with the parameter %s", r.Method, on, name)
		}
	}
	op := operation{action: found.action, bucket: bucketName, key: key, direct: found.direct}
	if found.subresource == "uploadId" && r.Method == http.MethodPut && r.Header.Get(copySource) != "" {
		op.direct = uploadPartCopy
	}
	return op, nil
}

func describeRequest(on string, query url.Values) string {
	for name := range query {
		if !slices.Contains(signing, name) {
			return on + "?" + name
		}
	}
	return on
}

// conditionKeys are the keys that a bucket policy can look at. Documented: service authorization reference,
// list_amazons3.html.
func conditionKeys(r *http.Request) map[string]string {
	keys := map[string]string{
		// Assumed: the owner's requests over loopback, which no other machine can listen to, count as sent over TLS. Otherwise
		// the policy that every careful bucket has would forbid `aws s3 ls`.
		"aws:SecureTransport": "true", "s3:TlsVersion": tlsVersion,
	}
	put := func(key, value string) {
		if value != "" {
			keys[key] = value
		}
	}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		put("aws:SourceIp", host)
	}
	put("aws:UserAgent", r.UserAgent())
	put("aws:Referer", r.Referer())
	for _, name := range []string{"prefix", "delimiter", "max-keys"} {
		put("s3:"+name, r.URL.Query().Get(name))
	}
	for _, name := range []string{"acl", "content-sha256", "copy-source", "metadata-directive", "server-side-encryption",
		"server-side-encryption-aws-kms-key-id", "storage-class"} {
		put("s3:x-amz-"+name, r.Header.Get("x-amz-"+name))
	}
	return keys
}
