package s3

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/internal/durable"
)

// bucket is a bucket that is open.
type bucket struct {
	name string

	// mu guards what follows and the files of the bucket: names change only under Lock.
	mu       sync.RWMutex
	settings settings
	policy   *iam.Policy // settings.Policy
	deleted  bool
}

// CreateBucket creates a bucket and returns its ARN. The name is 3 to 63 characters, as S3's rules for general purpose
// buckets say. Errors: InvalidBucketName, BucketAlreadyOwnedByYou, InternalError.
func (s *Service) CreateBucket(name string) (arn string, err error) {
	if err := checkBucketName(name); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[name] != nil {
		return "", awserr.New("BucketAlreadyOwnedByYou", 409, "Your previous request to create the named bucket "+
			"succeeded and you already own it.")
	}
	b := &bucket{name: name, settings: settings{
		Name: name, Created: s.clock.Now().UTC().Truncate(time.Second), Ownership: "BucketOwnerEnforced",
		// Documented (user guide, create-bucket-overview.html): the defaults of new buckets since January and April 2023.
		Encryption:        Encryption{Algorithm: "AES256"},
		PublicAccessBlock: &PublicAccessBlock{true, true, true, true},
	}}
	err = s.makeBucket(name)
	if err == nil {
		err = s.writeJSON(settingsFile(name), b.settings)
	}
	if err != nil {
		return "", internalError("creating bucket "+name, err)
	}
	s.buckets[name] = b
	return s.account.ARN("s3", name), nil
}

// makeBucket makes the folders of a bucket.
func (s *Service) makeBucket(name string) error {
	for _, dir := range []string{name, metaDir + "/" + name, uploadsDir + "/" + name} {
		err := s.root.Mkdir(dir, 0o755)
		if err == nil {
			err = s.fs.SyncDir(path.Dir(dir))
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

func settingsFile(bucket string) string { return path.Join(bucketsDir, bucket+".json") }

// readBuckets opens the buckets that are in the folder.
func (s *Service) readBuckets() error {
	entries, err := fs.ReadDir(s.root.FS(), bucketsDir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name, isSettings := strings.CutSuffix(entry.Name(), ".json")
		if !isSettings || checkBucketName(name) != nil {
			continue
		}
		b := &bucket{name: name}
		if err := s.readJSON(settingsFile(name), &b.settings); err != nil {
			return err
		}
		if b.policy, err = parseKeptPolicy(b.settings.Policy); err != nil {
			return &durable.DamagedError{Name: s.path(settingsFile(name)), Err: err}
		}
		if err := s.makeBucket(name); err != nil { // what a crash in DeleteBucket or another program has removed
			return err
		}
		s.buckets[name] = b
	}
	return nil
}

// bucket finds an open bucket.
func (s *Service) bucket(name string) (*bucket, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if b := s.buckets[name]; b != nil {
		return b, nil
	}
	return nil, noSuchBucket(name)
}

// ListBuckets returns the names of all buckets, sorted.
func (s *Service) ListBuckets() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return sortedKeys(s.buckets)
}

// BucketARN is the ARN of a bucket, or NoSuchBucket.
func (s *Service) BucketARN(name string) (string, error) {
	if _, err := s.bucket(name); err != nil {
		return "", err
	}
	return s.account.ARN("s3", name), nil
}

// DeleteBucket removes a bucket; with force also its objects and unfinished uploads. Errors: NoSuchBucket,
// BucketNotEmpty, InternalError.
func (s *Service) DeleteBucket(name string, force bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	if b == nil {
		return noSuchBucket(name)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !force {
		empty := true
		if err := s.walk(name, walkFrom{}, func(string, string, fs.FileInfo) walkNext { empty = false; return stopWalk }); err != nil {
			return internalError("looking into bucket "+name, err)
		}
		if !empty {
			return awserr.New("BucketNotEmpty", 409, "The bucket you tried to delete is not empty")
		}
		// What is left are folders without objects, and files that are none; other programs' files are not deleted.
		if err := s.removeFolders(name); err != nil {
			return internalError("deleting bucket "+name, err)
		}
	}
	if err := s.removeBucket(name); err != nil {
		return internalError("deleting bucket "+name, err)
	}
	b.deleted = true
	delete(s.buckets, name)
	return nil
}

// removeFolders removes empty folders, and fails at the first file.
func (s *Service) removeFolders(dir string) error {
	entries, err := fs.ReadDir(s.root.FS(), dir)
	if err != nil && !isAbsent(err) {
		return err
	}
	for _, entry := range entries {
		inner := path.Join(dir, entry.Name())
		if !entry.IsDir() {
			return fmt.Errorf("%s is not an object of the bucket", inner)
		}
		if err := s.removeFolders(inner); err != nil {
			return err
		}
		if err := s.root.Remove(inner); err != nil {
			return err
		}
	}
	return nil
}

// removeBucket moves the folders of a bucket to the temp folder, removes its properties, and then deletes the folders.
func (s *Service) removeBucket(name string) error {
	trash := tempDir + "/" + uuid.NewString()
	if err := s.root.Mkdir(trash, 0o755); err != nil {
		return err
	}
	for kind, dir := range map[string]string{"objects": name, "meta": metaDir + "/" + name, "uploads": uploadsDir + "/" + name} {
		if err := s.fs.Rename(dir, trash+"/"+kind); err != nil && !isAbsent(err) {
			return err
		}
		if err := s.fs.SyncDir(path.Dir(dir)); err != nil {
			return err
		}
	}
	if err := s.fs.Remove(settingsFile(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := s.fs.SyncDir(bucketsDir); err != nil {
		return err
	}
	_ = s.root.RemoveAll(trash) // Open removes what cannot be removed now
	return nil
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// checkBucketName applies the rules for general purpose buckets. Documented: user guide, bucketnamingrules.html.
func checkBucketName(name string) error {
	ok := bucketName.MatchString(name) && !strings.Contains(name, "..") && !strings.Contains(name, ".-") &&
		!strings.Contains(name, "-.")
	for _, prefix := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		ok = ok && !strings.HasPrefix(name, prefix)
	}
	for _, suffix := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		ok = ok && !strings.HasSuffix(name, suffix)
	}
	if _, err := netip.ParseAddr(name); err == nil {
		ok = false
	}
	if !ok {
		return awserr.New("InvalidBucketName", 400, "The specified bucket is not valid: %s", name)
	}
	return nil
}
