package main

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"ingest-pipeline/local/cmd/local/commandline"
)

// interrupts makes the first Ctrl-C end a command in good order, and the second one at once.
type interrupts struct {
	mu     sync.Mutex
	nextID int
	hooks  []exitHook
}

// exitHook has to run even when the process exits at once.
type exitHook struct {
	id  int
	run func()
}

// parentPollInterval is how often the parent process is looked up.
const parentPollInterval = 500 * time.Millisecond

// watch returns a context that ends with the first interrupt, or when the process parent has ended: `go run` that is
// killed passes nothing on to its child. 0 is no parent.
func (i *interrupts) watch(c *terminal, parent int) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	orphaned := make(chan struct{})
	if parent != 0 {
		go func() {
			for os.Getppid() == parent {
				time.Sleep(parentPollInterval)
			}
			close(orphaned)
		}()
	}
	go func() {
		select {
		case <-signals:
			c.printf("stopping; press Ctrl-C again to exit at once")
		case <-orphaned:
		}
		cancel()
		<-signals
		i.runHooks()
		os.Exit(commandline.Interrupted)
	}()
	return ctx, func() { signal.Stop(signals) }
}

// onExit registers a hook that runs if the process exits at once. The returned function removes it.
func (i *interrupts) onExit(run func()) (remove func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.nextID++
	id := i.nextID
	i.hooks = append(i.hooks, exitHook{id, run})
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.hooks = slices.DeleteFunc(i.hooks, func(h exitHook) bool { return h.id == id })
	}
}

func (i *interrupts) runHooks() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, h := range slices.Backward(i.hooks) {
		h.run()
	}
}
