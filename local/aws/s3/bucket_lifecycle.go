package s3

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
)

// Lifecycle is the lifecycle configuration of a bucket.
type Lifecycle struct {
	Rules []LifecycleRule `json:"rules"`
	// TransitionDefaultMinimumObjectSize is AllStorageClasses128K, also if empty, or VariesByStorageClass.
	TransitionDefaultMinimumObjectSize string `json:"transitionDefaultMinimumObjectSize"`
}

// Below which size objects stay in their storage class. Documented:
// lifecycle-transition-general-considerations.html.
const (
	// AllStorageClasses128K is 128 KiB for all storage classes.
	AllStorageClasses128K = "all_storage_classes_128K"
	// VariesByStorageClass is 128 KiB, but none for GLACIER and DEEP_ARCHIVE.
	VariesByStorageClass = "varies_by_storage_class"
)

// LifecycleRule is one rule of a lifecycle configuration. Days are counted from when an object was put, or an upload
// initiated, and end at the following midnight UTC. Documented: user guide, intro-lifecycle-rules.html.
type LifecycleRule struct {
	// ID is unique in the configuration; up to 255 characters.
	ID string `json:"id"`
	// Status is Enabled or Disabled.
	Status string `json:"status"`
	// Filter limits the rule; Prefix does so in older configurations.
	Filter LifecycleFilter `json:"filter,omitzero"`
	Prefix string          `json:"prefix,omitempty"`
	// ExpirationDays removes objects; 0 is never.
	ExpirationDays int `json:"expirationDays,omitempty"`
	// AbortIncompleteMultipartUploadDays removes uploads that were not completed; 0 is never.
	AbortIncompleteMultipartUploadDays int `json:"abortIncompleteMultipartUploadDays,omitempty"`
	// NoncurrentVersionExpirationDays has no effect, since there are no noncurrent versions. 0 is never.
	NoncurrentVersionExpirationDays int `json:"noncurrentVersionExpirationDays,omitempty"`
	// Transitions move objects to other storage classes.
	Transitions []Transition `json:"transitions,omitempty"`
}

// LifecycleFilter chooses objects.
type LifecycleFilter struct {
	// Prefix is what their keys start with; empty is all.
	Prefix string `json:"prefix,omitempty"`
}

const (
	statusEnabled  = "Enabled"
	statusDisabled = "Disabled"
)

func (r *LifecycleRule) enabled() bool { return r.Status == statusEnabled }

// covers reports whether the rule is for objects with that key.
func (r *LifecycleRule) covers(key string) bool { return strings.HasPrefix(key, r.prefix()) }

func (r *LifecycleRule) prefix() string { return r.Filter.Prefix + r.Prefix }

// Transition moves objects to a storage class. The class shows in listings, and reading from GLACIER and DEEP_ARCHIVE is
// refused (InvalidObjectState); the file stays where it is.
type Transition struct {
	// Days after the object was put; STANDARD_IA and ONEZONE_IA need at least 30.
	Days int `json:"days"`
	// StorageClass is STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER or DEEP_ARCHIVE.
	StorageClass string `json:"storageClass"`
}

// PutBucketLifecycleConfiguration replaces the lifecycle configuration of a bucket. It is applied at once and then at
// each midnight UTC. Errors: NoSuchBucket, InvalidRequest, InvalidArgument, MalformedXML.
func (s *Service) PutBucketLifecycleConfiguration(bucketName string, lifecycle Lifecycle) error {
	switch lifecycle.TransitionDefaultMinimumObjectSize {
	case "":
		lifecycle.TransitionDefaultMinimumObjectSize = AllStorageClasses128K
	case AllStorageClasses128K, VariesByStorageClass:
	default:
		return invalidArgument("TransitionDefaultMinimumObjectSize is %q, not one of %s, %s",
			lifecycle.TransitionDefaultMinimumObjectSize, AllStorageClasses128K, VariesByStorageClass)
	}
	if len(lifecycle.Rules) > 1000 {
		return awserr.New("InvalidRequest", 400, "The number of lifecycle rules must not exceed the limit of 1000")
	}
	ids := map[string]bool{}
	for _, rule := range lifecycle.Rules {
		if err := checkRule(rule); err != nil {
			return err
		}
		if ids[rule.ID] {
			return invalidArgument("Rule ID must be unique. Found same ID for more than one rule: %q", rule.ID)
		}
		ids[rule.ID] = true
	}
	if err := s.change(bucketName, func(next *settings) error {
		next.Lifecycle = &lifecycle
		return nil
	}); err != nil {
		return err
	}
	return s.ApplyLifecycle()
}

