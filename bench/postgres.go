package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"iter"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/postgres"
)

// postgresJobs need a PostgreSQL server, which works in processes of its own: ratios are of rows a second, and not
// of this process's time.
func postgresJobs() []job {
	if !postgrestest.Installed() {
		return nil
	}
	return []job{
		{name: "COPY into PostgreSQL", run: copyAlone},
		{name: "list and COPY into PostgreSQL", limit: "COPY into PostgreSQL", waits: true, server: plain, run: listAndCopy},
		{name: "first sync into PostgreSQL", limit: "COPY into PostgreSQL", waits: true, server: plain, run: firstSyncShared},
		{name: "nothing new in PostgreSQL", limit: "requests of nothing new", server: plain, run: nothingNewShared},
		{name: "40 readers beside a sync in PostgreSQL", server: changedTen, run: readersBeside},
	}
}

// withDatabase runs fn on a schema of its own.
func (w *work) withDatabase(fn func(url string) error) error {
	url, stop, err := postgrestest.Private(w.ctx)
	if err != nil {
		return err
	}
	if err := w.watchDatabase(url); err != nil {
		return errors.Join(err, stop())
	}
	return errors.Join(fn(url), stop())
}

// copied is a table of the mirror, to which records are copied as a sync stores those that are not deleted.
type copied struct {
	table   string
	columns []string
	row     func(*imednet.Record) []any
}

var copiedPayloads = copied{"record_cache", []string{"study_key", "record_id", "form_key", "date_modified", "payload"}, func(r *imednet.Record) []any {
	return []any{studyKey, r.RecordID, r.FormKey.Or(""), r.DateModified.Or(imednet.Time{}).String(), []byte(r.Raw)}
}}

var copiedKeys = copied{"imednet_record", []string{"study", "record_id", "state", "doubtful", "version", "form_id", "form_key", "site_id", "interval_id",
	"visit_id", "subject_id", "subject_key", "modified"}, func(r *imednet.Record) []any {
	return []any{int64(1), r.RecordID, int64(0), int64(0), int64(1), given(r.FormID), given(r.FormKey), given(r.SiteID), given(r.IntervalID),
		given(r.VisitID), given(r.SubjectID), given(r.SubjectKey), r.DateModified.Or(imednet.Time{}).UnixMicro()}
}}

// given is a value for a column, nil for none.
func given[T imednet.Scalar](o imednet.Opt[T]) any {
	if v, ok := o.Get(); ok {
		return v
	}
	return nil
}

