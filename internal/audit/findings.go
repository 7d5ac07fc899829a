package audit

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/imednetgo/imednet"
)

// maxFindings is how many problems a verification lists; it counts them all.
const maxFindings = 100

// Findings is what a verification found, the first bad entry first.
type Findings struct {
	Count    int64
	Problems []imednet.Problem
}

// Add notes a problem of a row: "table/key".
func (f *Findings) Add(path, format string, args ...any) {
	f.Count++
	if len(f.Problems) < maxFindings {
		f.Problems = append(f.Problems, imednet.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
	}
}

// CheckFile notes what SQLite finds wrong with the file itself: damaged pages, and indexes that do
// not say what their tables do. Whatever else is read of the file can be believed only after it. A
// PostgreSQL server checks its own files, as far as it was told to when they were made (data checksums).
func (f *Findings) CheckFile(ctx context.Context, tx *sql.Tx, d Dialect) error {
	if d == PostgreSQL {
		return nil
	}
	return f.checkPages(ctx, tx, "file", `PRAGMA integrity_check(100)`)
}

// CheckTable notes what SQLite finds wrong with one table and its indexes.
func (f *Findings) CheckTable(ctx context.Context, tx *sql.Tx, table string) error {
	return f.checkPages(ctx, tx, table, `PRAGMA integrity_check(`+table+`)`)
}

func (f *Findings) checkPages(ctx context.Context, tx *sql.Tx, at, pragma string) error {
	rows, err := tx.QueryContext(ctx, pragma)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			f.Add(at, "is damaged: %s", firstLine(line))
		}
	}
	return rows.Err()
}

// firstLine cuts what SQLite says about a page to one line.
func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

// Row is one row of a readable table as the database holds it: types differ when they differ there.
type Row []any

// destinations turns a Row into the destinations of Scan.
func (r Row) destinations() []any {
	dest := make([]any, len(r))
	for i := range r {
		dest[i] = &r[i]
	}
	return dest
}

// ScanRow reads the current row of a query with n columns.
func ScanRow(rows *sql.Rows, n int) (Row, error) {
	r := make(Row, n)
	return r, rows.Scan(r.destinations()...)
}

// Differs returns the first column in which two rows of the same table differ, or -1.
func (r Row) Differs(other Row) int {
	for i := range r {
		a, aBlob := r[i].([]byte)
		b, bBlob := other[i].([]byte)
		if aBlob != bBlob || aBlob && string(a) != string(b) || !aBlob && r[i] != other[i] {
			return i
		}
	}
	return -1
}
