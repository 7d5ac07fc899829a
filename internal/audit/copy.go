package audit

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ErrNotEmpty means that a store to which another was to be copied has content of its own.
var ErrNotEmpty = errors.New("the store that is to be copied to is neither empty nor the same")

// Table is a table of a store as it is copied.
type Table struct {
	Name, Columns string
	Order         string // in which rows were written
	Serial        string // the column that PostgreSQL numbers by itself, among Columns; "" is none
}

// Copy copies every row of tables from one store to another in one transaction, and then compares them row by row. The
// other must be empty, or have the same rows from a copy before. Tables are listed in the order in which guards let them
// be written.
func Copy(ctx context.Context, to, from *Store, tables []Table) (rows int64, err error) {
	// The write is within the reading: what is read again after a lost connection is written again from the start.
	copied := from.Read(ctx, func(src *sql.Tx) error {
		return to.Write(ctx, func(dst *sql.Tx) error {
			for _, t := range tables {
				if err := t.copy(ctx, dst, src, to.Dialect()); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if copied != nil && !errors.Is(copied, ErrNotEmpty) {
		return 0, copied
	}
	err = to.Read(ctx, func(dst *sql.Tx) error {
		return from.Read(ctx, func(src *sql.Tx) error {
			rows = 0
			for _, t := range tables {
				n, err := t.compare(ctx, dst, src)
				if err != nil {
					return err
				}
				rows += n
			}
			return nil
		})
	})
	if err != nil {
		return 0, errors.Join(copied, err)
	}
	return rows, nil
}

func (t Table) query() string {
	return `SELECT ` + t.Columns + ` FROM ` + t.Name + ` ORDER BY ` + t.Order
}

func (t Table) copy(ctx context.Context, dst, src *sql.Tx, d Dialect) error {
	var taken bool
	if err := dst.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+t.Name+`)`).Scan(&taken); err != nil {
		return err
	}
	if taken {
		return ErrNotEmpty
	}
	n := 0
	var insert *sql.Stmt
	err := t.each(ctx, src, func(row Row) error {
		if insert == nil {
			var err error
			if insert, err = dst.PrepareContext(ctx, `INSERT INTO `+t.Name+` (`+t.Columns+`) VALUES (`+Places(len(row))+`)`); err != nil {
				return err
			}
		}
		n++
		_, err := insert.ExecContext(ctx, row...)
		return err
	})
	if err == nil && n > 0 && d == PostgreSQL && t.Serial != "" {
		_, err = dst.ExecContext(ctx, fmt.Sprintf(`SELECT setval(pg_get_serial_sequence('%[1]s', '%[2]s'), (SELECT max(%[2]s) FROM %[1]s))`, t.Name, t.Serial))
	}
	return err
}

// each calls fn for every row.
func (t Table) each(ctx context.Context, tx *sql.Tx, fn func(Row) error) error {
	rows, err := tx.QueryContext(ctx, t.query())
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		row, err := ScanRow(rows, len(columns))
		if err != nil {
			return err
		}
		if err := fn(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// compare demands the same rows in the same order, and counts them.
func (t Table) compare(ctx context.Context, dst, src *sql.Tx) (n int64, err error) {
	copied, err := dst.QueryContext(ctx, t.query())
	if err != nil {
		return 0, err
	}
	defer copied.Close()
	err = t.each(ctx, src, func(row Row) error {
		n++
		if !copied.Next() {
			return cmp.Or(copied.Err(), fmt.Errorf("table %s: row %d was not copied", t.Name, n))
		}
		other, err := ScanRow(copied, len(row))
		if err == nil && row.Differs(other) >= 0 {
			err = fmt.Errorf("table %s: row %d was not copied as it is", t.Name, n)
		}
		return err
	})
	if err == nil && copied.Next() {
		err = fmt.Errorf("table %s: there are more rows than were copied", t.Name)
	}
	return n, errors.Join(err, copied.Err())
}