// copyAlone sends ready records to the mirror's two tables by one COPY each.
func copyAlone(w *work) error {
	var payloads, keys [][]any
	err := w.chunks(func(chunk []imednet.Record) error {
		for i := range chunk {
			payloads, keys = append(payloads, copiedPayloads.row(&chunk[i])), append(keys, copiedKeys.row(&chunk[i]))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.withMirrorTables(func(tx pgx.Tx) (int64, error) {
		if _, err := copiedPayloads.copy(w.ctx, tx, pgx.CopyFromRows(payloads)); err != nil {
			return 0, err
		}
		return copiedKeys.copy(w.ctx, tx, pgx.CopyFromRows(keys))
	})
}

// listAndCopy lists the records, as a sync has to, and sends them meanwhile; what the second table takes is kept
// until they have all come.
func listAndCopy(w *work) error {
	client, err := w.client()
	if err != nil {
		return err
	}
	next, stop := iter.Pull2(client.Records(w.ctx, studyKey, imednet.ListOptions{}))
	defer stop()
	var keys [][]any
	listing := pgx.CopyFromFunc(func() ([]any, error) {
		rec, err, more := next()
		if err != nil || !more {
			return nil, err
		}
		keys = append(keys, copiedKeys.row(&rec))
		return copiedPayloads.row(&rec), nil
	})
	return w.withMirrorTables(func(tx pgx.Tx) (int64, error) {
		if _, err := copiedPayloads.copy(w.ctx, tx, listing); err != nil {
			return 0, err
		}
		return copiedKeys.copy(w.ctx, tx, pgx.CopyFromRows(keys))
	})
}

func (c copied) copy(ctx context.Context, tx pgx.Tx, rows pgx.CopyFromSource) (int64, error) {
	return tx.CopyFrom(ctx, pgx.Identifier{c.table}, c.columns, rows)
}

// withMirrorTables measures what fn copies, in one transaction, into the tables that a mirror has made, with their
// indexes and triggers.
func (w *work) withMirrorTables(fn func(pgx.Tx) (int64, error)) error {
	return w.withDatabase(func(url string) error {
		if err := w.withMirrorOf(url, nil, func(*cache.CachedRecordsLoader) error { return nil }); err != nil {
			return err
		}
		conn, err := pgx.Connect(w.ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(w.ctx)
		if _, err := conn.Exec(w.ctx, `SET imednet.writer = 'mirror'`); err != nil { // as a sync's own transactions
			return err
		}
		return w.measure(func() (rows int64, err error) {
			err = pgx.BeginFunc(w.ctx, conn, func(tx pgx.Tx) error {
				rows, err = fn(tx)
				return err
			})
			return rows, err
		})
	})
}

// withSharedMirror runs fn over a mirror in a database.
func (w *work) withSharedMirror(fn func(*cache.CachedRecordsLoader) error) error {
	client, err := w.client()
	if err != nil {
		return err
	}
	return w.withDatabase(func(url string) error { return w.withMirrorOf(url, client, fn) })
}

// withMirrorOf runs fn over the mirror in a database.
func (w *work) withMirrorOf(url string, client cache.Client, fn func(*cache.CachedRecordsLoader) error) error {
	db, err := postgres.Open(w.ctx, url, postgres.WithConnections(48))
	if err != nil {
		return err
	}
	mirror, err := db.Mirror(w.ctx, client)
	if err == nil {
		err = fn(mirror)
	}
	return errors.Join(err, db.Close())
}

func firstSyncShared(w *work) error {
	return w.withSharedMirror(func(mirror *cache.CachedRecordsLoader) error {
		return w.measure(func() (int64, error) {
			report, err := mirror.SyncRecords(w.ctx, studyKey, cache.SyncOptions{})
			return report.Added, err
		})
	})
}

func nothingNewShared(w *work) error {
	return w.withSharedMirror(func(mirror *cache.CachedRecordsLoader) error {
		if _, err := mirror.SyncRecords(w.ctx, studyKey, cache.SyncOptions{}); err != nil {
			return err
		}
		return w.measure(func() (int64, error) {
			report, err := mirror.SyncRecords(w.ctx, studyKey, cache.SyncOptions{})
			if err == nil && report.Changed {
				err = errors.New("there was something new")
			}
			return report.After.Total(), err
		})
	})
}

// readersBeside has forty readers list the records again and again while a sync changes one in a hundred. Every list
// must have the rows, byte for byte, of the version that it began with, as the mirror has them afterwards.
func readersBeside(w *work) error {
	return w.withSharedMirror(func(mirror *cache.CachedRecordsLoader) error {
		if err := w.copyMirror(mirror); err != nil {
			return err
		}
		seen := &listings{digests: map[imednet.MirrorVersion][sha256.Size]byte{}}
		err := w.measure(func() (int64, error) {
			ctx, stop := context.WithCancel(w.ctx)
			defer stop()
			var group sync.WaitGroup
			for range 40 {
				group.Go(func() {
					for once := true; once || ctx.Err() == nil; once = false {
						seen.add(w.ctx, mirror.Client())
					}
				})
			}
			report, err := mirror.ReconcileCache(w.ctx, studyKey, cache.SyncOptions{})
			if err == nil && report.Updated == 0 {
				err = errors.New("the sync changed nothing")
			}
			stop()
			group.Wait()
			return report.After.Total(), err
		})
		return errors.Join(err, seen.check(w.ctx, mirror))
	})
}

// copyMirror copies the study into a mirror as it was before the server's changes.
func (w *work) copyMirror(mirror *cache.CachedRecordsLoader) error {
	from, err := cache.NewCachedRecordsLoader(w.ctx, nil, mirrorPath(w.Data))
	if err != nil {
		return err
	}
	_, err = mirror.CopyFrom(w.ctx, from)
	return errors.Join(err, from.Close())
}

// listings are what readers saw of each version.
type listings struct {
	mu      sync.Mutex
	digests map[imednet.MirrorVersion][sha256.Size]byte
	err     error
}

// add lists the records of one moment, which is the same for everybody who sees its version.
func (l *listings) add(ctx context.Context, view *cache.View) {
	version, err := view.Version(ctx, studyKey)
	var got [sha256.Size]byte
	if err == nil {
		got, err = digest(view.Records(ctx, studyKey, imednet.ListOptions{}))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if before, again := l.digests[version]; err == nil && again && got != before {
		err = errors.New("a version was listed in two ways")
	}
	l.digests[version], l.err = got, errors.Join(l.err, err)
}

// check compares what was seen with the versions that the mirror keeps.
func (l *listings) check(ctx context.Context, mirror *cache.CachedRecordsLoader) error {
	errs := []error{l.err}
	for version, got := range l.digests {
		view, err := mirror.AsOf(ctx, studyKey, version)
		if err != nil {
			return err
		}
		want, err := digest(view.Records(ctx, studyKey, imednet.ListOptions{}))
		if err == nil && got != want {
			err = errors.New("a reader saw other records than its version has")
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// digest hashes the rows of a listing.
func digest(records iter.Seq2[imednet.Record, error]) (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	for rec, err := range records {
		if err != nil {
			return sum, err
		}
		h.Write(rec.Raw)
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}
