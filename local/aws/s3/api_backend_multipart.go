package s3

import (
	"io"
	"strings"

	"github.com/johannesboyne/gofakes3"
)

func (b *backend) CreateMultipartUpload(bucketName, key string, _ map[string]string) (gofakes3.UploadID, error) {
	bucket, err := b.s.bucket(bucketName)
	if err != nil {
		return "", b.fail(err)
	}
	options, err := putOptions(b.r)
	if err != nil {
		return "", b.fail(err)
	}
	options.checksumType = b.r.Header.Get(checksumHeader + "Type")
	id, err := b.s.createUpload(bucket, key, options)
	return gofakes3.UploadID(id), b.fail(err)
}

func (b *backend) UploadPart(bucketName, key string, id gofakes3.UploadID, number int, size int64, body io.Reader) (etag string, err error) {
	bucket, err := b.s.bucket(bucketName)
	if err != nil {
		return "", b.fail(err)
	}
	algorithm, err := requestChecksum(b.r.Header)
	if err != nil {
		return "", b.fail(err)
	}
	etag, sum, err := b.s.uploadPart(bucket, key, string(id), number, size, body, algorithm)
	if algorithm != "" {
		b.a.headers[checksumHeader+algorithm] = sum
	}
	return `"` + etag + `"`, b.fail(err)
}

func (b *backend) CompleteMultipartUpload(bucketName, key string, id gofakes3.UploadID, request *gofakes3.CompleteMultipartUploadRequest) (version gofakes3.VersionID, etag string, err error) {
	bucket, err := b.s.bucket(bucketName)
	if err != nil {
		return "", "", b.fail(err)
	}
	options := PutOptions{IfNoneMatch: b.r.Header.Get("If-None-Match") == "*", ifMatch: strings.Trim(b.r.Header.Get("If-Match"), `"`)}
	var parts []completedPart
	for _, p := range request.Parts {
		parts = append(parts, completedPart{p.PartNumber, p.ETag})
	}
	fresh, err := b.s.completeUpload(bucket, key, string(id), parts, options)
	return "", `"` + fresh.ETag + `"`, b.fail(err)
}

func (b *backend) AbortMultipartUpload(bucketName, key string, id gofakes3.UploadID) error {
	bucket, err := b.s.bucket(bucketName)
	if err != nil {
		return b.fail(err)
	}
	return b.fail(b.s.abortUpload(bucket, key, string(id)))
}

func (b *backend) ListMultipartUploads(bucketName string, marker *gofakes3.UploadListMarker, prefix gofakes3.Prefix, limit int64) (*gofakes3.ListMultipartUploadsResult, error) {
	bucket, err := b.s.bucket(bucketName)
	if err != nil {
		return nil, b.fail(err)
	}
	bucket.mu.RLock()
	uploads, err := b.s.uploads(bucketName)
	bucket.mu.RUnlock()
	if err != nil {
		return nil, b.fail(err)
	}
	result := &gofakes3.ListMultipartUploadsResult{Bucket: bucketName, MaxUploads: limit, Prefix: prefix.Prefix, Delimiter: prefix.Delimiter}
	if marker != nil {
		result.KeyMarker, result.UploadIDMarker = marker.Object, marker.UploadID
	}
	seen := map[string]bool{}
	for _, u := range uploads {
		after := marker == nil || u.Key > marker.Object || u.Key == marker.Object && marker.UploadID != "" && u.id > string(marker.UploadID)
		if !after || !strings.HasPrefix(u.Key, prefix.Prefix) {
			continue
		}
		common := commonPrefix(u.Key, listRequest{prefix: prefix.Prefix, delimiter: prefix.Delimiter})
		if seen[common] || common != "" && marker != nil && common == marker.Object {
			continue
		}
		if int64(len(result.Uploads)+len(result.CommonPrefixes)) == limit {
			result.IsTruncated = true
			break
		}
		result.NextKeyMarker, result.NextUploadIDMarker = u.Key, gofakes3.UploadID(u.id)
		if common != "" {
			seen[common] = true
			result.NextKeyMarker, result.NextUploadIDMarker = common, ""
			result.CommonPrefixes = append(result.CommonPrefixes, gofakes3.CommonPrefix{Prefix: common})
			continue
		}
		result.Uploads = append(result.Uploads, gofakes3.ListMultipartUploadItem{
			Key: u.Key, UploadID: gofakes3.UploadID(u.id), Initiated: gofakes3.NewContentTime(u.Initiated),
			StorageClass: gofakes3.StorageStandard,
		})
	}
	if !result.IsTruncated {
		result.NextKeyMarker, result.NextUploadIDMarker = "", ""
	}
	return result, nil
}

func (b *backend) ListParts(bucketName, key string, id gofakes3.UploadID, marker int, limit int64) (*gofakes3.ListMultipartUploadPartsResult, error) {
	bucket, err := b.s.bucket(bucketName)
	if err != nil {
		return nil, b.fail(err)
	}
	bucket.mu.RLock()
	u, err := b.s.upload(bucket, key, string(id))
	var parts []part
	if err == nil {
		parts, err = b.s.parts(u)
	}
	bucket.mu.RUnlock()
	if err != nil {
		return nil, b.fail(err)
	}
	result := &gofakes3.ListMultipartUploadPartsResult{
		Bucket: bucketName, Key: key, UploadID: id, PartNumberMarker: marker, MaxParts: limit, StorageClass: gofakes3.StorageStandard,
	}
	for _, p := range parts {
		if p.number <= marker {
			continue
		}
		if int64(len(result.Parts)) == limit {
			result.IsTruncated = true
			break
		}
		result.NextPartNumberMarker = p.number
		result.Parts = append(result.Parts, gofakes3.ListMultipartUploadPartItem{
			PartNumber: p.number, ETag: `"` + p.etag + `"`, Size: p.size, LastModified: gofakes3.NewContentTime(p.modified),
		})
	}
	return result, nil
}
