package send

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/dustin/go-humanize"

	"ingest-pipeline/local/tools/send/objects"
)

// Replay says which objects have the events to send again, and how.
//
// A line that the endpoint accepts is sent once, however often the replay is repeated. Lines that may have been accepted
// when a run was killed are sent again, and counted as possible duplicates.
type Replay struct {
	// From is the location of the objects: s3://bucket/prefix or a local folder. Empty: the folder of error records of the
	// local target whose state folder is Options.State.
	From string
	// Raw says that the lines are events. Otherwise they are Firehose's error records.
	Raw bool
	// KeepEnvelope sends the whole of a record that has the form of an envelope (the program's setting envelope), and not
	// only the event in it.
	KeepEnvelope bool
	// Journal is the folder of the files that record which lines were accepted.
	Journal string
	// DryRun prints what would be sent, and sends nothing.
	DryRun bool
}

func (o Options) checkReplay(c *checker) {
	c.require(o.File == "" && o.EventBytes == 0, "a replay sends the events of objects: --file and --event-bytes cannot be used with it")
	c.require(o.Replay.Journal != "", "--journal: must be a folder")
	c.require(!o.Replay.Raw || o.Replay.From != "", "--raw: name the folder of the events with --from, such as s3://bucket/raw/")
	c.require(!o.Replay.DryRun || !o.Verify, "--dry-run sends nothing that --verify could look for")
}

// openReplay opens the objects to read and the journal.
func (r *runner) openReplay(ctx context.Context) error {
	replay := *r.options.Replay
	if !objects.InS3(replay.From) {
		from, err := filepath.Abs(replay.From)
		if err != nil {
			return fmt.Errorf("opening the folder %s: %w", replay.From, err)
		}
		replay.From = from
	}
	location, err := objects.Open(ctx, replay.From, objects.Options{Region: r.options.Region, Profile: r.options.Profile})
	if err != nil {
		return err
	}
	if r.journal, err = openJournal(replay.Journal, replay.From, r.target.String(), replay.DryRun); err != nil {
		return err
	}
	r.close = func() { _ = r.journal.close() } // each line was written before
	if r.objects, err = newObjectSource(ctx, location, replay, r.journal); err != nil {
		r.close()
		return err
	}
	r.source, r.ledger = r.objects, &contents{}
	return nil
}

// dryRun prints each event that the run would send, and a summary.
func (r *runner) dryRun() error {
	var events, badLines int64
	total := int64(len(r.objects.pending))
	for r.options.Count == 0 || events < r.options.Count {
		e, err := r.source.next()
		var bad *badLine
		switch {
		case errors.As(err, &bad):
			badLines++
			fmt.Fprintf(r.stdout, "bad line: %v\n", bad)
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return err
		case err == nil:
			events++
			fmt.Fprintf(r.stdout, "%s: %s\n", e.name(), e.body)
			continue
		}
		break
	}
	rows := newTable(r.stdout)
	rows.row("would send", "%s of %s below %s to %s", plural(events, "event"), plural(total, "object"), r.objects.location, r.target)
	if skipped := r.objects.skipped.Load(); skipped > 0 {
		rows.row("sent before", "%s, would be skipped", humanize.Comma(skipped))
	}
	if badLines > 0 {
		rows.row("bad lines", "%s, would not be sent", humanize.Comma(badLines))
	}
	return rows.rows.Flush()
}
