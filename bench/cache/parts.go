package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"iter"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/sqlite"
	"github.com/imednetgo/imednet/rest"
)

const studyKey = "BENCH"

func (t task) study() *imednettest.Study {
	return imednettest.Generate(imednettest.GenerateOptions{StudyKey: studyKey, Records: t.rows})
}

func serve(t task) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String())
	return http.Serve(listener, imednettest.NewServer(t.study()))
}

func (t task) client() (*rest.Client, error) {
	return rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(t.url))
}

func (t task) mirror(ctx context.Context) (*cache.CachedRecordsLoader, error) {
	client, err := t.client()
	if err != nil {
		return nil, err
	}
	return cache.NewCachedRecordsLoader(ctx, client, t.path())
}

// syncPart is the first sync.
func syncPart(ctx context.Context, t task) (result, error) {
	return t.sync(ctx)
}

// againPart is a sync that finds nothing new.
func againPart(ctx context.Context, t task) (result, error) {
	r, err := t.sync(ctx)
	r.Rows = int64(t.rows)
	return r, err
}

func (t task) sync(ctx context.Context) (result, error) {
	mirror, err := t.mirror(ctx)
	if err != nil {
		return result{}, err
	}
	defer mirror.Close()
	start := time.Now()
	report, err := mirror.SyncRecords(ctx, studyKey, cache.SyncOptions{})
	return result{Rows: report.Added, Time: time.Since(start)}, err
}

// iteratePart reads the mirror as a program would.
func iteratePart(ctx context.Context, t task) (result, error) {
	mirror, err := t.mirror(ctx)
	if err != nil {
		return result{}, err
	}
	defer mirror.Close()
	return count(mirror.Records(ctx, studyKey, imednet.ListOptions{}))
}

// listPart lists the study over HTTP and drops the rows.
func listPart(ctx context.Context, t task) (result, error) {
	client, err := t.client()
	if err != nil {
		return result{}, err
	}
	return count(client.Records(ctx, studyKey, imednet.ListOptions{}))
}

func count(records iter.Seq2[imednet.Record, error]) (r result, err error) {
	start := time.Now()
	for rec, err := range records {
		if err != nil {
			return r, err
		}
		r.Rows++
		r.Bytes += int64(len(rec.Raw))
	}
	r.Time = time.Since(start)
	return r, nil
}

// rawPart reads the rows of the mirror's table in order and looks at nothing.
func rawPart(ctx context.Context, t task) (r result, err error) {
	db, err := sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(t.dir, "insert.sqlite3"), ApplicationID: 1, Migrations: []string{table}, Synchronous: "NORMAL"})
	if err != nil {
		return r, err
	}
	defer db.Close()
	start := time.Now()
	rows, err := db.Reader().QueryContext(ctx, `SELECT record_id, payload FROM record_cache WHERE study_key = ? ORDER BY record_id`, studyKey)
	if err != nil {
		return r, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var payload sql.RawBytes
		if err := rows.Scan(&id, &payload); err != nil {
			return r, err
		}
		r.Rows++
		r.Bytes += int64(len(payload))
	}
	r.Time = time.Since(start)
	return r, rows.Err()
}

// chunkRows is how many rows the limits hold ready at a time, outside their clocks.
const chunkRows = 10_000

// chunks yields the study's records in chunks.
func (t task) chunks() iter.Seq[[]imednet.Record] {
	return func(yield func([]imednet.Record) bool) {
		study := t.study()
		ids := study.RecordIDs()
		var chunk []imednet.Record
		for i, id := range ids {
			if rec, ok := study.Record(id); ok {
				chunk = append(chunk, rec)
			}
			if len(chunk) == chunkRows || i == len(ids)-1 {
				if !yield(chunk) {
					return
				}
				chunk = chunk[:0]
			}
		}
	}
}

const table = `CREATE TABLE record_cache (study_key TEXT NOT NULL, record_id INTEGER NOT NULL, form_key TEXT NOT NULL,
	date_modified TEXT NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (study_key, record_id));
	CREATE INDEX idx_record_cache_study_modified ON record_cache (study_key, date_modified)`

// insertPart inserts the rows into the Python package's table alone, with the mirror's settings.
func insertPart(ctx context.Context, t task) (r result, err error) {
	db, err := sqlite.Open(ctx, sqlite.Config{
		Path: filepath.Join(t.dir, "insert.sqlite3"), ApplicationID: 1, Migrations: []string{table},
		Synchronous: "NORMAL", PageSize: 16 << 10, CacheKiB: 64 << 10, WALPages: 4000,
	})
	if err != nil {
		return r, err
	}
	defer db.Close()
	for chunk := range t.chunks() {
		args := make([]any, 0, 5*len(chunk))
		for _, rec := range chunk {
			at, _ := rec.DateModified.Get()
			args = append(args, studyKey, rec.RecordID, rec.FormKey.Or(""), at.String(), string(rec.Raw))
			r.Bytes += int64(len(rec.Raw))
		}
		start := time.Now()
		if err := db.Write(ctx, func(tx *sql.Tx) error { return insert(tx, args) }); err != nil {
			return r, err
		}
		r.Time += time.Since(start)
		r.Rows += int64(len(chunk))
	}
	return r, nil
}

func insert(tx *sql.Tx, args []any) error {
	const rows, width = 50, 5
	stmt, err := tx.Prepare(`INSERT INTO record_cache VALUES (?,?,?,?,?)` + strings.Repeat(",(?,?,?,?,?)", rows-1))
	if err != nil {
		return err
	}
	defer stmt.Close()
	for ; len(args) >= rows*width; args = args[rows*width:] {
		if _, err := stmt.Exec(args[:rows*width]...); err != nil {
			return err
		}
	}
	for ; len(args) > 0; args = args[width:] {
		if _, err := tx.Exec(`INSERT INTO record_cache VALUES (?,?,?,?,?)`, args[:width]...); err != nil {
			return err
		}
	}
	return nil
}

// scanPart reads the rows' JSON token by token and keeps nothing.
func scanPart(_ context.Context, t task) (r result, err error) {
	dec := jsontext.NewDecoder(bytes.NewReader(nil), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for chunk := range t.chunks() {
		start := time.Now()
		for _, rec := range chunk {
			dec.Reset(bytes.NewBuffer(rec.Raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
			if err := dec.SkipValue(); err != nil {
				return r, err
			}
			r.Bytes += int64(len(rec.Raw))
		}
		r.Time += time.Since(start)
		r.Rows += int64(len(chunk))
	}
	return r, nil
}
