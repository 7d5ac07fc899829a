package pipeline

import (
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/go-json-experiment/json/jsontext"
)

type ndjsonWriter struct {
	out   io.Writer
	names [][]byte // with quotes and colon
	line  []byte
	cell  []byte
}

func newNDJSONWriter(schema *arrow.Schema, w io.Writer) *ndjsonWriter {
	n := &ndjsonWriter{out: w}
	for _, f := range schema.Fields() {
		name, _ := jsontext.AppendQuote(nil, f.Name)
		n.names = append(n.names, append(name, ':'))
	}
	return n
}

func (n *ndjsonWriter) write(batch arrow.Record) error {
	for row := range int(batch.NumRows()) {
		n.line = append(n.line[:0], '{')
		for i, column := range batch.Columns() {
			if i > 0 {
				n.line = append(n.line, ',')
			}
			n.line = append(n.line, n.names[i]...)
			if column.IsNull(row) {
				n.line = append(n.line, "null"...)
				continue
			}
			if err := n.appendValue(column, row); err != nil {
				return err
			}
		}
		n.line = append(n.line, "}\n"...)
		if _, err := n.out.Write(n.line); err != nil {
			return err
		}
	}
	return nil
}

func (n *ndjsonWriter) appendValue(column arrow.Array, row int) error {
	text, kind, err := appendCell(n.cell[:0], column, row)
	n.cell = text
	if err != nil {
		return err
	}
	if kind == cellNumber {
		n.line = append(n.line, text...)
		return nil
	}
	n.line, err = jsontext.AppendQuote(n.line, text)
	return err
}

func (n *ndjsonWriter) close() error { return nil }
