package main

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"ingest-pipeline/local/cmd/local/command"
)

// interrupts makes the first Ctrl-C end a command in good order, and the second at once.
type interrupts struct {
	mu   sync.Mutex
	next int
	last []emergency
}

// emergency is what has to be done even when the process ends at once.
type emergency struct {
	id int
	do func()
}

// parentPoll is how often it is looked whether the process that this one must not outlive is still there.
const parentPoll = 500 * time.Millisecond

// watch returns a context that ends with the first interrupt. parent is the process that this one must not outlive.
func (i *interrupts) watch(c *console, parent int) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	gone := make(chan struct{})
	if parent != 0 {
		go func() {
			for os.Getppid() == parent {
				time.Sleep(parentPoll)
			}
			close(gone)
		}()
	}
	go func() {
		select {
		case <-signals:
			c.line("stopping; Ctrl-C again leaves at once")
		case <-gone:
		}
		cancel()
		<-signals
		i.leave()
		os.Exit(command.Interrupted)
	}()
	return ctx, func() { signal.Stop(signals) }
}

// onLeave has something done if the process ends at once. The function that it returns takes that back.
func (i *interrupts) onLeave(do func()) (forget func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.next++
	id := i.next
	i.last = append(i.last, emergency{id, do})
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.last = slices.DeleteFunc(i.last, func(e emergency) bool { return e.id == id })
	}
}

func (i *interrupts) leave() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, e := range slices.Backward(i.last) {
		e.do()
	}
}
