package s3

import (
	"io/fs"
	"maps"
	"strings"
	"time"
)

// listPage is how many keys are listed at a time under one lock, and the most that S3 gives in one answer.
const listPage = 1000

type listRequest struct {
	prefix, delimiter string
	// after is a key or common prefix that was listed last; empty is none.
	after string
	// max is how many keys and common prefixes to list together.
	max int
}

// objectEntry is an object of a list.
type objectEntry struct {
	ObjectInfo
	checksum checksum
}

type listResult struct {
	objects   []objectEntry
	prefixes  []string
	truncated bool
	// next is the key or common prefix to go on after, when truncated.
	next string
}

// list lists a page. Documented: API_ListObjectsV2; keys that share what stands between the prefix and the first
// delimiter after it are rolled up into one common prefix.
func (s *Service) list(b *bucket, request listRequest) (result listResult, err error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.deleted {
		return result, noSuchBucket(b.name)
	}
	if request.max == 0 {
		return result, nil
	}
	var failed error
	last := ""
	err = s.walk(b.name, walkFrom{prefix: request.prefix, after: request.after}, func(key, _ string, info fs.FileInfo) walkNext {
		common := commonPrefix(key, request)
		if common != "" && common == request.after {
			return walkNext{skip: common} // listed on the page before
		}
		if len(result.objects)+len(result.prefixes) == request.max {
			result.truncated, result.next = true, last
			return stopWalk
		}
		if common != "" {
			result.prefixes, last = append(result.prefixes, common), common
			return walkNext{skip: common}
		}
		found, err := s.readProperties(s.locate(b.name, key), info)
		if err != nil {
			failed = err
			return stopWalk
		}
		result.objects, last = append(result.objects, objectEntry{b.info(key, found, s.clock.Now()), found.Checksum}), key
		return continueWalk
	})
	if err == nil {
		err = failed
	}
	return result, internalError("listing bucket "+b.name, err)
}

// commonPrefix is what a key is rolled up into, or empty.
func commonPrefix(key string, request listRequest) string {
	if request.delimiter == "" {
		return ""
	}
	rest := key[len(request.prefix):]
	if i := strings.Index(rest, request.delimiter); i >= 0 {
		return key[:len(request.prefix)+i+len(request.delimiter)]
	}
	return ""
}

// info describes an object; the caller holds the bucket's lock.
func (b *bucket) info(key string, p properties, now time.Time) ObjectInfo {
	return ObjectInfo{
		Key: key, Size: p.Size, LastModified: p.LastModified, ETag: `"` + p.ETag + `"`, ContentType: p.Headers["Content-Type"],
		ContentEncoding: p.Headers["Content-Encoding"], Metadata: maps.Clone(p.Metadata),
		StorageClass: b.storageClass(key, p, now),
	}
}
