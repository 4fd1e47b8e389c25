package s3

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"ingest-pipeline/local/aws/awserr"
)

// upload is a multipart upload that is not completed: a folder with upload.json and a file for each part, named by the
// part's number and MD5. The object appears only when the upload is completed.
type upload struct {
	bucket, id string

	Key       string    `json:"key"`
	Initiated time.Time `json:"initiated"`
	// Options are those of the object to be.
	ContentType     string            `json:"contentType,omitempty"`
	ContentEncoding string            `json:"contentEncoding,omitempty"`
	Headers         map[string]string `json:"headers,omitempty"`
	Metadata        map[string]string `json:"metadata,omitempty"`
	// Checksum is that of the object to be, without its value.
	Checksum checksum `json:"checksum"`
}

const uploadFile = "upload.json"

func (u upload) dir() string { return path.Join(uploadsDir, u.bucket, u.id) }

// Documented: user guide, qfacts.html.
const (
	maxPart = 10000
	minPart = 5 << 20 // bytes, but for the last part
)

// part is a part of an upload that is durable.
type part struct {
	number   int
	etag     string // without quotes
	size     int64
	modified time.Time
}

func partName(number int, etag string) string { return fmt.Sprintf("part-%05d-%s", number, etag) }

var (
	partPattern = regexp.MustCompile(`^part-(\d{5})-([0-9a-f]{32})$`)
	uploadID    = regexp.MustCompile(`^[0-9a-f]{32}$`)
)

// createUpload begins an upload.
func (s *Service) createUpload(b *bucket, key string, options PutOptions) (id string, err error) {
	if err := checkKey(key); err != nil {
		return "", err
	}
	if _, err := s.newProperties(b, options); err != nil {
		return "", err
	}
	u := upload{
		bucket: b.name, id: strings.ReplaceAll(uuid.NewString(), "-", ""), Key: key,
		Initiated: s.clock.Now().UTC().Truncate(time.Second), ContentType: options.ContentType,
		ContentEncoding: options.ContentEncoding, Headers: options.headers, Metadata: options.Metadata,
	}
	if u.Checksum, err = uploadChecksum(options.checksum, options.checksumType); err != nil {
		return "", err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.deleted {
		return "", noSuchBucket(b.name)
	}
	if _, err := s.makeDirs(path.Join(uploadsDir, b.name), []string{u.id}, s.root.Remove); err != nil {
		return "", internalError("beginning an upload", err)
	}
	return u.id, internalError("beginning an upload", s.writeJSON(path.Join(u.dir(), uploadFile), u))
}

// uploadChecksum is the kind of checksum that an upload's object will have. Documented: user guide,
// checking-object-integrity.html; the sentence is assumed.
func uploadChecksum(algorithm, kind string) (checksum, error) {
	algorithm = cmp.Or(algorithm, defaultChecksum)
	usual, other := composite, ""
	switch algorithm {
	case "crc64nvme":
		usual = fullObject
	case "crc32", "crc32c":
		other = fullObject
	}
	kind = cmp.Or(kind, usual)
	if kind != usual && kind != other {
		return checksum{}, awserr.New("InvalidRequest", 400, "The %s checksum type cannot be used with the %s checksum algorithm.", kind,
			algorithm)
	}
	return checksum{Algorithm: algorithm, Type: kind}, nil
}

// upload finds an upload; the caller holds the bucket's lock.
func (s *Service) upload(b *bucket, key, id string) (u upload, err error) {
	if !uploadID.MatchString(id) || b.deleted {
		return u, noSuchUpload()
	}
	u.bucket, u.id = b.name, id
	err = s.readJSON(path.Join(u.dir(), uploadFile), &u)
	if isAbsent(err) {
		return u, noSuchUpload()
	}
	if err == nil && u.Key != key {
		return u, noSuchUpload()
	}
	return u, internalError("reading an upload", err)
}

// uploadPart stores a part, in place of an earlier one with its number, and returns its ETag and checksum. size -1 is any.
func (s *Service) uploadPart(b *bucket, key, id string, number int, size int64, body io.Reader, algorithm string) (etag, sum string, err error) {
	if number < 1 || number > maxPart {
		return "", "", invalidArgument("Part number must be an integer between 1 and %d, inclusive", maxPart)
	}
	b.mu.RLock()
	_, err = s.upload(b, key, id)
	b.mu.RUnlock()
	if err != nil {
		return "", "", err
	}
	t, err := s.newTemp()
	if err != nil {
		return "", "", internalError("writing a part", err)
	}
	defer t.discard()
	source := newSource(body, cmp.Or(algorithm, defaultChecksum))
	n, err := io.CopyBuffer(struct{ io.Writer }{t}, source, make([]byte, 128<<10))
	switch {
	case source.err != nil:
		return "", "", fmt.Errorf("reading the bytes of part %d: %w", number, source.err)
	case err != nil:
		return "", "", internalError("writing a part", err)
	case size >= 0 && n != size:
		return "", "", awserr.New("IncompleteBody", 400, "You did not provide the number of bytes specified by the Content-Length "+
			"HTTP header.")
	}
	if _, err := t.finish(s.clock.Now()); err != nil {
		return "", "", internalError("writing a part", err)
	}
	etag = hex.EncodeToString(source.md5.Sum(nil))
	b.mu.Lock()
	defer b.mu.Unlock()
	u, err := s.upload(b, key, id)
	if err != nil {
		return "", "", err
	}
	return etag, sumOf(source.checksum), internalError("writing a part", s.replacePart(u, t, number, etag))
}

func (s *Service) replacePart(u upload, t *tempFile, number int, etag string) error {
	old, err := s.parts(u)
	if err != nil {
		return err
	}
	for _, p := range old {
		if p.number == number {
			if err := s.root.Remove(path.Join(u.dir(), partName(number, p.etag))); err != nil {
				return err
			}
		}
	}
	return t.moveTo(path.Join(u.dir(), partName(number, etag)))
}

// parts are the parts of an upload by number; the caller holds the bucket's lock.
func (s *Service) parts(u upload) ([]part, error) {
	entries, err := fs.ReadDir(s.root.FS(), u.dir())
	if err != nil {
		return nil, internalError("listing parts", err)
	}
	var parts []part
	for _, entry := range entries { // in the order of their names, and so of their numbers
		match := partPattern.FindStringSubmatch(entry.Name())
		if match == nil {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			return nil, internalError("listing parts", err)
		}
		number, _ := strconv.Atoi(match[1]) // five digits
		parts = append(parts, part{number, match[2], info.Size(), info.ModTime().UTC().Truncate(time.Second)})
	}
	return parts, nil
}

// completedPart names a part that the object is to be made of; the ETag may have quotes.
type completedPart struct {
	number int
	etag   string
}

// completeUpload makes the object of the parts.
func (s *Service) completeUpload(b *bucket, key, id string, wanted []completedPart, options PutOptions) (fresh properties, err error) {
	b.mu.RLock()
	u, err := s.upload(b, key, id)
	var have []part
	if err == nil {
		have, err = s.parts(u)
	}
	b.mu.RUnlock()
	if err != nil {
		return fresh, err
	}
	chosen, etag, err := chooseParts(have, wanted)
	if err != nil {
		return fresh, err
	}
	options.ContentType, options.ContentEncoding, options.headers, options.Metadata = u.ContentType, u.ContentEncoding, u.Headers, u.Metadata
	if fresh, err = s.newProperties(b, options); err != nil {
		return fresh, err
	}
	fresh.ETag = etag
	t, err := s.newTemp()
	if err != nil {
		return fresh, internalError("completing an upload", err)
	}
	defer t.discard()
	fresh.Checksum = u.Checksum
	if fresh.Checksum.Value, err = s.appendParts(t, u, chosen); err != nil {
		return fresh, err
	}
	if err := s.publishObject(b, key, t, &fresh, options); err != nil {
		return fresh, err
	}
	if err := s.abortUpload(b, key, id); err != nil && !isNoSuchUpload(err) {
		return fresh, err
	}
	return fresh, nil
}

// appendParts writes the parts to the object and returns its checksum.
func (s *Service) appendParts(t *tempFile, u upload, parts []part) (sum string, err error) {
	newHash := checksums[u.Checksum.Algorithm]
	whole, sums := newHash(), newHash()
	for _, p := range parts {
		each := newHash()
		name := path.Join(u.dir(), partName(p.number, p.etag))
		if err := s.appendPart(io.MultiWriter(t, whole, each), name); err != nil {
			return "", err
		}
		sums.Write(each.Sum(nil))
	}
	if u.Checksum.Type == composite {
		return fmt.Sprintf("%s-%d", sumOf(sums), len(parts)), nil
	}
	return sumOf(whole), nil
}

func (s *Service) appendPart(to io.Writer, name string) error {
	file, err := s.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return noSuchUpload() // completed or aborted at the same moment
	}
	if err == nil {
		_, err = io.Copy(to, file)
		err = errors.Join(err, file.Close())
	}
	return internalError("completing an upload", err)
}

