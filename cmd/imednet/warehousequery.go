package main

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
)

func newWarehouseQuery(a *app) *cobra.Command {
	var o warehouseOptions
	cmd := &cobra.Command{
		Use:   "query SQL",
		Short: "Query the warehouse without changing it",
		Long: `Query the warehouse without changing it: the file is opened read-only, so no statement
can write to it. Statements can read and write other files, with your permissions.`,
		Example:     "  imednet warehouse query '\n    SELECT form_key, count(*) FROM bronze_records GROUP BY 1'",
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
			return errors.Join(a.query(cmd.Context(), db, args[0]), db.Close())
		},
	}
	o.flags(cmd)
	return cmd
}

// query runs a statement and writes its rows.
func (a *app) query(ctx context.Context, db *sql.DB, statement string) error {
	rows, err := db.QueryContext(ctx, statement)
	if err != nil {
		return queryError(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	if a.json {
		err = writeObjects(a.out, rows, columns)
	} else {
		err = a.writeCells(rows, columns)
	}
	return orFirst(err, rows.Close())
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

func (a *app) writeCells(rows *sql.Rows, columns []string) error {
	t := newTable(a.out, columns...)
	n := 0
	for ; rows.Next(); n++ {
		values, err := scanRow(rows, len(columns))
		if err != nil {
			return err
		}
		cells := make([]string, len(values))
		for i, v := range values {
			cells[i] = valueCell(v)
		}
		if err := t.add(cells...); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return queryError(err)
	}
	return orFirst(t.flush(), a.printf("%d rows\n", n))
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

// writeObjects writes the rows as a JSON array of objects with the columns in their order.
func writeObjects(w io.Writer, rows *sql.Rows, columns []string) error {
	separator := "[\n"
	for rows.Next() {
		values, err := scanRow(rows, len(columns))
		if err != nil {
			return err
		}
		object, err := objectOf(columns, values)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s%s", separator, object); err != nil {
			return err
		}
		separator = ",\n"
	}
	if err := rows.Err(); err != nil {
		return queryError(err)
	}
	end := "\n]\n"
	if separator == "[\n" {
		end = "[]\n"
	}
	_, err := io.WriteString(w, end)
	return err
}

// objectOf writes numbers, texts, booleans and nulls as such, and anything else as text.
func objectOf(columns []string, values []any) (string, error) {
	var b strings.Builder
	for i, v := range values {
		switch v.(type) {
		case nil, bool, string, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64:
		default:
			v = valueCell(v)
		}
		name, err := json.Marshal(columns[i])
		if err != nil {
			return "", err
		}
		value, err := json.Marshal(v)
		if err != nil { // a float that is no number
			value, _ = json.Marshal(fmt.Sprint(v))
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	return "{" + b.String() + "}", nil
}
