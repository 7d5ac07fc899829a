package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/imednetgo/imednet/internal/argument"
)

// Division is what one of several workers, on any machines, does with its share of names, such as studies.
type Division struct {
	// Holder names the worker; people read it. No two workers that are alive may share one.
	Holder string
	// Names lists what is to be divided. It is asked again every Term; when it fails, the names of before stand.
	// Workers divide what they all name: one whose list differs shares with those of the same list.
	Names func(ctx context.Context) ([]string, error)
	// Work works at a name until ctx ends, under a lease of the name that Lease gives: what is written with ctx
	// carries the lease's token. ctx ends when the lease is lost, when the name falls to another worker, and with
	// the Divide. When it returns earlier, the name stays with this worker, and rests.
	Work func(ctx context.Context, name string)
	// Lease gives the lease's name; nil is [StudyLease].
	Lease func(name string) string
	// Term is how long a worker may be silent before others take its names over; it renews in a third of it. The
	// default is a minute.
	Term time.Duration
	// Failed is told what went wrong; Divide goes on. nil is nobody.
	Failed func(error)
}

// presencePrefix begins the names of the leases by which workers tell of themselves.
const presencePrefix = "worker "

// Divide works at this worker's share of names until ctx ends: all workers that are alive share them evenly, each
// name is worked at by one of them at a time, and the names of one that is gone fall to the others after a Term at
// the latest. Then it waits until Work has returned everywhere, and gives its leases back, so that others take over
// at once. Notices of the server wake it; without them it looks every third of a Term.
func (db *DB) Divide(ctx context.Context, d Division) error {
	const function = "postgres.DB.Divide"
	err := errors.Join(argument.Named(function, "Holder", d.Holder), argument.Required(function, "Names", d.Names), argument.Required(function, "Work", d.Work))
	d.Term = cmp.Or(d.Term, time.Minute)
	if err == nil && d.Term < 3*time.Millisecond {
		err = argument.Invalid(function, "Term", "must be at least 3 milliseconds")
	}
	if err != nil {
		return wrap("divide", "", err)
	}
	if d.Lease == nil {
		d.Lease = StudyLease
	}
	if d.Failed == nil {
		d.Failed = func(error) {}
	}
	w := &divider{db: db, Division: d, held: map[string]*share{}}
	defer w.drain(context.WithoutCancel(ctx))
	for range db.Changes(ctx, d.Term/3) {
		if ctx.Err() != nil {
			break
		}
		if err := w.turn(ctx); err != nil && ctx.Err() == nil {
			d.Failed(wrap("divide", "", err))
		}
	}
	return nil
}

// divider is a Divide under way.
type divider struct {
	Division
	db      *DB
	names   []string
	asked   time.Time // when the names were listed
	self    *Lease
	group   string // of workers with the same names
	renewed time.Time
	held    map[string]*share
}

// share is a name that is worked at.
type share struct {
	lease *Lease
	end   context.CancelCauseFunc
	done  chan struct{}
}

var (
	errMoved    = errors.New("the name fell to another worker")
	errNotHeard = errors.New("the database was silent for too long: the lease may be lost")
)

// turn renews what is held when that is due, and takes and gives up names as the workers that are alive divide them.
func (w *divider) turn(ctx context.Context) error {
	now := w.db.clock.Now()
	err := w.list(ctx, now)
	if w.group == "" {
		return err
	}
	if due := now.Sub(w.renewed) >= w.Term/4; due {
		err = errors.Join(err, w.renew(ctx))
		if w.db.clock.Now().Sub(w.renewed) >= w.Term {
			w.giveUpAll(errNotHeard)
		}
	}
	held, listErr := w.db.Leases(ctx)
	if err = errors.Join(err, listErr); listErr != nil || w.self == nil {
		return err
	}
	mine := Assign(w.names, w.peers(held))[w.Holder]
	for name, s := range w.held {
		if !slices.Contains(mine, name) {
			err = errors.Join(err, w.giveUp(ctx, name, s, errMoved))
		}
	}
	for _, name := range mine {
		if w.held[name] == nil {
			err = errors.Join(err, w.take(ctx, name))
		}
	}
	return err
}

