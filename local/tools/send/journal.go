package send

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"
)

// journal records in a file which lines of which objects were sent and accepted, so that a replay continues where the last
// one ended, even if that was killed. It is written before and after each request, and not synced: it survives the end
// of the process, but not of the machine, after which some events may be sent twice.
type journal struct {
	path string
	// out is nil in a dry run, which writes nothing.
	out  io.WriteCloser
	lock *flock.Flock

	mu      sync.Mutex
	objects map[string]*sentLines
}

// sentLines are the lines of an object that were sent, and those that were accepted.
type sentLines struct{ sent, accepted bitmap }

// lineState is what earlier runs did with a line.
type lineState int

const (
	// lineNew: not sent, or refused.
	lineNew lineState = iota
	// lineSent: sent, and it is not known whether it was accepted.
	lineSent
	// lineAccepted: acknowledged with a 200.
	lineAccepted
)

// journalEntry is a line of the file. The first one has From and To.
type journalEntry struct {
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
	Object string `json:"object,omitempty"`
	Line   int64  `json:"line,omitempty"`
	// State is "sent", "accepted" or "refused".
	State string `json:"state,omitempty"`
}

// openJournal opens the journal of sending the objects of one location to one endpoint: each pair has its own file in the
// folder. A dry run reads it only.
func openJournal(dir, from, to string, dryRun bool) (_ *journal, err error) {
	pair := sha256.Sum256([]byte(from + "\n" + to))
	j := &journal{path: filepath.Join(dir, hex.EncodeToString(pair[:6])+".jsonl"), objects: map[string]*sentLines{}}
	defer func() {
		if err != nil {
			err = fmt.Errorf("opening the journal %s: %w", j.path, err)
		}
	}()
	if dryRun {
		_, err := j.load()
		return j, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	j.lock = flock.New(j.path + ".lock")
	locked, err := j.lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !locked {
		return nil, errors.New("another process replays the same objects to the same endpoint")
	}
	if err := j.openFile(journalEntry{From: from, To: to}); err != nil {
		return nil, errors.Join(err, j.lock.Close())
	}
	return j, nil
}

// openFile loads the file and opens it to be continued behind its last complete line.
func (j *journal) openFile(header journalEntry) error {
	size, err := j.load()
	if err != nil {
		return err
	}
	file, err := os.OpenFile(j.path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	j.out = file
	if err := file.Truncate(size); err != nil {
		return errors.Join(err, file.Close())
	}
	if _, err := file.Seek(size, io.SeekStart); err != nil {
		return errors.Join(err, file.Close())
	}
	if size > 0 {
		return nil
	}
	return j.write(header)
}

// load reads the file and returns the size of its complete lines: a run that was killed may leave half a line.
func (j *journal) load() (size int64, err error) {
	file, err := os.Open(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer file.Close()
	in := bufio.NewReader(file)
	for number := 1; ; number++ {
		text, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return size, nil
		}
		if err != nil {
			return 0, err
		}
		var entry journalEntry
		if err := json.Unmarshal(text, &entry); err != nil {
			return 0, fmt.Errorf("line %d is damaged (%w); delete the file to send every event again", number, err)
		}
		if entry.Object != "" {
			j.apply(entry)
		}
		size += int64(len(text))
	}
}

func (j *journal) apply(entry journalEntry) {
	lines := j.objects[entry.Object]
	if lines == nil {
		lines = &sentLines{}
		j.objects[entry.Object] = lines
	}
	switch entry.State {
	case "sent":
		lines.sent.add(entry.Line)
	case "accepted":
		lines.accepted.add(entry.Line)
	case "refused":
		lines.sent.remove(entry.Line)
	}
}

// state is what earlier runs did with a line.
func (j *journal) state(object string, line int64) lineState {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch lines := j.objects[object]; {
	case lines == nil:
		return lineNew
	case lines.accepted.has(line):
		return lineAccepted
	case lines.sent.has(line):
		return lineSent
	}
	return lineNew
}

// begin records that events are about to be sent.
func (j *journal) begin(events []event) error {
	entries := make([]journalEntry, len(events))
	for i, e := range events {
		entries[i] = journalEntry{Object: e.object, Line: e.line, State: "sent"}
	}
	return j.record(entries...)
}

// end records the end of an event, unless it is uncertain.
func (j *journal) end(e event, to end) error {
	switch to {
	case accepted:
		return j.record(journalEntry{Object: e.object, Line: e.line, State: "accepted"})
	case notStored:
		return j.record(journalEntry{Object: e.object, Line: e.line, State: "refused"})
	}
	return nil
}

func (j *journal) record(entries ...journalEntry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, entry := range entries {
		j.apply(entry)
	}
	return j.write(entries...)
}

func (j *journal) write(entries ...journalEntry) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for _, entry := range entries {
		if err := encoder.Encode(entry); err != nil {
			return err
		}
	}
	if _, err := j.out.Write(text.Bytes()); err != nil {
		return fmt.Errorf("writing the journal %s: %w", j.path, err)
	}
	return nil
}

func (j *journal) close() error {
	if j.out == nil {
		return nil
	}
	return errors.Join(j.out.Close(), j.lock.Close())
}
