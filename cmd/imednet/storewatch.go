package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/heads"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// watchRetry is the longest time after which heads that could not be written, or stores that could not be
// read, are tried again.
const watchRetry = 15 * time.Minute

// storeWatch writes the signed heads of the audited stores, and verifies them whole, while a worker runs.
type storeWatch struct {
	clock       imednet.Clock
	keep        func(context.Context) (heads.Written, error) // nil: no heads are written
	keepEvery   time.Duration
	stores      func(context.Context) ([]auditedStore, error)
	verifyEvery time.Duration // 0: nothing is verified
	tell        func(watchEvent)

	mu       sync.Mutex
	kept     watchCount
	verified map[string]*watchCount // by kind of store
}

// watchCount is how something went that is done again and again.
type watchCount struct {
	done, failed int64
	last         time.Time // when it was last done; zero before
	err          error     // of the last time
}

// watchEvent is what a watch tells, and one line of `worker --json`.
type watchEvent struct {
	Kind  string `json:"kind"` // heads_written, heads_failed, store_verified, verify_failed or store_damaged
	Time  string `json:"time"`
	Store string `json:"store,omitempty"`
	File  string `json:"file,omitempty"` // of heads
	Error string `json:"error,omitempty"`
}

// run goes on until ctx ends, or a store is not intact: that is the error. What it could not do last is an
// error too.
func (w *storeWatch) run(ctx context.Context) error {
	keepAt, verifyAt := w.clock.Now(), w.clock.Now()
	for ctx.Err() == nil {
		if now := w.clock.Now(); w.keep != nil && !now.Before(keepAt) {
			keepAt = now.Add(w.pause(w.keepEvery, w.keepHeads(ctx)))
		}
		if now := w.clock.Now(); w.verifyEvery > 0 && !now.Before(verifyAt) {
			err := w.verifyAll(ctx)
			if notIntact(err) {
				return &storeFault{err}
			}
			verifyAt = now.Add(w.pause(w.verifyEvery, err))
		}
		if w.clock.Sleep(ctx, w.next(keepAt, verifyAt).Sub(w.clock.Now())) != nil {
			break
		}
	}
	return w.unfinished()
}

// next is when the first of both is due.
func (w *storeWatch) next(keepAt, verifyAt time.Time) time.Time {
	if w.keep == nil || w.verifyEvery > 0 && verifyAt.Before(keepAt) {
		return verifyAt
	}
	return keepAt
}

func (w *storeWatch) pause(every time.Duration, err error) time.Duration {
	if err != nil {
		return min(every, watchRetry)
	}
	return every
}

// once writes heads and verifies once.
func (w *storeWatch) once(ctx context.Context) error {
	if w.keep != nil {
		_ = w.keepHeads(ctx) // unfinished has it
	}
	if w.verifyEvery > 0 {
		if err := w.verifyAll(ctx); notIntact(err) {
			return &storeFault{err}
		}
	}
	return w.unfinished()
}

// unfinished is what could not be done the last time.
func (w *storeWatch) unfinished() (err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.kept.err != nil {
		err = fmt.Errorf("the heads of the stores could not be written: %w", w.kept.err)
	}
	for _, v := range w.verified {
		err = errors.Join(err, v.err)
	}
	return err
}

func (w *storeWatch) keepHeads(ctx context.Context) error {
	written, err := w.keep(ctx)
	if ctx.Err() != nil {
		return err // it was interrupted; the next worker begins with heads
	}
	w.note(&w.kept, err)
	if err != nil {
		w.say(watchEvent{Kind: "heads_failed"}, err)
	} else {
		w.say(watchEvent{Kind: "heads_written", File: written.Name}, nil)
	}
	return err
}

// verifyAll verifies every store. One that is not intact does not keep the others from being verified.
func (w *storeWatch) verifyAll(ctx context.Context) (failed error) {
	stores, err := w.stores(ctx)
	if err != nil {
		stores = []auditedStore{{Store: heads.Store{Kind: "stores"}, verify: func(context.Context) error { return err }}}
	}
	for _, s := range stores {
		err := s.verify(ctx)
		if ctx.Err() != nil {
			return failed
		}
		w.note(w.countOf(s.Kind), err)
		switch {
		case err == nil:
			w.say(watchEvent{Kind: "store_verified", Store: s.Kind}, nil)
		case notIntact(err):
			w.say(watchEvent{Kind: "store_damaged", Store: s.Kind}, err)
		default:
			w.say(watchEvent{Kind: "verify_failed", Store: s.Kind}, err)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// storeFault is a store that is not intact, which ends a worker.
type storeFault struct{ err error }

func (f *storeFault) Error() string { return f.err.Error() }

func (f *storeFault) Unwrap() error { return f.err }

// notIntact reports whether an error is what a verification found, not that it could not be done.
func notIntact(err error) bool {
	return isAny(err, cache.ErrEmptied, cache.ErrIntegrity, ledger.ErrIntegrity, ledger.ErrDamaged, triage.ErrIntegrity, versioning.ErrIntegrity, submissions.ErrDamaged) || errors.As(err, new(*damagedError))
}

func (w *storeWatch) countOf(kind string) *watchCount {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.verified == nil {
		w.verified = map[string]*watchCount{}
	}
	if w.verified[kind] == nil {
		w.verified[kind] = &watchCount{}
	}
	return w.verified[kind]
}

func (w *storeWatch) note(c *watchCount, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.err = err; err != nil {
		c.failed++
		return
	}
	c.done++
	c.last = w.clock.Now()
}

func (w *storeWatch) say(e watchEvent, err error) {
	e.Time = isoTime(w.clock.Now())
	if err != nil {
		e.Error = withoutKeys(safeText(sentence(err)))
	}
	w.tell(e)
}
