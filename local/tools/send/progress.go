package send

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/schollz/progressbar/v3"
)

const (
	everyTerminal = 200 * time.Millisecond
	everyPlain    = 5 * time.Second
)

// progress shows how far a run is: a bar on a terminal, a line every few seconds elsewhere.
type progress struct {
	out   io.Writer
	clock clockwork.Clock
	// title says what is being done, such as "sending"; total is how many there will be, -1 if nobody knows.
	title string
	total int64
	// so is how many are done, and what else there is to say.
	so func() (done int64, remark string)

	mu       sync.Mutex
	bar      *progressbar.ProgressBar // nil without a terminal
	stop     chan struct{}
	finished sync.WaitGroup
}

func (p *progress) start(terminal bool) *progress {
	every := everyPlain
	if terminal {
		every = everyTerminal
		p.bar = progressbar.NewOptions64(p.total,
			progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription(p.title), progressbar.OptionSetWidth(30),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false),
			progressbar.OptionClearOnFinish(), progressbar.OptionShowDescriptionAtLineEnd())
	}
	p.stop = make(chan struct{})
	ticker := p.clock.NewTicker(every)
	p.finished.Go(func() {
		defer ticker.Stop()
		for {
			select {
			case <-p.stop:
				return
			case <-ticker.Chan():
				p.show()
			}
		}
	})
	return p
}

func (p *progress) show() {
	done, remark := p.so()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.bar.Describe(p.title + remark)
		_ = p.bar.Set64(done) // a terminal that cannot be written to is no reason to end the run
		return
	}
	of := ""
	if p.total > 0 {
		of = " of " + grouped(p.total)
	}
	fmt.Fprintf(p.out, "%s: %s%s%s\n", p.title, grouped(done), of, remark)
}

// note writes a line of its own.
func (p *progress) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintf(p.out, format+"\n", args...)
}

func (p *progress) finish() {
	close(p.stop)
	p.finished.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
