package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"os"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
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
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	columns, err := a.queryColumns(shown, types)
	if err != nil {
		return err
	}
	n, err := list(a, shown, columns, scanned(rows, len(types)))
	return a.counted(orFirst(err, rows.Close()), shown, n, "rows")
}

// queryColumns are the columns of a statement. JSON cannot hold two of a name.
func (a *app) queryColumns(shown listOptions, types []*sql.ColumnType) ([]column[[]any], error) {
	columns := make([]column[[]any], len(types))
	seen := map[string]bool{}
	for i, t := range types {
		name, show := t.Name(), valuesOf(t.DatabaseTypeName())
		switch {
		case show == nil:
			return nil, &invalidError{fmt.Sprintf("column %q is of type %s, whose numbers would lose digits: select CAST(... AS VARCHAR)", name, t.DatabaseTypeName())}
		case seen[name] && (a.json || shown.format == "json" || shown.format == "ndjson"):
			return nil, &invalidError{fmt.Sprintf("two columns are called %q, of which JSON would hold one: name them with AS", name)}
		}
		seen[name] = true
		columns[i] = column[[]any]{name, name, func(row []any) any { return show(row[i]) }}
	}
	return columns, nil
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
	var reported *duckdb.Error
	if errors.As(err, &reported) && reported.Type == duckdb.ErrorTypeOutOfMemory {
		return fmt.Errorf("the query failed: %w", warehouse.ErrMemory)
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
