// Package s3 is Amazon S3 over plain files: each object is the file <dir>/<bucket>/<key>, visible only when it is
// whole and durable. What it knows of AWS is documented in the S3 user guide and API reference
// (docs.aws.amazon.com/AmazonS3/latest/…), whose pages the comments name.
//
// In the folder:
//
//	<bucket>/…                  the objects; names.go says how unusual keys are written
//	.s3/format.json             how keys are written here
//	.s3/buckets/<bucket>.json   settings of a bucket
//	.s3/meta/<bucket>/…%meta    content type, ETag and so on of an object, beside it in a separate tree
//	.s3/uploads/<bucket>/<id>/  the parts of a multipart upload that is not completed
//	.s3/temp/                   what is being written; emptied by Open
package s3

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/kms"
	"ingest-pipeline/local/internal/durable"
)

// Options are what Open needs.
type Options struct {
	// Dir is the folder of all buckets; it is made if it is missing. Only one Service may have it open.
	Dir string
	// Account owns the buckets.
	Account iam.Account
	// Clock gives objects their time and drives lifecycle rules. Default: the machine's.
	Clock clockwork.Clock
	// IAM, if given, lets PutBucketPolicy refuse a principal that does not exist, as S3 does.
	IAM *iam.Service
	// RefuseWrites, unless nil, is called for each PutObject; while it returns true, they are refused as AccessDenied.
	RefuseWrites func() bool
	// KMS knows the keys that buckets are encrypted with. Nil: every key can be used, by everybody.
	KMS *kms.Service
}

// Service is Amazon S3 of one account. It is safe for concurrent use.
type Service struct {
	account      iam.Account
	clock        clockwork.Clock
	iam          *iam.Service // the account's, or nil
	kms          *kms.Service
	refuseWrites func() bool
	dir          string
	root         *os.Root   // dir
	fs           durable.FS // root, for what is written
	names        naming
	requests     atomic.Uint64 // how many the API has answered

	mu      sync.RWMutex
	buckets map[string]*bucket

	closing sync.Once
	stop    chan struct{}
	stopped sync.WaitGroup

	faults faults
}

// faults lets tests break the disk.
type faults struct {
	// fs stands between the service and its files.
	fs func(durable.FS) durable.FS
	// lifecycleApplied runs after each round of the lifecycle rules.
	lifecycleApplied func(error)
}

const (
	internalDir = ".s3"
	formatFile  = internalDir + "/format.json"
	bucketsDir  = internalDir + "/buckets"
	metaDir     = internalDir + "/meta"
	uploadsDir  = internalDir + "/uploads"
	tempDir     = internalDir + "/temp"
)

// Open opens the buckets of a folder and removes what a crash left half written. How long it takes does not depend on the
// number of objects.
func Open(options Options) (*Service, error) { return open(options, faults{}) }

func open(options Options, faults faults) (*Service, error) {
	s := &Service{
		account: options.Account, clock: options.Clock, iam: options.IAM, kms: options.KMS,
		dir: options.Dir, buckets: map[string]*bucket{}, stop: make(chan struct{}), faults: faults, refuseWrites: options.RefuseWrites,
	}
	if s.clock == nil {
		s.clock = clockwork.NewRealClock()
	}
	if err := os.MkdirAll(options.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("opening the folder of the buckets: %w", err)
	}
	root, err := os.OpenRoot(options.Dir)
	if err != nil {
		return nil, fmt.Errorf("opening the folder of the buckets: %w", err)
	}
	s.root, s.fs = root, durable.In(root)
	if faults.fs != nil {
		s.fs = faults.fs(s.fs)
	}
	for _, step := range []func() error{s.makeFolders, s.readFormat, s.readBuckets} {
		if err := step(); err != nil {
			return nil, errors.Join(fmt.Errorf("opening the folder %s of the buckets: %w", options.Dir, err), root.Close())
		}
	}
	s.stopped.Go(s.runLifecycle)
	return s, nil
}

// Close stops the service; closing it again does nothing. Nothing is lost by not calling it.
func (s *Service) Close() error {
	s.closing.Do(func() { close(s.stop) })
	s.stopped.Wait()
	return s.root.Close()
}

// makeFolders makes the folders of the service and empties the one for what is being written.
func (s *Service) makeFolders() error {
	if err := s.root.RemoveAll(tempDir); err != nil {
		return err
	}
	for _, dir := range []string{internalDir, bucketsDir, metaDir, uploadsDir, tempDir} {
		if err := s.root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	return s.fs.SyncDir(internalDir)
}

// format is how keys are written in a folder. It is chosen once, when the folder is new.
type format struct {
	Version  int  `json:"version"`
	FoldCase bool `json:"foldCase"`
}

// readFormat finds out how keys are written, and whether this file system can hold them.
func (s *Service) readFormat() error {
	folds, err := s.foldsCase()
	if err != nil {
		return err
	}
	chosen := format{Version: 1, FoldCase: folds}
	var found format
	switch err := s.readJSON(formatFile, &found); {
	case errors.Is(err, fs.ErrNotExist):
		if err := s.writeJSON(formatFile, chosen); err != nil {
			return err
		}
	case err != nil:
		return err
	case found.Version != 1:
		return &durable.DamagedError{Name: s.path(formatFile), Err: fmt.Errorf("version %d is not known", found.Version)}
	case folds && !found.FoldCase:
		return errors.New("the buckets were created on a case-sensitive file system, and this one is not")
	default:
		chosen = found
	}
	s.names = naming{foldCase: chosen.FoldCase}
	return nil
}

// foldsCase reports whether the file system ignores the case of names.
func (s *Service) foldsCase() (bool, error) {
	name := tempDir + "/case-" + uuid.NewString()
	if err := s.root.WriteFile(name, nil, 0o644); err != nil {
		return false, err
	}
	_, err := s.root.Lstat(tempDir + "/" + strings.ToUpper(path.Base(name)))
	return err == nil, s.root.Remove(name)
}
