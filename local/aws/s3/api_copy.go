package s3

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ingest-pipeline/local/aws/awserr"
)

const copySource = "X-Amz-Copy-Source"

// uploadPartCopy makes a part of an object, or of a range of it; gofakes3 does not know how. Documented:
// API_UploadPartCopy.
func uploadPartCopy(s *Service, a *answer, r *http.Request, op operation) {
	etag, err := s.copyPart(r, op)
	if err != nil {
		a.refuse(err)
		return
	}
	a.Header().Set("Content-Type", "application/xml")
	a.writeXML(struct {
		XMLName      xml.Name `xml:"CopyPartResult"`
		Xmlns        string   `xml:"xmlns,attr"`
		LastModified string
		ETag         string
	}{Xmlns: xmlns, LastModified: s.clock.Now().UTC().Format(timeFormat), ETag: `"` + etag + `"`})
}

func (s *Service) copyPart(r *http.Request, op operation) (etag string, err error) {
	from, err := url.PathUnescape(strings.TrimPrefix(r.Header.Get(copySource), "/"))
	bucketName, key, _ := strings.Cut(from, "/")
	if err != nil || key == "" {
		return "", invalidArgument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	number, err := strconv.Atoi(r.URL.Query().Get("partNumber"))
	if err != nil {
		return "", invalidArgument("Part number must be an integer between 1 and %d, inclusive", maxPart)
	}
	b, err := s.bucket(bucketName)
	if err != nil {
		return "", err
	}
	if err := s.authorize(op.caller, b, "s3:GetObject", s.objectARN(bucketName, key), conditionKeys(r)); err != nil {
		return "", err
	}
	file, found, err := s.open(b, key)
	if err != nil {
		return "", err
	}
	defer file.Close()
	first, last := int64(0), found.Size-1
	if span := r.Header.Get("X-Amz-Copy-Source-Range"); span != "" {
		if n, err := fmt.Sscanf(span, "bytes=%d-%d", &first, &last); n != 2 || err != nil || first < 0 || first > last || last >= found.Size {
			return "", invalidArgument("The x-amz-copy-source-range value must be of the form bytes=first-last where first and last "+
				"are the zero-based offsets of the first and last bytes to copy (%q of %d bytes)", span, found.Size)
		}
	}
	if _, err := file.Seek(first, io.SeekStart); err != nil {
		return "", internalError("reading object "+key, err)
	}
	to, err := s.bucket(op.bucket)
	if err != nil {
		return "", err
	}
	etag, _, err = s.uploadPart(to, op.key, r.URL.Query().Get("uploadId"), number, last-first+1, io.LimitReader(file, last-first+1), "")
	return etag, err
}

// copyObject makes an object of another's bytes, and of its metadata unless the request brings its own. Documented:
// API_CopyObject.
func (s *Service) copyObject(r *http.Request, fromBucket, fromKey, toBucket, toKey string) (properties, error) {
	options, err := putOptions(r)
	if err != nil {
		return properties{}, err
	}
	from, err := s.bucket(fromBucket)
	if err != nil {
		return properties{}, err
	}
	to, err := s.bucket(toBucket)
	if err != nil {
		return properties{}, err
	}
	file, found, err := s.open(from, fromKey)
	if err != nil {
		return properties{}, err
	}
	defer file.Close()
	class, encryption := options.headers["X-Amz-Storage-Class"], options.headers[encryptionHeader]
	switch directive := r.Header.Get("X-Amz-Metadata-Directive"); directive {
	case "REPLACE":
	case "", "COPY":
		if fromBucket == toBucket && fromKey == toKey && class == "" && encryption == "" {
			return properties{}, awserr.New("InvalidRequest", 400, "This copy request is illegal because it is trying to copy an "+
				"object to itself without changing the object's metadata, storage class, website redirect location or encryption "+
				"attributes.")
		}
		options.ContentType, options.ContentEncoding = found.Headers["Content-Type"], found.Headers["Content-Encoding"]
		options.Metadata, options.headers = found.Metadata, maps.Clone(found.Headers)
		for _, name := range []string{encryptionHeader, keyHeader, "X-Amz-Storage-Class"} {
			if delete(options.headers, name); r.Header.Get(name) != "" {
				options.headers[name] = r.Header.Get(name)
			}
		}
	default:
		return properties{}, invalidArgument("Unknown metadata directive: %s", directive)
	}
	if source := r.Header.Get(copySource); strings.Contains(source, "?versionId=") && !strings.HasSuffix(source, "?versionId=null") {
		return properties{}, notImplemented("versions of objects (x-amz-copy-source with versionId)")
	}
	options.size = found.Size
	options.checksum = cmp.Or(options.checksum, found.Checksum.Algorithm)
	return s.writeObject(to, toKey, file, options)
}
