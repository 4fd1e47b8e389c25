package s3_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/s3"
)

const crashDir, crashAt = "S3_TEST_CRASH_DIR", "S3_TEST_CRASH_AT"

// TestMain turns the test binary into the victim of a crash test when it is told to: it puts objects until it has
// killed itself before the wanted rename.
func TestMain(m *testing.M) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	var at, renames int
	if _, err := fmt.Sscan(os.Getenv(crashAt), &at); err != nil {
		panic(err)
	}
	service, err := s3.OpenFaulty(s3.Options{Dir: dir, Account: account}, s3.Faults{BeforeRename: func(string) error {
		if renames++; renames > at {
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			if err == nil {
				select {} // until it is dead
			}
			return err
		}
		return nil
	}})
	if err != nil {
		panic(err)
	}
	if _, err := service.CreateBucket("archive"); err != nil {
		panic(err)
	}
	roles := iam.New(account)
	arn, err := roles.CreateRole(iam.Role{Name: "r", TrustPolicy: `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Principal": "*", "Action": "sts:AssumeRole"}]}`})
	if err == nil {
		err = roles.AttachRolePolicy("r", "arn:aws:iam::aws:policy/AmazonS3FullAccess")
	}
	if err != nil {
		panic(err)
	}
	caller, err := roles.AssumeRole(arn, "firehose.amazonaws.com", "session", nil)
	if err != nil {
		panic(err)
	}
	for i, body := range []string{"first", "second", "third"} {
		for _, key := range []string{"raw/a", "raw/a/b"} {
			err := service.PutObject(caller, "archive", key, strings.NewReader(body+" of "+key), s3.PutOptions{ContentType: body})
			if err != nil {
				panic(err)
			}
			fmt.Println("stored", key, i)
		}
	}
	os.Exit(0)
}

func TestKillingItBetweenAnyTwoStepsLeavesWholeObjectsOnly(t *testing.T) {
	bodies := []string{"first", "second", "third"}
	crashes := 0
	for at := 0; ; at++ {
		dir := t.TempDir()
		victim := exec.Command(os.Args[0])
		victim.Env = append(os.Environ(), crashDir+"="+dir, fmt.Sprint(crashAt, "=", at))
		output, err := victim.Output()
		if err == nil {
			break // it came to its end
		}
		crashes++
		acknowledged := map[string]int{"raw/a": -1, "raw/a/b": -1}
		for line := range strings.Lines(string(output)) {
			var key string
			var version int
			if n, _ := fmt.Sscanf(line, "stored %s %d", &key, &version); n == 2 {
				acknowledged[key] = version
			}
		}
		if at > 1 { // the first two renames make the format and the bucket
			left, err := os.ReadDir(filepath.Join(dir, ".s3/temp"))
			require.NoError(t, err)
			assert.NotEmpty(t, left, "crash %d: the temp file of the crash", at)
		}
		service, err := s3.Open(s3.Options{Dir: dir, Account: account})
		require.NoError(t, err, "crash %d", at)
		t.Cleanup(func() { _ = service.Close() })
		left, err := os.ReadDir(filepath.Join(dir, ".s3/temp"))
		require.NoError(t, err)
		assert.Empty(t, left, "crash %d: leftovers are removed by Open", at)
		if _, err := service.BucketARN("archive"); err != nil {
			assert.Equal(t, map[string]int{"raw/a": -1, "raw/a/b": -1}, acknowledged)
			continue
		}
		objects, err := service.Objects("archive", "")
		require.NoError(t, err)
		seen := map[string]int{"raw/a": -1, "raw/a/b": -1}
		for _, object := range objects {
			for version, body := range bodies {
				if object.ContentType == body {
					seen[object.Key] = version
				}
			}
			require.Contains(t, seen, object.Key)
			require.NotEqual(t, -1, seen[object.Key], "crash %d: the metadata of %s are lost: %+v", at, object.Key, object)
			w := &fixture{Service: service}
			assert.Equal(t, bodies[seen[object.Key]]+" of "+object.Key, w.get(t, object.Key), "crash %d: bytes and metadata belong together", at)
		}
		assert.Equal(t, acknowledged, seen, "crash %d: what was acknowledged, and nothing else", at)
	}
	assert.Greater(t, crashes, 10, "two renames for each of six puts")
}
