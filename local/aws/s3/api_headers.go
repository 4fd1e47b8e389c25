package s3

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// keptHeaders are the system metadata of an object that S3 returns as they came, besides type and encoding.
// Documented: user guide, UsingMetadata.html.
var keptHeaders = []string{
	"Cache-Control", "Content-Disposition", "Content-Language", "Expires", "X-Amz-Website-Redirect-Location",
	encryptionHeader, keyHeader, "X-Amz-Storage-Class",
}

const metadataHeader = "X-Amz-Meta-"

// unknownHeaders ask for something that the local target does not do; without them being refused, a client would
// believe that it was done.
var unknownHeaders = []string{
	"X-Amz-Tagging", "X-Amz-Object-Lock-", encryptionHeader + "-Customer-", encryptionHeader + "-Context",
	"X-Amz-Write-Offset-Bytes", "X-Amz-Copy-Source-If-", "X-Amz-Copy-Source-Server-Side-",
}

// putOptions reads the properties of an object from the headers of a request.
func putOptions(r *http.Request) (PutOptions, error) {
	options := PutOptions{
		ContentType: r.Header.Get("Content-Type"), ContentEncoding: r.Header.Get("Content-Encoding"),
		Metadata: map[string]string{}, headers: map[string]string{}, size: -1,
	}
	for name, values := range r.Header {
		for _, unknown := range unknownHeaders {
			if strings.HasPrefix(name, unknown) {
				return options, notImplemented("the header %s", strings.ToLower(name))
			}
		}
		if strings.HasPrefix(name, "X-Amz-Grant-") {
			return options, noACLs()
		}
		if user, isUser := strings.CutPrefix(name, metadataHeader); isUser {
			options.Metadata[strings.ToLower(user)] = strings.Join(values, ",")
		}
	}
	algorithm, err := requestChecksum(r.Header)
	if err != nil {
		return options, err
	}
	options.checksum = algorithm
	for _, name := range keptHeaders {
		if value := r.Header.Get(name); value != "" {
			options.headers[name] = value
		}
	}
	if class := options.headers["X-Amz-Storage-Class"]; class == "STANDARD" {
		delete(options.headers, "X-Amz-Storage-Class")
	} else if class != "" {
		if err := checkStorageClass(class); err != nil {
			return options, err
		}
	}
	switch r.Header.Get("X-Amz-Acl") {
	case "", "private", "bucket-owner-full-control":
	default:
		return options, noACLs()
	}
	switch match := r.Header.Get("If-None-Match"); match {
	case "":
	case "*":
		options.IfNoneMatch = true
	default: // documented: user guide, conditional-writes.html
		return options, notImplemented("If-None-Match with anything but * (%s)", match)
	}
	return options, nil
}

// noACLs is what a bucket says whose owner is enforced, as they all are. Documented: user guide, about-object-ownership.html.
func noACLs() error {
	return awserr.New("AccessControlListNotSupported", 400, "The bucket does not allow ACLs")
}

// checkReadPreconditions evaluates the conditional headers of a read and removes them from the request: gofakes3 knows
// only some. Documented: API_GetObject.
func checkReadPreconditions(r *http.Request, found properties) error {
	match, noneMatch := r.Header.Get("If-Match"), r.Header.Get("If-None-Match")
	modified, hasModified := headerTime(r, "If-Modified-Since")
	unmodified, hasUnmodified := headerTime(r, "If-Unmodified-Since")
	for _, name := range []string{"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"} {
		r.Header.Del(name)
	}
	switch {
	case match != "" && !matches(match, found.ETag), match == "" && hasUnmodified && found.LastModified.After(unmodified):
		return awserr.New("PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold")
	case noneMatch != "" && matches(noneMatch, found.ETag), noneMatch == "" && hasModified && !found.LastModified.After(modified):
		return awserr.New("NotModified", 304, "Not Modified")
	}
	return nil
}

func headerTime(r *http.Request, name string) (at time.Time, ok bool) {
	at, err := http.ParseTime(r.Header.Get(name))
	return at, err == nil
}

func matches(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || strings.Trim(tag, `"`) == etag {
			return true
		}
	}
	return false
}
