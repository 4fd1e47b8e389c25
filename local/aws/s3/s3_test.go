package s3_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/kms"
	"ingest-pipeline/local/aws/s3"
)

var (
	account = iam.Account{ID: "123456789012", Region: "eu-west-1", Partition: "aws"}
	start   = time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC)
)

const roleARN = "arn:aws:iam::123456789012:role/deliver"

// fixture is a bucket "archive" and a role that may put objects into it.
type fixture struct {
	*s3.Service
	dir    string
	clock  *clockwork.FakeClock
	iam    *iam.Service
	kms    *kms.Service
	caller *iam.Session
}

func newFixture(t testing.TB, faults s3.Faults) *fixture {
	t.Helper()
	w := &fixture{dir: t.TempDir(), clock: clockwork.NewFakeClockAt(start)}
	w.iam = iam.New(account, iam.WithClock(w.clock))
	_, err := w.iam.CreateRole(iam.Role{Name: "deliver", TrustPolicy: `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Principal": {"Service": "firehose.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`})
	require.NoError(t, err)
	require.NoError(t, w.iam.PutRolePolicy("deliver", "p", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Action": "s3:PutObject", "Resource": "arn:aws:s3:::*/*"}]}`))
	w.caller, err = w.iam.AssumeRole(roleARN, "firehose.amazonaws.com", "session", nil)
	require.NoError(t, err)
	w.kms, err = kms.Open(kms.Options{Dir: t.TempDir(), Account: account, Clock: w.clock, IAM: w.iam})
	require.NoError(t, err)
	w.open(t, faults)
	_, err = w.CreateBucket("archive")
	require.NoError(t, err)
	return w
}

// open opens the folder (again) and closes it when the test ends.
func (w *fixture) open(t testing.TB, faults s3.Faults) {
	t.Helper()
	service, err := s3.OpenFaulty(s3.Options{Dir: w.dir, Account: account, Clock: w.clock, IAM: w.iam, KMS: w.kms}, faults)
	require.NoError(t, err)
	w.Service = service
	t.Cleanup(func() { _ = service.Close() })
}

func (w *fixture) put(t testing.TB, key, body string) {
	t.Helper()
	require.NoError(t, w.PutObject(w.caller, "archive", key, strings.NewReader(body), s3.PutOptions{}), "key %q", key)
}

func (w *fixture) get(t testing.TB, key string) string {
	t.Helper()
	object, err := w.Get("archive", key)
	require.NoError(t, err, "key %q", key)
	defer object.Close()
	body, err := io.ReadAll(object)
	require.NoError(t, err)
	return string(body)
}

func (w *fixture) keys(t testing.TB, prefix string) []string {
	t.Helper()
	objects, err := w.Objects("archive", prefix)
	require.NoError(t, err)
	keys := []string{}
	for _, object := range objects {
		keys = append(keys, object.Key)
	}
	return keys
}

// files are all plain files below a folder of the world.
func (w *fixture) files(t testing.TB, below string) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(filepath.Join(w.dir, below), func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			relative, _ := filepath.Rel(w.dir, name)
			files = append(files, filepath.ToSlash(relative))
		}
		return err
	}))
	return files
}

func requireAWSError(t testing.TB, err error, code, message string) {
	t.Helper()
	var aws *awserr.Error
	require.ErrorAs(t, err, &aws)
	assert.Equal(t, code, aws.Code)
	assert.Equal(t, message, aws.Message)
}

func TestAnObjectIsAPlainFileUnderItsKey(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	const key = "raw/2026/03/01/12/class-stream-1-2026-03-01-12-30-00-5b1f.gz"
	err := w.PutObject(w.caller, "archive", key, strings.NewReader("hello\n"), s3.PutOptions{
		ContentType: "application/x-ndjson", ContentEncoding: "gzip", Metadata: map[string]string{"Source": "Test"},
	})
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(w.dir, "archive", key))
	require.NoError(t, err)
	assert.Equal(t, "hello\n", string(text))
	want := []s3.ObjectInfo{{
		Key: key, Size: 6, LastModified: start, ETag: `"b1946ac92492d2347c6235b4d2611184"`, ContentType: "application/x-ndjson",
		ContentEncoding: "gzip", Metadata: map[string]string{"source": "Test"}, StorageClass: "STANDARD",
	}}
	got, err := w.Objects("archive", "raw/")
	require.NoError(t, err)
	assert.Equal(t, want, got)

	require.NoError(t, w.Close())
	w.open(t, s3.Faults{})
	got, err = w.Objects("archive", "")
	require.NoError(t, err)
	assert.Equal(t, want, got, "after a restart")
	assert.Equal(t, "hello\n", w.get(t, key))
}

func TestObjectsComeInTheOrderOfTheirKeys(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	for _, key := range []string{"b", "a/c", "a-b", "a", "a.b", "a/b/c", "a0", "ab", "a/"} {
		w.put(t, key, key)
	}
	assert.Equal(t, []string{"a", "a-b", "a.b", "a/", "a/b/c", "a/c", "a0", "ab", "b"}, w.keys(t, ""))
	assert.Equal(t, []string{"a/", "a/b/c", "a/c"}, w.keys(t, "a/"))
	assert.Equal(t, []string{"a/b/c"}, w.keys(t, "a/b"))
	assert.Empty(t, w.keys(t, "c"))
}

func TestManyObjectsAreAllListed(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	for i := range 2500 {
		require.NoError(t, os.WriteFile(filepath.Join(w.dir, "archive", fmt.Sprintf("%05d", i)), nil, 0o644))
	}
	assert.Len(t, w.keys(t, ""), 2500)
}

func TestPutObjectNeedsAPermission(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	put := func(caller *iam.Session) error {
		return w.PutObject(caller, "archive", "raw/a", strings.NewReader("x"), s3.PutOptions{})
	}
	require.NoError(t, w.iam.PutRolePolicy("deliver", "p", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Action": "s3:PutObject", "Resource": "arn:aws:s3:::archive/other/*"}]}`))
	const sentence = `User: arn:aws:sts::123456789012:assumed-role/deliver/session is not authorized to perform: s3:PutObject on resource: ` +
		`"arn:aws:s3:::archive/raw/a" `
	requireAWSError(t, put(w.caller), "AccessDenied", sentence+"because no identity-based policy allows the s3:PutObject action")
	requireAWSError(t, put(nil), "AccessDenied", strings.Replace(sentence, "arn:aws:sts::123456789012:assumed-role/deliver/session", "anonymous", 1)+
		"because no identity-based policy allows the s3:PutObject action")
	policy := func(effect, condition string) string {
		return `{"Version": "2012-10-17", "Statement": [{"Effect": "` + effect + `", "Principal": {"AWS": "` + roleARN + `"},
			"Action": "s3:PutObject", "Resource": "arn:aws:s3:::archive/*"` + condition + `}]}`
	}
	require.NoError(t, w.PutBucketPolicy("archive", policy("Allow", "")))
	require.NoError(t, put(w.caller), "the bucket's policy allows what the role's does not")
	require.NoError(t, w.iam.AttachRolePolicy("deliver", "arn:aws:iam::aws:policy/AmazonS3FullAccess"))
	require.NoError(t, w.PutBucketPolicy("archive", policy("Deny", "")))
	requireAWSError(t, put(w.caller), "AccessDenied", sentence+"with an explicit deny in a resource-based policy")
	require.NoError(t, w.PutBucketPolicy("archive", policy("Deny", `, "Condition": {"Bool": {"aws:SecureTransport": "false"}}`)))
	require.NoError(t, put(w.caller), "calls of services count as sent over TLS")
	require.NoError(t, w.DeleteBucketPolicy("archive"))
	require.NoError(t, put(w.caller))
	requireAWSError(t, w.PutObject(w.caller, "nowhere", "k", strings.NewReader(""), s3.PutOptions{}), "NoSuchBucket",
		"The specified bucket does not exist: nowhere")
}

func TestABucketUnderACustomersKeyNeedsThatKey(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	const key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	put := func() error {
		return w.PutObject(w.caller, "archive", "raw/a", strings.NewReader("x"), s3.PutOptions{})
	}
	require.NoError(t, w.PutBucketEncryption("archive", s3.Encryption{Algorithm: "aws:kms"}))
	require.NoError(t, put(), "the key of AWS needs no permission")
	require.NoError(t, w.PutBucketEncryption("archive", s3.Encryption{Algorithm: "aws:kms", KMSKeyID: "1234abcd-12ab-34cd-56ef-1234567890ab"}))
	requireAWSError(t, put(), "AccessDenied", `User: arn:aws:sts::123456789012:assumed-role/deliver/session is not authorized to `+
		`perform: kms:GenerateDataKey on resource: "`+key+`" because no identity-based policy allows the kms:GenerateDataKey action`)
	require.NoError(t, w.iam.PutRolePolicy("deliver", "key", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Action": "kms:GenerateDataKey", "Resource": "`+key+`", "Condition": {
			"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"},
			"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::archive/raw/*"}}}]}`))
	require.NoError(t, put())
}

func TestAKeyThatIsDisabledNeitherEncryptsNorDecrypts(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	key, err := w.kms.CreateKey(kms.Key{IsEnabled: true}, false)
	require.NoError(t, err)
	require.NoError(t, w.iam.PutRolePolicy("deliver", "key", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Action": "kms:GenerateDataKey", "Resource": "*"}]}`))
	require.NoError(t, w.PutBucketEncryption("archive", s3.Encryption{Algorithm: "aws:kms", KMSKeyID: w.kms.KeyARN(key)}))
	w.put(t, "k", "body")
	config, err := w.kms.DescribeKey(key)
	require.NoError(t, err)
	config.IsEnabled = false
	require.NoError(t, w.kms.UpdateKey(key, config, false))
	disabled := w.kms.KeyARN(key) + " is disabled."
	requireAWSError(t, w.PutObject(w.caller, "archive", "k", strings.NewReader("x"), s3.PutOptions{}), "KMS.DisabledException", disabled)
	_, err = w.Get("archive", "k")
	requireAWSError(t, err, "KMS.DisabledException", disabled)
	for _, method := range []string{"GET", "PUT"} {
		answer := c.do(method, "/archive/k", "", 400)
		assert.Equal(t, "KMS.DisabledException", first(t, answer, "Code"))
		assert.Equal(t, disabled, first(t, answer, "Message"))
	}
	c.do("HEAD", "/archive/k", "", 200)
	config.IsEnabled = true
	require.NoError(t, w.kms.UpdateKey(key, config, false))
	assert.Equal(t, "body", w.get(t, "k"))
}

func TestAnObjectIsReplacedOnlyIfThatIsWanted(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	once := func(body string) error {
		return w.PutObject(w.caller, "archive", "k", strings.NewReader(body), s3.PutOptions{IfNoneMatch: true})
	}
	require.NoError(t, once("first"))
	requireAWSError(t, once("second"), "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
	assert.Equal(t, "first", w.get(t, "k"))
	w.put(t, "k", "third")
	assert.Equal(t, "third", w.get(t, "k"))
}

func TestKeysAndMetadataHaveS3sLimits(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	put := func(key string, options s3.PutOptions) error {
		return w.PutObject(w.caller, "archive", key, strings.NewReader(""), options)
	}
	require.NoError(t, w.iam.AttachRolePolicy("deliver", "arn:aws:iam::aws:policy/AmazonS3FullAccess"))
	requireAWSError(t, put("", s3.PutOptions{}), "InvalidArgument", "Object key is missing")
	requireAWSError(t, put(strings.Repeat("k", 1025), s3.PutOptions{}), "KeyTooLongError",
		"Your key is too long (1025 bytes; the limit is 1024)")
	requireAWSError(t, put("k", s3.PutOptions{Metadata: map[string]string{"k": strings.Repeat("v", 2048)}}), "MetadataTooLarge",
		"Your metadata headers exceed the maximum allowed metadata size (2049 bytes; the limit is 2048)")
	require.NoError(t, put("k", s3.PutOptions{Metadata: map[string]string{"k": strings.Repeat("v", 2047)}}))
}

var errBroken = errors.New("broken")

func TestAFailedPutLeavesNothing(t *testing.T) {
	var fault func(io.Writer) io.Writer
	var rename error
	w := newFixture(t, s3.Faults{
		Writer: func(to io.Writer) io.Writer {
			if fault != nil {
				return fault(to)
			}
			return to
		},
		BeforeRename: func(string) error { return rename },
	})
	w.put(t, "raw/old", "old")
	before := w.files(t, "")
	full := func(to io.Writer) io.Writer {
		return writerFunc(func(p []byte) (int, error) {
			n, _ := to.Write(p[:len(p)/2])
			return n, &fs.PathError{Op: "write", Path: "the disk", Err: syscall.ENOSPC}
		})
	}
	const noSpace = "We encountered an internal error. Please try again. (writing object %s: the disk: no space left on device)"
	for _, key := range []string{"raw/old", "raw/new", "other/new", "raw/old/below"} {
		fault = full
		requireAWSError(t, w.PutObject(w.caller, "archive", key, strings.NewReader("new"), s3.PutOptions{}), "InternalError",
			fmt.Sprintf(noSpace, key))
		fault = nil
		err := w.PutObject(w.caller, "archive", key, io.MultiReader(strings.NewReader("new"), iotest.ErrReader(errBroken)), s3.PutOptions{})
		require.ErrorIs(t, err, errBroken, "an error of the body is the caller's own")
		assert.Equal(t, before, w.files(t, ""), "key %s", key)
		rename = errBroken
		err = w.PutObject(w.caller, "archive", key, strings.NewReader("new"), s3.PutOptions{})
		rename = nil
		requireAWSError(t, err, "InternalError", fmt.Sprintf("We encountered an internal error. Please try again. (writing object %s: broken)", key))
		assert.Equal(t, []string{"raw/old"}, w.keys(t, ""))
		assert.Equal(t, "old", w.get(t, "raw/old"))
	}
	w.put(t, "raw/new", "new")
	assert.Equal(t, []string{"raw/new", "raw/old"}, w.keys(t, ""), "it works again when the disk does")
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestAFolderThatCannotBeUsedIsAClearError(t *testing.T) {
	if os.Geteuid() != 0 { // root may read everything
		w := newFixture(t, s3.Faults{})
		w.put(t, "raw/a", "x")
		folder := filepath.Join(w.dir, "archive/raw")
		require.NoError(t, os.Chmod(folder, 0))
		t.Cleanup(func() { _ = os.Chmod(folder, 0o755) })
		_, err := w.Objects("archive", "")
		require.ErrorContains(t, err, "InternalError: We encountered an internal error. Please try again. (listing bucket archive: ")
		require.ErrorContains(t, w.PutObject(w.caller, "archive", "raw/b", strings.NewReader(""), s3.PutOptions{}), "permission denied")
	}
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, err := s3.Open(s3.Options{Dir: file, Account: account})
	require.ErrorContains(t, err, "opening the folder of the buckets: mkdir "+file+": not a directory")

	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, ".s3"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".s3/format.json"), []byte(`{"version": 2}`), 0o644))
	_, err = s3.Open(s3.Options{Dir: dir, Account: account})
	require.ErrorContains(t, err, filepath.Join(dir, ".s3", "format.json")+" is damaged: version 2 is not known")
}

func TestALargeBodyIsNeverHeldInMemory(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	body := &countingReader{left: 64 << 20}
	require.NoError(t, w.PutObject(w.caller, "archive", "big", body, s3.PutOptions{}))
	assert.LessOrEqual(t, body.most, 1<<20, "bytes asked for at a time")
	objects, err := w.Objects("archive", "")
	require.NoError(t, err)
	assert.Equal(t, int64(64<<20), objects[0].Size)
}

type countingReader struct{ left, most int }

func (r *countingReader) Read(p []byte) (int, error) {
	r.most = max(r.most, len(p))
	if r.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), r.left)
	r.left -= n
	return n, nil
}

func TestConcurrentPutsOfOneKeyLeaveOneOfThemWhole(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	var wait sync.WaitGroup
	for i := range 4 {
		wait.Go(func() {
			for range 10 {
				body := bytes.Repeat([]byte{byte('a' + i)}, 1000+i)
				assert.NoError(t, w.PutObject(w.caller, "archive", "k", bytes.NewReader(body), s3.PutOptions{
					Metadata: map[string]string{"by": string(body[:1])},
				}))
				objects, err := w.Objects("archive", "")
				if assert.NoError(t, err) && assert.Len(t, objects, 1) {
					assert.Equal(t, string(rune('a'+objects[0].Size-1000)), objects[0].Metadata["by"], "metadata belong to the bytes")
				}
			}
		})
	}
	wait.Wait()
	body := w.get(t, "k")
	assert.Equal(t, strings.Repeat(body[:1], len(body)), body)
}
