package s3_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/s3"
)

// putRules puts a configuration with the default minimum size.
func (w *fixture) putRules(bucket string, rules []s3.LifecycleRule) error {
	return w.PutBucketLifecycleConfiguration(bucket, s3.Lifecycle{Rules: rules})
}

func TestObjectsExpireAtTheMidnightAfterTheirDays(t *testing.T) {
	applied := make(chan error)
	w := newFixture(t, s3.Faults{LifecycleApplied: func(err error) { applied <- err }})
	require.NoError(t, <-applied, "once when it starts")
	w.put(t, "raw/old", "x")
	w.put(t, "kept/old", "x")
	require.NoError(t, w.putRules("archive", []s3.LifecycleRule{
		{ID: "expire", Status: "Enabled", Filter: s3.LifecycleFilter{Prefix: "raw/"}, ExpirationDays: 3},
		{ID: "rests", Status: "Disabled", ExpirationDays: 1},
	}))
	// Put on March 1st at 12:30; three days are over on March 4th at 12:30, and the next midnight is March 5th.
	for day := 2; day <= 5; day++ {
		midnight := time.Date(2026, 3, day, 0, 0, 0, 0, time.UTC)
		require.NoError(t, w.clock.BlockUntilContext(t.Context(), 1))
		w.clock.Advance(midnight.Sub(w.clock.Now()))
		require.NoError(t, <-applied)
		want := []string{"kept/old", "raw/old"}
		if day == 5 {
			want = []string{"kept/old"}
		}
		assert.Equal(t, want, w.keys(t, ""), "March %d", day)
	}
}

func TestUnfinishedUploadsAreAborted(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	client := newClient(t, w)
	id := client.initiate("raw/big")
	other := client.initiate("other/big")
	client.do("PUT", "/archive/raw/big?partNumber=1&uploadId="+id, "part", 200)
	require.NoError(t, w.putRules("archive", []s3.LifecycleRule{
		{ID: "abort", Status: "Enabled", Prefix: "raw/", AbortIncompleteMultipartUploadDays: 1},
	}))
	w.clock.Advance(35 * time.Hour) // March 2nd, 23:30
	require.NoError(t, w.ApplyLifecycle())
	assert.Contains(t, client.do("GET", "/archive?uploads", "", 200), id)
	w.clock.Advance(time.Hour)
	require.NoError(t, w.ApplyLifecycle())
	uploads := client.do("GET", "/archive?uploads", "", 200)
	assert.NotContains(t, uploads, id)
	assert.Contains(t, uploads, other)
	assert.Len(t, w.files(t, ".s3/uploads"), 1)
	assert.Contains(t, client.do("PUT", "/archive/raw/big?partNumber=2&uploadId="+id, "part", 404), "<Code>NoSuchUpload</Code>")
}

func TestTransitionsShowAndColdObjectsCannotBeRead(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	client := newClient(t, w)
	w.put(t, "big", strings.Repeat("x", 128<<10))
	w.put(t, "small", "x")
	require.NoError(t, w.putRules("archive", []s3.LifecycleRule{{ID: "cool", Status: "Enabled", Transitions: []s3.Transition{
		{Days: 30, StorageClass: "STANDARD_IA"}, {Days: 90, StorageClass: "GLACIER"},
	}}}))
	class := func(key string) string {
		objects, err := w.Objects("archive", key)
		require.NoError(t, err)
		return objects[0].StorageClass
	}
	assert.Equal(t, "STANDARD", class("big"))
	w.clock.Advance(31 * 24 * time.Hour)
	assert.Equal(t, "STANDARD_IA", class("big"))
	assert.Equal(t, "STANDARD", class("small"))
	assert.Equal(t, strings.Repeat("x", 128<<10), w.get(t, "big"))
	w.clock.Advance(60 * 24 * time.Hour)
	assert.Equal(t, "GLACIER", class("big"))
	_, err := w.Get("archive", "big")
	requireAWSError(t, err, "InvalidObjectState", "The operation is not valid for the object's storage class (GLACIER)")
	assert.Equal(t, "GLACIER", client.request("HEAD", "/archive/big", "", nil, http.StatusOK).Header.Get("x-amz-storage-class"))
	assert.Equal(t, "x", w.get(t, "small"))

	lifecycle, err := w.GetBucketLifecycleConfiguration("archive")
	require.NoError(t, err)
	lifecycle.TransitionDefaultMinimumObjectSize = s3.VariesByStorageClass
	require.NoError(t, w.PutBucketLifecycleConfiguration("archive", lifecycle))
	assert.Equal(t, "GLACIER", class("small"), "which takes objects of any size then")
	lifecycle.TransitionDefaultMinimumObjectSize = "none"
	require.ErrorContains(t, w.PutBucketLifecycleConfiguration("archive", lifecycle), "InvalidArgument")
}

func TestLifecycleRulesAreChecked(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	for name, c := range map[string]struct {
		rules         []s3.LifecycleRule
		code, message string
	}{
		"no action":         {[]s3.LifecycleRule{{ID: "a", Status: "Enabled"}}, "InvalidRequest", "At least one action needs to be specified in a rule."},
		"same id":           {[]s3.LifecycleRule{{ID: "a", Status: "Enabled", ExpirationDays: 1}, {ID: "a", Status: "Enabled", ExpirationDays: 2}}, "InvalidArgument", `Rule ID must be unique. Found same ID for more than one rule: "a"`},
		"negative":          {[]s3.LifecycleRule{{ID: "a", Status: "Enabled", ExpirationDays: -1}}, "InvalidArgument", "'Days' for Expiration action must be a positive integer"},
		"long id":           {[]s3.LifecycleRule{{ID: strings.Repeat("a", 256), Status: "Enabled", ExpirationDays: 1}}, "InvalidArgument", "ID length should not exceed allowed limit of 255"},
		"too soon":          {[]s3.LifecycleRule{{ID: "a", Status: "Enabled", Transitions: []s3.Transition{{Days: 29, StorageClass: "STANDARD_IA"}}}}, "InvalidArgument", "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'"},
		"unknown class":     {[]s3.LifecycleRule{{ID: "a", Status: "Enabled", Transitions: []s3.Transition{{StorageClass: "TAPE"}}}}, "InvalidArgument", `'StorageClass' in Transition action is "TAPE", not one of STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER, DEEP_ARCHIVE`},
		"expires too early": {[]s3.LifecycleRule{{ID: "a", Status: "Enabled", ExpirationDays: 30, Transitions: []s3.Transition{{Days: 30, StorageClass: "GLACIER"}}}}, "InvalidArgument", "'Days' in the Expiration action for prefix '' must be greater than 'Days' in the Transition action"},
		"no status":         {[]s3.LifecycleRule{{ID: "a", ExpirationDays: 1}}, "MalformedXML", `The XML you provided was not well-formed or did not validate against our published schema (Status "")`},
		"two prefixes":      {[]s3.LifecycleRule{{ID: "a", Status: "Enabled", Prefix: "a", Filter: s3.LifecycleFilter{Prefix: "b"}, ExpirationDays: 1}}, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema (a rule with Filter and Prefix)"},
		"too many":          {make([]s3.LifecycleRule, 1001), "InvalidRequest", "The number of lifecycle rules must not exceed the limit of 1000"},
	} {
		t.Run(name, func(t *testing.T) { requireAWSError(t, w.putRules("archive", c.rules), c.code, c.message) })
	}
}
