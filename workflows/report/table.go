package report

import (
	"fmt"
	"log/slog"

	"github.com/imednetgo/imednet/internal/shown"
)

// Table holds rows behind the numbers of a report.
type Table struct {
	Name    string   `json:"name"` // such as "queries"
	Title   string   `json:"title"`
	Columns []Column `json:"columns"`
	Rows    []Row    `json:"rows"`
	// Counts says what the counts of the rows count, such as "queries".
	Counts string `json:"counts"`
	// NotListed is the sum of the counts of rows beyond [Options.MaxRows], which are not kept.
	NotListed int64 `json:"notListed"`
}

// Column is a column of a [Table].
type Column struct {
	Key   string `json:"key"`
	Title string `json:"title"`
}

// Row is a row of a [Table]. It is one thing, or as many alike as Count says.
type Row struct {
	Cells []string `json:"cells"` // in the order of the columns
	Count int64    `json:"count"`
}

// rowsOf makes a table. Columns are given as key and title in turn.
func rowsOf(name, title, counts string, columns ...string) *Table {
	t := &Table{Name: name, Title: title, Counts: counts, Rows: []Row{}}
	for i := 0; i < len(columns); i += 2 {
		t.Columns = append(t.Columns, Column{columns[i], columns[i+1]})
	}
	return t
}

func (t *Table) with(on bool, columns ...string) *Table {
	for i := 0; on && i < len(columns); i += 2 {
		t.Columns = append(t.Columns, Column{columns[i], columns[i+1]})
	}
	return t
}

// add takes a row. Missing cells are empty, and those beyond the columns are left out, so that a caller
// gives what only some tables show last.
func (t *Table) add(limit int, count int64, cells ...string) {
	if len(t.Rows) >= limit {
		t.NotListed += count
		return
	}
	row := Row{Cells: make([]string, len(t.Columns)), Count: count}
	copy(row.Cells, cells)
	t.Rows = append(t.Rows, row)
}

// Table returns the table of a name.
func (r *Report) Table(name string) (*Table, bool) {
	for _, t := range r.Tables {
		if t.Name == name {
			return t, true
		}
	}
	return nil, false
}

// String returns one line of counts and none of the cells, such as "queries: 12 rows, 0 not listed".
func (t Table) String() string {
	return fmt.Sprintf("%s: %d rows, %d not listed", t.Name, len(t.Rows), t.NotListed)
}

// LogValue returns what String returns.
func (t Table) LogValue() slog.Value { return slog.StringValue(t.String()) }

// Format writes String, whatever the verb.
func (t Table) Format(to fmt.State, verb rune) { shown.Format(to, verb, t.String()) }

// String returns the count and none of the cells.
func (r Row) String() string { return fmt.Sprintf("row of %d", r.Count) }

// LogValue returns what String returns.
func (r Row) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Format writes String, whatever the verb.
func (r Row) Format(to fmt.State, verb rune) { shown.Format(to, verb, r.String()) }
