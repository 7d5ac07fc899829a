package main

import (
	"bytes"
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// chunkRows is how many rows a limit holds ready at a time.
const chunkRows = 10_000

// chunks makes the study's records ready, outside what is measured.
func (w *work) chunks(use func([]imednet.Record) error) error {
	study := newStudy(w.Rows)
	for ids := range slices.Chunk(study.RecordIDs(), chunkRows) {
		var chunk []imednet.Record
		for _, id := range ids {
			if record, ok := study.Record(id); ok {
				chunk = append(chunk, record)
			}
		}
		if err := use(chunk); err != nil {
			return err
		}
	}
	return nil
}

// scan reads the rows' JSON value by value and keeps nothing.
func scan(w *work) error {
	return w.chunks(func(chunk []imednet.Record) error {
		return w.measure(func() (int64, error) { return int64(len(chunk)), scanValues(chunk) })
	})
}

func scanValues(chunk []imednet.Record) error {
	dec := newDecoder(nil)
	for _, record := range chunk {
		dec.Reset(bytes.NewBuffer(record.Raw), lenient...)
		if err := dec.SkipValue(); err != nil {
			return err
		}
	}
	return nil
}

// table is the Python package's, the one that every reader of a mirror shares.
const table = `CREATE TABLE record_cache (study_key TEXT NOT NULL, record_id INTEGER NOT NULL, form_key TEXT NOT NULL,
	date_modified TEXT NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (study_key, record_id));
	CREATE INDEX idx_record_cache_study_modified ON record_cache (study_key, date_modified)`

// plainFile opens a file with that one table and the mirror's settings.
func plainFile(ctx context.Context, path string) (*sqlite.DB, error) {
	return sqlite.Open(ctx, sqlite.Config{
		Path: path, ApplicationID: 1, Migrations: []string{table},
		Synchronous: "NORMAL", PageSize: 16 << 10, CacheKiB: 64 << 10, WALPages: 4000, SecureDelete: true,
	})
}

// scanAndInsert scans the rows and inserts them into the shared table alone.
func scanAndInsert(w *work) error {
	db, err := plainFile(w.ctx, w.path("plain.sqlite3"))
	if err != nil {
		return err
	}
	defer db.Close()
	return w.chunks(func(chunk []imednet.Record) error {
		return w.measure(func() (int64, error) {
			if err := scanValues(chunk); err != nil {
				return 0, err
			}
			return int64(len(chunk)), db.Write(w.ctx, func(tx *sql.Tx) error { return insert(tx, chunk) })
		})
	})
}

// insert writes fifty rows with each statement.
func insert(tx *sql.Tx, chunk []imednet.Record) error {
	const together = 50
	stmt, err := tx.Prepare(insertStatement(together))
	if err != nil {
		return err
	}
	defer stmt.Close()
	for rows := range slices.Chunk(chunk, together) {
		args := make([]any, 0, 5*together)
		for _, r := range rows {
			at, _ := r.DateModified.Get()
			args = append(args, studyKey, r.RecordID, r.FormKey.Or(""), at.String(), string(r.Raw))
		}
		if len(rows) == together {
			_, err = stmt.Exec(args...)
		} else {
			_, err = tx.Exec(insertStatement(len(rows)), args...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func insertStatement(rows int) string {
	return `INSERT INTO record_cache VALUES (?,?,?,?,?)` + strings.Repeat(",(?,?,?,?,?)", rows-1)
}
