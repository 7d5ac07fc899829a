package pipeline

import (
	"io"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet/internal/csvfile"
)

type csvWriter struct {
	out    *csvfile.Writer
	width  int
	places []int
	cells  []string
	cell   []byte
}

func newCSVWriter(schema *arrow.Schema, w io.Writer, guard bool) (*csvWriter, error) {
	c := &csvWriter{out: csvfile.New(w, !guard), width: schema.NumFields()}
	var header []string
	for _, f := range schema.Fields() {
		header = append(header, c.out.Text(f.Name))
	}
	return c, c.out.Write(header)
}

func (c *csvWriter) write(columns []cellColumn, row int) error {
	c.places, c.cells = c.places[:0], c.cells[:0]
	for _, column := range columns {
		text, err := c.text(column.cells, row)
		if err != nil {
			return err
		}
		c.places, c.cells = append(c.places, column.field), append(c.cells, text)
	}
	return c.out.WriteAt(c.width, c.places, c.cells)
}

func (c *csvWriter) text(column arrow.Array, row int) (string, error) {
	if column.IsNull(row) {
		return "", nil
	}
	text, kind, err := appendCell(c.cell[:0], column, row)
	c.cell = text
	if err != nil || kind != cellText {
		return string(text), err
	}
	return c.out.Text(string(text)), nil
}

func (c *csvWriter) close() error { return c.out.Flush() }
