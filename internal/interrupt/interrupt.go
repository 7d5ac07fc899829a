// Package interrupt ends a command in good order at the first signal, and at once at the second.
package interrupt

import (
	"context"
	"os"
	"os/signal"
	"sync"
)

// ExitCode is that of a command that was interrupted: what shells give one that SIGINT ended.
const ExitCode = 130

// Context returns a context that ends with the first of these signals. The next one ends the program
// with [ExitCode], also where it was started with the signal ignored, as shells start what runs in the
// background. After stop the signals do again what they did before.
func Context(signals ...os.Signal) (ctx context.Context, stop context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	arrived := make(chan os.Signal, 2)
	signal.Notify(arrived, signals...)
	go func() {
		if _, ok := <-arrived; !ok {
			return
		}
		cancel()
		if _, ok := <-arrived; ok {
			os.Exit(ExitCode)
		}
	}()
	return ctx, sync.OnceFunc(func() {
		signal.Stop(arrived)
		close(arrived) // nothing is sent after Stop
		cancel()
	})
}
