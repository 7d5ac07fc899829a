package pipeline

import (
	"io"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet/internal/csvfile"
)

type csvWriter struct {
	out  *csvfile.Writer
	row  []string
	cell []byte
}

func newCSVWriter(schema *arrow.Schema, w io.Writer, guard bool) (*csvWriter, error) {
	c := &csvWriter{out: csvfile.New(w, !guard)}
	for _, f := range schema.Fields() {
		c.row = append(c.row, c.out.Text(f.Name))
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
				c.row[i] = c.out.Text(c.row[i])
			}
		}
		if err := c.out.Write(c.row); err != nil {
			return err
		}
	}
	return nil
}

func (c *csvWriter) close() error { return c.out.Flush() }
