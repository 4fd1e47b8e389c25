package s3_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/s3"
	"ingest-pipeline/local/internal/durable"
)

func TestBucketNamesFollowS3sRules(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	for name, good := range map[string]bool{
		"abc": true, "a.b": true, "my-bucket.2026": true, "1abc": true, strings.Repeat("a", 63): true,
		"ab": false, strings.Repeat("a", 64): false, "Abc": false, "a_b": false, "-abc": false, "abc-": false, ".abc": false,
		"a..b": false, "a.-b": false, "a-.b": false, "192.168.5.4": false, "xn--abc": false, "sthree-x": false,
		"abc-s3alias": false, "abc--ol-s3": false, "abc.mrap": false, "abc--x-s3": false, "abc--table-s3": false, "": false, "..": false,
		"a/b": false, "amzn-s3-demo-x": false,
	} {
		arn, err := w.CreateBucket(name)
		if good {
			require.NoError(t, err, "%q", name)
			assert.Equal(t, "arn:aws:s3:::"+name, arn)
		} else {
			requireAWSError(t, err, "InvalidBucketName", "The specified bucket is not valid: "+name)
		}
	}
}

func TestABucketIsAsItWasAfterARestart(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	w.put(t, "a", "kept")
	block := s3.PublicAccessBlock{BlockPublicPolicy: true}
	encryption := s3.Encryption{Algorithm: "aws:kms", KMSKeyID: "alias/events", BucketKeyEnabled: true}
	lifecycle := s3.Lifecycle{TransitionDefaultMinimumObjectSize: s3.VariesByStorageClass, Rules: []s3.LifecycleRule{{
		ID: "a", Status: "Enabled", Filter: s3.LifecycleFilter{Prefix: "raw/"}, ExpirationDays: 9,
		AbortIncompleteMultipartUploadDays: 2, NoncurrentVersionExpirationDays: 3,
		Transitions: []s3.Transition{{Days: 1, StorageClass: "GLACIER_IR"}},
	}}}
	tags := map[string]string{"team": "web"}
	require.NoError(t, w.PutBucketPolicy("archive", denyPut))
	require.NoError(t, w.PutPublicAccessBlock("archive", block))
	require.NoError(t, w.PutBucketEncryption("archive", encryption))
	require.NoError(t, w.PutBucketLifecycleConfiguration("archive", lifecycle))
	require.NoError(t, w.PutBucketVersioning("archive", "Suspended"))
	require.NoError(t, w.PutBucketTagging("archive", tags))
	require.NoError(t, w.Close())

	w.open(t, s3.Faults{})
	assert.Equal(t, []string{"archive"}, w.ListBuckets())
	assert.Equal(t, "kept", w.get(t, "a"))
	require.Error(t, w.PutObject(w.caller, "archive", "b", strings.NewReader(""), s3.PutOptions{}), "its policy is in force")
	equal := func(want, got any, err error) {
		t.Helper()
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	policy, err := w.GetBucketPolicy("archive")
	equal(denyPut, policy, err)
	gotBlock, err := w.GetPublicAccessBlock("archive")
	equal(block, gotBlock, err)
	gotEncryption, err := w.GetBucketEncryption("archive")
	equal(encryption, gotEncryption, err)
	gotLifecycle, err := w.GetBucketLifecycleConfiguration("archive")
	equal(lifecycle, gotLifecycle, err)
	versioning, err := w.GetBucketVersioning("archive")
	equal("Suspended", versioning, err)
	ownership, err := w.GetBucketOwnershipControls("archive")
	equal("BucketOwnerEnforced", ownership, err)
	gotTags, err := w.GetBucketTagging("archive")
	equal(tags, gotTags, err)
	_, err = w.CreateBucket("archive")
	requireAWSError(t, err, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
}

func TestWhatABucketDoesNotHaveIsNotFound(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	require.NoError(t, w.DeleteBucketPolicy("archive"))
	require.NoError(t, w.DeletePublicAccessBlock("archive"))
	require.NoError(t, w.DeleteBucketLifecycle("archive"))
	require.NoError(t, w.DeleteBucketOwnershipControls("archive"))
	require.NoError(t, w.PutBucketEncryption("archive", s3.Encryption{Algorithm: "aws:kms"}))
	require.NoError(t, w.DeleteBucketEncryption("archive"))
	_, err := w.GetBucketPolicy("archive")
	requireAWSError(t, err, "NoSuchBucketPolicy", "The bucket policy does not exist")
	_, err = w.GetPublicAccessBlock("archive")
	requireAWSError(t, err, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")
	_, err = w.GetBucketLifecycleConfiguration("archive")
	requireAWSError(t, err, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
	_, err = w.GetBucketOwnershipControls("archive")
	requireAWSError(t, err, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found")
	encryption, err := w.GetBucketEncryption("archive")
	require.NoError(t, err)
	assert.Equal(t, s3.Encryption{Algorithm: "AES256"}, encryption, "there is always one")
}

func TestADamagedFileIsNamedWithAHint(t *testing.T) {
	for _, file := range []string{".s3/buckets/archive.json", ".s3/format.json"} {
		w := newFixture(t, s3.Faults{})
		require.NoError(t, w.Close())
		name := filepath.Join(w.dir, filepath.FromSlash(file))
		require.NoError(t, os.WriteFile(name, []byte(`{"name": "arch`), 0o600))
		_, err := s3.Open(s3.Options{Dir: w.dir, Account: account})
		require.ErrorContains(t, err, name+" is damaged: ")
		var damaged *durable.DamagedError
		require.ErrorAs(t, err, &damaged)
		assert.NotEmpty(t, damaged.Hint())
	}
}

const denyPut = `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
	"Resource": "arn:aws:s3:::archive/*"}]}`

func TestABucketIsDeletedOnlyWhenItIsEmpty(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	w.put(t, "raw/a", "x")
	requireAWSError(t, w.DeleteBucket("archive", false), "BucketNotEmpty", "The bucket you tried to delete is not empty")
	assert.Equal(t, "x", w.get(t, "raw/a"))
	require.NoError(t, w.DeleteBucket("archive", true))
	assert.Equal(t, []string{".s3/format.json"}, w.files(t, ""), "nothing is left of it")
	for _, err := range []error{
		w.DeleteBucket("archive", true),
		w.PutBucketPolicy("archive", denyPut),
		w.DeleteBucketPolicy("archive"),
		w.PutBucketLifecycleConfiguration("archive", s3.Lifecycle{}),
		w.DeleteBucketLifecycle("archive"),
		w.DeleteObject("archive", "raw/a"),
		w.PutObject(w.caller, "archive", "raw/a", strings.NewReader(""), s3.PutOptions{}),
	} {
		requireAWSError(t, err, "NoSuchBucket", "The specified bucket does not exist: archive")
	}
	_, err := w.CreateBucket("archive")
	require.NoError(t, err)
	assert.Empty(t, w.keys(t, ""))
	require.NoError(t, w.DeleteBucket("archive", false))
}

func TestDeletingAnEmptyBucketSparesAPersonsFiles(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	stray := filepath.Join(w.dir, "archive", "sub", "100%")
	require.NoError(t, os.MkdirAll(filepath.Dir(stray), 0o755))
	require.NoError(t, os.WriteFile(stray, nil, 0o644))
	require.ErrorContains(t, w.DeleteBucket("archive", false), "deleting bucket archive: archive/sub/100% is not an object of the bucket")
	require.FileExists(t, stray)
}

func TestABucketPolicyIsCheckedAsS3ChecksIt(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	statement := func(s string) string { return `{"Version": "2012-10-17", "Statement": [` + s + `]}` }
	for name, c := range map[string]struct{ document, message string }{
		"bucket and objects": {statement(`{"Sid": "any text", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::archive", "arn:aws:s3:::archive/*"]}`), ""},
		"our role":           {statement(`{"Effect": "Allow", "Principal": {"AWS": "` + roleARN + `"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::archive/raw/*"}`), ""},
		"everything":         {statement(`{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}`), ""},
		"no JSON":            {`{`, "This policy contains invalid Json (reading JSON at offset 1: EOF)"},
		"no principal":       {statement(`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::archive/*"}`), "Missing required field Principal (Statement[0])"},
		"no resource":        {statement(`{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject"}`), "Missing required field Resource (Statement[0])"},
		"another bucket":     {statement(`{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::other/*"}`), "Policy has invalid resource (Statement[0]: arn:aws:s3:::other/*)"},
		"a longer name":      {statement(`{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::archive2/*"}`), "Policy has invalid resource (Statement[0]: arn:aws:s3:::archive2/*)"},
		"objects only":       {statement(`{"Effect": "Deny", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::archive/*"}`), "Action does not apply to any resource(s) in statement (Statement[0]: s3:ListBucket)"},
		"bucket only":        {statement(`{"Effect": "Deny", "Principal": "*", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "arn:aws:s3:::archive"}`), "Action does not apply to any resource(s) in statement (Statement[0]: s3:GetObject)"},
		"another service":    {statement(`{"Effect": "Deny", "Principal": "*", "Action": "kinesis:PutRecord", "Resource": "arn:aws:s3:::archive"}`), "Policy has invalid action (Statement[0]: kinesis:PutRecord)"},
		"no such role":       {statement(`{"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::123456789012:role/nobody"}, "Action": "s3:*", "Resource": "arn:aws:s3:::archive"}`), `Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:role/nobody" (Statement[0].Principal: no such role or user in the account)`},
		"unknown key":        {statement(`{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransprt": "false"}}}`), "the condition key aws:SecureTransprt is not supported by the local target (Statement[0].Condition.Bool.aws:SecureTransprt)"},
		"too big":            {statement(`{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Sid": "` + strings.Repeat("x", 20*1024) + `"}`), "Policy exceeds the maximum allowed document size."},
	} {
		t.Run(name, func(t *testing.T) {
			err := w.PutBucketPolicy("archive", c.document)
			if c.message == "" {
				require.NoError(t, err)
				return
			}
			requireAWSError(t, err, "MalformedPolicy", c.message)
		})
	}
}

func TestAPublicPolicyIsRefusedWhileThatIsBlocked(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	for condition, public := range map[string]bool{
		``: true,
		`, "Condition": {"Bool": {"aws:SecureTransport": "true"}}`:                            true,
		`, "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`:                    false,
		`, "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}`:                         true,
		`, "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`:                 true,
		`, "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}`:              false,
		`, "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/r"}}`:        true,
		`, "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}}`:      true,
		`, "Condition": {"ArnEquals": {"aws:PrincipalArn": "` + roleARN + `"}}`:               false,
		`, "Condition": {"ForAllValues:StringEquals": {"aws:SourceAccount": "123456789012"}}`: true,
	} {
		document := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
			"Resource": "arn:aws:s3:::archive/*"` + condition + `}]}`
		err := w.PutBucketPolicy("archive", document)
		if !public {
			assert.NoError(t, err, condition)
			continue
		}
		requireAWSError(t, err, "AccessDenied", `User: arn:aws:iam::123456789012:root is not authorized to perform: s3:PutBucketPolicy on `+
			`resource: "arn:aws:s3:::archive" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`)
	}
	require.NoError(t, w.PutPublicAccessBlock("archive", s3.PublicAccessBlock{}))
	require.NoError(t, w.PutBucketPolicy("archive", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
		"Action": "s3:GetObject", "Resource": "arn:aws:s3:::archive/*"}]}`))
}

func TestPropertiesWithoutEffectAreRefused(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	require.NoError(t, w.PutBucketVersioning("archive", "Suspended"))
	requireAWSError(t, w.PutBucketVersioning("archive", "Enabled"), "NotImplemented",
		"The local target does not implement versioning of objects (PutBucketVersioning with Status Enabled)")
	requireAWSError(t, w.PutBucketVersioning("archive", "On"), "IllegalVersioningConfigurationException",
		`The Versioning element must be specified as Enabled or Suspended, not "On"`)
	require.NoError(t, w.PutBucketOwnershipControls("archive", "BucketOwnerEnforced"))
	requireAWSError(t, w.PutBucketOwnershipControls("archive", "ObjectWriter"), "NotImplemented",
		"The local target does not implement access control lists (PutBucketOwnershipControls with ObjectWriter)")
	require.ErrorContains(t, w.PutBucketOwnershipControls("archive", "me"), "InvalidArgument")
	require.ErrorContains(t, w.PutBucketEncryption("archive", s3.Encryption{Algorithm: "rot13"}), "MalformedXML")
	require.ErrorContains(t, w.PutBucketEncryption("archive", s3.Encryption{Algorithm: "AES256", KMSKeyID: "k"}), "InvalidArgument")
}

func TestAPropertyThatCannotBeWrittenHasNoEffect(t *testing.T) {
	var rename error
	w := newFixture(t, s3.Faults{BeforeRename: func(string) error { return rename }})
	rename = errBroken
	require.ErrorContains(t, w.PutBucketPolicy("archive", denyPut), "writing the properties of bucket archive: broken")
	rename = nil
	require.NoError(t, w.PutObject(w.caller, "archive", "k", strings.NewReader(""), s3.PutOptions{}))
}

func TestABucketInAnotherPartitionHasItsARN(t *testing.T) {
	china := iam.Account{ID: "123456789012", Region: "cn-north-1", Partition: "aws-cn"}
	service, err := s3.Open(s3.Options{Dir: t.TempDir(), Account: china})
	require.NoError(t, err)
	t.Cleanup(func() { _ = service.Close() })
	arn, err := service.CreateBucket("archive")
	require.NoError(t, err)
	assert.Equal(t, "arn:aws-cn:s3:::archive", arn)
}