// list asks for the names again when that is due.
func (w *divider) list(ctx context.Context, now time.Time) error {
	if w.names != nil && now.Sub(w.asked) < w.Term {
		return nil
	}
	names, err := w.Names(ctx)
	if err != nil {
		return err
	}
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	w.names, w.asked = names, now
	group := fmt.Sprintf("%s%016x ", presencePrefix, uint64(lockKey(names...)))
	if group == w.group {
		return nil
	}
	if w.self != nil {
		err = w.self.Release(ctx)
	}
	w.self, w.group = nil, group
	return err
}

// renew renews the leases, of which this worker's own makes it known to the others.
func (w *divider) renew(ctx context.Context) (err error) {
	if w.self == nil || w.self.Renew(ctx) != nil {
		if w.self, err = w.db.Acquire(ctx, w.group+w.Holder, w.Holder, w.Term); err != nil {
			w.self = nil
			return err
		}
		if err = w.db.forgetWorkers(ctx); err != nil {
			return err
		}
	}
	for name, s := range w.held {
		switch lost := s.lease.Renew(ctx); {
		case errors.Is(lost, ErrLeaseLost):
			err = errors.Join(err, w.giveUp(ctx, name, s, lost))
		case lost != nil:
			return errors.Join(err, lost)
		}
	}
	w.renewed = w.db.clock.Now()
	return err
}

// forgetWorkers removes what workers told of themselves who have not been heard of for a day, by the server's clock.
// No commit carries those leases, so that their tokens may begin anew; other leases stay. A role without the right
// to do so leaves it to others.
func (db *DB) forgetWorkers(ctx context.Context) error {
	err := db.leases().Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM imednet_lease WHERE starts_with(name, ?) AND expires_at < clock_timestamp() - interval '1 day'`, presencePrefix)
		return err
	})
	if code(err) == "42501" { // insufficient_privilege
		return nil
	}
	return err
}

// peers are the workers that are alive and divide the same names.
func (w *divider) peers(held []Holding) (peers []string) {
	for _, h := range held {
		if strings.HasPrefix(h.Name, w.group) {
			peers = append(peers, h.Holder)
		}
	}
	return peers
}

// take begins to work at a name, unless somebody still has it.
func (w *divider) take(ctx context.Context, name string) error {
	lease, err := w.db.Acquire(ctx, w.Lease(name), w.Holder, w.Term)
	if errors.Is(err, ErrLeased) {
		return nil // whoever gives it up is heard
	}
	if err != nil {
		return err
	}
	working, end := context.WithCancelCause(lease.Context(ctx))
	s := &share{lease, end, make(chan struct{})}
	w.held[name] = s
	go func() {
		defer close(s.done)
		w.Work(working, name)
	}()
	return nil
}

// giveUp waits until nobody works at a name any more, and gives it back.
func (w *divider) giveUp(ctx context.Context, name string, s *share, why error) error {
	s.end(why)
	<-s.done
	delete(w.held, name)
	if err := s.lease.Release(ctx); !errors.Is(err, ErrLeaseLost) {
		return err
	}
	return nil
}

func (w *divider) giveUpAll(why error) {
	for name, s := range w.held {
		s.end(why)
		<-s.done
		delete(w.held, name)
	}
}

// drain ends all work at once, and gives back what is held.
func (w *divider) drain(ctx context.Context) {
	var group sync.WaitGroup
	for _, s := range w.held {
		group.Go(func() {
			s.end(context.Canceled)
			<-s.done
			if err := s.lease.Release(ctx); err != nil && !errors.Is(err, ErrLeaseLost) {
				w.Failed(wrap("divide", "", err))
			}
		})
	}
	group.Wait()
	if w.self != nil {
		if err := w.self.Release(ctx); err != nil && !errors.Is(err, ErrLeaseLost) {
			w.Failed(wrap("divide", "", err))
		}
	}
}

// Assign divides names among workers: evenly, and so that every worker comes to the same result. When a worker comes
// or goes, few other names change hands.
func Assign(names, workers []string) map[string][]string {
	workers = slices.Compact(slices.Sorted(slices.Values(workers)))
	all := map[string][]string{}
	if len(workers) == 0 {
		return all
	}
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	least, more := len(names)/len(workers), len(names)%len(workers)
	for _, name := range names {
		best, most := "", uint64(0)
		for _, worker := range workers {
			room := least
			if more > 0 {
				room++
			}
			rank := uint64(lockKey("assign", name, worker))
			if len(all[worker]) < room && (best == "" || rank > most) {
				best, most = worker, rank
			}
		}
		if all[best] = append(all[best], name); len(all[best]) > least {
			more--
		}
	}
	return all
}