// DeleteBucketLifecycle removes the lifecycle configuration of a bucket. Errors: NoSuchBucket.
func (s *Service) DeleteBucketLifecycle(bucketName string) error {
	return s.change(bucketName, func(next *settings) error {
		next.Lifecycle = nil
		return nil
	})
}

// GetBucketLifecycleConfiguration returns the lifecycle configuration of a bucket. Errors: NoSuchBucket,
// NoSuchLifecycleConfiguration.
func (s *Service) GetBucketLifecycleConfiguration(bucketName string) (Lifecycle, error) {
	is, err := s.read(bucketName)
	if err == nil && is.Lifecycle == nil {
		err = awserr.New("NoSuchLifecycleConfiguration", 404, "The lifecycle configuration does not exist")
	}
	if err != nil {
		return Lifecycle{}, err
	}
	return *is.Lifecycle, nil
}

// lifecycleRules are the rules of a bucket; the caller holds its lock.
func (b *bucket) lifecycleRules() []LifecycleRule {
	if b.settings.Lifecycle == nil {
		return nil
	}
	return b.settings.Lifecycle.Rules
}

// checkRule refuses what S3 refuses. Documented: API_PutBucketLifecycleConfiguration and
// lifecycle-transition-general-considerations.html.
func checkRule(rule LifecycleRule) error {
	switch {
	case len(rule.ID) > 255:
		return invalidArgument("ID length should not exceed allowed limit of 255")
	case rule.Status != statusEnabled && rule.Status != statusDisabled:
		return awserr.New("MalformedXML", 400, "The XML you provided was not well-formed or did not validate against our "+
			"published schema (Status %q)", rule.Status)
	case rule.Prefix != "" && rule.Filter.Prefix != "": // assumed: LifecycleRule has either
		return awserr.New("MalformedXML", 400, "The XML you provided was not well-formed or did not validate against our "+
			"published schema (a rule with Filter and Prefix)")
	}
	for name, days := range map[string]int{
		"Expiration": rule.ExpirationDays, "AbortIncompleteMultipartUpload": rule.AbortIncompleteMultipartUploadDays,
		"NoncurrentVersionExpiration": rule.NoncurrentVersionExpirationDays,
	} {
		if days < 0 {
			return invalidArgument("'Days' for %s action must be a positive integer", name)
		}
	}
	if rule.ExpirationDays+rule.AbortIncompleteMultipartUploadDays+rule.NoncurrentVersionExpirationDays == 0 &&
		len(rule.Transitions) == 0 {
		return awserr.New("InvalidRequest", 400, "At least one action needs to be specified in a rule.")
	}
	for _, transition := range rule.Transitions {
		class := transition.StorageClass
		switch {
		case !slices.Contains(transitionClasses, class):
			return invalidArgument("'StorageClass' in Transition action is %q, not one of %s", class, strings.Join(transitionClasses, ", "))
		case transition.Days < 0 || transition.Days < 30 && (class == "STANDARD_IA" || class == "ONEZONE_IA"):
			return invalidArgument("'Days' in Transition action must be greater than or equal to 30 for storageClass '%s'", class)
		case rule.ExpirationDays > 0 && rule.ExpirationDays <= transition.Days:
			return invalidArgument("'Days' in the Expiration action for prefix '%s' must be greater than 'Days' in the Transition "+
				"action", rule.prefix())
		}
	}
	return nil
}

var transitionClasses = []string{"STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"}

// due is when a number of days is over. Documented (intro-lifecycle-rules.html): the time is rounded up to midnight UTC.
func due(since time.Time, days int) time.Time {
	end := since.UTC().AddDate(0, 0, days)
	midnight := end.Truncate(24 * time.Hour)
	if midnight.Before(end) {
		midnight = midnight.AddDate(0, 0, 1)
	}
	return midnight
}

// minTransition is the size below which objects stay where they are; see AllStorageClasses128K.
const minTransition = 128 << 10

// storageClass is where an object is by now; the caller holds the bucket's lock.
func (b *bucket) storageClass(key string, p properties, now time.Time) string {
	class, latest := p.Headers["X-Amz-Storage-Class"], time.Time{}
	if class == "" {
		class = "STANDARD"
	}
	for _, rule := range b.lifecycleRules() {
		if !rule.enabled() || !rule.covers(key) {
			continue
		}
		for _, transition := range rule.Transitions {
			if p.Size < minTransition && !b.movesSmallObjects(transition.StorageClass) {
				continue
			}
			if at := due(p.LastModified, transition.Days); !at.After(now) && !at.Before(latest) {
				class, latest = transition.StorageClass, at
			}
		}
	}
	return class
}

