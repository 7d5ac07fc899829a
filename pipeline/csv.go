package pipeline

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet"
)

type csvWriter struct {
	out   *csv.Writer
	row   []string
	cell  []byte
	guard bool
}

func newCSVWriter(schema *arrow.Schema, w io.Writer, guard bool) (*csvWriter, error) {
	c := &csvWriter{out: csv.NewWriter(w), guard: guard}
	for _, f := range schema.Fields() {
		c.row = append(c.row, c.guarded(f.Name))
	}
	return c, c.out.Write(c.row)
}

func (c *csvWriter) write(batch arrow.Record) error {
	for row := range int(batch.NumRows()) {
		for i, column := range batch.Columns() {
			c.row[i] = ""
			if column.IsNull(row) {
				continue
			}
			text, kind, err := appendCell(c.cell[:0], column, row)
			if err != nil {
				return err
			}
			c.cell, c.row[i] = text, string(text)
			if kind == cellText {
				c.row[i] = c.guarded(c.row[i])
			}
		}
		if err := c.out.Write(c.row); err != nil {
			return err
		}
	}
	return nil
}

func (c *csvWriter) close() error {
	c.out.Flush()
	return c.out.Error()
}

func (c *csvWriter) guarded(text string) string {
	if c.guard {
		return guardFormula(text)
	}
	return text
}

// guardFormula puts an apostrophe before text that a spreadsheet would run, and before text that
// begins with one, so that the way back is to take one off wherever there is one.
func guardFormula(text string) string {
	if strings.HasPrefix(text, "'") || isFormula(text) {
		return "'" + text
	}
	return text
}

// isFormula reports whether a spreadsheet would run a text: one whose first character that is no
// blank is = + - @, also full-width, or that begins with a tab or a carriage return. Numbers, as
// [imednet.ParseNumber] reads them, and the bare results + and - are none.
func isFormula(text string) bool {
	start := strings.TrimLeft(text, " \u00a0")
	if !strings.HasPrefix(start, "\t") && !strings.HasPrefix(start, "\r") {
		start = strings.TrimSpace(start)
	}
	if start == "+" || start == "-" {
		return false
	}
	for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r"} {
		if strings.HasPrefix(start, sign) {
			_, number := imednet.ParseNumber(text)
			return !number
		}
	}
	return false
}
