// Package csvfile writes CSV that other programs read back row by row, and in which no text is a formula.
package csvfile

import (
	"bufio"
	"encoding/csv"
	"io"
)

// Writer writes rows of CSV.
type Writer struct {
	buffer    *bufio.Writer
	rows      *csv.Writer
	unguarded bool
}

// New returns a writer. Unguarded leaves text as it is even if a spreadsheet would run it.
func New(w io.Writer, unguarded bool) *Writer {
	buffer := bufio.NewWriter(w) // which csv.NewWriter uses as it is
	return &Writer{buffer: buffer, rows: csv.NewWriter(buffer), unguarded: unguarded}
}

// Text is the cell of a text: guarded, unless the writer leaves text as it is. The cells of numbers and
// dates are written without it.
func (w *Writer) Text(text string) string {
	if w.unguarded {
		return text
	}
	return guardFormula(text)
}

// Write writes one row. A row of one empty cell is quoted: as an empty line, readers would not count it.
func (w *Writer) Write(row []string) error {
	if len(row) == 1 && row[0] == "" {
		_, err := w.buffer.WriteString("\"\"\n")
		return err
	}
	return w.rows.Write(row)
}

// Flush writes what is held.
func (w *Writer) Flush() error {
	w.rows.Flush()
	return w.rows.Error()
}