// chooseParts checks the list of parts against those that are there. Documented: API_CompleteMultipartUpload; the ETag is
// the MD5 of the parts' MD5s and their number ([FIELD]).
func chooseParts(have []part, wanted []completedPart) (chosen []part, etag string, err error) {
	if len(wanted) == 0 {
		return nil, "", awserr.New("MalformedXML", 400, "The XML you provided was not well-formed or did not validate against "+
			"our published schema (no parts)")
	}
	byNumber := map[int]part{}
	for _, p := range have {
		byNumber[p.number] = p
	}
	for i := range wanted[1:] {
		if wanted[i].number >= wanted[i+1].number {
			return nil, "", awserr.New("InvalidPartOrder", 400, "The list of parts was not in ascending order. Parts must be ordered by "+
				"part number.")
		}
	}
	sum := md5.New()
	for i, w := range wanted {
		p, ok := byNumber[w.number]
		if !ok || p.etag != strings.Trim(w.etag, `"`) {
			return nil, "", awserr.New("InvalidPart", 400, "One or more of the specified parts could not be found. The part may not "+
				"have been uploaded, or the specified entity tag may not match the part's entity tag. (part %d)", w.number)
		}
		if p.size < minPart && i < len(wanted)-1 {
			return nil, "", awserr.New("EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size (part %d "+
				"has %d bytes; all but the last need %d)", p.number, p.size, minPart)
		}
		digest, _ := hex.DecodeString(p.etag) // 32 hexadecimal digits
		sum.Write(digest)
		chosen = append(chosen, p)
	}
	return chosen, fmt.Sprintf("%x-%d", sum.Sum(nil), len(chosen)), nil
}

// abortUpload removes an upload with its parts.
func (s *Service) abortUpload(b *bucket, key, id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	u, err := s.upload(b, key, id)
	if err != nil {
		return err
	}
	return s.removeUpload(u)
}

// removeUpload deletes an upload; a crash leaves all of it or nothing. The caller holds the bucket's lock.
func (s *Service) removeUpload(u upload) error {
	trash := tempDir + "/" + u.id
	err := s.fs.Rename(u.dir(), trash)
	if err == nil {
		err = s.fs.SyncDir(path.Dir(u.dir()))
	}
	if err != nil {
		return internalError("removing an upload", err)
	}
	_ = s.root.RemoveAll(trash) // Open removes what cannot be removed now
	return nil
}