func (b *bucket) movesSmallObjects(class string) bool {
	return b.settings.Lifecycle.TransitionDefaultMinimumObjectSize == VariesByStorageClass && isArchived(class)
}

// isArchived reports whether objects of a storage class have to be restored before they can be read.
func isArchived(class string) bool { return class == "GLACIER" || class == "DEEP_ARCHIVE" }

// runLifecycle applies the rules when the service starts and at each midnight UTC, as S3 does once a day.
func (s *Service) runLifecycle() {
	for {
		err := s.ApplyLifecycle()
		if s.faults.lifecycleApplied != nil {
			s.faults.lifecycleApplied(err)
		}
		now := s.clock.Now().UTC()
		timer := s.clock.NewTimer(now.Truncate(24*time.Hour).AddDate(0, 0, 1).Sub(now))
		select {
		case <-timer.Chan():
		case <-s.stop:
			timer.Stop()
			return
		}
	}
}

// ApplyLifecycle removes the objects and unfinished uploads whose days are over. It is called at each midnight UTC; a
// bucket that cannot be read does not keep the others from being looked at.
func (s *Service) ApplyLifecycle() error {
	s.mu.RLock()
	buckets := make([]*bucket, 0, len(s.buckets))
	for _, b := range s.buckets {
		buckets = append(buckets, b)
	}
	s.mu.RUnlock()
	var problems []error
	for _, b := range buckets {
		problems = append(problems, s.expire(b), s.abortUploads(b))
	}
	return errors.Join(problems...)
}

// expire removes the objects of a bucket whose days are over.
func (s *Service) expire(b *bucket) error {
	now := s.clock.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, rule := range b.lifecycleRules() {
		if !rule.enabled() || rule.ExpirationDays == 0 || b.deleted {
			continue
		}
		var expired []location
		var failed error
		err := s.walk(b.name, walkFrom{prefix: rule.prefix()}, func(key, _ string, info fs.FileInfo) walkNext {
			p := s.locate(b.name, key)
			found, err := s.readProperties(p, info)
			if err != nil {
				failed = err
				return stopWalk
			}
			if !due(found.LastModified, rule.ExpirationDays).After(now) {
				expired = append(expired, p)
			}
			return continueWalk
		})
		for _, p := range expired {
			failed = errors.Join(failed, s.remove(p))
		}
		if err = errors.Join(err, failed); err != nil {
			return internalError("expiring objects of bucket "+b.name, err)
		}
	}
	return nil
}

// abortUploads removes the uploads of a bucket that were initiated too long ago.
func (s *Service) abortUploads(b *bucket) error {
	now := s.clock.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.deleted || !slices.ContainsFunc(b.lifecycleRules(), func(r LifecycleRule) bool { return r.AbortIncompleteMultipartUploadDays > 0 }) {
		return nil
	}
	uploads, err := s.uploads(b.name)
	if err != nil {
		return err
	}
	for _, u := range uploads {
		for _, rule := range b.lifecycleRules() {
			days := rule.AbortIncompleteMultipartUploadDays
			if rule.enabled() && days > 0 && rule.covers(u.Key) && !due(u.Initiated, days).After(now) {
				if err := s.removeUpload(u); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// uploads are the unfinished uploads of a bucket, by key and then by id; the caller holds the bucket's lock.
func (s *Service) uploads(bucketName string) ([]upload, error) {
	entries, err := fs.ReadDir(s.root.FS(), path.Join(uploadsDir, bucketName))
	if err != nil {
		return nil, internalError("listing uploads", err)
	}
	var all []upload
	for _, entry := range entries {
		u := upload{}
		err := s.readJSON(path.Join(uploadsDir, bucketName, entry.Name(), uploadFile), &u)
		if isAbsent(err) {
			continue // a crash came before the upload had its id
		}
		if err != nil {
			return nil, internalError("reading an upload", err)
		}
		u.bucket, u.id = bucketName, entry.Name()
		all = append(all, u)
	}
	slices.SortFunc(all, func(a, b upload) int {
		if byKey := strings.Compare(a.Key, b.Key); byKey != 0 {
			return byKey
		}
		return strings.Compare(a.id, b.id)
	})
	return all, nil
}
