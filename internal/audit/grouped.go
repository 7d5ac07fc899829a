package audit

import (
	"context"
	"database/sql"
)

// Grouped reads a query, sorted by a text key in its first column, one key at a time.
type Grouped struct {
	rows    *sql.Rows
	columns int
	key     string
	next    Row // nil at the end
}

// NewGrouped starts a query whose first column is the key.
func NewGrouped(ctx context.Context, tx *sql.Tx, query string, args ...any) (*Grouped, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	columns, err := rows.Columns()
	g := &Grouped{rows: rows, columns: len(columns)}
	if err == nil {
		err = g.step()
	}
	if err != nil {
		rows.Close()
		return nil, err
	}
	return g, nil
}

// Close ends the query.
func (g *Grouped) Close() error { return g.rows.Close() }

func (g *Grouped) step() error {
	g.next = nil
	if !g.rows.Next() {
		return g.rows.Err()
	}
	row, err := ScanRow(g.rows, g.columns)
	if err != nil {
		return err
	}
	g.key = keyText(row[0])
	g.next = row[1:]
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
