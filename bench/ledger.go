package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/imednetgo/imednet/internal/sqlite"
	"github.com/imednetgo/imednet/ledger"
)

// commitShare is the fraction of the rows at which jobs are measured that commit each row.
const commitShare = 500

var ledgerJobs = []job{
	{name: "plain commits of 500 bytes", share: commitShare, run: func(w *work) error { return w.plainCommits(500) }},
	{name: "ledger in SQLite", limit: "plain commits of 500 bytes", share: commitShare, run: sqliteLedger},
	{name: "replace a file durably", share: commitShare, run: replaceFile},
	{name: "ledger in a JSON file", limit: "replace a file durably", share: commitShare, run: fileLedger},
}

// plainStore opens a SQLite file with the stores' settings and one table with one index: no chain, no
// guards, no tables for readers.
func (w *work) plainStore() (*sqlite.DB, error) {
	return sqlite.Open(w.ctx, sqlite.Config{Path: w.path("plain.sqlite3"), ApplicationID: 1,
		Migrations: []string{`CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT, body TEXT); CREATE INDEX t_k ON t (k)`}})
}

func (w *work) plainCommits(size int) error {
	db, err := w.plainStore()
	if err != nil {
		return err
	}
	defer db.Close()
	body := strings.Repeat("x", size)
	return w.measure(func() (int64, error) {
		for i := range w.Rows {
			if err := db.Write(w.ctx, func(tx *sql.Tx) error { return insertPlain(w.ctx, tx, i, body) }); err != nil {
				return 0, err
			}
		}
		return int64(w.Rows), nil
	})
}

func insertPlain(ctx context.Context, tx *sql.Tx, i int, body string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO t VALUES (?, ?, ?)`, i, plainKey(i), body)
	return err
}

func plainKey(i int) string { return fmt.Sprintf("key-%09d", i) }

func sqliteLedger(w *work) error {
	store, err := ledger.OpenSQLite(w.ctx, w.path("ledger.sqlite3"))
	if err != nil {
		return err
	}
	return errors.Join(w.moveMarks(store), store.Close())
}

func fileLedger(w *work) error {
	store, err := ledger.OpenFile(w.path("ledger.json"))
	if err != nil {
		return err
	}
	return w.moveMarks(store)
}

// moveMarks moves the marks of ten streams in turn, each time in a commit of its own.
func (w *work) moveMarks(store ledger.Store) error {
	l, err := ledger.NewExtractionStateLedger(store)
	if err != nil {
		return err
	}
	return w.measure(func() (int64, error) {
		for i := range w.Rows {
			at := time.Unix(1_700_000_000+int64(i), 0)
			if err := l.SetLastTimestamp(w.ctx, studyKey, fmt.Sprint("stream-", i%10), at, ledger.SetOptions{RecordsProcessed: int64(i)}); err != nil {
				return 0, err
			}
		}
		return int64(w.Rows), nil
	})
}

// replaceFile writes 2 KB under another name, makes them durable and renames the file.
func replaceFile(w *work) error {
	content := make([]byte, 2000)
	return w.measure(func() (int64, error) {
		for range w.Rows {
			if err := replace(w.path("plain.json"), content); err != nil {
				return 0, err
			}
		}
		return int64(w.Rows), nil
	})
}

func replace(path string, content []byte) error {
	f, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
