package s3_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/s3"
)

// awkward keys: every pair of them must be two objects, and none may be outside the bucket's folder.
var awkward = []string{
	"a", "a/", "a/b", "a//b", "/a", "//", "/", "a/b/", "A", "a/B", ".", "..", "../a", "a/../../b", "./a", "a/.", "a/..",
	"...", "a.", "a ", " a", "a%", "a%2F", "%empty", "a%file", "a%more", "a%meta", "%41", "con", "CON.txt", "nul", "com1",
	"lpt9.gz", "a\\b", "a:b", "a*?\"<>|b", "a\x00b", "a\nb", "\x7f", "\xff\xfe", "a\u202eb", "é", "e\u0301", "日本語/鍵.json",
	"year=2026/month=03/a.parquet", "a+b c&d=e~f,g;h@i!j'k(l)m#n$o", ".s3/temp/x", "-", "a-", "a.b", "a0",
	strings.Repeat("x", 200), strings.Repeat("x", 201), strings.Repeat("x", 1024), strings.Repeat("x", 1022) + "/y",
	strings.Repeat("日", 341), strings.Repeat("\xff", 1024), strings.Repeat("d/", 30), strings.Repeat("x", 200) + "/" + strings.Repeat("y", 300),
}

func TestAwkwardKeysAreStoredApartAndInsideTheBucket(t *testing.T) {
	for _, foldCase := range []bool{false, true} {
		t.Run(fmt.Sprintf("folding case %v", foldCase), func(t *testing.T) {
			w := newFixture(t, s3.Faults{})
			if foldCase {
				w.SetFoldCase()
			}
			for _, key := range awkward {
				w.put(t, key, "first of "+key)
			}
			for _, key := range slices.Backward(awkward) {
				w.put(t, key, "body of "+key)
			}
			for _, key := range awkward {
				assert.Equal(t, "body of "+key, w.get(t, key), "key %q", key)
			}
			want := slices.Sorted(slices.Values(awkward))
			assert.Equal(t, want, w.keys(t, ""))
			seen := map[string]string{}
			for _, name := range w.files(t, "") {
				assert.True(t, strings.HasPrefix(name, "archive/") || strings.HasPrefix(name, ".s3/"), name)
				for segment := range strings.SplitSeq(name, "/") {
					assert.LessOrEqual(t, len(segment), 255)
					base, _, _ := strings.Cut(strings.ToUpper(segment), ".")
					assert.NotContains(t, []string{"CON", "NUL", "COM1", "LPT9"}, base, "a device of Windows")
					assert.Equal(t, strings.TrimRight(segment, ". "), segment, "what Windows leaves out")
				}
				if foldCase {
					folded := strings.ToLower(name)
					assert.Empty(t, seen[folded], "two names that a file system without case takes for one: %s", name)
					seen[folded] = name
					assert.False(t, strings.ContainsFunc(name, func(r rune) bool { return r > 127 }), "a name with two spellings: %s", name)
				}
			}
			assert.Len(t, w.files(t, "archive"), len(awkward))
			for i, key := range awkward {
				require.NoError(t, w.DeleteObject("archive", key))
				want = slices.DeleteFunc(want, func(k string) bool { return k == key })
				if i%10 == 0 {
					assert.Equal(t, want, w.keys(t, ""), "after deleting %q", key)
				}
			}
			for _, folder := range []string{"archive", ".s3/meta/archive"} {
				left, err := os.ReadDir(filepath.Join(w.dir, folder))
				require.NoError(t, err)
				assert.Empty(t, left, "in "+folder)
			}
			require.NoError(t, w.DeleteBucket("archive", false))
		})
	}
}

func TestAnObjectThatMadeRoomForAFolderStaysOne(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	w.put(t, "a", "first")
	w.put(t, "a/b", "below")
	assert.Equal(t, "first", w.get(t, "a"))
	require.NoError(t, w.DeleteObject("archive", "a/b"))
	w.put(t, "a", "second")
	assert.Equal(t, []string{"a"}, w.keys(t, ""))
	assert.Equal(t, "second", w.get(t, "a"))
	require.NoError(t, w.DeleteObject("archive", "a"))
	assert.Empty(t, w.keys(t, ""))
}

func TestFileNamesThatNoKeyIsWrittenAsAreNoObjects(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	w.put(t, "a", "object")
	for _, name := range []string{"a%41", "%61", "x%zz", "x%", "x%meta", "more%more"} {
		require.NoError(t, os.WriteFile(filepath.Join(w.dir, "archive", name), nil, 0o644))
	}
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(w.dir, "archive", "link")))
	assert.Equal(t, []string{"a"}, w.keys(t, ""))
	_, err := w.Get("archive", "link")
	requireAWSError(t, err, "NoSuchKey", "The specified key does not exist: link")
}

func TestALinkDoesNotLeadOutOfTheBuckets(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	outside := t.TempDir()
	require.NoError(t, os.Symlink(outside, filepath.Join(w.dir, "archive", "raw")))
	require.Error(t, w.PutObject(w.caller, "archive", "raw/a", strings.NewReader("x"), s3.PutOptions{}))
	entries, err := os.ReadDir(outside)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

func TestAFileThatAPersonPutThereIsAnObject(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	w.put(t, "raw/a", "object")
	require.NoError(t, os.WriteFile(filepath.Join(w.dir, "archive/raw/b"), []byte("by hand"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(w.dir, "archive/raw/a"), []byte("changed"), 0o644))
	objects, err := w.Objects("archive", "")
	require.NoError(t, err)
	require.Len(t, objects, 2)
	for _, object := range objects {
		assert.Equal(t, "binary/octet-stream", object.ContentType)
		assert.Equal(t, int64(7), object.Size)
		assert.NotEqual(t, `"`+"a8cfde6331bd59eb2ac96f8911c4b666"+`"`, object.ETag, "the ETag of the object that was there before")
	}
}

func FuzzEveryKeyHasAFileOfItsOwnInsideTheBucket(f *testing.F) {
	for _, key := range awkward {
		f.Add(key, false)
		f.Add(key, true)
	}
	f.Fuzz(func(t *testing.T, key string, foldCase bool) {
		folders, file := s3.PathOf(foldCase, key)
		var read strings.Builder
		for i, name := range append(folders, file) {
			more, isMore := strings.CutSuffix(name, "%more")
			segment, ok := s3.ReadName(more)
			require.True(t, ok, "file name %q of key %q", name, key)
			require.True(t, filepath.IsLocal(name) && !strings.ContainsAny(name, "/\\") && name != "." && len(name) <= 205, "%q", name)
			read.WriteString(segment)
			if !isMore && i < len(folders) {
				read.WriteByte('/')
			}
		}
		assert.Equal(t, key, read.String())
	})
}
