package kinesis

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/internal/durable"
)

// crash copies the files of a running service, as a crash at this moment would leave them, but for the zeros that
// were allocated behind the records.
func (w *fixture) crash() string {
	w.t.Helper()
	dir := w.t.TempDir()
	require.NoError(w.t, os.Mkdir(filepath.Join(dir, "events"), 0o700))
	files, err := filepath.Glob(filepath.Join(w.dir, "events", "*"))
	require.NoError(w.t, err)
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(w.t, err)
		if len(b) > allocateBytes {
			b = bytes.TrimRight(b, "\x00")
		}
		require.NoError(w.t, os.WriteFile(filepath.Join(dir, "events", filepath.Base(file)), b, 0o600))
	}
	return dir
}

// reopen opens another service on dir.
func (w *fixture) reopen(dir string, repaired func(Repair)) (*fixture, error) {
	w.t.Helper()
	again := &fixture{t: w.t, dir: dir, clock: w.clock, caller: w.caller}
	var err error
	again.Service, err = Open(Options{
		Dir: dir, Account: account, Clock: w.clock, onRepair: repaired,
		fileSystem: &faults{File: func(_ string, f File) File { return idleFile{f} }}, // to save time
	})
	if err == nil {
		w.t.Cleanup(func() { _ = again.Close() })
	}
	return again, err
}

// lastSegment is the file that is written to.
func lastSegment(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "events", "*"+segmentSuffix))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files[len(files)-1]
}

func TestATornWriteIsCutOffAtEveryByte(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	w.put("a", "first\n")
	w.put("b", "second\n")
	start := w.find("events").log.end.offset
	w.put("c", "torn\n")
	end := w.find("events").log.end.offset
	whole, err := os.ReadFile(lastSegment(t, w.dir))
	require.NoError(t, err)
	for _, after := range []struct {
		name  string
		zeros int
	}{{"the file ends", 0}, {"zeros follow", 5000}} {
		t.Run(after.name, func(t *testing.T) {
			for cut := start; cut < end; cut++ {
				dir := w.crash()
				torn := append(append([]byte(nil), whole[:cut]...), make([]byte, after.zeros)...)
				require.NoError(t, os.WriteFile(lastSegment(t, dir), torn, 0o600))
				var repairs []Repair
				again, err := w.reopen(dir, func(r Repair) { repairs = append(repairs, r) })
				require.NoError(t, err, "cut at %d", cut)
				require.Equal(t, []string{"first\n", "second\n"}, again.all(), "cut at %d", cut)
				if cut > start {
					require.Len(t, repairs, 1)
					require.Equal(t, start, repairs[0].Offset)
					require.LessOrEqual(t, repairs[0].Bytes, cut-start)
					left, err := os.ReadFile(lastSegment(t, dir))
					require.NoError(t, err)
					require.Empty(t, bytes.Trim(left[start+frameHeader:], "\x00"), "nothing of it is left behind the opening's mark")
				} else {
					require.Empty(t, repairs)
				}
				again.put("d", "third\n")
				require.Equal(t, []string{"first\n", "second\n", "third\n"}, again.all())
				require.NoError(t, again.Close())
			}
		})
	}
}

// flipByte returns a copy of the folder in which one bit of the last segment is flipped.
func (w *fixture) flipByte(offset int64) string {
	w.t.Helper()
	dir := w.crash()
	name := lastSegment(w.t.(*testing.T), dir)
	b, err := os.ReadFile(name)
	require.NoError(w.t, err)
	b[offset] ^= 0x10
	require.NoError(w.t, os.WriteFile(name, b, 0o600))
	return dir
}

func TestDamageInTheLastWriteIsCutOff(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	w.put("a", "first\n")
	start := w.find("events").log.end.offset
	w.put("b", "second\n")
	for offset := start; offset < w.find("events").log.end.offset; offset++ {
		var repairs []Repair
		again, err := w.reopen(w.flipByte(offset), func(r Repair) { repairs = append(repairs, r) })
		require.NoError(t, err, "bit at %d", offset)
		require.Equal(t, []string{"first\n"}, again.all(), "bit at %d", offset)
		require.Len(t, repairs, 1, "bit at %d", offset)
		require.Equal(t, "events", repairs[0].Stream)
		require.NoError(t, again.Close())
	}
}

func TestAWriteOfWhichOnlyTheEndReachedTheDiskIsCutOff(t *testing.T) {
	// A disk may write the pages of one commit in any order before the machine stops.
	w := open(t, nil)
	w.create(StreamConfig{})
	w.put("a", "first\n")
	start := w.find("events").log.end.offset
	w.call("PutRecords", batchBody("b", "c", "d"))
	again, err := w.reopen(w.flipByte(start+frameHeader), nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"first\n"}, again.all())
}

