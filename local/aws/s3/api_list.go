package s3

import (
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// listObjectsResult is the answer of ListObjectsV2, and with Marker and NextMarker of ListObjects. Documented:
// API_ListObjectsV2, API_ListObjects.
type listObjectsResult struct {
	XMLName                                  xml.Name `xml:"ListBucketResult"`
	Xmlns                                    string   `xml:"xmlns,attr"`
	Name, Prefix                             string
	Marker                                   *string
	NextMarker, StartAfter                   string `xml:",omitempty"`
	ContinuationToken, NextContinuationToken string `xml:",omitempty"`
	KeyCount                                 *int
	MaxKeys                                  int
	Delimiter, EncodingType                  string `xml:",omitempty"`
	IsTruncated                              bool
	Contents                                 []listedObject
	CommonPrefixes                           []listedPrefix
}

type listedObject struct {
	Key, LastModified, ETag         string
	ChecksumAlgorithm, ChecksumType string `xml:",omitempty"`
	Size                            int64
	StorageClass                    string
	Owner                           *listedOwner
}

type listedOwner struct{ ID string }

type listedPrefix struct{ Prefix string }

// listObjects answers ListObjects and ListObjectsV2.
func listObjects(s *Service, a *answer, r *http.Request, op operation) {
	result, err := s.listObjects(r.URL.Query(), op.bucket)
	if err != nil {
		a.refuse(err)
		return
	}
	a.Header().Set("Content-Type", "application/xml")
	a.writeXML(result)
}

func (s *Service) listObjects(query url.Values, bucketName string) (*listObjectsResult, error) {
	request, err := parseListRequest(query)
	if err != nil {
		return nil, err
	}
	b, err := s.bucket(bucketName)
	if err != nil {
		return nil, err
	}
	listed, err := s.list(b, request)
	if err != nil {
		return nil, err
	}
	encode := func(key string) string { return key }
	if query.Get("encoding-type") == "url" {
		encode = func(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/") }
	}
	result := &listObjectsResult{
		Xmlns: xmlns, Name: bucketName, Prefix: encode(request.prefix), Delimiter: encode(request.delimiter),
		EncodingType: query.Get("encoding-type"), MaxKeys: request.max, IsTruncated: listed.truncated,
	}
	isV2 := query.Has("list-type")
	if isV2 {
		count := len(listed.objects) + len(listed.prefixes)
		result.KeyCount, result.StartAfter = &count, encode(query.Get("start-after"))
		result.ContinuationToken = query.Get("continuation-token")
		if listed.truncated {
			result.NextContinuationToken = continuationToken(listed.next)
		}
	} else {
		marker := encode(query.Get("marker"))
		result.Marker = &marker
		if request.delimiter != "" { // documented: only then
			result.NextMarker = encode(listed.next)
		}
	}
	for _, object := range listed.objects {
		entry := listedObject{
			Key: encode(object.Key), LastModified: object.LastModified.UTC().Format(timeFormat), ETag: object.ETag,
			ChecksumAlgorithm: strings.ToUpper(object.checksum.Algorithm), ChecksumType: object.checksum.Type,
			Size: object.Size, StorageClass: object.StorageClass,
		}
		if !isV2 || query.Get("fetch-owner") == "true" {
			entry.Owner = &listedOwner{s.account.ID}
		}
		result.Contents = append(result.Contents, entry)
	}
	for _, prefix := range listed.prefixes {
		result.CommonPrefixes = append(result.CommonPrefixes, listedPrefix{encode(prefix)})
	}
	return result, nil
}

// timeFormat is that of times in XML.
const timeFormat = "2006-01-02T15:04:05.000Z"

// parseListRequest reads the parameters of a listing. Sentences: [FIELD].
func parseListRequest(query url.Values) (listRequest, error) {
	request := listRequest{prefix: query.Get("prefix"), delimiter: query.Get("delimiter"), max: listPage}
	if text := query.Get("max-keys"); text != "" {
		n, err := strconv.ParseInt(text, 10, 32)
		switch {
		case err != nil:
			return request, invalidArgument("Provided max-keys not an integer or within integer range")
		case n < 0:
			return request, invalidArgument("Argument max-keys must be an integer between 0 and 2147483647")
		}
		request.max = min(int(n), listPage)
	}
	if encoding := query.Get("encoding-type"); encoding != "" && encoding != "url" {
		return request, invalidArgument("Invalid Encoding Method specified in Request")
	}
	switch {
	case !query.Has("list-type"):
		request.after = query.Get("marker")
	case query.Get("list-type") != "2":
		return request, invalidArgument("Invalid List Type specified in Request")
	case query.Has("continuation-token"):
		key, ok := parseContinuationToken(query.Get("continuation-token"))
		if !ok {
			return request, invalidArgument("The continuation token provided is incorrect")
		}
		request.after = key
	default:
		request.after = query.Get("start-after")
	}
	return request, nil
}

// tokenPrefix distinguishes a continuation token from other base64.
const tokenPrefix = "after:"

func continuationToken(key string) string {
	return base64.StdEncoding.EncodeToString([]byte(tokenPrefix + key))
}

func parseContinuationToken(token string) (key string, ok bool) {
	text, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return "", false
	}
	return strings.CutPrefix(string(text), tokenPrefix)
}
