package main

import (
	"context"
	"database/sql"
	"iter"

	_ "github.com/mattn/go-sqlite3" // reads the mirror as any other program does

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
)

var iterateJobs = []job{
	{name: "read undecoded", run: readUndecoded},
	{name: "iterate, headers only", limit: "read undecoded", streams: true, run: iterateHeaders},
	{name: "iterate by subject", limit: "read undecoded", streams: true, run: iterateBySubject},
	{name: "iterate, every answer", limit: "read undecoded", streams: true, run: iterateAnswers},
}

// readUndecoded reads the rows of the mirror's table in order and looks at nothing.
func readUndecoded(w *work) error {
	db, err := sql.Open("sqlite3", "file:"+mirrorPath(w.Data)+"?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	return w.measure(func() (n int64, err error) {
		rows, err := db.QueryContext(w.ctx, `SELECT record_id, payload FROM record_cache WHERE study_key = ? ORDER BY record_id`, studyKey)
		if err != nil {
			return 0, err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			var payload sql.RawBytes
			if err := rows.Scan(&id, &payload); err != nil {
				return n, err
			}
			n++
		}
		return n, rows.Err()
	})
}

type listing func(*cache.CachedRecordsLoader, context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error]

func iterateHeaders(w *work) error { return w.iterate((*cache.CachedRecordsLoader).Records, nil) }

func iterateBySubject(w *work) error {
	return w.iterate((*cache.CachedRecordsLoader).RecordsBySubject, nil)
}

func iterateAnswers(w *work) error {
	c, err := w.contents()
	if err != nil {
		return err
	}
	answers := int64(0)
	err = w.iterate((*cache.CachedRecordsLoader).Records, func(data imednet.RecordData) {
		for range data.All() {
			answers++
		}
	})
	if err != nil {
		return err
	}
	return same(answers, c.Answers)
}

// iterate reads the mirror's records as a program would, and passes the answers of each to look, if it is set.
func (w *work) iterate(list listing, look func(imednet.RecordData)) error {
	mirror, err := w.mirror()
	if err != nil {
		return err
	}
	defer mirror.Close()
	return w.measure(func() (rows int64, err error) {
		for record, err := range list(mirror, w.ctx, studyKey, imednet.ListOptions{}) {
			if err != nil {
				return rows, err
			}
			if look != nil {
				look(record.RecordData)
			}
			rows++
		}
		return rows, nil
	})
}
