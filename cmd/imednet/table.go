package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/rivo/uniseg"

	"github.com/imednetgo/imednet/internal/plaintext"
)

// tableRows is how many rows are held to find the widths of the columns. Later rows that are wider
// stand out, so that a listing of any length needs no memory.
const tableRows = 500

// narrowest is how far a column is narrowed for a terminal, unless its title is longer.
const narrowest = 6

// uncut are the titles of columns that other commands take as arguments. Like the first column, which
// tells the rows apart, they are never narrowed: a terminal breaks the line rather than that an
// identifier cannot be copied.
var uncut = []string{"STUDY", "ITEM", "COMMIT", "BATCH", "SUBMISSION", "RECORD", "QUERY", "SUBJECT"}

// table writes rows in aligned columns. On a terminal it is cut to the terminal's width.
type table struct {
	w      io.Writer
	header []string
	held   [][]string
	widths []int // nil until the header is written
	limit  int   // columns of the terminal; 0 when it is none
	bold   bool
	// headless leaves the titles out.
	headless bool
}

func newTable(w io.Writer, header ...string) *table {
	t := &table{w: w, header: header}
	if columns, ok := terminalWidth(w); ok {
		t.limit, t.bold = columns, os.Getenv("NO_COLOR") == ""
	}
	return t
}

func (t *table) add(cells ...string) error {
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = printable(cell)
	}
	if t.widths != nil {
		return t.write(row, false)
	}
	t.held = append(t.held, row)
	if len(t.held) < tableRows {
		return nil
	}
	return t.flush()
}

// flush writes what is held. A table without rows has no header either.
func (t *table) flush() error {
	if len(t.held) == 0 || t.widths != nil {
		return nil
	}
	t.measure()
	if !t.headless {
		if err := t.write(t.header, t.bold); err != nil {
			return err
		}
	}
	for _, row := range t.held {
		if err := t.write(row, false); err != nil {
			return err
		}
	}
	t.held = nil
	return nil
}

// measure fits every column to its widest cell, then narrows the widest ones to the terminal.
func (t *table) measure() {
	t.widths = make([]int, len(t.header))
	total := 2 * (len(t.header) - 1)
	for i, title := range t.header {
		t.widths[i] = columnsOf(title)
		for _, row := range t.held {
			t.widths[i] = max(t.widths[i], columnsOf(row[i]))
		}
		total += t.widths[i]
	}
	for t.limit > 0 && total > t.limit {
		widest := t.widestText()
		if widest < 0 {
			return
		}
		t.widths[widest]--
		total--
	}
}

// widestText is the widest column that may be narrowed further, or -1.
func (t *table) widestText() int {
	widest := -1
	for i, w := range t.widths {
		narrowable := i > 0 && !slices.Contains(uncut, t.header[i]) && w > max(narrowest, columnsOf(t.header[i]))
		if narrowable && (widest < 0 || w > t.widths[widest]) {
			widest = i
		}
	}
	return widest
}

func (t *table) write(row []string, bold bool) error {
	var line strings.Builder
	for i, cell := range row {
		if t.limit > 0 {
			cell = cut(cell, t.widths[i])
		}
		line.WriteString(cell)
		if i < len(row)-1 {
			line.WriteString(strings.Repeat(" ", max(0, t.widths[i]-columnsOf(cell))+2))
		}
	}
	text := strings.TrimRight(line.String(), " ")
	if bold {
		text = "\x1b[1m" + text + "\x1b[0m"
	}
	_, err := fmt.Fprintln(t.w, text)
	return err
}

// printable is what a terminal may be shown of a text, in one line.
func printable(text string) string { return plaintext.Line(text) }

// columnsOf is how many columns of a terminal a text takes.
func columnsOf(text string) int { return uniseg.StringWidth(text) }

// cut shortens a text to so many columns, between signs and not within one.
func cut(text string, columns int) string {
	if columnsOf(text) <= columns {
		return text
	}
	n := 1 // of the ellipsis
	signs := uniseg.NewGraphemes(text)
	for signs.Next() {
		if n += signs.Width(); n > columns {
			at, _ := signs.Positions()
			return text[:at] + "…"
		}
	}
	return text
}
