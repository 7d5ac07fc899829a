package pipeline

import (
	"bytes"

	arrow18 "github.com/apache/arrow-go/v18/arrow"
	ipc18 "github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	pqschema "github.com/apache/arrow-go/v18/parquet/schema"
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet/internal/arrowbridge"
)

// parquetShape is what all Parquet files of one schema have in common.
type parquetShape struct {
	schema   *arrow.Schema
	names    []string
	types    []arrow18.DataType
	root     *pqschema.GroupNode
	metadata []keyValue // of the schema, and the Arrow schema itself
}

func newParquetShape(schema *arrow.Schema) (*parquetShape, error) {
	schema18, err := arrowbridge.Schema(schema)
	if err != nil {
		return nil, err
	}
	properties := parquet.NewWriterProperties(parquetSettings()...)
	pq, err := pqarrow.ToParquet(schema18, properties, pqarrow.DefaultWriterProps())
	if err != nil {
		return nil, err
	}
	s := &parquetShape{schema: schema, root: pq.Root()}
	for i := range schema18.NumFields() {
		s.names, s.types = append(s.names, schema18.Field(i).Name), append(s.types, schema18.Field(i).Type)
	}
	meta := schema18.Metadata()
	for i, key := range meta.Keys() {
		s.metadata = append(s.metadata, keyValue{key: key, value: []byte(meta.Values()[i])})
	}
	stream, err := schemaStream(schema18)
	if err != nil {
		return nil, err
	}
	s.metadata = append(s.metadata, keyValue{key: "ARROW:schema", value: stream, base64: true})
	return s, nil
}

// schemaStream is the Arrow schema as readers of Parquet look for it: an IPC stream without batches.
func schemaStream(schema *arrow18.Schema) ([]byte, error) {
	var stream bytes.Buffer
	err := ipc18.NewWriter(&stream, ipc18.WithSchema(schema)).Close()
	return bytes.Clone(stream.Bytes()), err
}

// shapes keeps the last shape, since tables of one schema follow each other.
type shapes struct{ last *parquetShape }

func (s *shapes) of(schema *arrow.Schema) (*parquetShape, error) {
	if s.last != nil && s.last.schema == schema {
		return s.last, nil
	}
	s.last = nil // which makes room for the next
	shape, err := newParquetShape(schema)
	if err == nil {
		s.last = shape
	}
	return shape, err
}
