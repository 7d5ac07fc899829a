package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"iter"
	"sync"
	"sync/atomic"

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
		{name: "first sync into PostgreSQL", limit: "list and COPY into PostgreSQL", waits: true, server: plain, run: firstSyncShared},
		{name: "nothing new in PostgreSQL", limit: "requests of nothing new", server: plain, run: nothingNewShared},
		{name: "40 readers beside a sync in PostgreSQL", server: plain, run: readersBeside},
	}
}

// withDatabase runs fn on a schema of its own.
func (w *work) withDatabase(fn func(url string) error) error {
	url, stop, err := postgrestest.Private(w.ctx)
	if err != nil {
		return err
	}
	return errors.Join(fn(url), stop())
}

// copiedColumns are those of record_cache.
var copiedColumns = []string{"study_key", "record_id", "form_key", "date_modified", "payload"}

func copiedRow(r *imednet.Record) []any {
	return []any{studyKey, r.RecordID, r.FormKey.Or(""), r.DateModified.Or(imednet.Time{}).String(), []byte(r.Raw)}
}

// copyAlone sends ready records to a table as the mirror's record_cache by one COPY.
func copyAlone(w *work) error {
	var rows [][]any
	err := w.chunks(func(chunk []imednet.Record) error {
		for i := range chunk {
			rows = append(rows, copiedRow(&chunk[i]))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.copyInto(pgx.CopyFromRows(rows))
}

// listAndCopy does the same with records that are listed meanwhile, as a sync has to.
func listAndCopy(w *work) error {
	client, err := w.client()
	if err != nil {
		return err
	}
	next, stop := iter.Pull2(client.Records(w.ctx, studyKey, imednet.ListOptions{}))
	defer stop()
	return w.copyInto(pgx.CopyFromFunc(func() ([]any, error) {
		rec, err, more := next()
		if err != nil || !more {
			return nil, err
		}
		return copiedRow(&rec), nil
	}))
}

// copyInto copies rows to a table as the mirror's record_cache, primary key included.
func (w *work) copyInto(rows pgx.CopyFromSource) error {
	return w.withDatabase(func(url string) error {
		conn, err := pgx.Connect(w.ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(w.ctx)
		_, err = conn.Exec(w.ctx, `CREATE SCHEMA bench_copy; SET search_path = bench_copy;
			CREATE TABLE record_cache (study_key text COLLATE "C" NOT NULL, record_id bigint NOT NULL, form_key text COLLATE "C" NOT NULL,
			date_modified text COLLATE "C" NOT NULL, payload bytea NOT NULL, PRIMARY KEY (study_key, record_id))`)
		if err != nil {
			return err
		}
		return w.measure(func() (int64, error) {
			return conn.CopyFrom(w.ctx, pgx.Identifier{"record_cache"}, copiedColumns, rows)
		})
	})
}

// withSharedMirror runs fn over a mirror in a database.
func (w *work) withSharedMirror(fn func(*cache.CachedRecordsLoader) error) error {
	client, err := w.client()
	if err != nil {
		return err
	}
	return w.withDatabase(func(url string) (err error) {
		db, err := postgres.Open(w.ctx, url, postgres.WithConnections(48))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		mirror, err := db.Mirror(w.ctx, client)
		if err != nil {
			return err
		}
		return fn(mirror)
	})
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

// readersBeside has forty readers list the records again and again while the study is swept. Every list must have
// the bytes of the first. That readers keep their moment while records change is a test of package cachetest.
func readersBeside(w *work) error {
	return w.withSharedMirror(func(mirror *cache.CachedRecordsLoader) error {
		first, err := mirror.SyncRecords(w.ctx, studyKey, cache.SyncOptions{})
		if err != nil {
			return err
		}
		want, err := digest(mirror.Client().Records(w.ctx, studyKey, imednet.ListOptions{}))
		if err != nil {
			return err
		}
		return w.measure(func() (int64, error) {
			ctx, stop := context.WithCancel(w.ctx)
			defer stop()
			var group sync.WaitGroup
			var failed atomic.Pointer[error]
			for range 40 {
				group.Go(func() {
					for once := true; once || ctx.Err() == nil; once = false {
						got, err := digest(mirror.Client().Records(w.ctx, studyKey, imednet.ListOptions{}))
						if err == nil && got != want {
							err = errors.New("a reader saw other records")
						}
						if err != nil {
							failed.Store(&err)
							return
						}
					}
				})
			}
			_, err := mirror.ReconcileCache(w.ctx, studyKey, cache.SyncOptions{})
			stop()
			group.Wait()
			if reading := failed.Load(); reading != nil {
				err = errors.Join(err, *reading)
			}
			return first.After.Active + first.After.Deleted, err
		})
	})
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
