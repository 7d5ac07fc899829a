package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/heads"
)

// watchOptions say how often a worker writes heads and verifies stores.
type watchOptions struct {
	headsOptions
	headsEvery, verifyEvery time.Duration
}

func (o *watchOptions) flags(cmd *cobra.Command) {
	o.headsOptions.flags(cmd)
	cmd.Flags().DurationVar(&o.headsEvery, "heads-every", 0, "time between two files of heads (default 1h)")
	cmd.Flags().DurationVar(&o.verifyEvery, "verify-every", 0, "time between verifications of whole stores (default: never)")
}

// watch makes the watch of a worker; nil if there is nothing to do. The stores are looked at once, so that
// what cannot be opened ends the command before it has begun.
func (a *app) watch(ctx context.Context, o watchOptions, named storePaths, clock imednet.Clock) (*storeWatch, error) {
	if o.headsEvery < 0 || o.verifyEvery < 0 {
		return nil, usagef("--heads-every and --verify-every must not be negative")
	}
	keeper, err := a.keeper(ctx, o.headsOptions, clock)
	if err != nil {
		return nil, err
	}
	w := &storeWatch{
		clock: clock, keepEvery: cmp.Or(o.headsEvery, a.settings.HeadsEvery, time.Hour), verifyEvery: cmp.Or(o.verifyEvery, a.settings.VerifyEvery), tell: a.tellWatch,
		stores: func(ctx context.Context) ([]auditedStore, error) { return a.auditedStores(ctx, named) },
	}
	if keeper != nil {
		w.keep = func(ctx context.Context) (heads.Written, error) {
			written, err := a.keepHeads(ctx, keeper, named)
			if errors.Is(err, errNotFound) {
				return written, nil // no store has been made yet
			}
			return written, err
		}
	} else if w.verifyEvery == 0 {
		if o.headsEvery > 0 {
			return nil, usagef("--heads-every needs a directory: name it with --heads")
		}
		return nil, nil
	}
	_, err = a.auditedStores(ctx, named)
	return w, err
}

// errWatchEnded is why a worker ends whose watch found a store that is not intact.
var errWatchEnded = errors.New("a store is not intact")

// watched runs a worker with a watch beside it. A store that is not intact ends the worker.
func watched(ctx context.Context, w *storeWatch, work func(context.Context) error) error {
	if w == nil {
		return work(ctx)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	found := make(chan error, 1)
	go func() {
		err := w.run(ctx)
		stop(errWatchEnded)
		found <- err
	}()
	err := work(ctx)
	stop(nil)
	return errors.Join(err, <-found)
}

// tellWatch writes an event: a line for people on standard error, or an object a line.
func (a *app) tellWatch(e watchEvent) {
	if a.json {
		_ = a.writeLine(e) // the worker goes on when nobody reads any more
		return
	}
	fmt.Fprintln(a.errOut, strings.Join(strings.Fields(strings.Join([]string{e.Time, e.Store, strings.ReplaceAll(e.Kind, "_", " "), e.File, e.Error}, " ")), " "))
}
