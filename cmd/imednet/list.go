package main

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/internal/csvfile"
	"github.com/imednetgo/imednet/internal/shown"
)

// listOptions are what every list takes.
type listOptions struct {
	format   string
	columns  []string
	noHeader bool
	noGuard  bool
	titled   bool // the header of CSV has the titles instead of the names
}

func (o *listOptions) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.format, "format", "table", "table, csv, ndjson, json, or vertical: a line per value")
	choices(cmd, "format", "table", "csv", "ndjson", "json", "vertical")
	cmd.Flags().StringSliceVar(&o.columns, "columns", nil, "only these `columns`, in this order, by their JSON names")
	cmd.Flags().BoolVar(&o.noHeader, "no-header", false, "omit the header line")
	formulaGuardFlag(cmd, &o.noGuard)
}

// column is one column of a list: its member in JSON, its title, and its cell. A value is text, a number
// or nil.
type column[T any] struct {
	name, title string
	value       func(T) any
}

// list writes rows in the form that was asked for and returns how many there were. Rows are written
// while they are read.
func list[T any](a *app, o listOptions, columns []column[T], rows iter.Seq2[T, error]) (int64, error) {
	chosen, err := choose(columns, o.columns)
	if err != nil {
		return 0, err
	}
	format := o.format
	if a.json {
		format = "json"
	}
	var w rowWriter
	switch format {
	case "table":
		w = &tableWriter{newTable(a.out, titles(chosen)...)}
	case "csv":
		header := names(chosen)
		if o.titled {
			header = titles(chosen)
		}
		w = &csvRows{w: csvfile.New(a.out, o.noGuard), header: header, headless: o.noHeader}
	case "ndjson":
		w = &ndjsonRows{a.out}
	case "json":
		w = &jsonRows{w: a.out}
	case "vertical":
		w = &verticalRows{w: a.out}
	default:
		return 0, usagef("--format must be table, csv, ndjson, json or vertical")
	}
	if t, ok := w.(*tableWriter); ok && o.noHeader {
		t.table.headless = true
	}
	var n int64
	for row, err := range rows {
		if err != nil {
			return n, err
		}
		values := make([]any, len(chosen))
		for i, c := range chosen {
			values[i] = c.value(row)
		}
		if err := w.row(names(chosen), values); err != nil {
			return n, err
		}
		n++
	}
	return n, w.end()
}

// choose returns the columns that were named, in that order; all of them without names.
func choose[T any](columns []column[T], wanted []string) ([]column[T], error) {
	if len(wanted) == 0 {
		return columns, nil
	}
	known := names(columns)
	var chosen []column[T]
	for _, name := range wanted {
		i := columnOf(known, name)
		if i < 0 {
			return nil, noColumn(name, known)
		}
		chosen = append(chosen, columns[i])
	}
	return chosen, nil
}

// columnOf is the place of a column, by its name or, if that tells one from all others, by its name in another case;
// -1 for none.
func columnOf(known []string, name string) int {
	if i := slices.Index(known, name); i >= 0 {
		return i
	}
	alike := func(k string) bool { return strings.EqualFold(k, name) }
	i := slices.IndexFunc(known, alike)
	if i >= 0 && slices.ContainsFunc(known[i+1:], alike) {
		return -1
	}
	return i
}

// noColumn names the columns that come near to one that is not there, or all.
func noColumn(name string, known []string) error {
	if near := shown.Near(name, known); len(near) > 0 {
		return &usageError{fmt.Sprintf("there is no column %q", name), "did you mean " + strings.Join(near, " or ") + "?"}
	}
	return usagef("there is no column %q; there are %s", name, strings.Join(known, ", "))
}

func names[T any](columns []column[T]) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c.name
	}
	return all
}

func titles[T any](columns []column[T]) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c.title
	}
	return all
}

// rowWriter writes rows of values under names.
type rowWriter interface {
	row(names []string, values []any) error
	end() error
}

type tableWriter struct{ table *table }

func (t *tableWriter) row(_ []string, values []any) error { return t.table.add(cells(values)...) }
func (t *tableWriter) end() error                         { return t.table.flush() }

// cells are values as text; nil is empty.
func cells(values []any) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = cellOf(v)
	}
	return all
}

func cellOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case int64:
		return number(v)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

type csvRows struct {
	w        *csvfile.Writer
	header   []string
	headless bool
}

func (c *csvRows) row(_ []string, values []any) error {
	if err := c.start(); err != nil {
		return err
	}
	row := cells(values)
	for i, v := range values {
		if _, isText := v.(string); isText {
			row[i] = c.w.Text(row[i])
		}
	}
	return c.w.Write(row)
}

// start writes the header once.
func (c *csvRows) start() error {
	if c.headless {
		return nil
	}
	c.headless = true
	header := make([]string, len(c.header))
	for i, title := range c.header {
		header[i] = c.w.Text(title)
	}
	return c.w.Write(header)
}

func (c *csvRows) end() error {
	if err := c.start(); err != nil {
		return err
	}
	return c.w.Flush()
}

// verticalRows writes a line per value, with a blank line between rows.
type verticalRows struct {
	w       io.Writer
	started bool
}

func (v *verticalRows) row(names []string, values []any) error {
	width := 0
	for _, name := range names {
		width = max(width, utf8.RuneCountInString(name))
	}
	var b strings.Builder
	if v.started {
		b.WriteByte('\n')
	}
	v.started = true
	for i, cell := range cells(values) {
		fmt.Fprintf(&b, "%-*s  %s\n", width, names[i], printable(cell))
	}
	_, err := io.WriteString(v.w, b.String())
	return err
}

func (v *verticalRows) end() error { return nil }

type ndjsonRows struct{ w io.Writer }

func (j *ndjsonRows) row(names []string, values []any) error {
	text, err := jsonRow(names, values)
	if err != nil {
		return err
	}
	_, err = j.w.Write(append(text, '\n'))
	return err
}

func (j *ndjsonRows) end() error { return nil }

// jsonRow is a JSON object with its members in the order of the columns.
func jsonRow(names []string, values []any) ([]byte, error) {
	object := []byte{'{'}
	for i, name := range names {
		if i > 0 {
			object = append(object, ',')
		}
		for j, part := range []any{name, values[i]} {
			var text strings.Builder
			encoder := json.NewEncoder(&text)
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode(part); err != nil {
				return nil, err
			}
			if j > 0 {
				object = append(object, ':')
			}
			object = append(object, strings.TrimSuffix(text.String(), "\n")...)
		}
	}
	return append(object, '}'), nil
}

// jsonRows writes an array. After an error in the middle the bracket stays open, so that nobody takes a
// part for the whole.
type jsonRows struct {
	w    io.Writer
	rows int
}

func (j *jsonRows) row(names []string, values []any) error {
	text, err := jsonRow(names, values)
	if err != nil {
		return err
	}
	separator := ",\n"
	if j.rows == 0 {
		separator = "[\n"
	}
	j.rows++
	_, err = io.WriteString(j.w, separator+string(text))
	return err
}

func (j *jsonRows) end() error {
	end := "\n]\n"
	if j.rows == 0 {
		end = "[\n]\n"
	}
	_, err := io.WriteString(j.w, end)
	return err
}