func TestDamageBeforeTheLastWriteIsAnErrorThatNamesThePlace(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	w.put("a", "first\n")
	start := w.find("events").log.end.offset
	w.put("b", "second\n")
	end := w.find("events").log.end.offset
	w.put("c", "third\n")
	for offset := int64(0); offset < end; offset++ {
		if offset >= 12 && offset < 16 || offset >= 28 && offset < segmentHeader {
			continue // these bytes of the segment's header mean nothing
		}
		dir := w.flipByte(offset)
		_, err := w.reopen(dir, nil)
		var damage *DamageError
		require.ErrorAs(t, err, &damage, "bit at %d", offset)
		want := int64(0)
		switch {
		case offset >= start:
			want = start
		case offset >= segmentHeader:
			want = segmentHeader
		}
		require.Equal(t, want, damage.Offset, "bit at %d", offset)
		require.ErrorContains(t, err, fmt.Sprintf("%s is damaged at offset %d", lastSegment(t, dir), want))
	}
}

func TestDamageAfterAnOrderlyCloseIsAnError(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	start := w.find("events").log.end.offset
	w.put("a", "only\n")
	require.NoError(t, w.Close())
	_, err := w.reopen(w.flipByte(start+frameHeader), nil)
	var damage *DamageError
	require.ErrorAs(t, err, &damage)
	require.Equal(t, start, damage.Offset)
}

func TestDamageInAnOlderSegmentIsNotReadOver(t *testing.T) {
	small := func(o *Options) { o.segmentBytes = 300 }
	w := open(t, small)
	w.create(StreamConfig{})
	for i := range 20 {
		w.put("a", fmt.Sprint(i))
	}
	require.NoError(t, w.Close())
	files, err := filepath.Glob(filepath.Join(w.dir, "events", "*"+segmentSuffix))
	require.NoError(t, err)
	require.Greater(t, len(files), 3)
	b, err := os.ReadFile(files[1])
	require.NoError(t, err)

	t.Run("a bit", func(t *testing.T) {
		b := append([]byte(nil), b...)
		b[segmentHeader+frameHeader+1] ^= 1
		require.NoError(t, os.WriteFile(files[1], b, 0o600))
		w.start(small) // which reads only the last segment
		r := w.reader(TrimHorizon)
		first, at, err := r.Poll(1000, 1<<20)
		require.NoError(t, err)
		require.NotEmpty(t, first, "what is before the damage is read")
		_, after, err := r.Poll(1000, 1<<20)
		require.ErrorContains(t, err, fmt.Sprintf("%s is damaged at offset %d", files[1], segmentHeader))
		assert.Equal(t, at, after)
		require.NoError(t, w.Close())
	})
	t.Run("a lost end", func(t *testing.T) {
		// At the border of a record, where checksums alone show nothing.
		f, ok := decodeFrame(b[segmentHeader:], saltOf(t, files[1]))
		require.True(t, ok)
		require.NoError(t, os.WriteFile(files[1], b[:segmentHeader+f.length()], 0o600))
		w.start(small)
		r := w.reader(TrimHorizon)
		_, _, err := r.Poll(1000, 1<<20)
		require.NoError(t, err)
		_, _, err = r.Poll(1000, 1<<20)
		require.ErrorContains(t, err, "is damaged at offset")
	})
}

func saltOf(t *testing.T, name string) uint32 {
	t.Helper()
	f, err := disk.OpenFile(name, os.O_RDONLY, 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	salt, _, err := readSegmentHeader(f, name)
	require.NoError(t, err)
	return salt
}

func TestDataThatLooksLikeAFrameIsNotReadAsOne(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	w.put("a", "first\n")
	start := w.find("events").log.end.offset
	// The attacker knows the format but not the salt.
	fake := make([]byte, frameHeader)
	frame{flags: flagFirst, index: 7}.encode(fake, 0)
	w.put("b", strings.Repeat(string(fake), 3))
	b, err := os.ReadFile(lastSegment(t, w.dir))
	require.NoError(t, err)
	dir := w.crash()
	require.NoError(t, os.WriteFile(lastSegment(t, dir), b[:start+3*frameHeader], 0o600))
	again, err := w.reopen(dir, nil)
	require.NoError(t, err, "a torn write, not damage")
	assert.Equal(t, []string{"first\n"}, again.all())
}

func TestAStreamWhoseManifestIsMissingIsNotMadeAnew(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	w.put("a", "first\n")
	dir := w.crash()
	require.NoError(t, os.Remove(filepath.Join(dir, "events", manifestName)))
	_, err := w.reopen(dir, nil)
	require.ErrorContains(t, err, "stream.json is missing")
}

func TestACreationThatWasCutShortIsDoneAgain(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	dir := w.crash()
	name := lastSegment(t, dir)
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	header := append(b, make([]byte, segmentHeader)...)[:segmentHeader]
	require.NoError(t, os.WriteFile(name, header, 0o600))
	require.NoError(t, os.Remove(filepath.Join(dir, "events", manifestName)))
	require.NoError(t, os.WriteFile(name+durable.TempSuffix, []byte("kin"), 0o600))
	again, err := w.reopen(dir, nil)
	require.NoError(t, err)
	assert.NoDirExists(t, filepath.Join(dir, "events"))
	again.create(StreamConfig{})
	again.put("a", "first\n")
	assert.Equal(t, []string{"first\n"}, again.all())
}
