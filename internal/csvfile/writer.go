// Package csvfile writes CSV that other programs read back row by row, and in which no text is a formula.
package csvfile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"io"
	"strings"
)

// Writer writes rows of CSV.
type Writer struct {
	buffer    *bufio.Writer
	rows      *csv.Writer
	run       bytes.Buffer
	runs      *csv.Writer // into run
	unguarded bool
}

// New returns a writer. Unguarded leaves text as it is even if a spreadsheet would run it.
func New(w io.Writer, unguarded bool) *Writer {
	buffer := bufio.NewWriter(w) // which csv.NewWriter uses as it is
	out := &Writer{buffer: buffer, rows: csv.NewWriter(buffer), unguarded: unguarded}
	out.runs = csv.NewWriter(&out.run)
	return out
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

// WriteAt writes one row of so many cells, in which only those at the given places, in ascending order, may
// have text. It costs what these cells do, however wide the row is.
func (w *Writer) WriteAt(width int, places []int, cells []string) error {
	if len(cells) == width {
		return w.Write(cells)
	}
	if width == 1 {
		return w.Write([]string{""})
	}
	next := 0 // place
	for len(cells) > 0 {
		n := lengthOfRun(places)
		if err := w.commas(places[0] - next); err != nil {
			return err
		}
		if err := w.writeRun(cells[:n]); err != nil {
			return err
		}
		next = places[0] + n
		if next < width {
			if err := w.commas(1); err != nil {
				return err
			}
		}
		places, cells = places[n:], cells[n:]
	}
	if err := w.commas(width - 1 - next); err != nil {
		return err
	}
	return w.buffer.WriteByte('\n')
}

// lengthOfRun counts the places at the start that follow each other.
func lengthOfRun(places []int) int {
	n := 1
	for n < len(places) && places[n] == places[0]+n {
		n++
	}
	return n
}

// writeRun writes cells without the end of a line.
func (w *Writer) writeRun(cells []string) error {
	w.run.Reset()
	if err := w.runs.Write(cells); err != nil {
		return err
	}
	w.runs.Flush()
	_, err := w.buffer.Write(bytes.TrimSuffix(w.run.Bytes(), []byte("\n")))
	return err
}

var manyCommas = strings.Repeat(",", 1<<12)

func (w *Writer) commas(n int) error {
	for n > 0 {
		some := min(n, len(manyCommas))
		if _, err := w.buffer.WriteString(manyCommas[:some]); err != nil {
			return err
		}
		n -= some
	}
	return nil
}

// Flush writes what is held.
func (w *Writer) Flush() error {
	w.rows.Flush()
	return w.rows.Error()
}
