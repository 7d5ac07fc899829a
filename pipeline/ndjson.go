package pipeline

import (
	"bufio"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/go-json-experiment/json/jsontext"
)

// jsonShape is what all lines of one schema have in common.
type jsonShape struct {
	schema *arrow.Schema
	nulls  []byte // a line in which no column has a value, without the closing brace
	ends   []int  // of each column's null
}

const jsonNull = "null"

func newJSONShape(schema *arrow.Schema) *jsonShape {
	s := &jsonShape{schema: schema, nulls: []byte{'{'}}
	for i, f := range schema.Fields() {
		if i > 0 {
			s.nulls = append(s.nulls, ',')
		}
		s.nulls, _ = jsontext.AppendQuote(s.nulls, f.Name)
		s.nulls = append(s.nulls, ":"+jsonNull...)
		s.ends = append(s.ends, len(s.nulls))
	}
	return s
}

type ndjsonWriter struct {
	out   *bufio.Writer
	shape *jsonShape
	text  []byte
	value []byte
}

func newNDJSONWriter(shape *jsonShape, w io.Writer) *ndjsonWriter {
	return &ndjsonWriter{out: bufio.NewWriter(w), shape: shape}
}

func (n *ndjsonWriter) write(columns []cellColumn, row int) error {
	done := 0 // of the line without values
	for _, column := range columns {
		if column.cells.IsNull(row) {
			continue
		}
		if err := n.setValue(column.cells, row); err != nil {
			return err
		}
		end := n.shape.ends[column.field]
		_, _ = n.out.Write(n.shape.nulls[done : end-len(jsonNull)]) // the writer keeps its first error
		_, _ = n.out.Write(n.value)
		done = end
	}
	_, _ = n.out.Write(n.shape.nulls[done:])
	_, err := n.out.WriteString("}\n")
	return err
}

// setValue takes a cell as JSON.
func (n *ndjsonWriter) setValue(column arrow.Array, row int) error {
	text, kind, err := appendCell(n.text[:0], column, row)
	n.text = text
	if err != nil {
		return err
	}
	if kind == cellNumber {
		n.value = append(n.value[:0], text...)
		return nil
	}
	n.value, err = jsontext.AppendQuote(n.value[:0], text)
	return err
}

func (n *ndjsonWriter) close() error { return n.out.Flush() }
