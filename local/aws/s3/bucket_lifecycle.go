package s3

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
)

// LifecycleRule is one rule of a bucket's lifecycle configuration. Days are counted from when an object was put, or an
// upload initiated, and end at the following midnight UTC. Documented: user guide, intro-lifecycle-rules.html.
type LifecycleRule struct {
	// ID is unique in the configuration; up to 255 characters.
	ID string `json:"id"`
	// Enabled is false for a rule that only rests in the configuration.
	Enabled bool `json:"enabled"`
	// Prefix limits the rule to keys that start with it; empty is all.
	Prefix string `json:"prefix,omitempty"`
	// ExpirationDays removes objects; 0 is never.
	ExpirationDays int `json:"expirationDays,omitempty"`
	// AbortIncompleteMultipartUploadDays removes uploads that were not completed; 0 is never.
	AbortIncompleteMultipartUploadDays int `json:"abortIncompleteMultipartUploadDays,omitempty"`
	// NoncurrentVersionExpirationDays is kept; without versioning there is nothing for it to remove. 0 is never.
	NoncurrentVersionExpirationDays int `json:"noncurrentVersionExpirationDays,omitempty"`
	// Transitions move objects to other storage classes.
	Transitions []Transition `json:"transitions,omitempty"`
}

// Transition moves objects of 128 KiB and more to a storage class. The class shows in listings, and reading from
// GLACIER and DEEP_ARCHIVE is refused (InvalidObjectState); the file stays where it is.
type Transition struct {
	// Days after the object was put; STANDARD_IA and ONEZONE_IA want at least 30.
	Days int `json:"days"`
	// StorageClass is STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER or DEEP_ARCHIVE.
	StorageClass string `json:"storageClass"`
}

// PutLifecycle sets the bucket's lifecycle rules; none removes them. They are applied at once and then at each
// midnight UTC. Errors: NoSuchBucket, InvalidRequest, InvalidArgument.
func (s *Service) PutLifecycle(bucketName string, rules []LifecycleRule) error {
	if len(rules) > 1000 {
		return awserr.New("InvalidRequest", 400, "The number of lifecycle rules must not exceed the limit of 1000")
	}
	ids := map[string]bool{}
	for _, rule := range rules {
		if err := checkRule(rule); err != nil {
			return err
		}
		if ids[rule.ID] {
			return invalidArgument("Rule ID must be unique. Found same ID for more than one rule: %q", rule.ID)
		}
		ids[rule.ID] = true
	}
	if err := s.change(bucketName, func(_ *bucket, next *settings) error {
		next.Lifecycle = slices.Clone(rules)
		return nil
	}); err != nil {
		return err
	}
	return s.ApplyLifecycle()
}

// checkRule refuses what S3 refuses. Documented: API_PutBucketLifecycleConfiguration and
// lifecycle-transition-general-considerations.html.
func checkRule(rule LifecycleRule) error {
	if len(rule.ID) > 255 {
		return invalidArgument("ID length should not exceed allowed limit of 255")
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
				"action", rule.Prefix)
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

// minTransition is the size below which objects stay where they are. Documented:
// lifecycle-transition-general-considerations.html.
const minTransition = 128 << 10

// storageClass is where an object is by now; the caller holds the bucket's lock.
func (b *bucket) storageClass(key string, p properties, now time.Time) string {
	class, latest := p.Headers["X-Amz-Storage-Class"], time.Time{}
	if class == "" {
		class = "STANDARD"
	}
	for _, rule := range b.settings.Lifecycle {
		if !rule.Enabled || !strings.HasPrefix(key, rule.Prefix) || p.Size < minTransition {
			continue
		}
		for _, transition := range rule.Transitions {
			if at := due(p.LastModified, transition.Days); !at.After(now) && !at.Before(latest) {
				class, latest = transition.StorageClass, at
			}
		}
	}
	return class
}

// runLifecycle applies the rules when the service starts and at each midnight UTC, as S3 does once a day.
func (s *Service) runLifecycle() {
	for {
		err := s.ApplyLifecycle()
		if s.faults.swept != nil {
			s.faults.swept(err)
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
	for _, rule := range b.settings.Lifecycle {
		if !rule.Enabled || rule.ExpirationDays == 0 || b.gone {
			continue
		}
		var expired []place
		var failed error
		err := s.walk(b.name, walkFrom{prefix: rule.Prefix}, func(key, _ string, info fs.FileInfo) walkNext {
			p := s.place(b.name, key)
			found, err := s.describe(p, info)
			if err != nil {
				failed = err
				return stopWalk
			}
			if !due(found.LastModified, rule.ExpirationDays).After(now) {
				expired = append(expired, p)
			}
			return goOn
		})
		for _, p := range expired {
			failed = errors.Join(failed, s.remove(p))
		}
		if err = errors.Join(err, failed); err != nil {
			return broken("expiring objects of bucket "+b.name, err)
		}
	}
	return nil
}

// abortUploads removes the uploads of a bucket that were initiated too long ago.
func (s *Service) abortUploads(b *bucket) error {
	now := s.clock.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone || !slices.ContainsFunc(b.settings.Lifecycle, func(r LifecycleRule) bool { return r.AbortIncompleteMultipartUploadDays > 0 }) {
		return nil
	}
	uploads, err := s.uploads(b.name)
	if err != nil {
		return err
	}
	for _, u := range uploads {
		for _, rule := range b.settings.Lifecycle {
			days := rule.AbortIncompleteMultipartUploadDays
			if rule.Enabled && days > 0 && strings.HasPrefix(u.Key, rule.Prefix) && !due(u.Initiated, days).After(now) {
				if err := s.dropUpload(u); err != nil {
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
		return nil, broken("listing uploads", err)
	}
	var all []upload
	for _, entry := range entries {
		text, err := s.root.ReadFile(path.Join(uploadsDir, bucketName, entry.Name(), uploadFile))
		if isAbsent(err) {
			continue // a crash came before the upload had its id
		}
		u := upload{}
		if err == nil {
			err = json.Unmarshal(text, &u)
		}
		if err != nil {
			return nil, broken("reading an upload", err)
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
