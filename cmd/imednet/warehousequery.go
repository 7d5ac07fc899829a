package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
)

func newWarehouseQuery(a *app) *cobra.Command {
	var o warehouseOptions
	var shown listOptions
	cmd := &cobra.Command{
		Use:   "query SQL",
		Short: "Query the warehouse without changing it",
		Long: `Query the warehouse without changing it: the file is opened read-only, so no statement
can write to it. Statements can read and write other files, with your permissions.`,
		Example:     "  imednet warehouse query '\n    SELECT form_key, count(*) FROM bronze_records GROUP BY 1'\n  imednet warehouse query 'FROM imednet_open_queries' --format vertical",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := os.Stat(cmp.Or(o.path, a.settings.Warehouse)); err != nil {
				return &imednet.Error{Package: "warehouse", Op: "open", Err: err, Hint: "`imednet warehouse ingest STUDY` creates the file"}
			}
			db, err := warehouse.OpenReadOnly(cmd.Context(), cmp.Or(o.path, a.settings.Warehouse), a.limits(o)...)
			if err != nil {
				return err
			}
			return errors.Join(a.query(cmd.Context(), db, args[0], shown), db.Close())
		},
	}
	o.flags(cmd)
	shown.flags(cmd)
	return cmd
}

// query runs a statement and writes its rows.
func (a *app) query(ctx context.Context, db *sql.DB, statement string, shown listOptions) error {
	rows, err := db.QueryContext(ctx, statement)
	if err != nil {
		return queryError(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	columns := make([]column[[]any], len(names))
	for i, name := range names {
		columns[i] = column[[]any]{name, name, func(row []any) any { return plainValue(row[i]) }}
	}
	n, err := list(a, shown, columns, scanned(rows, len(names)))
	return orFirst(orFirst(err, rows.Close()), a.counted(shown, n, "rows"))
}

// scanned yields the rows of a statement.
func scanned(rows *sql.Rows, columns int) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for rows.Next() {
			values, err := scanRow(rows, columns)
			if !yield(values, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, queryError(err))
		}
	}
}

// queryError repeats those of DuckDB's messages that speak of the statement; others can quote data.
func queryError(err error) error {
	for _, kind := range []string{"Parser Error", "Binder Error", "Catalog Error", "Invalid Input Error: Cannot execute", "TransactionContext Error"} {
		if strings.Contains(err.Error(), kind) {
			return &invalidError{err.Error()}
		}
	}
	return errors.New("the query failed; DuckDB's message can quote data and is not shown")
}

func scanRow(rows *sql.Rows, columns int) ([]any, error) {
	values, places := make([]any, columns), make([]any, columns)
	for i := range values {
		places[i] = &values[i]
	}
	return values, rows.Scan(places...)
}

// plainValue is a number, text, boolean or nothing as such, and anything else as text.
func plainValue(v any) any {
	switch v := v.(type) {
	case nil, bool, string, int8, int16, int32, int64, uint8, uint16, uint32, uint64:
		return v
	case float32:
		return finiteOrText(float64(v), v)
	case float64:
		return finiteOrText(v, v)
	}
	return valueCell(v)
}

// finiteOrText is a number that JSON can hold, or its text.
func finiteOrText(number float64, v any) any {
	if math.IsNaN(number) || math.IsInf(number, 0) {
		return fmt.Sprint(v)
	}
	return v
}

func valueCell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case time.Time:
		return isoTime(v)
	case []byte:
		return fmt.Sprintf("%x", v)
	}
	return fmt.Sprint(v)
}
