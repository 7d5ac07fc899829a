package cache

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// Payloads yields what Records yields, not decoded.
func (l *CachedRecordsLoader) Payloads(ctx context.Context, studyKey string) iter.Seq2[int64, []byte] {
	return func(yield func(int64, []byte) bool) {
		st, err := l.loadStudy(ctx, studyKey)
		if err != nil {
			panic(err)
		}
		if st.id == 0 {
			return
		}
		r := newReading(l, st, selection{states: "§.state < 2"})
		r.raw = false // what is held of a study that is not whole is wanted too
		for done := false; !done; {
			var group []stored
			if group, done, err = r.nextGroup(ctx); err != nil {
				panic(err)
			}
			for _, s := range group {
				if !yield(s.id, s.payload) {
					return
				}
			}
		}
	}
}

// Plans returns the query plans of the readings that must not sort, by name.
func (l *CachedRecordsLoader) Plans(ctx context.Context, studyKey string) (map[string]string, error) {
	st, err := l.loadStudy(ctx, studyKey)
	if err != nil {
		return nil, err
	}
	older := st
	older.version--
	plans := map[string]string{}
	note := func(name, query string, args []any) error {
		rows, err := l.db.(file).db.Reader().QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				return err
			}
			plans[name] += detail + "\n"
		}
		return rows.Err()
	}
	subject, _ := selectionOf(imednet.ListOptions{Filter: imednet.Where("subjectId", imednet.Equal, 7)})
	readings := map[string]*reading{
		"records":       {st: st, sel: selection{states: "§.state < 2"}},
		"snapshot":      {st: older, sel: selection{states: "§.state < 2"}},
		"unsubjected":   {st: st, sel: selection{states: "§.state < 2", bySubject: true}, unsubjected: true},
		"bySubject":     {st: st, sel: selection{states: "§.state < 2", bySubject: true}, subject: int64(3)},
		"subjectFilter": {st: st, sel: subject},
	}
	for name, r := range readings {
		r.db = l
		tx, err := l.db.(file).db.Reader().BeginTx(ctx, nil)
		if err != nil {
			return nil, err
		}
		query, args, err := r.query(ctx, tx)
		if err := tx.Rollback(); err != nil {
			return nil, err
		}
		if err != nil {
			return nil, err
		}
		if err := note(name, query, args); err != nil {
			return nil, err
		}
	}
	changes, args := versionRange{after: 1}.query(&st)
	if err := note("changes", changes, args); err != nil {
		return nil, err
	}
	one, args := versionRange{only: 7}.query(&st)
	if err := note("history", one, args); err != nil {
		return nil, err
	}
	return plans, note("revisionsOfRecord", revisionsOfRecord, []any{7, 7})
}

// WithBatchRows makes transactions smaller, so that a run has more moments to be cut short at.
func WithBatchRows(n int) Option {
	return option(func(c *config) error {
		c.batchRows = n
		return nil
	})
}

// Check looks for damage in the file and returns how far the study's first pass came.
func (l *CachedRecordsLoader) Check(ctx context.Context, studyKey string) (damaged []string, top int64, err error) {
	var report VerifyReport
	if err := l.checkFile(ctx, studyKey, &report); err != nil {
		return nil, 0, err
	}
	st, err := l.loadStudy(ctx, studyKey)
	return report.Findings, st.top, err
}

// LimitPages sets the greatest size of the file, as a full disk would.
func (l *CachedRecordsLoader) LimitPages(ctx context.Context, pages int) error {
	_, err := l.db.(file).db.Writer().ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	return err
}

// MakeOldFile makes a file as it was before the fourth schema and runs statements on it.
func MakeOldFile(ctx context.Context, path, statements string) error {
	return makeFile(ctx, path, migrations[:3], statements)
}

// MakeFileBeforeTombstones makes a file as it was before the fifth schema and runs statements on it.
func MakeFileBeforeTombstones(ctx context.Context, path, statements string) error {
	return makeFile(ctx, path, migrations[:4], statements)
}

func makeFile(ctx context.Context, path string, schema []string, statements string) error {
	settings := fileSettings(path)
	settings.Migrations = schema
	db, err := sqlite.Open(ctx, settings)
	if err != nil {
		return err
	}
	_, err = db.Writer().ExecContext(ctx, statements)
	return errors.Join(err, db.Close())
}
