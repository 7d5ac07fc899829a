package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Grouped reads a query, sorted by a text key in its first column, one key at a time. Several can be
// read side by side: PostgreSQL, whose connections have one open result at a time, is asked for some rows
// of a cursor and then for more.
type Grouped struct {
	fetch func() ([]Row, error) // the next rows; none at the end
	close func() error
	ahead []Row
	key   string
	next  Row // nil at the end
}

// fetched is how many rows of a query are held.
const fetched = 500

// NewGrouped starts a query whose first column is the key.
func NewGrouped(ctx context.Context, tx *sql.Tx, d Dialect, query string) (g *Grouped, err error) {
	if d == PostgreSQL {
		g, err = newCursor(ctx, tx, query)
	} else {
		g, err = newOpenResult(ctx, tx, query)
	}
	if err != nil {
		return nil, err
	}
	if err := g.step(); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

func newOpenResult(ctx context.Context, tx *sql.Tx, query string) (*Grouped, error) {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &Grouped{fetch: func() ([]Row, error) { return scanRows(rows, fetched) }, close: rows.Close}, nil
}

// newCursor declares a cursor, which ends with the transaction.
func newCursor(ctx context.Context, tx *sql.Tx, query string) (*Grouped, error) {
	var name string
	err := tx.QueryRowContext(ctx, `SELECT 'grouped' || count(*) FROM pg_cursors`).Scan(&name)
	if err == nil {
		_, err = tx.ExecContext(ctx, `DECLARE `+name+` NO SCROLL CURSOR FOR `+query)
	}
	if err != nil {
		return nil, err
	}
	more := fmt.Sprintf(`FETCH %d FROM %s`, fetched, name)
	return &Grouped{close: func() error { return nil }, fetch: func() ([]Row, error) {
		rows, err := tx.QueryContext(ctx, more)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		return scanRows(rows, fetched)
	}}, nil
}

// scanRows reads up to n rows.
func scanRows(rows *sql.Rows, n int) (out []Row, err error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, nil //nolint:nilerr // closed: it is at its end
	}
	for len(out) < n && rows.Next() {
		row, err := ScanRow(rows, len(columns))
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// Close ends the query.
func (g *Grouped) Close() error { return g.close() }

func (g *Grouped) step() (err error) {
	g.next = nil
	if len(g.ahead) == 0 {
		if g.ahead, err = g.fetch(); err != nil || len(g.ahead) == 0 {
			return err
		}
	}
	row := g.ahead[0]
	g.ahead = g.ahead[1:]
	g.key, g.next = keyText(row[0]), row[1:]
	return nil
}

// keyText reads a key that may be of another type in a forged row.
func keyText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

// Take returns the rows of a key, which must not be less than the one before.
func (g *Grouped) Take(key string) ([]Row, error) {
	var out []Row
	for g.next != nil && g.key == key {
		out = append(out, g.next)
		if err := g.step(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// LeastKey returns the least key that any of the queries has next.
func LeastKey(gs ...*Grouped) (key string, ok bool) {
	for _, g := range gs {
		if g.next != nil && (!ok || g.key < key) {
			key, ok = g.key, true
		}
	}
	return key, ok
}
